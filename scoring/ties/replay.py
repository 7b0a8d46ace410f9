"""A community's own history as examples for ``refit``: how each tie stood at a cut, and what came of it.

The stored rows of one person are folded into ties again, as they were folded when they came. A *cut* is a moment; cuts
are one horizon of the weights apart, so that every act is somebody's future once. Nobody labels anything: the outcome
of a tie at a cut is whether both sides made contact within the horizon behind it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from events import Direction, Scored
from scoring.ties.habits import DAY_MS, Habits
from scoring.ties.meeting import meet
from scoring.ties.realness import Weights, features
from scoring.ties.state import CONTACT, TRUSTED_FROM, Tie

MOST_CUTS = 24  # two years of months; an outcome of that age weighs a two-hundredth of a new one


@dataclass(frozen=True, slots=True)
class Example:
    """A tie at a cut (ms since 1970): what realness reads of it, and whether both sides spoke within the horizon."""

    brand: str
    at: int
    features: dict[str, float]
    mutual: bool


@dataclass(slots=True)
class _Waiting:
    """An example whose horizon has not passed."""

    brand: str
    at: int
    features: dict[str, float]
    spoke: set[bool] = field(default_factory=set)  # True: the brand, False: the person


def cuts(first_ms: int, last_ms: int, horizon_days: float) -> tuple[int, ...]:
    """The moments, in order: each a horizon before the next, the last one a horizon before ``last_ms``."""
    step = max(1, round(horizon_days * DAY_MS))
    found: list[int] = []
    at = last_ms - step
    while at >= first_ms and len(found) < MOST_CUTS:
        found.append(at)
        at -= step
    return tuple(reversed(found))


def replay(rows: Iterable[Scored], cuts: Sequence[int], weights: Weights) -> list[Example]:
    """The examples of one person. ``rows`` are all of theirs, in the order of folding; ``cuts`` come in order.

    A tie has a row at a cut where the person made contact within the window before it. Contact is a word that is not
    taken for spam, said to or about the other side: a like or a follow is none.
    """
    window, horizon = round(weights.window_days * DAY_MS), round(weights.horizon_days * DAY_MS)
    habits: Habits | None = None
    ties: dict[str, Tie] = {}
    heard: dict[str, int] = {}  # when the person last made contact, by brand
    waiting: list[_Waiting] = []
    place = 0

    def cut(at: int) -> None:
        for brand, spoke_at in heard.items():
            if spoke_at > at - window:
                waiting.append(_Waiting(brand, at, features(ties[brand], at, weights.window_days)))

    for act in _acts(rows):
        at = act[0].interaction.at
        while place < len(cuts) and cuts[place] < at:
            cut(cuts[place])
            place += 1
        habits, ties = meet(habits, ties, act, weights.window_days)
        for row in act:
            if not (row.brand and row.person and _is_contact(row)):
                continue
            ours = row.direction is Direction.OUTBOUND
            for one in waiting:
                if one.brand == row.brand and at <= one.at + horizon:
                    one.spoke.add(ours)
            if not ours:
                heard[row.brand] = at
    for at in cuts[place:]:
        cut(at)
    return [Example(one.brand, one.at, one.features, len(one.spoke) == 2) for one in waiting]


def _acts(rows: Iterable[Scored]) -> list[list[Scored]]:
    """The rows of one act together, one per brand; of an act that is there twice for a brand the first."""
    found: dict[str, dict[str, Scored]] = {}
    for row in rows:
        found.setdefault(row.interaction.id, {}).setdefault(row.brand, row)
    return [list(of_act.values()) for of_act in found.values()]


def _is_contact(row: Scored) -> bool:
    if row.direction is Direction.PEER:
        return False
    return row.trust * CONTACT.get(row.interaction.type, 0.0) >= TRUSTED_FROM
