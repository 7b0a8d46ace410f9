"""What an alert is, and what is told of one: the words that rules, state, outbox and receivers share."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Labels = tuple[tuple[str, str], ...]


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, kw_only=True)
class Link:
    title: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One thing that is so, from ``starts_at`` to ``ends_at`` (``None``: still), both UTC.

    ``labels`` are sorted by name and say which thing it is: always ``alertname`` (the rule), ``brand`` and
    ``severity``; where it is about one also ``platform``, ``source``, ``person`` or ``campaign``. ``summary`` and
    ``evidence`` may hold names and words of strangers. ``sql`` shows what it rests on, empty where no query does.
    """

    rule: str
    labels: Labels
    severity: Severity
    summary: str
    certainty: str
    evidence: tuple[str, ...]
    value: float
    threshold: float
    links: tuple[Link, ...]
    sql: str
    starts_at: datetime
    ends_at: datetime | None = None

    @property
    def fingerprint(self) -> str:
        """16 hex digits: the same for the same labels, whatever else is said of it."""
        return fingerprint(self.labels)


@dataclass(frozen=True, kw_only=True)
class Notification:
    """What one receiver is told at once: the alerts of one group. ``id`` stays the same on each try."""

    id: str
    receiver: str
    group_key: str
    group_labels: Labels
    alerts: tuple[Alert, ...]
    at: datetime

    @property
    def firing(self) -> bool:
        return any(alert.ends_at is None for alert in self.alerts)


def labels_of(**labels: str) -> Labels:
    """Sorted by name; what is empty says nothing and is left out, but the brand."""
    return tuple(sorted((name, value) for name, value in labels.items() if value or name == "brand"))


def fingerprint(labels: Labels) -> str:
    """Of a sorted label set, as Alertmanager tells alerts apart; lengths keep neighbours from running together."""
    digest = hashlib.blake2b(digest_size=8)
    for pair in labels:
        for word in pair:
            encoded = word.encode("utf-8", "surrogatepass")
            digest.update(len(encoded).to_bytes(4, "big") + encoded)
    return digest.hexdigest()
