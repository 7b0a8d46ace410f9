"""The deliveries in a ``Store``: what waits for a receiver, what was delivered, and what nobody took."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from alerts.alert import Notification
from alerts.state import Phase
from alerts.store import Store, decoded, encoded, time_of

KEPT = {"delivered": timedelta(days=7), "dead": timedelta(days=30)}

# Within a group the order is kept: what is over must not overtake what began.
NEXT = """
SELECT number, payload, attempt FROM delivery AS d
WHERE receiver = ? AND state = 'pending' AND next_at <= ? AND NOT EXISTS (
    SELECT 1 FROM delivery AS e
    WHERE e.receiver = d.receiver AND e.group_key = d.group_key AND e.state = 'pending' AND e.number < d.number
)
ORDER BY number LIMIT 1
"""


@dataclass(frozen=True)
class Delivery:
    """A message to be sent; ``attempt`` counts the tries that failed."""

    number: int
    notification: Notification
    attempt: int


@dataclass(frozen=True)
class Line:
    """One row of the outbox as people see it."""

    id: str
    receiver: str
    group: str
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime
    last_error: str


def next_due(store: Store, receiver: str, now: datetime) -> Delivery | None:
    row = store.database.execute(NEXT, (receiver, now.timestamp())).fetchone()
    return Delivery(row[0], decoded(row[1], Notification), row[2]) if row else None


def delivered(store: Store, number: int, receiver: str, now: datetime) -> None:
    """What else waits for this receiver need not wait longer: it answers again."""
    with store.changing():
        store.database.execute(
            "UPDATE delivery SET state = 'delivered', attempt = attempt + 1, last_error = '' WHERE number = ?",
            (number,),
        )
        store.database.execute(
            "UPDATE delivery SET next_at = ? WHERE receiver = ? AND state = 'pending' AND next_at > ?",
            (now.timestamp(), receiver, now.timestamp()),
        )


def failed(store: Store, number: int, next_at: datetime | None, reason: str) -> None:
    """To be tried again at ``next_at``; without one it is dead."""
    store.database.execute(
        "UPDATE delivery SET state = ?, next_at = max(next_at, ?), attempt = attempt + 1, last_error = ?"
        " WHERE number = ?",
        ("pending" if next_at else "dead", next_at.timestamp() if next_at else 0.0, reason, number),
    )


def lines(store: Store, state: str | None = None) -> list[Line]:
    """Oldest first; ``state`` is pending, delivered or dead."""
    rows = store.database.execute(
        "SELECT id, receiver, group_key, state, attempt, created_at, next_at, last_error FROM delivery"
        " WHERE ? IS NULL OR state = ? ORDER BY number",
        (state, state),
    )
    return [
        Line(one, receiver, group, state, attempts, time_of(created), time_of(due), error)
        for one, receiver, group, state, attempts, created, due, error in rows
    ]


def replay(store: Store, now: datetime, receiver: str | None = None) -> int:
    """Try what is dead again, with what has become of its alerts since. Returns how many."""
    with store.changing():
        firing = {key for key, track in store.tracks().items() if track.phase is Phase.FIRING}
        rows = store.database.execute(
            "SELECT number, payload FROM delivery WHERE state = 'dead' AND (? IS NULL OR receiver = ?)",
            (receiver, receiver),
        ).fetchall()
        for number, payload in rows:
            old = decoded(payload, Notification)
            alerts = tuple(
                alert if alert.ends_at or alert.fingerprint in firing else replace(alert, ends_at=now)
                for alert in old.alerts
            )
            store.database.execute(
                "UPDATE delivery SET state = 'pending', attempt = 0, next_at = ?, payload = ? WHERE number = ?",
                (now.timestamp(), encoded(replace(old, alerts=alerts)), number),
            )
    return len(rows)


def prune(store: Store, now: datetime) -> None:
    """Forget what was delivered, or replayed by nobody, long ago."""
    for state, kept in KEPT.items():
        store.database.execute(
            "DELETE FROM delivery WHERE state = ? AND created_at < ?", (state, (now - kept).timestamp())
        )


def erase(store: Store, identifiers: Iterable[str]) -> int:
    """Drop every alert that names one of the accounts anywhere, told or to be told. Returns how many rows changed.

    Where an id stands in the JSON of an alert, all of the alert goes: better one too many than one too few.
    """
    needles = [msgspec.json.encode(identifier)[1:-1] for identifier in identifiers if identifier]
    changed = 0
    with store.changing():
        for table, key in (("track", "fingerprint"), ("unrecorded", "number")):
            for name, content in store.database.execute(f"SELECT {key}, content FROM {table}").fetchall():  # noqa: S608
                if _names(content, needles):
                    store.database.execute(f"DELETE FROM {table} WHERE {key} = ?", (name,))  # noqa: S608
                    changed += 1
        for number, payload in store.database.execute("SELECT number, payload FROM delivery").fetchall():
            if _names(payload, needles):
                _drop(store, number, payload, needles)
                changed += 1
    store.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return changed


def _names(content: bytes, needles: list[bytes]) -> bool:
    return any(needle in content for needle in needles)


def _drop(store: Store, number: int, payload: bytes, needles: list[bytes]) -> None:
    old = decoded(payload, Notification)
    left = tuple(alert for alert in old.alerts if not _names(encoded(alert), needles))
    if left:
        content = encoded(replace(old, alerts=left))
        store.database.execute("UPDATE delivery SET payload = ? WHERE number = ?", (content, number))
    else:
        store.database.execute("DELETE FROM delivery WHERE number = ?", (number,))
