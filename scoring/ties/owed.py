"""What is open between a brand and a person, in both directions, and how pressing it is.

A tie keeps a debt until somebody settles it. It *counts* once it is an hour old, while it is younger than half a
window: before, nobody could have answered, and after, nobody waits for it any more. The debt to a real relationship
that waits long comes first, and what a stranger asked is not lost.
"""

import math

from events import Debt, DebtKind
from scoring.ties.classes import FRESH
from scoring.ties.habits import DAY_MS, WINDOW_DAYS
from scoring.ties.state import Tie
from scoring.ties.threads import COMPLAINT, DETAIL, MINUTE_MS, PROMISED, Thread, whose_debt

FLOOR = 0.05
LEAST_HOURS = 1.0
OF_A_PROMISE = 2.0


def debts(tie: Tie) -> tuple[Debt, ...]:
    """All that is open, whatever its age, the oldest first."""
    found = [_debt(thread) for thread in tie.threads if whose_debt(thread) is not None]
    return tuple(sorted(found, key=lambda debt: (debt.since, debt.kind, debt.asks)))


def counts_at(debt: Debt, at_ms: int, window_days: float = WINDOW_DAYS) -> bool:
    """Whether somebody waits for the word at ``at_ms``."""
    waited_days = (at_ms - debt.since) / DAY_MS
    return LEAST_HOURS / 24.0 <= waited_days <= FRESH * window_days


def ranking(trust: float, realness: float, waited_days: float, *, promised: bool = False) -> float:
    """``trust x (FLOOR + realness) x ln(1 + days waited)``, and twice that for a promise. The highest comes first.

    ``trust`` is the mean trust of the person's acts, ``realness`` that of the tie at the time of reading.
    """
    return trust * (FLOOR + realness) * math.log1p(max(0.0, waited_days)) * (OF_A_PROMISE if promised else 1.0)


def _debt(thread: Thread) -> Debt:
    ours = whose_debt(thread) is True
    return Debt(ours, _kind(thread, ours), thread.since * MINUTE_MS, thread.asks)


def _kind(thread: Thread, ours: bool) -> DebtKind:
    if not ours:
        return DebtKind.OUR_QUESTION
    if thread.marks & PROMISED:
        return DebtKind.PROMISE
    return {COMPLAINT: DebtKind.COMPLAINT, DETAIL: DebtKind.DETAILS}.get(thread.open, DebtKind.QUESTION)
