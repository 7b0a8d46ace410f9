"""The generic receiver: the payload of Standard Webhooks 1.0.0, kept below the 20 kB that it recommends."""

from typing import Any

from alerts.alert import Alert, Labels, Notification
from alerts.receivers.words import encoded, first_shown, fit, json_bytes, number, rfc3339, told

LARGEST = 20_000  # bytes
AT_ONCE = 10  # alerts that always fit, each in its share of the room
LABELS = 8


def payload(notification: Notification) -> dict[str, Any]:
    """As many alerts as fit, at least ten; ``truncated_alerts`` counts the others."""
    alerts: list[dict[str, Any]] = []
    made: dict[str, Any] = {
        "type": "alert.firing" if notification.firing else "alert.resolved",
        "timestamp": rfc3339(notification.at),
        "data": {
            "receiver": fit(notification.receiver, 200, width=json_bytes),
            "group_key": fit(notification.group_key, 500, width=json_bytes),
            "group_labels": labels(notification.group_labels, 100),
            "alerts": alerts,
            "truncated_alerts": len(notification.alerts),
        },
    }
    room = LARGEST - len(encoded(made))
    share = room // min(len(notification.alerts), AT_ONCE) - 1
    for alert in first_shown(notification, len(notification.alerts)):
        one = _alert(alert, share)
        room -= len(encoded(one)) + 1
        if room < 0:
            break
        alerts.append(one)
    made["data"]["truncated_alerts"] -= len(alerts)
    return made


def labels(pairs: Labels, most: int) -> dict[str, str]:
    """Names and values in JSON, the values of at most ``most`` bytes."""
    return {fit(name, 40, width=json_bytes): fit(value, most, width=json_bytes) for name, value in pairs[:LABELS]}


def _alert(alert: Alert, share: int) -> dict[str, Any]:
    """In at most ``share`` bytes. The SQL stands there whole or not at all: half a query is none."""
    made: dict[str, Any] = {
        "status": "firing" if alert.ends_at is None else "resolved",
        "fingerprint": alert.fingerprint,
        "rule": fit(alert.rule, 64, width=json_bytes),
        "labels": labels(alert.labels, min(share // 24, 256)),
        "severity": str(alert.severity),
        "summary": "",
        "certainty": "",
        "evidence": [],
        "value": number(alert.value),
        "threshold": number(alert.threshold),
        "links": [],
        "sql": "",
        "starts_at": rfc3339(alert.starts_at),
        "ends_at": rfc3339(alert.ends_at) if alert.ends_at else None,
    }
    said = told(alert, share - len(encoded(made)), width=json_bytes, markup=24)
    made["summary"] = said.one("")
    made["certainty"] = said.one("How sure")
    made["evidence"] = said.all("Why")
    made["links"] = [{"title": name, "url": url} for name, url in said.links]
    if json_bytes(alert.sql) <= share - len(encoded(made)):
        made["sql"] = alert.sql
    return made
