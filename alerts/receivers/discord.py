"""Discord's webhooks: an embed for each alert, in which a stranger's text mentions nobody and marks nothing up."""

import re
from typing import Any

from alerts.alert import Alert, Notification, Severity
from alerts.receivers.words import first_shown, fit, heading, left_out, plain, rfc3339, title, told

CONTENT = 2_000
HEADING = 110
SAID = 1_300  # four of them, with headings and labels, stay below the 6,000 that all embeds have together
COLOURS = {Severity.CRITICAL: 0xD32F2F, Severity.WARNING: 0xF9A825, Severity.INFO: 0x1976D2}
RESOLVED = 0x388E3C
MARKS = re.compile(r"([\\*_~`|>#\-\[\]()<@:])")


def payload(notification: Notification) -> dict[str, Any]:
    shown = first_shown(notification)
    content = [title(notification), left_out(notification, len(shown))]
    return {
        "content": fit("\n".join(filter(None, content)), CONTENT, escape),
        "embeds": [_embed(alert) for alert in shown],
        "allowed_mentions": {"parse": []},
    }


def escape(text: str) -> str:
    """A backslash before whatever would mark up, mention or link by itself."""
    return MARKS.sub(r"\\\1", text)


def _address(url: str) -> str:
    return url.replace("(", "%28").replace(")", "%29")


def _embed(alert: Alert) -> dict[str, Any]:
    said = told(alert, SAID, escape=escape, address=_address)
    lines = [f"**{label}:** {text}" if label else text for label, text in said.lines]
    lines += [f"[{name}]({url})" for name, url in said.links]
    if said.sql:
        lines.append("```sql\n" + said.sql.replace("`", "'") + "\n```")
    return {
        "title": fit(plain(heading(alert)), HEADING, escape),
        "description": "\n".join(lines),
        "color": COLOURS[alert.severity] if alert.ends_at is None else RESOLVED,
        "timestamp": rfc3339(alert.ends_at or alert.starts_at),
    }
