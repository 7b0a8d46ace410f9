"""Alerts in the warehouse: when each fired and was resolved, for SQL, the dashboards and whoever asks later."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from alerts.alert import Alert
from alerts.store import Store
from events.interaction import milliseconds
from warehouse.client import Connection, insert

COLUMNS = (
    *("rule", "fingerprint", "starts_at", "ends_at", "brand", "severity", "labels", "summary", "certainty"),
    *("evidence", "value", "threshold", "query", "version"),
)


def record(client: Connection, store: Store) -> int:
    """Write what the warehouse does not know yet, and only then forget it. Returns how many rows that were."""
    written = 0
    while rows := store.unrecorded():
        insert(client, "alert", COLUMNS, [_row(alert, at) for _, at, alert in rows])
        store.recorded(rows[-1][0])
        written += len(rows)
    return written


def erase(client: Connection, identifiers: Iterable[str]) -> None:
    """Drop every alert that names one of the accounts in its labels or words."""
    client.execute(
        "ALTER TABLE alert DELETE WHERE hasAny(mapValues(labels), %(ids)s)"
        " OR multiSearchAny(concat(summary, arrayStringConcat(evidence, ' '), query), %(ids)s)"
        " SETTINGS mutations_sync = 1",
        {"ids": list(identifiers)},
    )


def _row(alert: Alert, at: datetime) -> Sequence[object]:
    labels = dict(alert.labels)
    return (
        alert.rule,
        alert.fingerprint,
        milliseconds(alert.starts_at),
        milliseconds(alert.ends_at) if alert.ends_at else 0,
        labels["brand"],
        alert.severity.value,
        labels,
        alert.summary,
        alert.certainty,
        alert.evidence,
        alert.value,
        alert.threshold,
        alert.sql,
        milliseconds(at),
    )
