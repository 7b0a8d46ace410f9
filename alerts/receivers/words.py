"""What every receiver is told of an alert: cut so that it fits and keeps its links, whatever strangers wrote."""

import json
import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from alerts.alert import Alert, Notification, Severity

SHOWN = 4  # alerts that a chat message tells in full; it counts the others
LONGEST = 4_000  # characters of one text that are looked at at all
TURNING = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # the direction of text
CUT = "…"
BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
HOST = re.compile(r"[A-Za-z0-9_.:-]+")

Escape = Callable[[str], str]
Width = Callable[[str], int]


@dataclass(frozen=True)
class Told:
    """One alert, escaped and cut: ``lines`` with their labels (``""``, ``How sure``, ``Why``), ``links`` as title and
    URL, and ``sql``, whole or not at all, only where there is no link."""

    lines: list[tuple[str, str]]
    links: list[tuple[str, str]]
    sql: str

    def all(self, label: str) -> list[str]:
        return [text for name, text in self.lines if name == label]

    def one(self, label: str) -> str:
        return "".join(self.all(label))


def utf16(text: str) -> int:
    """Length as JavaScript counts it: never less than the characters."""
    return len(text.encode("utf-16-le", "replace")) // 2


def json_bytes(text: str) -> int:
    return len(encoded(text)) - 2


def encoded(payload: Any) -> bytes:
    """JSON in UTF-8, whatever the texts hold."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def plain(text: str) -> str:
    """One line without control characters and without what turns the direction of text."""
    kept = (
        " " if unicodedata.category(character) in {"Cc", "Cs"} else character
        for character in text[:LONGEST]
        if character not in TURNING
    )
    return " ".join("".join(kept).split())


def code(sql: str) -> str:
    """Its lines as they are, without other control characters."""
    return "".join(character for character in sql if character in "\n\t" or unicodedata.category(character) != "Cc")


def fit(text: str, limit: int, escape: Escape = str, width: Width = utf16) -> str:
    """``text`` escaped, at most ``limit`` wide; where it is cut, ``…`` says so."""
    text, cut = text[: max(limit, 0)], len(text) > limit
    if not cut and width(escape(text)) <= limit:
        return escape(text)
    if limit < width(CUT):
        return ""
    shortest, longest = 0, len(text)
    while shortest < longest:
        middle = (shortest + longest + 1) // 2
        if width(escape(text[:middle]) + CUT) <= limit:
            shortest = middle
        else:
            longest = middle - 1
    return escape(text[:shortest]) + CUT


def told(
    alert: Alert, limit: int, *, escape: Escape = str, width: Width = utf16, address: Escape = str, markup: int = 16
) -> Told:
    """``alert`` within ``limit``, of which each line and link takes ``markup`` beside its text.

    ``escape`` is for texts, ``address`` for URLs.
    """
    links, left = [], limit * 45 // 100
    for title, url in web_links(alert):
        link = (fit(plain(title) or "link", 60, escape, width), address(url))
        if (size := sum(map(width, link)) + markup) <= left:
            links.append(link)
            left -= size
    sql = code(alert.sql)
    if links or width(escape(sql)) + markup > left:
        sql = ""
    rest = limit * 55 // 100 + left - (width(escape(sql)) + markup if sql else 0)
    lines = []
    for label, text, most in [
        ("", alert.summary, limit * 30 // 100),
        ("How sure", alert.certainty, limit * 15 // 100),
        *(("Why", line, limit * 20 // 100) for line in alert.evidence),
    ]:
        line = fit(plain(text), min(most, rest) - markup, escape, width)
        if line:
            lines.append((label, line))
            rest -= width(line) + markup
    return Told(lines, links, sql)


def web_links(alert: Alert) -> list[tuple[str, str]]:
    """Title and URL of the links a browser may follow, the URL normalised and in ASCII."""
    return [(link.title, url) for link in alert.links if (url := web_url(link.url))]


def web_url(text: str) -> str:
    """``text`` where it is a whole http or https URL without credentials; else empty."""
    try:
        url = httpx.URL(text)
        host = url.raw_host.decode("ascii")
        if url.scheme not in {"http", "https"} or url.userinfo or not HOST.fullmatch(host):
            return ""
        return BROKEN_ESCAPE.sub("%25", str(url.copy_with(host=host)))
    except (httpx.InvalidURL, ValueError):
        return ""


def first_shown(notification: Notification, most: int = SHOWN) -> list[Alert]:
    """The alerts that are told in full: the gravest that fires, then the news, the newest first."""
    grave = list(Severity)

    def newest(alert: Alert) -> tuple[datetime, int]:
        return utc(alert.ends_at or alert.starts_at), grave.index(alert.severity)

    news = sorted(notification.alerts, key=newest, reverse=True)
    # Where nothing fires and among equals, max takes the first.
    gravest = max(news, key=lambda alert: -1 if alert.ends_at else grave.index(alert.severity))
    news.remove(gravest)
    return [gravest, *news][:most]


def title(notification: Notification) -> str:
    """How many fire and are resolved, of which rules and brands: `1 firing: real share falls · lumenbrew`."""
    firing = sum(alert.ends_at is None for alert in notification.alerts)
    counts = [(firing, "firing"), (len(notification.alerts) - firing, "resolved")]
    rules = sorted({rule_words(alert) for alert in notification.alerts})
    brands = sorted({label(alert, "brand") for alert in notification.alerts} - {""})
    about = " · ".join(_several(names) for names in (rules, brands) if names)
    return fit(plain(", ".join(f"{count} {state}" for count, state in counts if count) + f": {about}"), 140)


def heading(alert: Alert) -> str:
    """`Firing (critical) since 2026-11-28 10:00 UTC: real share falls · lumenbrew`."""
    about = fit(plain(" · ".join(filter(None, (rule_words(alert), label(alert, "brand"))))), 90)
    if alert.ends_at is None:
        return f"Firing ({alert.severity}) since {minute(alert.starts_at)}: {about}"
    return f"Resolved {minute(alert.ends_at)}: {about}"


def left_out(notification: Notification, shown: int) -> str:
    """What is said of the alerts that are not told; empty where there is none."""
    left = len(notification.alerts) - shown
    return f"and {left} more: rapport alerts list" if left > 0 else ""


def rule_words(alert: Alert) -> str:
    return alert.rule.replace("_", " ")


def label(alert: Alert, name: str) -> str:
    return dict(alert.labels).get(name, "")


def minute(at: datetime) -> str:
    return utc(at).strftime("%Y-%m-%d %H:%M UTC")


def rfc3339(at: datetime) -> str:
    return utc(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def utc(at: datetime) -> datetime:
    """A time without a zone is UTC."""
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def number(value: float) -> float | None:
    """What JSON can say: it knows no infinity and no NaN."""
    return value if math.isfinite(value) else None


def _several(names: list[str]) -> str:
    return ", ".join(name[:60] for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
