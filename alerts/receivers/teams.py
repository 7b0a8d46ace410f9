"""Teams, through a workflow "when a webhook request is received": an adaptive card.

Strangers' texts stand in ``TextRun``, which knows no markup: there is nothing to escape.
"""

from typing import Any

from alerts.alert import Alert, Notification, Severity
from alerts.receivers.words import first_shown, heading, json_bytes, left_out, title, told

SAID = 4_200  # bytes of one alert; four of them and the card stay below 21 kB, where connectors were seen to refuse
RUN = 130  # bytes of JSON around a text
COLOURS = {Severity.CRITICAL: "Attention", Severity.WARNING: "Warning", Severity.INFO: "Accent"}


def payload(notification: Notification) -> dict[str, Any]:
    shown = first_shown(notification)
    body = [_text(title(notification), size="Large", weight="Bolder")]
    for alert in shown:
        said = told(alert, SAID, width=json_bytes, markup=RUN)
        body.append(_text(heading(alert), weight="Bolder", color=_colour(alert)))
        body += [_text(text, label) for label, text in said.lines]
        if said.sql:
            body.append(_text(said.sql, fontType="Monospace"))
        if said.links:
            buttons = [{"type": "Action.OpenUrl", "title": name, "url": url} for name, url in said.links]
            body.append({"type": "ActionSet", "actions": buttons})
    if more := left_out(notification, len(shown)):
        body.append(_text(more, isSubtle=True))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "full"},
        "body": body,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _text(text: str, label: str = "", **style: Any) -> dict[str, Any]:
    run = {"type": "TextRun", "text": text, **style}
    named = [{"type": "TextRun", "text": f"{label}: ", "weight": "Bolder"}, run] if label else [run]
    return {"type": "RichTextBlock", "inlines": named}


def _colour(alert: Alert) -> str:
    return COLOURS[alert.severity] if alert.ends_at is None else "Good"
