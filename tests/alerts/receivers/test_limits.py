"""Whatever an alert says, each receiver's limits hold, and what was cut keeps its links."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from alerts.alert import Link, Notification, Severity
from alerts.receivers import alertmanager, discord, mail, pagerduty, slack, teams, webhook
from alerts.receivers.words import encoded, first_shown, fit, utf16, web_url
from tests.alerts.receivers.given import ALERT, AT, PANEL, hostile, notification, notifications, texts
from tests.hostile import TEXTS

KEY = "R" * 32
few = settings(max_examples=25, deadline=None)


def texts_of(payload: Any) -> list[str]:
    if isinstance(payload, dict):
        return [text for value in payload.values() for text in texts_of(value)]
    if isinstance(payload, list):
        return [text for value in payload for text in texts_of(value)]
    return [payload] if isinstance(payload, str) else []


@few
@given(notifications)
def test_slack(given: Notification) -> None:
    """At most 50 blocks and 13,000 characters; a header has 150, a section 3,000; no text is empty."""
    made = slack.payload(given)
    blocks = made["blocks"]
    texts = [block.get("text") or block["elements"][0] for block in blocks]
    assert len(blocks) <= 50
    assert utf16(texts[0]["text"]) <= 150
    assert all(0 < utf16(text["text"]) <= 3_000 for text in texts)
    assert sum(utf16(text["text"]) for text in texts) + utf16(made["text"]) <= 13_000
    json.loads(encoded(made))


@few
@given(notifications)
def test_discord(given: Notification) -> None:
    """Content has 2,000 characters, ten embeds 6,000 together, a title 256, a description 4,096; none is mentioned."""
    made = discord.payload(given)
    assert utf16(made["content"]) <= 2_000
    assert len(made["embeds"]) <= 10
    assert all(utf16(embed["title"]) <= 256 and utf16(embed["description"]) <= 4_096 for embed in made["embeds"])
    assert sum(utf16(text) for embed in made["embeds"] for text in (embed["title"], embed["description"])) <= 6_000
    assert made["allowed_mentions"] == {"parse": []}
    json.loads(encoded(made))


@few
@given(notifications)
def test_teams(given: Notification) -> None:
    """A message stays below the 21 kB at which connectors were seen to refuse, and has six buttons a row at most."""
    made = teams.payload(given)
    body = made["attachments"][0]["content"]["body"]
    assert len(encoded(made)) <= 21_000
    assert all(len(part["actions"]) <= 6 for part in body if part["type"] == "ActionSet")


@few
@given(notifications)
def test_pagerduty(given: Notification) -> None:
    """A summary has 1,024 characters, a key 255; the whole stays far below 512 kB."""
    made = pagerduty.payload(given, KEY)
    assert len(made["dedup_key"]) <= 255
    assert made["event_action"] == ("trigger" if given.firing else "resolve")
    if given.firing:
        assert 0 < utf16(made["payload"]["summary"]) <= 1_024
        assert made["payload"]["source"]
    assert len(encoded(made)) <= 200_000


@few
@given(notifications)
def test_webhook(given: Notification) -> None:
    """At most 20 kB, in which ten alerts always fit."""
    made = webhook.payload(given)
    assert len(encoded(made)) <= 20_000
    assert len(made["data"]["alerts"]) == len(given.alerts)
    assert made["data"]["truncated_alerts"] == 0


@few
@given(notifications)
def test_email(given: Notification) -> None:
    """A message is made of any alert; its headers are one line each and its lines no longer than SMTP allows."""
    raw = mail.message(given, "rapport@example.org", ("ops@example.org",)).as_bytes()
    head, _, _ = raw.partition(b"\r\n\r\n")
    names = [line.split(b":")[0].lower() for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    assert len(names) == len(set(names))
    assert b"bcc" not in names
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@few
@given(notifications)
def test_alertmanager(given: Notification) -> None:
    """Both bodies are JSON, and no alert is lost without being counted."""
    body = json.loads(encoded(alertmanager.webhook(given)))
    assert len(body["alerts"]) + body["truncatedAlerts"] == len(given.alerts)
    assert len(json.loads(encoded(alertmanager.postable(given)))) == len(given.alerts)


@pytest.mark.parametrize("character", ['"', "語", "\x01"])
def test_ten_alerts_as_long_as_they_can_be(character: str) -> None:
    """The generic webhook holds ten alerts whatever they say, and Alertmanager's a hundred."""
    long = character * 5_000
    pairs = tuple((f"{number}{long}", long) for number in range(30))
    one = replace(hostile(long), labels=pairs, rule=long, sql=long, links=(Link(title=long, url=PANEL),) * 20)
    ten = notification(*[one] * 10, receiver=long, group_key=long, group_labels=pairs)
    assert len(encoded(webhook.payload(ten))) <= 20_000
    assert webhook.payload(ten)["data"]["truncated_alerts"] == 0
    assert alertmanager.webhook(notification(*[one] * 100))["truncatedAlerts"] == 0


def test_ten_thousand_alerts_at_once() -> None:
    """They fit too: the gravest are told, the others counted."""
    many = notification(*[replace(ALERT, sql=f"SELECT {number}") for number in range(10_000)])
    assert "and 9996 more" in json.dumps(slack.payload(many))
    assert "and 9996 more" in json.dumps(discord.payload(many))
    assert len(encoded(teams.payload(many))) <= 21_000
    assert len(encoded(webhook.payload(many))) <= 20_000
    assert len(encoded(alertmanager.webhook(many))) <= 2_010_000
    data = webhook.payload(many)["data"]
    assert len(data["alerts"]) >= 10
    assert len(data["alerts"]) + data["truncated_alerts"] == 10_000


def test_first_of_all_is_told_what_is_grave_and_what_is_new() -> None:
    """What has stood for hours does not hide the news."""
    hours = [replace(ALERT, starts_at=AT + timedelta(hours=hour), summary=f"at {hour}") for hour in range(8)]
    grave = replace(ALERT, severity=Severity.CRITICAL, summary="grave")
    over = replace(ALERT, severity=Severity.CRITICAL, ends_at=AT + timedelta(hours=6, minutes=1), summary="over")
    shown = first_shown(notification(grave, *hours, over))
    assert [alert.summary for alert in shown] == ["grave", "at 7", "over", "at 6"]
    assert first_shown(notification(over)) == [over]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_links_are_kept(text: str) -> None:
    """However long the texts of four alerts are, each that is told keeps the link to its panel."""
    given = notification(*[hostile(text)] * 4)
    for payload in (slack.payload, discord.payload, teams.payload):
        found = " ".join(texts_of(payload(given))).replace("&amp;", "&")
        assert found.count(PANEL) == 4
    data = webhook.payload(given)["data"]
    assert len(data["alerts"]) == 4
    assert all(PANEL in [link["url"] for link in alert["links"]] for alert in data["alerts"])
    links = pagerduty.payload(given, KEY)["links"]
    assert [link["href"] for link in links].count(PANEL) == 4
    message = mail.message(given, "rapport@example.org", ("ops@example.org",))
    assert message.get_content().count(PANEL) == 4


def test_sql_stands_where_no_link_does() -> None:
    """Whole or not at all: half a query is none."""
    query = "SELECT count() FROM interactions WHERE brand = 'lumenbrew'"
    for payload in (slack.payload, discord.payload, teams.payload):
        assert query in " ".join(texts_of(payload(notification(replace(ALERT, links=(), sql=query)))))
        assert query not in " ".join(texts_of(payload(notification(replace(ALERT, sql=query)))))
        too_long = replace(ALERT, links=(), sql=query + " " * 5_000)
        assert "SELECT" not in " ".join(texts_of(payload(notification(too_long))))


@settings(max_examples=200)
@given(texts)
def test_cutting_never_breaks_an_escape(text: str) -> None:
    """What fits is whole or ends with an ellipsis, and no entity and no backslash is cut in two."""
    cut = fit(text, 40, slack.escape)
    assert utf16(cut) <= 40
    assert "&" not in cut.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert cut == slack.escape(text) or cut.endswith("…")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://user:password@example.org/",
        "https://",
        "//example.org",
        "https://exa mple.org",
        "https://example.org:port/",
        "https://[::1",
        "x" * 100_000,
    ],
)
def test_only_web_addresses_are_linked(url: str) -> None:
    """Nothing else is, nor one that shows a name and leads elsewhere."""
    assert web_url(url) == ""


def test_link_cannot_end_early() -> None:
    """What would close a link in somebody's markup is percent-encoded."""
    given = notification(replace(ALERT, links=(Link(title="a|b](c)", url="https://example.org/a>b|c)d e"),)))
    assert "<https://example.org/a%3Eb%7Cc)d%20e|a|b](c)>" in slack.payload(given)["blocks"][1]["text"]["text"]
    assert r"[a\|b\]\(c\)](https://example.org/a%3Eb|c%29d%20e)" in discord.payload(given)["embeds"][0]["description"]
