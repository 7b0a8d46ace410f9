"""The generic receiver: the payload of Standard Webhooks 1.0.0, kept below the 20 kB that it recommends."""

from typing import Any

from alerts.alert import Alert, Labels, Notification
from alerts.receivers.words import encoded, first_shown, fit, json_bytes, number, rfc3339, told

LARGEST = 20_000  # bytes
SAID = 8_000  # bytes of texts and links of one alert
LABELS = 12
SQL = 3_000  # bytes; a longer one is left out, since half a query is none


def payload(notification: Notification) -> dict[str, Any]:
    """As many alerts as fit, at least one; ``truncated_alerts`` counts the others."""
    alerts: list[dict[str, Any]] = []
    made: dict[str, Any] = {
        "type": "alert.firing" if notification.firing else "alert.resolved",
        "timestamp": rfc3339(notification.at),
        "data": {
            "receiver": fit(notification.receiver, 200, width=json_bytes),
            "group_key": fit(notification.group_key, 500, width=json_bytes),
            "group_labels": labels(notification.group_labels),
            "alerts": alerts,
            "truncated_alerts": len(notification.alerts),
        },
    }
    room = LARGEST - len(encoded(made))
    for alert in first_shown(notification, len(notification.alerts)):
        one = _alert(alert, notification)
        room -= len(encoded(one)) + 1
        if alerts and room < 0:
            break
        alerts.append(one)
    made["data"]["truncated_alerts"] -= len(alerts)
    return made


def labels(pairs: Labels) -> dict[str, str]:
    return {fit(name, 64, width=json_bytes): fit(value, 256, width=json_bytes) for name, value in pairs[:LABELS]}


def _alert(alert: Alert, notification: Notification) -> dict[str, Any]:
    said = told(alert, SAID, width=json_bytes, markup=24)
    return {
        "status": "firing" if alert.ends_at is None else "resolved",
        "fingerprint": alert.fingerprint,
        "rule": fit(alert.rule, 100, width=json_bytes),
        "labels": labels(alert.labels),
        "severity": str(alert.severity),
        "summary": next((text for name, text in said.lines if not name), ""),
        "certainty": next((text for name, text in said.lines if name == "How sure"), ""),
        "evidence": [text for name, text in said.lines if name == "Why"],
        "value": number(alert.value),
        "threshold": number(alert.threshold),
        "links": [{"title": name, "url": url} for name, url in said.links],
        "sql": alert.sql if json_bytes(alert.sql) <= SQL else "",
        "starts_at": rfc3339(alert.starts_at),
        "ends_at": rfc3339(alert.ends_at) if alert.ends_at else None,
    }
