"""Which of eight kinds a relationship is at a moment, and why, in words.

Classes follow the clock **when somebody reads**: nothing happens while nobody writes, so ``timeline`` says in advance
from when on which class holds if nothing more comes. It is stored as two arrays, and SQL takes the last entry that has
begun. The first line that fits, at a time ``t`` and for a window of W days (90):

* ``spam_driven``: at least 2 acts of theirs, with a mean trust below 0.4;
* ``insufficient``: fewer than 3 units of both together (two and a half when weighed by trust);
* ``one_sided_us``, ``one_sided_them``: one side has 3 units or more, the other at most a quarter of it;
* ``transactional``: they exchanged, and fewer than a quarter of the person's units were given unasked. Such people come
  when they need something, so their silence is no lapse;
* ``lapsed``: at least 3 exchanges, and they said nothing for two thirds of W;
* ``real``: at least 4 exchanges, a third of W or more between the first and the last;
* ``emerging``: at least three turns, and an exchange that moved in the last half of W;
* ``transactional``: asked and answered, or an exchange long ago;
* ``insufficient``: the rest.
"""

from dataclasses import dataclass

from events import RelationshipClass
from scoring.ties.habits import DAY_MS, WINDOW_DAYS
from scoring.ties.state import WEIGHT, Tie

SPAM_BELOW, SPAM_ACTS = 0.4, 2
FEWEST_UNITS = 2.5
ONE_SIDED = 4.0
FREE_SHARE = 0.25
LAPSE, LASTING, FRESH = 2.0 / 3.0, 1.0 / 3.0, 0.5  # of the window
FEWEST_TURNS = 2.5  # three, weighed by trust
LAPSING_EXCHANGES, REAL_EXCHANGES = 3, 4

Reasons = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """From ``begins_at`` (ms) on, until the next one begins or somebody acts."""

    begins_at: int
    class_: RelationshipClass
    reasons: Reasons


def classify(tie: Tie, at_ms: int, window_days: float = WINDOW_DAYS) -> tuple[RelationshipClass, Reasons]:
    """The class at ``at_ms``; a time before the last act is taken as that act's."""
    at = max(at_ms, tie.last_at)
    theirs, ours = tie.theirs.units / WEIGHT, tie.ours.units / WEIGHT
    exchanged, lasted = tie.exchanges > 0, tie.last_exchange - tie.first_exchange
    spoke_at = tie.first_at if tie.theirs.at is None else tie.theirs.at
    silent, since = (at - spoke_at) / DAY_MS, at / DAY_MS - tie.last_exchange
    free, turns = tie.theirs.free, tie.turns / WEIGHT
    trust = f"their {tie.theirs.acts} acts are trusted {tie.mean_trust:.2f} on average"
    units = f"{_count(tie.theirs.units)} contacts of theirs, {_count(tie.ours.units)} of ours"
    talks = f"{tie.exchanges} conversation{'s' if tie.exchanges > 1 else ''} in which both spoke"
    kinds = RelationshipClass
    lines: tuple[tuple[RelationshipClass, bool, Reasons], ...] = (
        (kinds.SPAM_DRIVEN, tie.theirs.acts >= SPAM_ACTS and tie.mean_trust < SPAM_BELOW, (trust,)),
        (kinds.INSUFFICIENT, theirs + ours < FEWEST_UNITS, (f"only {units}",)),
        (kinds.ONE_SIDED_US, ours >= FEWEST_UNITS and theirs * ONE_SIDED <= ours, (units, "they hardly write")),
        (kinds.ONE_SIDED_THEM, theirs >= FEWEST_UNITS and ours * ONE_SIDED <= theirs, (units, "we hardly answer")),
        (kinds.TRANSACTIONAL, exchanged and free < FREE_SHARE * theirs, (talks, f"{free} of {units} given unasked")),
        (
            kinds.LAPSED,
            tie.exchanges >= LAPSING_EXCHANGES and silent >= LAPSE * window_days,
            (talks, f"they have been silent for {silent:.0f} days"),
        ),
        (
            kinds.REAL,
            tie.exchanges >= REAL_EXCHANGES and lasted >= LASTING * window_days,
            (talks, f"over {lasted} days", units),
        ),
        (
            kinds.EMERGING,
            exchanged and turns >= FEWEST_TURNS and since < FRESH * window_days,
            (talks, f"{_count(tie.turns)} turns", "still young"),
        ),
        (kinds.TRANSACTIONAL, exchanged, (talks, f"{_count(tie.turns)} turns and no more")),
    )
    none = (units, "but no conversation in which both spoke")
    return next(((kind, reasons) for kind, holds, reasons in lines if holds), (kinds.INSUFFICIENT, none))


def timeline(tie: Tie, window_days: float = WINDOW_DAYS) -> tuple[Period, ...]:
    """The class from the last act on and how it changes while both are silent: one to three periods."""
    spoke_at = tie.first_at if tie.theirs.at is None else tie.theirs.at
    moments = {
        tie.last_at,
        spoke_at + _ceil(LAPSE * window_days * DAY_MS),
        tie.last_exchange * DAY_MS + _ceil(FRESH * window_days * DAY_MS),
    }
    periods: list[Period] = []
    for at in sorted(moment for moment in moments if moment >= tie.last_at):
        class_, reasons = classify(tie, at, window_days)
        if not periods or periods[-1].class_ is not class_:
            periods.append(Period(at, class_, reasons))
    return tuple(periods)


def _count(units: int) -> str:
    return f"{units / WEIGHT:.1f}".removesuffix(".0")


def _ceil(milliseconds: float) -> int:
    return -int(-milliseconds // 1)
