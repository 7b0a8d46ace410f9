"""What one actor usually does, towards everybody: how much they write, get, help and ask, and with how much effort.

Sums decay by half every third of the window, in ten-thousandths like those of a tie. An act counts ``trust`` there.
*Beyond the default* (product idea N2) means beyond this actor's own usual effort: who always writes long answers does
not go out of their way by another one, and who never writes does by a line.
"""

import math
from typing import Final

from msgspec import Struct

from events import Gifts

DAY_MS: Final = 86_400_000
WINDOW_DAYS: Final = 90.0
SLOW: Final = 3.0  # the half-life is the window divided by this
SUM: Final = 10_000
U16: Final = 2**16 - 1
U32: Final = 2**32 - 1
FARTHEST_MS: Final = 2**48  # outside of what a datetime can say
FORGETTING = 0.95  # per text: the last twenty are "usually"
PRIOR_TEXTS, PRIOR_EFFORT, PRIOR_SPREAD = 3.0, 0.35, 0.2
MOST_A_DAY = 20  # of each kind: a burst is one busy day


class Habits(Struct, frozen=True, array_like=True):
    """``at`` in ms; decayed sums; ``texts`` with their mean effort and its variance (exponentially forgotten).

    ``gifts`` count for ever, each kind up to 65,535.
    """

    at: int = 0
    gave: int = 0
    got: int = 0
    helped: int = 0
    asked: int = 0
    texts: float = 0.0
    mean: float = 0.0
    variance: float = 0.0
    today: tuple[int, int, int, int] = (0, 0, 0, 0)
    gifts: Gifts = Gifts()


def fold_habits(
    habits: Habits | None,
    at: int,
    *,
    gave: float = 0.0,
    got: float = 0.0,
    helped: float = 0.0,
    asked: float = 0.0,
    effort: float | None = None,
    gifts: Gifts = Gifts(),
    window_days: float = WINDOW_DAYS,
) -> Habits:
    """``habits`` after one act of this actor (``gave``, ``helped``, ``asked``, ``effort``) or to them (``got``)."""
    at = max(-FARTHEST_MS, min(FARTHEST_MS, at))
    before = habits or Habits(at)
    at = max(at, before.at)
    kept = 2.0 ** (-(at - before.at) * SLOW / (window_days * DAY_MS))
    today = before.today if at // DAY_MS == before.at // DAY_MS else (0, 0, 0, 0)
    more = [
        min(round(SUM * _share(amount)), MOST_A_DAY * SUM - so_far)
        for amount, so_far in zip((gave, got, helped, asked), today, strict=True)
    ]
    texts, mean, variance = before.texts, before.mean, before.variance
    if effort is not None:
        texts = texts * FORGETTING + 1.0
        change = _share(effort) - mean
        mean += change / texts
        variance += (change * (_share(effort) - mean) - variance) / texts
    return Habits(
        at,
        round(before.gave * kept) + more[0],
        round(before.got * kept) + more[1],
        round(before.helped * kept) + more[2],
        round(before.asked * kept) + more[3],
        texts,
        mean,
        max(0.0, variance),
        (today[0] + more[0], today[1] + more[1], today[2] + more[2], today[3] + more[3]),
        _added(before.gifts, gifts),
    )


def beyond(effort: float, habits: Habits | None) -> float:
    """How far an act goes beyond its actor's own default: 0 (no more than usual) to 1.

    The distance from the usual effort in standard deviations, both shrunk to a common prior worth three texts, through
    ``1 - exp(-z)``.
    """
    known = habits or Habits()
    whole = known.texts + PRIOR_TEXTS
    mean = (known.mean * known.texts + PRIOR_EFFORT * PRIOR_TEXTS) / whole
    spread = math.sqrt((known.variance * known.texts + PRIOR_SPREAD**2 * PRIOR_TEXTS) / whole)
    return 1.0 - math.exp(-max(0.0, (_share(effort) - mean) / spread))


def _added(before: Gifts, more: Gifts) -> Gifts:
    if more == Gifts():
        return before
    names = Gifts.__struct_fields__
    return Gifts(*(min(U16, getattr(before, name) + getattr(more, name)) for name in names))


def _share(value: float) -> float:
    return min(1.0, max(0.0, value)) if math.isfinite(value) else 0.0
