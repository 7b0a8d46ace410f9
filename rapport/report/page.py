"""A report as one HTML file: everything inside, nothing fetched, and no text of a stranger can run.

The template escapes whatever it is given. What runs and what styles is named by its hash in the page's own policy, so
that a browser refuses anything else, even if something slipped through.
"""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from rapport import audit_words, tie_words, words
from rapport.report.collect import Report

CLASSES = {
    "real": "real",
    "emerging": "emerging",
    "one_sided_them": "one-sided: they give",
    "one_sided_us": "one-sided: we pester",
    "transactional": "transactional",
    "spam_driven": "spam-driven",
    "lapsed": "lapsed",
    "insufficient": "too little known",
}
SCRIPTS = ("vendor/chart.umd.min.js", "charts.js")
LONGEST = 400  # characters of a text


def render(report: Report) -> str:
    scripts, style = [_text(name) for name in SCRIPTS], _text("style.css")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(_hash(script) for script in scripts)}",
            f"style-src {_hash(style)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    return (
        _environment()
        .from_string(_text("page.html"))
        .render(
            report=report,
            policy=policy,
            style=Markup(style),  # noqa: S704 - ours, and named by its hash
            scripts=[Markup(script) for script in scripts],  # noqa: S704 - the same
            classes=CLASSES,
            charts=charts(report),
            audit=audit_words.page(report.audit).splitlines(),
        )
    )


def charts(report: Report) -> dict[str, Any]:
    """What the plots show; times in ms since 1970."""
    return {
        "times": [_ms(row["time"]) for row in report.trend],
        "step": report.step * 1000,
        "raw": [row["volume"] for row in report.trend],
        "trusted": [row.get("trusted_volume", row["volume"]) for row in report.trend],
        "share": [row.get("real_share") for row in report.trend],
        "low": [row.get("real_share_low") for row in report.trend],
        "high": [row.get("real_share_high") for row in report.trend],
        "gaps": [{"since": _ms(gap["since"]), "until": _ms(gap["until"])} for gap in report.gaps],
        "classes": CLASSES,
        "changes": [
            {"time": _ms(row["time"]), "class": row["class"], "people": row["people"]} for row in report.changes
        ],
        "people": [
            {
                "number": number,
                "name": words.one_line(row["person"]),
                "class": row["class"],
                "given": round(row["given"], 4),
                "received": round(row["received"], 4),
            }
            for number, row in enumerate(report.people)
        ],
    }


def _environment() -> Environment:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(
        day=lambda at: f"{at:%Y-%m-%d}",
        minute=lambda at: f"{at:%Y-%m-%d %H:%M}",
        percent=lambda share: "–" if share is None else f"{100 * share:.0f} %",
        number=lambda count: "–" if count is None else f"{count:,.0f}",
        said=said,
        link=link,
        relationship=lambda row, debts: tie_words.relationship(row, debts).splitlines()[1:],
        evidence=evidence,
        within=waited,
    )
    return environment


def said(text: str) -> str:
    """What a stranger wrote, on one line, without what could turn the text around it."""
    cleaned = words.printable(text[:LONGEST])
    return cleaned if len(text) <= LONGEST else f"{cleaned}…"


def link(url: str) -> str:
    """``url`` where a browser may follow it: nothing but http and https."""
    try:
        return url if urlsplit(url).scheme in {"http", "https"} else ""
    except ValueError:
        return ""


def evidence(row: Mapping[str, Any]) -> list[str]:
    """Why an act is trusted or not, the strongest reason first."""
    return [f"{'for' if entry.weight >= 0 else 'against'} it: {words.sentence(entry)}" for entry in words.evidence(row)]


def waited(days: float) -> str:
    return f"{days:.0f} days" if days >= 2 else f"{days * 24:.0f} hours"


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _ms(at: Any) -> int:
    return int(at.timestamp() * 1000)


@cache
def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
