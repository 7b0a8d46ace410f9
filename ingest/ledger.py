"""What the ingest process remembers between two of its lives: cursors, what was published, what was spent.

One SQLite file. What a page brings is planned here, published, and once Kafka has acknowledged it made sure of, in one
transaction with the cursor. Whoever is killed in between reads the page again and publishes the same ids; the plan
tells whether a text was changed meanwhile.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from events import Interaction, Reference
from events.interaction import from_milliseconds, id_hash, milliseconds
from ingest.source import Cursor

NAME = "ingest.sqlite"  # in the data folder
KEPT = timedelta(days=90)  # from when an act was last seen; an edit or a deletion after that is not recognised

SCHEMA = """
CREATE TABLE IF NOT EXISTS cursor (source TEXT PRIMARY KEY, cursor BLOB, position INTEGER, since INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spent (meter TEXT PRIMARY KEY, period INTEGER, amount REAL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS noticed (id TEXT PRIMARY KEY, at INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heard (
    source TEXT PRIMARY KEY, since INTEGER, at INTEGER, newest INTEGER, failing INTEGER, reason TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS act (
    id TEXT PRIMARY KEY, source TEXT, at INTEGER, seen INTEGER, checked INTEGER, sure INTEGER, text INTEGER, route BLOB
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS to_check ON act (source, checked, at);
CREATE INDEX IF NOT EXISTS by_sight ON act (source, seen);
"""


class LedgerError(Exception):
    """The file cannot be used. The message is one line for the user."""


class Route(msgspec.Struct, frozen=True, array_like=True):
    """Who an act is between: enough to tell everybody concerned that it was changed or taken back."""

    platform: str
    actor: str
    to: tuple[str, ...]
    in_reply_to: Reference | None
    conversation: str
    brands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """An act as it was last published: a hash of its text, and its ``route``. Without a text, it was taken back.

    Without being ``sure``, it was about to be published, and may or may not have been.
    """

    id: str
    text: int | None
    sure: bool
    route: Route


@dataclass(frozen=True, slots=True)
class Place:
    """Where a source stands: everything from ``since`` until ``position`` has been read."""

    cursor: Cursor | None
    position: datetime | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Heard:
    """Listened to from ``since`` until ``at``, ``failing`` from then on for a ``reason``; the ``newest`` act so far."""

    since: datetime
    at: datetime
    newest: datetime | None = None
    failing: datetime | None = None
    reason: str = ""


def text_hash(content: str) -> int:
    return id_hash(content)


class Ledger:
    """Used by one process at a time, from one thread. Raises ``LedgerError``."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;" + SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise LedgerError(f"{path}: {error}; if it is damaged, move it away: sources begin anew") from error

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def place(self, source: str) -> Place:
        found = self._one("SELECT cursor, position, since FROM cursor WHERE source = ?", source)
        if found is None:
            return Place(None, None, None)
        cursor, position, since = found
        return Place(msgspec.json.decode(cursor) if cursor else None, _time(position), _time(since))

    def save(self, source: str, cursor: Cursor | None, position: datetime | None, since: datetime) -> None:
        values = (source, msgspec.json.encode(cursor) if cursor is not None else None, _at(position), _at(since))
        self._db.execute("REPLACE INTO cursor VALUES (?, ?, ?, ?)", values)

    def forget(self, source: str) -> None:
        self._db.execute("DELETE FROM cursor WHERE source = ?", (source,))

    def kept(self, ids: Iterable[str]) -> dict[str, Kept]:
        wanted = list(ids)
        found: dict[str, Kept] = {}
        for begin in range(0, len(wanted), 500):
            some = wanted[begin : begin + 500]
            marks = ", ".join("?" * len(some))
            for key, text, sure, route in self._db.execute(
                f"SELECT id, text, sure, route FROM act WHERE id IN ({marks})",  # noqa: S608 - question marks alone
                some,
            ):
                found[key] = Kept(key, text, bool(sure), msgspec.json.decode(route, type=Route))
        return found

    def plan(self, source: str, acts: Iterable[Interaction], now: datetime) -> None:
        """``acts`` are about to be published for the first time."""
        self._db.executemany("INSERT OR IGNORE INTO act VALUES (?, ?, ?, ?, 0, 0, ?, ?)", _rows(source, acts, now))

    def keep(self, source: str, acts: Iterable[Interaction], now: datetime) -> None:
        """``acts`` were published, and read as they do now."""
        self._db.executemany(
            "INSERT INTO act VALUES (?, ?, ?, ?, 0, 1, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET seen = excluded.seen, sure = 1, text = excluded.text",
            _rows(source, acts, now),
        )

    def removed(self, ids: Iterable[str]) -> None:
        """They were taken back: their texts are known no more, nor are they checked again."""
        self._db.executemany("UPDATE act SET text = NULL WHERE id = ?", ((key,) for key in ids))

    def published(self, source: str, since: datetime, limit: int) -> Sequence[str]:
        """Ids that ``source`` brought, published since then, the longest unchecked first; they count as checked."""
        with self.transaction():
            ids = [
                key
                for (key,) in self._db.execute(
                    "SELECT id FROM act WHERE source = ? AND at >= ? AND text IS NOT NULL ORDER BY checked, at LIMIT ?",
                    (source, _at(since), limit),
                )
            ]
            turn = self._one("SELECT coalesce(max(checked), 0) + 1 FROM act WHERE source = ?", source)
            self._db.executemany("UPDATE act SET checked = ? WHERE id = ?", ((turn and turn[0], key) for key in ids))
        return ids

    def stale(self, source: str, before: datetime, limit: int) -> Sequence[str]:
        """Ids that ``source`` brought and did not show since ``before``, the oldest sight first."""
        asked = "SELECT id FROM act WHERE source = ? AND seen < ? AND text IS NOT NULL ORDER BY seen, id LIMIT ?"
        return [key for (key,) in self._db.execute(asked, (source, _at(before), limit))]

    def noticed(self, key: str, now: datetime) -> datetime:
        """When ``key`` was first asked for here: the same time whenever a page is read again."""
        self._db.execute("INSERT OR IGNORE INTO noticed VALUES (?, ?)", (key, _at(now)))
        found = self._one("SELECT at FROM noticed WHERE id = ?", key)
        assert found is not None  # noqa: S101 - just written
        return from_milliseconds(found[0])

    def spent(self, meter: str, period: datetime) -> float:
        found = self._one("SELECT amount FROM spent WHERE meter = ? AND period = ?", meter, _at(period))
        return float(found[0]) if found else 0.0

    def spend(self, meter: str, period: datetime, amount: float) -> None:
        before = self.spent(meter, period)
        self._db.execute("REPLACE INTO spent VALUES (?, ?, ?)", (meter, _at(period), max(0.0, before + amount)))

    def heard(self, source: str) -> Heard | None:
        found = self._one("SELECT since, at, newest, failing, reason FROM heard WHERE source = ?", source)
        if found is None:
            return None
        since, at, newest, failing, reason = found
        return Heard(from_milliseconds(since), from_milliseconds(at), _time(newest), _time(failing), reason)

    def hear(self, source: str, heard: Heard) -> None:
        values = (source, _at(heard.since), _at(heard.at), _at(heard.newest), _at(heard.failing), heard.reason)
        self._db.execute("REPLACE INTO heard VALUES (?, ?, ?, ?, ?, ?)", values)

    def erase(self, names: Set[str], acts: Set[str]) -> None:
        """Forget ``acts`` and where others name an account or an act of ``names``.

        Another process may be at work: SQLite lets one write after the other.
        """
        self._db.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten
        with self.transaction():
            gone: list[tuple[str]] = []
            changed: list[tuple[bytes, str]] = []
            for key, packed in self._db.execute("SELECT id, route FROM act"):
                route = msgspec.json.decode(packed, type=Route)
                if key in acts or route.actor in names:
                    gone.append((key,))
                elif (unnamed := _unnamed(route, names)) != route:
                    changed.append((msgspec.json.encode(unnamed), key))
            self._db.executemany("DELETE FROM act WHERE id = ?", gone)
            self._db.executemany("UPDATE act SET route = ? WHERE id = ?", changed)
            noticed = [key for (key,) in self._db.execute("SELECT id FROM noticed")]
            gone += [(key,) for key in noticed if key.rpartition("#")[0] in acts]
            self._db.executemany("DELETE FROM noticed WHERE id = ?", gone)
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def tidy(self, now: datetime) -> None:
        """Forget what was not seen for long."""
        with self.transaction():
            self._db.execute("DELETE FROM act WHERE seen < ?", (_at(now - KEPT),))
            self._db.execute("DELETE FROM noticed WHERE at < ?", (_at(now - KEPT),))

    def _one(self, query: str, *values: object) -> Any:
        return self._db.execute(query, values).fetchone()


def _rows(source: str, acts: Iterable[Interaction], now: datetime) -> Iterator[tuple[object, ...]]:
    for act in acts:
        yield act.id, source, act.at, _at(now), text_hash(act.content), msgspec.json.encode(route_of(act))


def route_of(act: Interaction) -> Route:
    return Route(act.platform, act.actor.id, act.to, act.in_reply_to, act.conversation, act.brands)


def _unnamed(route: Route, names: Set[str]) -> Route:
    answered = route.in_reply_to
    return msgspec.structs.replace(
        route,
        to=tuple(account for account in route.to if account not in names),
        in_reply_to=Reference() if answered and {answered.actor, answered.id} & names else answered,
        conversation="" if route.conversation in names else route.conversation,
    )


def _at(time: datetime | None) -> int | None:
    return None if time is None else milliseconds(time)


def _time(at: int | float | bytes | None) -> datetime | None:
    return from_milliseconds(at) if isinstance(at, int) else None
