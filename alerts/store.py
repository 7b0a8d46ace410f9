"""Alert state and outbox in one SQLite file: what is told is written before it is sent, in one transaction with why.

Whoever is killed anywhere between finds, at the next start, either all of a change or nothing of it; what was written
and not sent is sent then. Several processes may use the file at once; one thread may use a ``Store`` at a time.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from alerts.alert import Alert, Notification
from alerts.notify import Book, Silence, Told
from alerts.state import Phase, Track, Tracks

T = TypeVar("T")

NAME = "alerts.sqlite"
BUSY_SECONDS = 10.0

TABLES = """
CREATE TABLE IF NOT EXISTS track (fingerprint TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS told (
    receiver TEXT NOT NULL, group_key TEXT NOT NULL, firing BLOB NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (receiver, group_key)
) STRICT;
CREATE TABLE IF NOT EXISTS due (group_key TEXT PRIMARY KEY, at REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS silence (id TEXT PRIMARY KEY, content BLOB NOT NULL, ends_at REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS unrecorded (number INTEGER PRIMARY KEY, at REAL NOT NULL, content BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS delivery (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    receiver TEXT NOT NULL,
    group_key TEXT NOT NULL,
    payload BLOB NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    created_at REAL NOT NULL,
    next_at REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'dead')),
    last_error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS delivery_next ON delivery (receiver, state, number);
CREATE INDEX IF NOT EXISTS delivery_group ON delivery (receiver, group_key, state, number);
"""


class Store:
    """``folder`` is the data folder. Raises ``OSError`` where it cannot be used."""

    def __init__(self, folder: Path) -> None:
        path = folder / NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            path.chmod(0o600)  # names and words of strangers
            self.database.execute("PRAGMA journal_mode = WAL")
            self.database.execute("PRAGMA synchronous = FULL")
            self.database.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten
            self.database.executescript(TABLES)
        except sqlite3.Error as error:
            raise OSError(0, f"the outbox cannot be used: {error}", str(path)) from error

    def close(self) -> None:
        self.database.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """All that is done within happens, or nothing of it."""
        self.database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")

    # ---- state

    def tracks(self) -> dict[str, Track]:
        return {key: decoded(content, Track) for key, content in self.database.execute("SELECT * FROM track")}

    def book(self) -> Book:
        told = self.database.execute("SELECT receiver, group_key, firing, at FROM told")
        due = self.database.execute("SELECT group_key, at FROM due")
        return Book(
            {
                (receiver, group): Told(decoded(firing, frozenset[str]), time_of(at))
                for receiver, group, firing, at in told
            },
            {group: time_of(at) for group, at in due},
        )

    def keep(self, before: Tracks, after: Tracks, at: datetime) -> None:
        """Write what changed, and put down what the warehouse is to know of it. Within ``changing``."""
        for key in before.keys() - after.keys():
            self.database.execute("DELETE FROM track WHERE fingerprint = ?", (key,))
        for key, track in after.items():
            old = before.get(key)
            if old != track:
                self.database.execute("INSERT OR REPLACE INTO track VALUES (?, ?)", (key, encoded(track)))
            if track.phase is not Phase.PENDING and (old is None or old.phase is not track.phase):
                self.database.execute(
                    "INSERT INTO unrecorded (at, content) VALUES (?, ?)", (at.timestamp(), encoded(track.alert))
                )

    def tell(self, notifications: Iterable[Notification], book: Book) -> None:
        """Write the messages and the book that says they are told. Within ``changing``."""
        self.database.executemany(
            "INSERT OR IGNORE INTO delivery (id, receiver, group_key, payload, created_at, next_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                (one.id, one.receiver, one.group_key, encoded(one), one.at.timestamp(), one.at.timestamp())
                for one in notifications
            ),
        )
        self.database.execute("DELETE FROM told")
        self.database.execute("DELETE FROM due")
        self.database.executemany(
            "INSERT INTO told VALUES (?, ?, ?, ?)",
            (
                (receiver, group, encoded(sorted(told.firing)), told.at.timestamp())
                for (receiver, group), told in book.told.items()
            ),
        )
        self.database.executemany(
            "INSERT INTO due VALUES (?, ?)", ((group, at.timestamp()) for group, at in book.due.items())
        )

    # ---- silences

    def silences(self) -> list[Silence]:
        rows = self.database.execute("SELECT content FROM silence ORDER BY ends_at, id")
        return [decoded(content, Silence) for (content,) in rows]

    def silence(self, silence: Silence) -> None:
        self.database.execute(
            "INSERT OR REPLACE INTO silence VALUES (?, ?, ?)",
            (silence.id, encoded(silence), silence.ends_at.timestamp()),
        )

    def unsilence(self, identifier: str) -> bool:
        """Whether there was one."""
        return self.database.execute("DELETE FROM silence WHERE id = ?", (identifier,)).rowcount > 0

    # ---- what the warehouse is to know

    def unrecorded(self) -> list[tuple[int, datetime, Alert]]:
        rows = self.database.execute("SELECT number, at, content FROM unrecorded ORDER BY number LIMIT 1000")
        return [(number, time_of(at), decoded(content, Alert)) for number, at, content in rows]

    def recorded(self, number: int) -> None:
        """Everything up to ``number`` is known."""
        self.database.execute("DELETE FROM unrecorded WHERE number <= ?", (number,))


@contextmanager
def opened(folder: Path) -> Iterator[Store]:
    with closing(Store(folder)) as store:
        yield store


def encoded(value: object) -> bytes:
    return msgspec.json.encode(value)


def decoded(content: bytes, kind: type[T]) -> T:
    return msgspec.json.decode(content, type=kind)


def time_of(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
