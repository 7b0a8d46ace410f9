"""How reliably one side answers the other: a survival estimate from the life table kept in the tie.

For interval i of ``threads.EDGES`` the hazard of being answered in it, given that the wait got there, is
Beta(A + answered_i, B + reached_i - answered_i); the intervals are independent, so the probability of an answer within
the first k is ``1 - prod(1 - hazard)``, with the mean and variance of that product in closed form (the discrete
Kaplan-Meier estimate with a conjugate prior). What is still open counts for every interval it has outlasted: silence
after a question lowers reliability while it lasts, with no new event.

*Usual* is the first edge by which this side gave four fifths of its answers; a day, while it gave fewer than three.
"""

import math
from dataclasses import dataclass

from scoring.ties.threads import EDGES, Table, Thread, whose_debt

A, B = 0.3, 0.7  # one wait of the past, answered in three of ten cases in every interval it reached
USUAL_SHARE = 0.8
FEWEST = 3
DEFAULT_EDGE = 1
Z90 = 1.6449


@dataclass(frozen=True, slots=True)
class Reliability:
    """``probability`` of an answer ``within_minutes``, a 90 % interval, and how many waits it rests on.

    Fewer than three are ``insufficient``: then the number is the prior's and says nothing of this side.
    """

    probability: float
    low: float
    high: float
    within_minutes: int
    observed: int
    insufficient: bool


def reliability(table: Table, open_since: tuple[int, ...] = (), now_minute: int = 0) -> Reliability:
    """Of the side whose ``answers`` these are. ``open_since``: minutes (since 1970) from which what is open waits."""
    edges = len(EDGES)
    last = usual_edge(table)
    mean, square, observed = 1.0, 1.0, 0
    for place in range(last + 1):
        outlasted = sum(now_minute - since >= EDGES[place] for since in open_since)
        answered = table[edges + place]
        reached = max(answered, table[place]) + outlasted
        observed = max(observed, reached)
        whole, missed = A + B + reached, B + reached - answered
        mean *= missed / whole
        square *= missed * (missed + 1.0) / (whole * (whole + 1.0))
    low, high = _interval(1.0 - mean, max(0.0, square - mean * mean))
    return Reliability(1.0 - mean, low, high, EDGES[last], observed, observed < FEWEST)


def usual_edge(table: Table) -> int:
    """The place in ``EDGES`` of this side's usual time."""
    found = table[len(EDGES) :]
    if sum(found) < FEWEST:
        return DEFAULT_EDGE
    share = USUAL_SHARE * sum(found)
    return next(place for place in range(len(EDGES)) if sum(found[: place + 1]) >= share)


def open_since(threads: tuple[Thread, ...], *, ours: bool) -> tuple[int, ...]:
    """Since which minutes the side (``ours``: the brand) has left something open, oldest first."""
    return tuple(sorted(thread.since for thread in threads if thread.open and whose_debt(thread) is ours))


def _interval(mean: float, variance: float) -> tuple[float, float]:
    """Normal in log-odds by the delta method, so that it stays in 0..1."""
    mean = min(1.0 - 1e-9, max(1e-9, mean))
    middle, width = math.log(mean / (1.0 - mean)), Z90 * math.sqrt(variance) / (mean * (1.0 - mean))
    return tuple(1.0 / (1.0 + math.exp(-max(-700.0, min(700.0, middle + side * width)))) for side in (-1.0, 1.0))  # type: ignore[return-value]
