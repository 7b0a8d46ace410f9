"""What the warehouse remembers, as events: for the worker's re-fold and for whoever must know an id again."""

from collections.abc import Iterable, Iterator

from clickhouse_driver import Client

from events import Scored
from warehouse.rows import INTERACTION_READ, scored

MAX_SQL = 200_000  # bytes of parameters in one query; ClickHouse parses 262,144 by default
MAX_IDS = 10_000
MAX_PERSONS = 500

SETTINGS = {
    "do_not_merge_across_partitions_select_final": 1,
    "use_skip_indexes_if_final": 1,
    "use_skip_indexes_if_final_exact_mode": 1,
}

ROWS_OF = f"""
SELECT account, {INTERACTION_READ}
FROM interaction FINAL
WHERE account IN %(keys)s
"""  # noqa: S608 - the columns are constants of ours


OTHERS_OF = """
SELECT DISTINCT person, account
FROM interaction FINAL
WHERE person IN %(keys)s AND account != person
"""


def history(client: Client, accounts: Iterable[str]) -> dict[str, list[Scored]]:
    """The newest version of every row of each account (``rows.account_of``), in folding order.

    An account without rows is left out.
    """
    found: dict[str, list[Scored]] = {}
    for keys in chunks(accounts, MAX_PERSONS):
        for key, *row in client.execute(ROWS_OF, {"keys": keys}, settings=SETTINGS):
            found.setdefault(key, []).append(scored(row))
    for rows in found.values():
        rows.sort(key=lambda record: (record.interaction.order, record.brand))
    return found


def accounts_of(client: Client, persons: Iterable[str]) -> dict[str, list[str]]:
    """The other accounts whose rows name each person; who has none is left out."""
    found: dict[str, list[str]] = {}
    for keys in chunks(persons, MAX_PERSONS):
        for person, account in client.execute(OTHERS_OF, {"keys": keys}, settings=SETTINGS):
            found.setdefault(person, []).append(account)
    return found


def known_ids(client: Client, ids: Iterable[str]) -> set[str]:
    """Which of ``ids`` are in the warehouse. Few ids are looked up by index, many by one pass over the id column."""
    found: set[str] = set()
    for chunk in chunks(ids, MAX_IDS):
        rows = client.execute("SELECT DISTINCT id FROM interaction WHERE id IN %(ids)s", {"ids": chunk})
        found.update(identifier for (identifier,) in rows)
    return found


def keys(client: Client) -> Iterator[str]:
    """Every account that has a row, each once, in no order. Nothing is held here: the server sends them as it goes.

    ``client`` can do nothing else before the last one; whoever stops earlier has to disconnect it. A key of which
    every row has been given to another since is among them until ClickHouse merges; ``history`` leaves it out.
    """
    for (key,) in client.execute_iter("SELECT DISTINCT account FROM interaction"):
        yield key


def chunks(values: Iterable[str], count: int) -> Iterator[tuple[str, ...]]:
    chunk: list[str] = []
    size = 0
    for value in values:
        length = 2 * len(value.encode()) + 4  # escaped, in quotes, with a comma
        if chunk and (len(chunk) == count or size + length > MAX_SQL):
            yield tuple(chunk)
            chunk, size = [], 0
        chunk.append(value)
        size += length
    if chunk:
        yield tuple(chunk)
