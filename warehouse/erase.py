"""Rows of persons taken out of every table and off the disk, and the trends computed anew without them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec
from clickhouse_driver import Client

from events.erasures import Erasure
from events.interaction import milliseconds
from warehouse import trends
from warehouse.client import insert
from warehouse.history import chunks
from warehouse.rows import Bucket

ERASURE = ("digest", "at", "author", "reason", "acts")
MAX_NEEDLES = 200  # ClickHouse searches for 255 at once

THEIRS = "account IN %(accounts)s OR person IN %(accounts)s OR actor IN %(accounts)s"
BUCKETS = f"""
SELECT DISTINCT toString(brand), toString(platform), toUnixTimestamp(toStartOfMinute(published))
FROM interaction WHERE {THEIRS}
"""  # noqa: S608 - a constant of ours
NAMED = "hasAny(recipients, %(names)s) OR in_reply_to_actor IN %(names)s"
REFERRED = "in_reply_to IN %(names)s OR object IN %(names)s OR conversation IN %(names)s"
QUOTED = "multiSearchAny(evidence, %(names)s)"
# What stays known until the end is what says that there is something left to erase.
OF_ACCOUNTS = (
    ("act_class", "account IN %(accounts)s OR person IN %(accounts)s"),
    ("class_history", "person IN %(accounts)s"),
    ("account_person", "account IN %(accounts)s OR person IN %(accounts)s"),
    ("relationship", "person IN %(accounts)s"),
    ("identity", "account IN %(accounts)s OR person IN %(accounts)s"),
)

Names = Sequence[str]


class Acts(NamedTuple):
    """Ids of what is stored of persons: ``own`` are theirs, ``all`` is also what brands said to them."""

    own: list[str]
    all: list[str]


def acts(client: Client, accounts: Names) -> Acts:
    sql = f"SELECT id, max(actor IN %(accounts)s) FROM interaction WHERE {THEIRS} GROUP BY id ORDER BY id"  # noqa: S608
    rows = client.execute(sql, {"accounts": accounts})
    return Acts([identifier for identifier, own in rows if own], [identifier for identifier, _ in rows])


def corrected(client: Client, accounts: Names, ids: Names) -> list[str]:
    """Acts of theirs that people said something of."""
    sql = "SELECT DISTINCT id FROM correction WHERE person IN %(accounts)s OR id IN %(ids)s"
    found: set[str] = set()
    for some in chunks(ids or ("",), MAX_NEEDLES * 10):
        found |= {identifier for (identifier,) in client.execute(sql, {"accounts": accounts, "ids": some})}
    return sorted(found)


def naming(client: Client, accounts: Names, ids: Names) -> list[str]:
    """Whose rows name ``accounts`` or their ``ids`` now, without being theirs: their Kafka keys, sorted."""
    found: set[str] = set()
    for predicate, names in _mentions(client, accounts, ids):
        rows = client.execute(
            f"SELECT DISTINCT if(person = '', actor, person) FROM interaction FINAL"  # noqa: S608 - constants of ours
            f" WHERE ({predicate}) AND NOT ({THEIRS})",
            {"accounts": accounts, "names": names},
        )
        found |= {key for (key,) in rows}
    return sorted(found)


def erase(client: Client, accounts: Names, found: Acts) -> None:
    """Delete what is theirs, and the older versions of what named them. Returns when it is off the disk.

    Nobody may name them any more (``naming``). May be done again. Where it ends between the acts and the trends,
    ``rapport rebuild`` computes these anew.
    """
    mentions = list(_mentions(client, accounts, found.own))
    needles = [_quoted(account)[1:-1] for account in accounts]
    _delete(
        client,
        "dead_letter",
        "multiSearchAny(body, %(needles)s) OR multiSearchAny(detail, %(needles)s)",
        needles=needles,
    )
    for some in chunks(found.all, MAX_NEEDLES * 10):
        _delete(client, "correction", "id IN %(ids)s", ids=some)
        _delete(client, "campaign_member", "id IN %(ids)s", ids=some)
        _delete(client, "campaign", "hasAny(examples, %(ids)s)", ids=list(some))
    for table in ("correction", "campaign_member"):
        _delete(client, table, "person IN %(accounts)s", accounts=accounts)
    for predicate, names in mentions:
        _delete(client, "interaction", f"({predicate}) AND NOT ({THEIRS})", names=names, accounts=accounts)
    buckets = [
        Bucket(*row)
        for row in client.execute(
            BUCKETS,
            {"accounts": accounts},
        )
    ]
    _delete(client, "interaction", THEIRS, accounts=accounts)
    if buckets:
        trends.recompute(client, buckets)
    for table, predicate in OF_ACCOUNTS:
        _delete(client, table, predicate, accounts=accounts)


def note(client: Client, erasure: Erasure, *, author: str, reason: str, acts: int) -> None:
    """That it was done."""
    insert(client, "erasure", ERASURE, [(erasure.digest, milliseconds(erasure.at), author, reason, acts)])


def _mentions(client: Client, accounts: Names, ids: Names) -> Iterator[tuple[str, list[str]]]:
    """Conditions under which a row of another names one of them, each with its names."""
    yield NAMED, list(accounts)
    examples: set[str] = set()
    for some in chunks(ids, MAX_NEEDLES * 10):
        yield REFERRED, list(some)
        rows = client.execute(
            "SELECT DISTINCT arrayJoin(examples) AS example FROM campaign WHERE example IN %(ids)s", {"ids": some}
        )
        examples |= {example for (example,) in rows}
    for some in chunks(sorted(map(_quoted, examples)), MAX_NEEDLES):
        yield QUOTED, list(some)


def _quoted(name: str) -> str:
    """As it stands in JSON."""
    return msgspec.json.encode(name).decode()


def _delete(client: Client, table: str, predicate: str, **parameters: object) -> None:
    client.execute(f"ALTER TABLE {table} DELETE WHERE {predicate} SETTINGS mutations_sync = 2", parameters)
