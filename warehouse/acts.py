"""Acts looked up for those who read more than scores: what waits for a word, and what a brand did itself."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from clickhouse_driver import Client

from events import Scored
from events.interaction import milliseconds
from warehouse.rows import INTERACTION_READ, MINUTE_MS, scored

AT_ONCE = 200  # debts looked up in one query
ASKING = frozenset({"question", "complaint", "promise"})


class Debt(NamedTuple):
    """What opened a debt: an act of this brand or person (``ours``), in this minute since 1970."""

    brand: str
    person: str
    minute: int
    ours: bool


class Opened(NamedTuple):
    id: str
    url: str
    content: str


def opened(client: Client, debts: Iterable[Debt]) -> dict[Debt, Opened]:
    """The act that opened each debt; of several in its minute, the first one that asks or promises.

    One whose act is not stored (any more) is left out.
    """
    found: dict[Debt, tuple[tuple[bool, int, str], Opened]] = {}
    for some in _chunks(list(dict.fromkeys(debts))):
        rows = client.execute(
            """
            SELECT brand, person, toUnixTimestamp64Milli(published) AS at, direction = 'outbound' AS ours,
                id, url, content, intents
            FROM interactions
            WHERE brand IN %(brands)s AND person IN %(persons)s AND type = 'Create' AND counts
                AND published >= fromUnixTimestamp64Milli(%(since)s, 'UTC')
                AND published < fromUnixTimestamp64Milli(%(until)s, 'UTC')
                AND (brand, person, intDiv(at, 60000), ours) IN %(debts)s
            """,
            {
                "brands": tuple({debt.brand for debt in some}),
                "persons": tuple({debt.person for debt in some}),
                "since": min(debt.minute for debt in some) * MINUTE_MS,
                "until": (max(debt.minute for debt in some) + 1) * MINUTE_MS,
                "debts": tuple((debt.brand, debt.person, debt.minute, int(debt.ours)) for debt in some),
            },
        )
        for brand, person, at, ours, identifier, url, content, intents in rows:
            debt = Debt(brand, person, at // MINUTE_MS, bool(ours))
            order = (ASKING.isdisjoint(intents), at, identifier)
            if debt not in found or order < found[debt][0]:
                found[debt] = order, Opened(identifier, url, content)
    return {debt: act for debt, (_, act) in found.items()}


def brands(client: Client) -> list[str]:
    """Every brand that an act is about."""
    return [
        name for (name,) in client.execute("SELECT DISTINCT brand FROM interaction WHERE brand != '' ORDER BY brand")
    ]


def own(client: Client, brand: str, since: datetime, limit: int) -> list[Scored]:
    """What the accounts of ``brand`` did from ``since`` on, in order; of more than ``limit`` the newest."""
    rows = client.execute(
        f"""
        SELECT {INTERACTION_READ} FROM interaction FINAL
        WHERE brand = %(brand)s AND direction = 'outbound' AND counts
            AND interaction.published >= fromUnixTimestamp64Milli(%(since)s, 'UTC')
        ORDER BY interaction.published DESC, id DESC LIMIT %(limit)s
        """,  # noqa: S608 - the columns are constants of ours
        {"brand": brand, "since": milliseconds(since), "limit": limit},
    )
    return sorted((scored(row) for row in rows), key=lambda record: record.interaction.order)


def _chunks(debts: list[Debt]) -> Iterator[list[Debt]]:
    for start in range(0, len(debts), AT_ONCE):
        yield debts[start : start + AT_ONCE]
