"""PagerDuty's Events API v2: one incident for each group of alerts, triggered while any fires and then resolved."""

import hashlib
from typing import Any

from alerts.alert import Notification
from alerts.receivers.words import first_shown, fit, heading, label, left_out, plain, rfc3339, title, told

SUMMARY = 1_024
SAID = 4_000
LINKS = 8
URL = "https://events.pagerduty.com/v2/enqueue"


def payload(notification: Notification, routing_key: str) -> dict[str, Any]:
    key = hashlib.sha256(notification.group_key.encode("utf-8", "replace")).hexdigest()
    event = {"routing_key": routing_key, "dedup_key": f"rapport-{key}"}
    if not notification.firing:
        return {**event, "event_action": "resolve"}
    shown = first_shown(notification)
    first, all_told = shown[0], [told(alert, SAID) for alert in shown]
    details = {
        f"{number} {heading(alert)}": [f"{name}: {text}" if name else text for name, text in said.lines]
        + ([said.sql] if said.sql else [])
        for number, (alert, said) in enumerate(zip(shown, all_told, strict=True), start=1)
    }
    if more := left_out(notification, len(shown)):
        details["more"] = [more]
    return {
        **event,
        "event_action": "trigger",
        "client": "Rapport",
        "payload": {
            "summary": fit(f"{title(notification)}: {plain(first.summary)}", SUMMARY),
            "source": fit(plain(label(first, "brand")), 200) or "rapport",
            "severity": str(first.severity),
            "timestamp": rfc3339(first.starts_at),
            "component": first.rule,
            "custom_details": details,
        },
        "links": [{"href": url, "text": name} for said in all_told for name, url in said.links][:LINKS],
    }
