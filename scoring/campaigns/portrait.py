"""A campaign drawn from its members. The same set gives the same portrait, in whatever order it came together."""

from collections.abc import Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from events.campaigns import Campaign, Kind
from events.interaction import from_milliseconds, id_hash
from scoring.campaigns.members import Member
from scoring.campaigns.minhash import PERMUTATIONS
from scoring.campaigns.weight import weighed

EXAMPLES = 3
HOUR_MS = 3_600_000
BRANDS_KEPT = 50
COMPARED = 200  # accounts of which the texts are compared, pair by pair


def portrait(kind: Kind, members: Sequence[Member], link: str = "") -> Campaign:
    """``members`` must not be empty. The id comes from the earliest of them, or from the link."""
    ordered = sorted(members, key=order)
    firsts = list({member.actor: member for member in reversed(ordered)}.values())[::-1]
    firsts.sort(key=order)
    targets: dict[str, set[str]] = {}
    for member in ordered:
        targets.setdefault(member.actor, set()).add(member.target)
    joined = [member.at for member in firsts]
    sampled = sorted(firsts, key=lambda member: id_hash(member.id))[:COMPARED]  # by hash: no order has a say
    texts = [member.fingerprint for member in sampled if member.fingerprint] if kind is Kind.NEAR_DUPLICATE else []
    agreement, likeness = _compared(
        np.frombuffer(b"".join(text.minima for text in texts), "<u2").reshape(-1, PERMUTATIONS)
    )
    campaign = Campaign(
        id=f"{kind.value}/{id_hash(link or ordered[0].id):016x}",
        kind=kind,
        version=len(ordered),
        accounts=len(firsts),
        targets=len({member.target for member in ordered}),
        interactions=len(ordered),
        first_at=from_milliseconds(ordered[0].at),
        last_at=from_milliseconds(ordered[-1].at),
        examples=tuple(member.id for member in firsts[:EXAMPLES]),
        brands=tuple(sorted({brand for member in ordered for brand in member.brands})[:BRANDS_KEPT]),
        letters=int(np.median([text.letters for text in texts])) if texts else 0,
        agreement=agreement,
        likeness=likeness,
        linked=round(sum(bool(member.domains) for member in ordered) / len(ordered), 4),
        domains=len(set(chain.from_iterable(member.domains for member in ordered))),
        repeaters=round(sum(len(places) > 1 for places in targets.values()) / len(firsts), 4),
        busiest_hour=_busiest(joined, HOUR_MS),
        busiest_day=_busiest(joined, 24 * HOUR_MS),
        busiest_week=_busiest(joined, 7 * 24 * HOUR_MS),
        link=link,
    )
    return weighed(campaign)


def order(member: Member) -> tuple[int, int]:
    return member.at, id_hash(member.id)


def _compared(minima: npt.NDArray[np.uint16]) -> tuple[float, float]:
    """Means over the rows of the similarity to the nearest other row, and over all pairs."""
    count = len(minima)
    if count < 2:
        return float(count), float(count)
    nearest = pairs = 0.0
    for row in range(count):
        agreed = (minima == minima[row]).mean(1)
        agreed[row] = 0.0
        nearest += float(agreed.max())
        pairs += float(agreed.sum())
    return round(nearest / count, 4), round(pairs / (count * (count - 1)), 4)


def _busiest(times: Sequence[int], window_ms: int) -> int:
    """``times`` in order."""
    most = begin = 0
    for end, time in enumerate(times):
        while time - times[begin] > window_ms:
            begin += 1
        most = max(most, end - begin + 1)
    return most
