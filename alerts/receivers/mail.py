"""E-mail: plain text, so that there is no markup a stranger could write."""

import hashlib
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from alerts.alert import Alert, Notification
from alerts.receivers.words import code, first_shown, fit, heading, left_out, title, told, utc

SHOWN = 20  # alerts told in full
SAID = 20_000  # characters of one
SUBJECT = 140


def message(notification: Notification, sender: str, recipients: Sequence[str]) -> EmailMessage:
    """The same id on each try, and one thread for each group of alerts."""
    domain = sender.rpartition("@")[2].rstrip(">")
    group = hashlib.sha256(notification.group_key.encode("utf-8", "replace")).hexdigest()[:32]
    made = EmailMessage(policy=SMTP)
    made["From"] = sender
    made["To"] = ", ".join(recipients)
    made["Subject"] = fit(title(notification), SUBJECT)
    made["Date"] = format_datetime(utc(notification.at))
    made["Message-ID"] = f"<{notification.id}@{domain}>"
    made["References"] = f"<{group}@{domain}>"
    made["Auto-Submitted"] = "auto-generated"
    shown = first_shown(notification, SHOWN)
    parts = [title(notification), *map(_part, shown), left_out(notification, len(shown))]
    made.set_content("\n\n".join(filter(None, parts)) + "\n", charset="utf-8")
    return made


def _part(alert: Alert) -> str:
    said = told(alert, SAID)
    lines = [heading(alert), *(f"{label}: {text}" if label else text for label, text in said.lines)]
    lines += [f"{name}: {url}" for name, url in said.links]
    if alert.sql and len(alert.sql) <= SAID:
        lines.append("SQL:\n" + code(alert.sql).encode("utf-8", "replace").decode())
    return "\n".join(lines)
