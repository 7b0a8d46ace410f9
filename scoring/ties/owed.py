"""What is open between a brand and a person, in both directions, ranked.

``score = trust x (FLOOR + realness) x ln(1 + days waited)``: the debt to a real relationship that waits long comes
first, and what a stranger asked is not lost. A promise counts double, and a debt older than half a window falls out:
nobody waits for it any more.
"""

import math
from dataclasses import dataclass

from scoring.ties.classes import FRESH
from scoring.ties.habits import WINDOW_DAYS
from scoring.ties.state import Tie
from scoring.ties.threads import (
    COMPLAINT,
    DAY_MINUTES,
    DETAIL,
    FOLLOW_UP,
    MINUTE_MS,
    OUR_QUESTION,
    PROMISED,
    Thread,
    whose_debt,
)

FLOOR = 0.05
LEAST_HOURS = 1.0
KINDS = {
    COMPLAINT: "complaint",
    DETAIL: "details we asked for",
    OUR_QUESTION: "our question",
    FOLLOW_UP: "our question",
}


@dataclass(frozen=True, slots=True)
class Debt:
    """``ours``: the brand owes the word. ``conversation`` is the low 16 bits of its hash, ``since`` in ms."""

    ours: bool
    kind: str
    conversation: int
    since: int
    asks: int
    score: float
    reasons: tuple[str, ...]


def owed(tie: Tie, realness: float, at_ms: int, window_days: float = WINDOW_DAYS) -> tuple[Debt, ...]:
    """The open debts of a tie at ``at_ms``, the most pressing first. ``realness`` as of then."""
    debts = [
        debt
        for thread in tie.threads
        if whose_debt(thread) is not None
        and (debt := _debt(tie, thread, realness, at_ms)) is not None
        and at_ms - debt.since <= FRESH * window_days * DAY_MINUTES * MINUTE_MS
    ]
    return tuple(sorted(debts, key=lambda debt: (-debt.score, debt.since, debt.conversation)))


def ranking(tie: Tie, realness: float, waited_days: float, *, promised: bool = False) -> float:
    """The score by itself, as SQL computes it."""
    return tie.mean_trust * (FLOOR + realness) * math.log1p(max(0.0, waited_days)) * (2.0 if promised else 1.0)


def _debt(tie: Tie, thread: Thread, realness: float, at_ms: int) -> Debt | None:
    since = thread.since * MINUTE_MS
    waited = (at_ms - since) / (DAY_MINUTES * MINUTE_MS)
    if waited * 24.0 < LEAST_HOURS:
        return None
    ours = whose_debt(thread) is True
    promised = ours and bool(thread.marks & PROMISED)
    kind = "promise" if promised else KINDS.get(thread.open, "question")
    return Debt(
        ours,
        kind,
        thread.conversation,
        since,
        thread.asks,
        ranking(tie, realness, waited, promised=promised),
        (_what(kind, thread.asks, waited), *_deserts(tie, ours)),
    )


def _what(kind: str, asks: int, waited: float) -> str:
    days = f"{waited:.0f} days" if waited >= 1.5 else f"{waited * 24:.0f} hours"
    if kind == "promise":
        return f"we promised to come back {days} ago"
    if kind == "our question":
        return f"our question is open for {days}"
    return f"{asks} asked in {days}, none answered" if asks > 1 else f"{kind}, open for {days}"


def _deserts(tie: Tie, ours: bool) -> list[str]:
    side, whom = (tie.theirs, "they") if ours else (tie.ours, "we")
    counts = (
        (side.help, f"{whom} helped {side.help} times"),
        (side.thanks, f"{whom} said thanks {side.thanks} times"),
        (side.credit, f"{whom} recommended or shared {side.credit} times"),
    )
    said = [text.replace(" 1 times", " once").replace(" 2 times", " twice") for count, text in counts if count]
    return [*said, f"{tie.exchanges} conversations so far"] if tie.exchanges > 1 else said
