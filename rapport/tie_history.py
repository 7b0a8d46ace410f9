"""Every relationship as it stood at any time of the past: the stored acts, met again one after the other.

The warehouse keeps how a relationship stands after its newest act. What stood before is needed by ``alerts backtest``.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alerts.facts import Debt, Tie
from events import Relationship, Scored
from events.interaction import from_milliseconds, milliseconds
from scoring.ties.habits import NO_GIFTS, SLOW, Habits
from scoring.ties.meeting import meet
from scoring.ties.owed import counts_at
from scoring.ties.reading import relationship, standing
from scoring.ties.realness import Weights, at
from scoring.ties.state import Tie as State

ONE_SIDED = ("one_sided_them", "one_sided_us")


@dataclass
class _Told:
    """What was told of one relationship, and when (ms), in order."""

    times: list[int] = field(default_factory=list)
    words: list[Relationship] = field(default_factory=list)


class TieHistory:
    """``persons`` are the rows of one person each, in the order of folding."""

    def __init__(self, persons: Iterable[Sequence[Scored]], weights: Weights) -> None:
        self.told: dict[tuple[str, str], _Told] = {}
        for rows in persons:
            for at_ms, word in _words(rows, weights):
                told = self.told.setdefault((word.brand, word.person), _Told())
                told.times.append(at_ms)
                told.words.append(word)

    def at(self, moment: datetime) -> list[Tie]:
        """Those that a rule may speak of, as ``alerts.fetch.ties`` reads them from the warehouse."""
        now = milliseconds(moment)
        found = []
        for _, told in sorted(self.told.items()):
            place = bisect_right(told.times, now) - 1
            if place >= 0 and (tie := _standing(told.words[place], now)):
                found.append(tie)
        return found


def _words(rows: Sequence[Scored], weights: Weights) -> Iterator[tuple[int, Relationship]]:
    habits: Habits | None = None
    ties: dict[str, State] = {}
    acts: dict[str, dict[str, Scored]] = {}
    for row in rows:
        acts.setdefault(row.interaction.id, {}).setdefault(row.brand, row)
    gifts = NO_GIFTS
    for act in acts.values():
        before, given = ties, gifts
        habits, ties = meet(habits, ties, list(act.values()), weights.window_days)
        gifts = habits.gifts if habits else NO_GIFTS
        known = next((one for one in act.values() if one.person), None)
        for brand, tie in ties.items():
            # What a person gives to anybody is told in every relationship of theirs.
            if known and (tie is not before.get(brand) or gifts != given):
                yield known.interaction.at, relationship(brand, known.person, tie, weights, gifts=gifts)


def _standing(told: Relationship, now: int) -> Tie | None:
    waiting = [debt for debt in told.debts if debt.ours and counts_at(debt, now, told.half_life_days * SLOW)]
    was = told.phases[0].class_.value
    phase = max((each for each in told.phases if each.begins_at <= now), key=lambda each: each.begins_at)
    if not waiting and was != "real" and phase.class_.value not in ONE_SIDED:
        return None
    return Tie(
        brand=told.brand,
        person=told.person,
        class_=phase.class_.value,
        since=from_milliseconds(phase.begins_at),
        was=was,
        realness=standing(told, now).realness,
        realness_then=at(told.curve, 0.0, told.trust),
        first_at=told.first_at,
        last_at=told.last_at,
        started=told.theirs.first,
        trust=told.trust,
        exchanges=told.exchanges,
        acts_ours=told.ours.acts,
        acts_theirs=told.theirs.acts,
        helped=told.theirs.help + told.gifts.third_persons,
        usual_minutes=told.ours.usual_minutes,
        reasons=phase.reasons,
        debts=tuple(Debt(debt.kind.value, from_milliseconds(debt.since), debt.asks) for debt in waiting),
    )
