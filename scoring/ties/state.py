"""The state of one tie (brand, person), folded act by act in published order; O(1) each, at most 256 bytes on the wire.

**Unit.** What counts is the *unit*: one side in one conversation on one day (UTC). Of its acts the best one weighs, and
a side has at most ``UNITS_A_DAY`` units a day, so a burst buys what one good day buys. A unit weighs
``trust x CONTACT[activity]``: a text one, a like next to nothing. ``gave`` sums ``trust x effort`` of units instead.

**Numbers** are whole: weights in hundredths (``WEIGHT``), decayed sums in ten-thousandths (``SUM``) as of the tie's
``last_at``, halving every window/12 (``fast``) and window/3 (``slow``, ``gave``). Counters stop at their cap.
``window`` is the span in which the community's contacts live, the only scale of the model: 90 days unless refitted.

**Debts** live in the last ``THREADS`` conversations: see ``threads``.
"""

from dataclasses import dataclass
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from events import Activity, Direction
from scoring.ties.habits import DAY_MS, FARTHEST_MS, SLOW, SUM, U32, WINDOW_DAYS, Habits
from scoring.ties.threads import (
    DAY_MINUTES,
    MINUTE_MS,
    NO_ANSWERS,
    OURS_FREE,
    PROMISED,
    THEIRS_FREE,
    Heard,
    Said,
    Table,
    Thread,
    continued,
    is_free,
    record,
    said_by_them,
    said_by_us,
    said_to_others,
    take,
    whose_debt,
)

FAST: Final = 12.0  # the other half-life is the window divided by this
WEIGHT: Final = 100
CONTACT = {Activity.CREATE: 1.0, Activity.ANNOUNCE: 1.0, Activity.FOLLOW: 0.2, Activity.LIKE: 0.05}
UNITS_A_DAY = 3
TURNS_A_DAY = 4
TRUSTED_FROM = 0.3  # below, the verdict is spam: nobody owes it an answer, and it makes no exchange
U7, U16 = 127, 65_535
LONGEST_STREAK = 32_767
HELPFUL = frozenset({"answer", "offer_of_help", "recommendation", "introduction"})


@dataclass(frozen=True, slots=True)
class Act:
    """One act as the tie sees it. ``trust`` and ``effort`` in 0..1; ``intents`` are values of ``scoring.intent.Kind``.

    ``at`` is in ms since 1970; ``conversation`` a hash, 0 where there is none; ``loose``: the platform tells no thread,
    and the act goes on with what it seems to answer (``threads.continued``); ``answers``: it replies to an act of the
    other side; ``addresses``: it is said to the other side and not merely about it; ``promises`` and ``solved``: what
    ``audit`` reads in the text.
    """

    at: int
    direction: Direction
    kind: Activity = Activity.CREATE
    trust: float = 1.0
    effort: float = 0.0
    intents: tuple[str, ...] = ()
    conversation: int = 0
    loose: bool = False
    answers: bool = False
    addresses: bool = False
    helps_third_person: bool = False
    promises: bool = False
    solved: bool = False


Usual = tuple[int, int, int]


class Side(Struct, frozen=True, array_like=True):
    """What one side did. ``at``: its last act in ms; ``units``, ``days``: trust-weighted; ``free``: units unasked.

    ``started``, ``thanks``, ``help`` and ``credit`` count units in which it spoke first, thanked, helped, or shared and
    recommended the other. ``answers`` is the life table of how this side answers (``threads.record``).
    """

    at: int | None = None
    acts: int = 0
    fast: int = 0
    slow: int = 0
    gave: int = 0
    units: int = 0
    days: int = 0
    best_today: int = 0
    units_today: int = 0
    started: int = 0
    thanks: int = 0
    help: int = 0
    credit: int = 0
    free: int = 0
    answers: Table = NO_ANSWERS


class Tie(Struct, frozen=True, array_like=True):
    """``turns``: how often the word went to the other side; ``streak``: units since it did, theirs positive.

    ``trust`` sums that of their acts. ``exchanges`` are conversations in which both spoke, with the days (since 1970)
    on which they first and last moved. ``promises`` of ours, and how many of them we ``kept``. ``usual`` is how much
    the person writes, gets and asks anywhere (``Habits.gave``, ``got``, ``asked``), as of the tie's last act.
    """

    first_at: int
    ours: Side = Side()
    theirs: Side = Side()
    turns: int = 0
    turns_today: int = 0
    streak: int = 0
    trust: int = 0
    exchanges: int = 0
    first_exchange: int = 0
    last_exchange: int = 0
    promises: int = 0
    kept: int = 0
    usual: Usual = (0, 0, 0)
    threads: tuple[Thread, ...] = ()

    @property
    def last_at(self) -> int:
        """Of the last act of either side, in ms: the time as of which the decayed sums stand."""
        return max(at for at in (self.first_at, self.ours.at, self.theirs.at) if at is not None)

    @property
    def interactions(self) -> int:
        return self.ours.acts + self.theirs.acts

    @property
    def mean_trust(self) -> float:
        return min(1.0, self.trust / (WEIGHT * self.theirs.acts)) if self.theirs.acts else 1.0


def fold_tie(tie: Tie | None, act: Act, habits: Habits | None = None, window_days: float = WINDOW_DAYS) -> Tie:
    """``tie`` after ``act``. An act older than the last one counts as of the last one: order is the caller's part.

    ``habits`` are the person's (never the brand's), this act included; without them the tie keeps what it knew.

    Acts of one side at one millisecond may come in any order as far as sums, units and days are concerned, while they
    are in no more than ``UNITS_A_DAY`` conversations that day.
    """
    at = max(-FARTHEST_MS, min(FARTHEST_MS, act.at))
    tie = Tie(at) if tie is None else tie
    last_at = tie.last_at
    at = max(at, last_at)
    is_ours = act.direction is Direction.OUTBOUND
    trust = _share(act.trust)
    weight = round(WEIGHT * trust * CONTACT.get(act.kind, 0.0))
    ours, theirs = _decayed(tie.ours, at - last_at, window_days), _decayed(tie.theirs, at - last_at, window_days)
    side, other = (ours, theirs) if is_ours else (theirs, ours)

    conversation = continued(tie.threads, act.conversation, _minutes(at), is_ours) if act.loose else act.conversation
    thread, threads, lost = take(tie.threads, conversation, at)
    if lost is not None:  # forgotten for want of room: nobody will know how long it waited, only how long it did
        side, other = _gave_up(side, other, lost, is_ours, at)
    opens = not thread.marks and not act.answers
    side, thread, started = _counted(
        side, thread, at, is_ours=is_ours, weight=weight, worth=round(WEIGHT * trust * _share(act.effort))
    )
    if started and 2 * weight >= WEIGHT:
        side = _ledger(side, act, opens)
    mark = OURS_FREE if is_ours else THEIRS_FREE
    said = Said(is_ours, frozenset(act.intents), act.answers, act.addresses, act.promises, act.solved, _minutes(at))
    texts = act.kind is Activity.CREATE or act.kind is Activity.ANNOUNCE
    if texts and trust >= TRUSTED_FROM and not thread.marks & mark and is_free(thread, said):
        thread = replace(thread, marks=thread.marks | mark)
        side = replace(side, free=min(U16, side.free + 1))
    side = replace(side, at=at, acts=min(U32, side.acts + 1))
    tie = _turn(tie, act, at, is_ours=is_ours, weight=weight, started=started)
    if act.kind is Activity.CREATE and trust >= TRUSTED_FROM:
        hear = said_to_others if act.direction is Direction.PEER else said_by_us if is_ours else said_by_them
        tie, side, other, thread = _conversed(tie, side, other, before=thread, heard=hear(thread, said), said=said)
    return replace(
        tie,
        ours=side if is_ours else other,
        theirs=other if is_ours else side,
        trust=tie.trust if is_ours else min(U32, tie.trust + round(WEIGHT * trust)),
        usual=_usual(tie.usual, at - last_at, window_days) if habits is None else usual(habits, at, window_days),
        threads=(*threads, replace(thread, at=_minutes(at))),
    )


def usual(habits: Habits, at: int, window_days: float) -> Usual:
    """What of an actor's habits is kept in a tie, as of ``at`` (ms)."""
    return _usual((habits.gave, habits.got, habits.asked), at - habits.at, window_days)


def _usual(amounts: Usual, silent_ms: int, window_days: float) -> Usual:
    kept = 2.0 ** (-max(0, silent_ms) * SLOW / (window_days * DAY_MS))
    gave, got, asked = amounts
    return round(gave * kept), round(got * kept), round(asked * kept)


def _share(value: float) -> float:
    return min(1.0, max(0.0, value)) if value == value else 0.0  # noqa: PLR0124 - not a number buys nothing


def _minutes(at: int) -> int:
    return min(U32, max(0, at // MINUTE_MS))


def _decayed(side: Side, silent_ms: int, window_days: float) -> Side:
    if side.at is None or not silent_ms:
        return side
    windows = silent_ms / (window_days * DAY_MS)
    fast, slow = 2.0 ** (-windows * FAST), 2.0 ** (-windows * SLOW)
    return replace(side, fast=round(side.fast * fast), slow=round(side.slow * slow), gave=round(side.gave * slow))


def _counted(
    side: Side, thread: Thread, at: int, *, is_ours: bool, weight: int, worth: int
) -> tuple[Side, Thread, bool]:
    """The act in its unit: what it adds to the best of the unit and of the day, and whether it starts the unit."""
    if side.at is None or at // DAY_MS != side.at // DAY_MS:
        side = replace(side, best_today=0, units_today=0)
    best, best_worth = (thread.ours, thread.ours_gave) if is_ours else (thread.theirs, thread.theirs_gave)
    started = best == 0 and weight > 0
    if not weight or (started and side.units_today >= UNITS_A_DAY):
        return side, thread, False
    gain, gain_worth = max(0, weight - best), max(0, worth - best_worth)
    side = replace(
        side,
        fast=min(U32, side.fast + gain * (SUM // WEIGHT)),
        slow=min(U32, side.slow + gain * (SUM // WEIGHT)),
        gave=min(U32, side.gave + gain_worth * (SUM // WEIGHT)),
        units=min(U32, side.units + gain),
        days=min(U32, side.days + max(0, weight - side.best_today)),
        best_today=max(weight, side.best_today),
        units_today=side.units_today + started,
    )
    if is_ours:
        thread = replace(thread, ours=best + gain, ours_gave=best_worth + gain_worth)
    else:
        thread = replace(thread, theirs=best + gain, theirs_gave=best_worth + gain_worth)
    return side, thread, started


def _ledger(side: Side, act: Act, opens: bool) -> Side:
    helps = act.helps_third_person or (act.answers and not HELPFUL.isdisjoint(act.intents))
    credits = act.kind is Activity.ANNOUNCE or "recommendation" in act.intents
    return replace(
        side,
        started=min(U16, side.started + opens),
        thanks=min(U7, side.thanks + ("thanks" in act.intents)),
        help=min(U7, side.help + helps),
        credit=min(U7, side.credit + credits),
    )


def _turn(tie: Tie, act: Act, at: int, *, is_ours: bool, weight: int, started: bool) -> Tie:
    if not weight or act.direction is Direction.PEER:
        return tie
    sign = -1 if is_ours else 1
    turned = tie.streak * sign < 0
    today = tie.turns_today if at // DAY_MS == tie.last_at // DAY_MS else 0
    counts = turned and today < TURNS_A_DAY
    streak = sign * weight if turned else tie.streak + (sign * weight if started else 0)
    return replace(
        tie,
        turns=min(U32, tie.turns + weight) if counts else tie.turns,
        turns_today=today + counts,
        streak=max(-LONGEST_STREAK, min(LONGEST_STREAK, streak)),
    )


def _conversed(
    tie: Tie, side: Side, other: Side, *, before: Thread, heard: Heard, said: Said
) -> tuple[Tie, Side, Side, Thread]:
    """What was answered, settled, promised and kept, and the exchange: see ``threads``."""
    promised, thread = bool(before.marks & PROMISED), heard.thread
    if heard.answered is not None:
        side = replace(side, answers=record(side.answers, heard.answered, answered=True))
    if heard.settled is not None:
        other = replace(other, answers=record(other.answers, heard.settled, answered=False))
    day = min(U16, said.minute // DAY_MINUTES)
    first = tie.first_exchange if tie.exchanges else day
    return (
        replace(
            tie,
            exchanges=min(U16, tie.exchanges + heard.new_exchange),
            first_exchange=first if heard.in_exchange else tie.first_exchange,
            last_exchange=day if heard.in_exchange else tie.last_exchange,
            promises=min(127, tie.promises + (said.is_ours and not promised and bool(thread.marks & PROMISED))),
            kept=min(127, tie.kept + (said.is_ours and promised and not thread.marks & PROMISED)),
        ),
        side,
        other,
        thread,
    )


def _gave_up(side: Side, other: Side, lost: Thread, is_ours: bool, at: int) -> tuple[Side, Side]:
    whose = whose_debt(lost)
    if whose is None:
        return side, other
    waited = _minutes(at) - lost.since
    if whose == is_ours:
        return replace(side, answers=record(side.answers, waited, answered=False)), other
    return side, replace(other, answers=record(other.answers, waited, answered=False))
