"""What an account did later, as evidence on what it did before.

An account is *exposed* when what is known of it outweighs the base rate and the cleanest text together: then nothing it
could write would be believed. From then on, its earlier acts are read again: nobody had known it, and its first
praise looked like anybody's. Its history learns nothing from that (``fold_actor`` sees no hindsight), so that when
it was exposed does not depend on whether anybody has looked back.

The evidence is the backward step of a hidden Markov chain with two states (Rabiner 1989): what the account came to be
known for since, times the chance that it had the same owner then. An account may be sold or stolen, and what its new
owner does must not condemn the old one.
"""

import math
from collections.abc import Iterable
from datetime import UTC, datetime

from msgspec import Struct

from events import Evidence

EXPOSED = 3.0  # log-odds against: bias and clean_words of combine.json
DEEPEST = 9  # worse than that, one level more changes nothing that is shown
# Of owners. Most accounts never change hands, so this is cautious. Of 90, 180 and 360 days the longest served best on
# simulator seeds 1 to 6 (67, 70 and 72 of 72 months of real share within 3 points, with one level).
HALF_LIFE_MS = 365 * 86_400_000


class Exposure(Struct, frozen=True):
    """An account came to stand so low (log-odds) with the act at ``at`` (ms)."""

    at: int
    standing: float


def depth(standing: float) -> int:
    """0: not exposed; then one more for each log-odds by which an account stands lower."""
    return max(0, min(DEEPEST, 1 + math.floor(-standing - EXPOSED)))


def hindsight(at: int, standing: float, later: Iterable[Exposure]) -> Evidence | None:
    """What ``later`` exposures say of an act at ``at`` (ms), when it stood at ``standing``; the worst one counts."""
    said = [(_backward(each, at, standing), each) for each in later]
    if not said:
        return None
    weight, worst = min(said, key=lambda one: one[0])
    day = datetime.fromtimestamp(worst.at / 1000, UTC)
    return Evidence("exposed_later", weight, detail=f"by what it did until {day:%Y-%m-%d}")


def _backward(exposure: Exposure, at: int, standing: float) -> float:
    since = min(0.0, exposure.standing - standing)
    other = (1.0 - 2.0 ** (-max(0, exposure.at - at) / HALF_LIFE_MS)) / 2.0
    against = math.exp(since)
    return math.log(((1.0 - other) * against + other) / ((1.0 - other) + other * against))
