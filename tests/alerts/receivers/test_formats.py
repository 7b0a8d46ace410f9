"""Each receiver is told what happened, how sure we are, why and where to look, and a stranger's text stays a text."""

import json
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from alerts.alert import Severity
from alerts.receivers import discord, mail, pagerduty, slack, teams, webhook
from alerts.receivers.words import encoded, heading, plain, title
from tests.alerts.receivers.given import ALERT, AT, PANEL, hostile, notification
from tests.hostile import NAMES, TEXTS

KEY = "R" * 32
RESOLVED = replace(ALERT, ends_at=AT + timedelta(hours=1))
MENTIONS = (
    "<!channel>",
    "@here",
    "@everyone",
    "<@U024BE7LH>",
    "<@&1>",
    "<https://evil.example|ops>",
    "[ops](https://e.example)",
)

each_text = pytest.mark.parametrize("text", (*TEXTS, *MENTIONS), ids=range(len(TEXTS) + len(MENTIONS)))


def test_slack() -> None:
    """A header, then a section for each alert; the text is what a notification shows."""
    made = slack.payload(notification())
    assert made["blocks"][0]["text"]["text"] == "1 firing: real share falls · lumenbrew"
    assert made["blocks"][1]["text"] == {
        "type": "mrkdwn",
        "verbatim": True,
        "text": "*Firing (warning) since 2026-11-28 10:00 UTC: real share falls · lumenbrew*\n"
        "Of what people say to lumenbrew, 41 % is real; a week ago it was 78 %.\n"
        "*How sure:* Very sure: 1,204 interactions, twice outside of what is usual at this hour.\n"
        "*Why:* 82 % of the rest comes from 41 coordinated accounts.\n"
        "*Why:* They are 3 days old at most.\n"
        f"<{PANEL.replace('&', '&amp;')}|Trust of lumenbrew>",
    }
    assert made["text"].startswith("1 firing: real share falls · lumenbrew Of what people say")


@each_text
def test_slack_is_not_told_what_to_do(text: str) -> None:
    """The only ``<`` are those of our links; no text mentions, links or opens a code block."""
    made = slack.payload(notification(hostile(text)))
    for block in [made["text"], made["blocks"][1]["text"]["text"]]:
        assert "`" not in block
        assert all(part.startswith("https://grafana.example.org/") for part in block.split("<")[1:])


def test_discord() -> None:
    """An embed for each alert, coloured by severity, with its links in the description."""
    embed = discord.payload(notification())["embeds"][0]
    assert embed["title"].startswith(r"Firing \(warning\) since 2026\-11\-28 10\:00 UTC\: real share falls")
    assert embed["description"].endswith("**Why:** They are 3 days old at most.\n[Trust of lumenbrew](" + PANEL + ")")
    assert embed["timestamp"] == "2026-11-28T10:00:00.000Z"
    resolved = discord.payload(notification(RESOLVED))["embeds"][0]
    assert resolved["color"] == 0x388E3C
    assert resolved["timestamp"] == "2026-11-28T11:00:00.000Z"


@each_text
def test_discord_is_not_told_what_to_do(text: str) -> None:
    """Nobody is mentioned, and every mark of a text has a backslash before it."""
    made = discord.payload(notification(hostile(text)))
    assert made["allowed_mentions"] == {"parse": []}
    summary = made["embeds"][0]["description"].split("\n")[0]
    for number, character in enumerate(summary):
        assert character not in "*_~`|><@[]()#:" or summary[number - 1] == "\\"


def test_teams() -> None:
    """An adaptive card in the envelope that a workflow takes; its texts are runs, its links buttons."""
    made = teams.payload(notification())
    card = made["attachments"][0]["content"]
    assert (made["type"], card["type"], card["version"]) == ("message", "AdaptiveCard", "1.4")
    assert card["body"][3]["inlines"] == [
        {"type": "TextRun", "text": "How sure: ", "weight": "Bolder"},
        {"type": "TextRun", "text": "Very sure: 1,204 interactions, twice outside of what is usual at this hour."},
    ]
    assert card["body"][-1]["actions"] == [{"type": "Action.OpenUrl", "title": "Trust of lumenbrew", "url": PANEL}]


@each_text
def test_teams_is_not_told_what_to_do(text: str) -> None:
    """A stranger's text stands nowhere but in runs, which know no markup, and opens nothing but our link."""

    def walk(part: Any) -> None:
        assert part["type"] in {"RichTextBlock", "TextRun", "ActionSet", "Action.OpenUrl"}
        for inner in part.get("inlines", []) + part.get("actions", []):
            walk(inner)
        assert part.get("url", PANEL) == PANEL

    for part in teams.payload(notification(hostile(text)))["attachments"][0]["content"]["body"]:
        walk(part)


def test_pagerduty() -> None:
    """An incident is triggered with the worst alert's severity, and resolved under the same key."""
    critical = replace(ALERT, severity=Severity.CRITICAL, summary="All of it.")
    made = pagerduty.payload(notification(ALERT, critical), KEY)
    assert (made["routing_key"], made["event_action"], made["client"]) == (KEY, "trigger", "Rapport")
    assert made["payload"]["severity"] == "critical"
    assert made["payload"]["summary"] == "2 firing: real share falls · lumenbrew: All of it."
    assert made["payload"]["source"] == "lumenbrew"
    assert made["links"][0] == {"href": PANEL, "text": "Trust of lumenbrew"}
    assert "How sure: Very sure" in json.dumps(made["payload"]["custom_details"])
    resolved = pagerduty.payload(notification(RESOLVED), KEY)
    assert resolved == {"routing_key": KEY, "dedup_key": made["dedup_key"], "event_action": "resolve"}


def test_email() -> None:
    """Plain text under a subject that says it all; one id for all tries, one thread for all of a group."""
    sent = mail.message(notification(), "Rapport <rapport@example.org>", ("ops@example.org", "b@example.org"))
    read = message_from_bytes(sent.as_bytes(), policy=default)
    assert read["Subject"] == "1 firing: real share falls · lumenbrew"
    assert read["To"] == "ops@example.org, b@example.org"
    assert read["Message-ID"] == "<msg_2KWPBgLlAfxdpx2AI54pPJ85f4W@example.org>"
    assert read.get_content_type() == "text/plain"
    text = read.get_content().replace("\r\n", "\n")
    for said in (ALERT.summary, f"How sure: {ALERT.certainty}", f"Why: {ALERT.evidence[1]}", PANEL, "SQL:\nSELECT 1"):
        assert said in text
    later = mail.message(notification(RESOLVED, id="msg_2"), "rapport@example.org", ("ops@example.org",))
    assert later["References"] == sent["References"]
    assert later["Message-ID"] != sent["Message-ID"]


@each_text
def test_email_has_the_headers_we_gave_it(text: str) -> None:
    """No brand, rule or text adds one."""
    alert = replace(hostile(text), rule=f"{text}\r\nBcc: all@example.org", labels=(("brand", f"x\nBcc: y\n{text}"),))
    raw = mail.message(notification(alert), "rapport@example.org", ("ops@example.org",)).as_bytes()
    read = message_from_bytes(raw, policy=default)
    assert [name.lower() for name in read] == [
        *("from", "to", "subject", "date", "message-id", "references", "auto-submitted"),
        *("content-type", "content-transfer-encoding", "mime-version"),
    ]
    assert "\0" not in read.get_content()


def test_webhook() -> None:
    """The payload of Standard Webhooks: what it is, when, and everything that is known."""
    made = json.loads(encoded(webhook.payload(notification())))
    assert (made["type"], made["timestamp"]) == ("alert.firing", "2026-11-28T10:01:00.000Z")
    assert made["data"]["alerts"] == [
        {
            "status": "firing",
            "fingerprint": ALERT.fingerprint,
            "rule": "real_share_falls",
            "labels": dict(ALERT.labels),
            "severity": "warning",
            "summary": ALERT.summary,
            "certainty": ALERT.certainty,
            "evidence": list(ALERT.evidence),
            "value": 0.41,
            "threshold": 0.6,
            "links": [{"title": "Trust of lumenbrew", "url": PANEL}],
            "sql": "SELECT 1",
            "starts_at": "2026-11-28T10:00:00.000Z",
            "ends_at": None,
        }
    ]
    assert webhook.payload(notification(RESOLVED))["type"] == "alert.resolved"
    assert webhook.payload(notification(RESOLVED, ALERT))["type"] == "alert.firing"


def test_json_knows_no_infinity() -> None:
    """A value that is none is null, which every parser reads."""
    odd = replace(ALERT, value=float("nan"), threshold=float("inf"))
    made = json.loads(encoded(webhook.payload(notification(odd))), parse_constant=pytest.fail)
    assert made["data"]["alerts"][0]["value"] is None


def test_title_counts_what_fires_and_what_is_over() -> None:
    """Of several rules and brands it names three of each."""
    many = [replace(ALERT, rule=f"rule_{n}", labels=(("brand", f"b{n}"),)) for n in range(5)]
    assert title(notification(*many, RESOLVED)) == (
        "5 firing, 1 resolved: real share falls, rule 0, rule 1 and 3 more · b0, b1, b2 and 3 more"
    )


def test_heading_says_since_when() -> None:
    """And until when, once it is over."""
    assert heading(RESOLVED) == "Resolved 2026-11-28 11:00 UTC: real share falls · lumenbrew"


@pytest.mark.parametrize("name", NAMES)
def test_plain_text_is_one_line(name: str) -> None:
    """It neither moves the cursor nor turns the direction of what follows."""
    said = plain(f"{name}\r\n\u2028\u202e\x1b[31m")
    assert not set("\r\n\t\0\x1b\u2028\u202e") & set(said)
