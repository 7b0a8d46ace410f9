"""Alertmanager's two languages: the body of its webhooks (version 4), and what its ``/api/v2/alerts`` takes."""

from datetime import timedelta
from typing import Any

from alerts.alert import Alert, Notification
from alerts.receivers.webhook import labels
from alerts.receivers.words import encoded, first_shown, json_bytes, number, rfc3339, told, utc

LARGEST = 2_000_000  # bytes of a webhook's body; 100 alerts fit, whatever they say
SAID = 8_000  # bytes of texts and links of one alert
SQL = 3_000  # bytes; a longer one is left out, since half a query is none
LABEL = 1_024  # bytes; as much as the id of an account has characters
NEVER = "0001-01-01T00:00:00Z"  # how Go writes no time
# In an Alertmanager an alert that is not repeated resolves by itself; its end is sent anyway, and this is for the case
# that we are gone. Repeating at least daily keeps it up.
STANDS = timedelta(hours=25)


def webhook(notification: Notification) -> dict[str, Any]:
    """``POST`` of a receiver of type ``webhook_configs``; alerts beyond the limit are counted."""
    alerts: list[dict[str, Any]] = []
    room = LARGEST
    for alert in first_shown(notification, len(notification.alerts)):
        one = {
            "status": "firing" if alert.ends_at is None else "resolved",
            **_common(alert),
            "endsAt": rfc3339(alert.ends_at) if alert.ends_at else NEVER,
            "fingerprint": alert.fingerprint,
        }
        room -= len(encoded(one))
        if alerts and room < 0:
            break
        alerts.append(one)
    return {
        "version": "4",
        "groupKey": notification.group_key,
        "truncatedAlerts": len(notification.alerts) - len(alerts),
        "status": "firing" if notification.firing else "resolved",
        "receiver": notification.receiver,
        "groupLabels": labels(notification.group_labels, LABEL),
        "commonLabels": _shared([alert["labels"] for alert in alerts]),
        "commonAnnotations": _shared([alert["annotations"] for alert in alerts]),
        "externalURL": "",
        "alerts": alerts,
    }


def postable(notification: Notification) -> list[dict[str, Any]]:
    """``POST /api/v2/alerts`` of an Alertmanager, which then does its own grouping."""
    return [
        {**_common(alert), "endsAt": rfc3339(alert.ends_at or utc(notification.at) + STANDS)}
        for alert in notification.alerts
    ]


def _common(alert: Alert) -> dict[str, Any]:
    said = told(alert, SAID, width=json_bytes, markup=24)
    annotations = {
        "summary": said.one(""),
        "certainty": said.one("How sure"),
        "evidence": "\n".join(said.all("Why")),
        "value": str(number(alert.value)),
        "threshold": str(number(alert.threshold)),
        "links": "\n".join(f"{name}: {url}" for name, url in said.links),
        "sql": alert.sql if json_bytes(alert.sql) <= SQL else "",
    }
    return {
        "labels": {name: value for name, value in labels(alert.labels, LABEL).items() if value},
        "annotations": {name: text for name, text in annotations.items() if text},
        "startsAt": rfc3339(alert.starts_at),
        "generatorURL": said.links[0][1] if said.links else "",
    }


def _shared(sets: list[dict[str, str]]) -> dict[str, str]:
    """What is the same in all of them."""
    if not sets:
        return {}
    return {name: value for name, value in sets[0].items() if all(other.get(name) == value for other in sets)}
