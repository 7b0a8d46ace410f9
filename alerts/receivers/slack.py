"""Slack's incoming webhooks: Block Kit, in which a stranger's text mentions nobody and marks nothing up."""

from typing import Any

from alerts.alert import Alert, Notification
from alerts.receivers.words import first_shown, fit, heading, left_out, plain, title, told

HEADER = 150
FALLBACK = 1_000
SAID = 2_200  # of one section's 3,000; all blocks together have about 13,000


def payload(notification: Notification) -> dict[str, Any]:
    shown = first_shown(notification)
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": fit(title(notification), HEADER), "emoji": False}},
        *({"type": "section", "text": _marked(_section(alert))} for alert in shown),
    ]
    if more := left_out(notification, len(shown)):
        blocks.append({"type": "context", "elements": [_marked(more)]})
    fallback = " ".join([title(notification), *(plain(alert.summary) for alert in shown[:1])])
    return {"text": fit(fallback, FALLBACK, escape), "blocks": blocks}


def escape(text: str) -> str:
    """Without ``<`` nobody is mentioned and nothing linked; a code span is all that could swallow what follows."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("`", "'")


def _marked(text: str) -> dict[str, Any]:
    # Verbatim: names of channels and bare addresses are not made into links.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _address(url: str) -> str:
    return escape(url).replace("|", "%7C")


def _section(alert: Alert) -> str:
    said = told(alert, SAID, escape=escape, address=_address)
    lines = [f"*{escape(heading(alert))}*"]
    lines += [f"*{label}:* {text}" if label else text for label, text in said.lines]
    lines += [f"<{url}|{name}>" for name, url in said.links]
    if said.sql:
        lines.append(f"```{escape(said.sql)}```")
    return "\n".join(lines)
