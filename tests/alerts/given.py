"""Alerts, findings and notifications for tests."""

from datetime import UTC, datetime, timedelta

from alerts.alert import Alert, Notification, Severity, labels_of
from alerts.finding import Finding, Level

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def labels(rule: str, brand: str = "acme", **more: str) -> tuple[tuple[str, str], ...]:
    return labels_of(alertname=rule, brand=brand, severity="warning", **more)


def finding(rule: str = "source_gap", level: Level = Level.FIRES, brand: str = "acme", **more: str) -> Finding:
    return Finding(
        rule=rule,
        labels=labels(rule, brand, **more),
        level=level,
        summary=f"{rule} of {brand}",
        certainty="sure",
        value=1.0,
        threshold=1.0,
        evidence=("because",),
    )


def alert(rule: str = "source_gap", at: datetime = NOW, brand: str = "acme", **more: str) -> Alert:
    return Alert(
        rule=rule,
        labels=labels(rule, brand, **more),
        severity=Severity.WARNING,
        summary=f"{rule} of {brand}",
        certainty="sure",
        evidence=("because",),
        value=1.0,
        threshold=1.0,
        links=(),
        sql="SELECT 1",
        starts_at=at,
    )


def notification(number: int, receiver: str = "chat", group: str = "one", *alerts: Alert) -> Notification:
    return Notification(
        id=f"msg_{number}",
        receiver=receiver,
        group_key=group,
        group_labels=(("brand", "acme"),),
        alerts=alerts or (alert(person=f"person:{number}"),),
        at=NOW,
    )
