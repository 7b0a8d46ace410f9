"""A configured receiver sends, signs, keeps its pace, and tells no secret."""

import base64
import io
import json
import logging
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from alerts.outcome import Delivered, Outcome, Permanent, Retry
from alerts.pace import Pace
from alerts.receivers import Receiver, ReceiverError
from alerts.sender import PACE, Mailer, Poster, Sender, sender
from tests.alerts.mail_server import mail_server
from tests.alerts.misbehaving import answers, closes, closes_in_mid_body, drips, receiver, sleeps
from tests.alerts.receivers.given import notification

OLD, NEW = ("whsec_" + base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
TOKEN = "xoxb-verysecrettoken"
KEY = "0123456789abcdef0123456789abcdef"
INSIDE: dict[str, Any] = {"allow": ["127.0.0.0/8"], "allow_http": True}
CHATS = ("slack", "discord", "teams", "alertmanager")


def configured(kind: str, port: int, secret: str = OLD, path: str = f"/services/{TOKEN}") -> Sender:
    """As ``rapport.toml`` would have it, with everything secret in the environment."""
    environment = {"URL": f"http://127.0.0.1:{port}{path}", "SECRET": secret, "KEY": KEY}
    section = {"type": kind, "url_env": "URL", **INSIDE}
    if kind == "webhook":
        section["secret_env"] = "SECRET"
    if kind == "pagerduty":
        section["routing_key_env"] = "KEY"
    return sender("ops", msgspec.convert(section, Receiver), environment)


def hurried(kind: str, port: int, total: float = 0.3) -> Poster:
    made = configured(kind, port)
    assert isinstance(made, Poster)
    return replace(made, endpoint=replace(made.endpoint, total=total), pace=Pace(0))


@pytest.mark.parametrize("kind", [*CHATS, "webhook", "pagerduty"])
def test_every_receiver_is_sent_its_json(kind: str) -> None:
    """By POST, to its address, as JSON."""
    with receiver(answers(200, b"ok")) as there:
        assert configured(kind, there.port).send(notification()) == Delivered()
    (heard,) = there.heard
    assert heard.head[0] == f"POST /services/{TOKEN} HTTP/1.1"
    assert heard.headers["content-type"] == "application/json"
    assert "41 % is real" in json.dumps(json.loads(heard.body))


def test_alertmanager_is_spoken_to_in_its_language() -> None:
    """Alerts go to ``/api/v2/alerts``, a webhook's body anywhere else."""
    with receiver(answers(200)) as there:
        configured("alertmanager", there.port, path="/prefix/api/v2/alerts").send(notification())
        configured("alertmanager", there.port, path="/hook").send(notification())
    api, hook = (json.loads(heard.body) for heard in there.heard)
    assert isinstance(api, list)
    assert hook["version"] == "4"


def test_signature_is_verified_by_the_standard_library_of_webhooks() -> None:
    """Over id, time and body; one byte more is noticed."""
    with receiver(answers(204)) as there:
        configured("webhook", there.port).send(notification())
    (heard,) = there.heard
    verified = Webhook(OLD).verify(heard.body, heard.headers)
    assert verified["type"] == "alert.firing"
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(heard.body + b" ", heard.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(heard.body, heard.headers)


def test_two_secrets_sign_while_one_is_changed() -> None:
    """Who knows either accepts it."""
    with receiver(answers(204)) as there:
        configured("webhook", there.port, f"{NEW}\n{OLD}\n").send(notification())
    (heard,) = there.heard
    assert heard.headers["webhook-signature"].count("v1,") == 2
    for secret in (OLD, NEW):
        Webhook(secret).verify(heard.body, heard.headers)


def test_each_try_has_the_same_id_and_its_own_time() -> None:
    """So the receiver can tell a repetition, and a retry an hour later is not too old."""
    with receiver(answers(500), answers(200)) as there:
        to = configured("webhook", there.port)
        assert to.send(notification()) == Retry(None, "127.0.0.1 answered 500")
        assert to.send(notification()) == Delivered()
    first, second = there.heard
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == notification().id
    assert first.body == second.body
    for heard in (first, second):
        assert abs(int(heard.headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 5


def test_misbehaving_receiver_loses_nothing() -> None:
    """Whatever it does, it is tried again until it takes it; and hears it no more often than it failed, and once."""
    bad = [
        answers(500),
        sleeps,
        answers(302, Location="http://169.254.169.254/latest/meta-data/"),
        closes,
        drips(b"HTTP/1.1 2"),
        closes_in_mid_body(502),
        answers(429, Retry_After="1"),
    ]
    outcomes: list[Outcome] = []
    with receiver(*bad, answers(200)) as there:
        to = hurried("webhook", there.port, total=1.5)  # a busy machine may take a while to give a good answer
        while Delivered() not in outcomes:
            outcomes.append(to.send(notification()))
    assert len(there.heard) == len(bad) + 1
    assert all(isinstance(outcome, Retry) for outcome in outcomes[:-1])
    assert {heard.headers["webhook-id"] for heard in there.heard} == {notification().id}
    assert outcomes[-2] == Retry(1.0, "127.0.0.1 answered 429")


@pytest.mark.parametrize(
    "answer", [answers(500), answers(404, TOKEN.encode()), answers(302, Location=TOKEN), closes, sleeps], ids=range(5)
)
@pytest.mark.parametrize("kind", ["webhook", "slack", "pagerduty"])
def test_no_secret_is_told(kind: str, answer: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in a log, at whatever level, nor in an outcome, nor in what is printed of a sender."""
    caplog.set_level(logging.DEBUG)
    with receiver(answer) as there:
        to = hurried(kind, there.port, total=0.1)
        outcome = to.send(notification())
    told = "\n".join([caplog.text, repr(outcome), repr(to), str(to), repr(to.endpoint)])
    for secret in (TOKEN, OLD, OLD.removeprefix("whsec_"), KEY):
        assert secret not in told


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (f"ftp://hooks.test/{TOKEN}", "must be a whole one"),
        (TOKEN, "must be a whole one"),
        (f"https://me:{TOKEN}@hooks.test/", "may not hold a user and a password"),
        (f"http://hooks.test/{TOKEN}", "is not https"),
        (f"https://hooks.test:{TOKEN}/", "its URL is none"),
        (f"https://[{TOKEN}/", "must be a whole one"),
    ],
)
def test_wrong_url_is_told_without_it(url: str, says: str) -> None:
    """One line that names the receiver; the URL is in no part of the error, nor in what led to it."""
    section = msgspec.convert({"type": "slack", "url_env": "URL"}, Receiver)
    with pytest.raises(ReceiverError, match=says) as raised:
        sender("chat", section, {"URL": url})
    assert str(raised.value).startswith("alerts.receivers.chat: ")
    out = io.StringIO()
    traceback.print_exception(raised.value, file=out)
    assert TOKEN not in out.getvalue()


@pytest.mark.parametrize(
    "secret", ["short", "whsec_c2hvcnQ=", "whsec_%%%", OLD.removeprefix("whsec_"), "whsec_" + "A" * 200]
)
def test_wrong_secret_is_told_without_it(secret: str) -> None:
    """24 to 64 bytes, as Standard Webhooks has it."""
    with pytest.raises(ReceiverError, match="24 to 64 bytes") as raised:
        configured("webhook", 1, secret)
    assert secret not in str(raised.value)


def test_three_secrets_are_too_many() -> None:
    """Two are for a change; more is a file of something else."""
    with pytest.raises(ReceiverError, match="3 secrets"):
        configured("webhook", 1, "a b c")


def test_secrets_come_from_files_too(tmp_path: Path) -> None:
    """A missing or empty one is named."""
    url, keys = tmp_path / "url", tmp_path / "keys"
    section = msgspec.convert({"type": "webhook", "url_file": str(url), "secret_file": str(keys), **INSIDE}, Receiver)
    with pytest.raises(ReceiverError, match=f"url_file {url}: No such file"):
        sender("ops", section, {})
    keys.write_text(f"{OLD}\n{NEW}\n")
    with receiver(answers(200)) as there:
        url.write_text(f"http://127.0.0.1:{there.port}/\n")
        assert sender("ops", section, {}).send(notification()) == Delivered()
    url.write_text("\n")
    with pytest.raises(ReceiverError, match=f"url_file {url} is empty"):
        sender("ops", section, {})
    with pytest.raises(ReceiverError, match="the environment variable URL is not set"):
        sender("ops", msgspec.convert({"type": "slack", "url_env": "URL"}, Receiver), {})


EMAIL = {"type": "email", "server": "mail.test:587", "from": "r@x.test", "to": ["o@x.test"]}


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ({"type": "slack"}, "slack needs url_env or url_file"),
        ({"type": "webhook", "url_env": "U"}, "webhook needs secret_env or secret_file"),
        ({"type": "slack", "url_env": "U", "secret_env": "S"}, "slack takes no secret_env"),
        ({"type": "slack", "url_env": "U", "url_file": "f"}, "url_env and url_file: say one of them"),
        ({"type": "slack", "url_env": "U", "to": ["a@b.test"]}, "slack takes no to"),
        ({"type": "slack", "url_env": "U", "allow": ["http://x/"]}, "allow: 'http://x/' is neither"),
        ({"type": "slack", "url": "https://x.test/secret"}, "unknown field `url`"),
        ({"type": "pigeon", "url_env": "U"}, "Invalid enum value 'pigeon'"),
        ({"type": "pagerduty"}, "pagerduty needs routing_key_env"),
        ({"type": "email", "server": "mail.test:25", "to": ["a@b.test"]}, "email needs from"),
        ({**EMAIL, "to": ["a@b.test\nBcc: c@d.test"]}, "matching regex"),
        ({**EMAIL, "user": "me"}, "user and the password go together"),
        ({**EMAIL, "user": "me", "password_env": "P", "security": "none"}, "not sent without encryption"),
    ],
)
def test_wrong_settings_are_named(section: dict[str, Any], says: str) -> None:
    """What is missing, what does nothing, and what cannot be."""
    with pytest.raises(msgspec.ValidationError, match=says):
        msgspec.convert(section, Receiver)


def test_email_is_sent(caplog: pytest.LogCaptureFixture) -> None:
    """Through the same guard, and its password is told nowhere."""
    caplog.set_level(logging.DEBUG)
    with mail_server() as there:
        section = {**EMAIL, "server": f"127.0.0.1:{there.port}", "security": "none", "allow": ["127.0.0.1"]}
        assert sender("post", msgspec.convert(section, Receiver), {}).send(notification()) == Delivered()
    assert b"41 =25 is real" in there.message or b"41 % is real" in there.message
    login = {**EMAIL, "user": "me", "password_env": "P"}
    made = sender("post", msgspec.convert(login, Receiver), {"P": TOKEN})
    assert isinstance(made, Mailer)
    assert TOKEN not in repr(made) + caplog.text
    with pytest.raises(ReceiverError, match="beyond ASCII"):
        sender("post", msgspec.convert(login, Receiver), {"P": "pässword"})


def test_gone_receiver_is_told_apart() -> None:
    """So that it can be switched off."""
    with receiver(answers(410, b"channel_is_archived")) as there:
        outcome = configured("slack", there.port).send(notification())
    assert outcome == Permanent("127.0.0.1 answered 410 channel_is_archived", gone=True)


def test_pace_is_kept() -> None:
    """Ten thousand messages at once leave one an interval; after a rest there is nothing to catch up."""
    clock = [0.0]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock[0] += seconds

    pace = Pace(1.0, now=lambda: clock[0], sleep=sleep)
    for _ in range(10_000):
        pace.wait()
    assert clock[0] == 9_999
    assert set(slept) == {1.0}
    clock[0] += 100
    pace.wait()
    pace.wait()
    assert clock[0] == 10_100


def test_every_kind_has_a_pace() -> None:
    """Slack's, Discord's and Teams' limits are kept before they complain."""
    assert PACE.keys() == set(msgspec.inspect.type_info(Receiver).fields[0].type.values)  # type: ignore[attr-defined]
    assert PACE["slack"] >= 1
    assert PACE["discord"] >= 2
    assert PACE["teams"] >= 0.25
    made = configured("slack", 1)
    assert isinstance(made, Poster)
    assert made.pace.interval == PACE["slack"]
