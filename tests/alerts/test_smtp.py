"""An e-mail goes to the checked address, ends in time, and what comes of it is told apart."""

import ssl
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from alerts.guard import allowed
from alerts.outcome import Delivered, Permanent, Retry
from alerts.receivers import mail
from alerts.smtp import Server, send
from tests.alerts.certificate import certificate, serving
from tests.alerts.mail_server import mail_server
from tests.alerts.misbehaving import drips, receiver
from tests.alerts.receivers.given import notification

MESSAGE = mail.message(notification(), "rapport@example.org", ("ops@example.org", "b@example.org"))


def server(port: int, **changed: Any) -> Server:
    """A name that the tests' own resolver knows to be this machine."""
    made = Server(
        host="mail.test",
        port=port,
        security="none",
        user="",
        password="",
        permitted=allowed(["mail.test"]),
        context=ssl.create_default_context(),
        resolve=lambda *_: ["127.0.0.1"],
        total=2,
    )
    return replace(made, **changed)


def test_message_arrives() -> None:
    """From and to whom it should, with its text."""
    with mail_server() as there:
        assert send(server(there.port), MESSAGE) == Delivered()
    assert [command for command in there.commands if command.startswith(("mail", "rcpt"))] == [
        "mail FROM:<rapport@example.org>",
        "rcpt TO:<ops@example.org>",
        "rcpt TO:<b@example.org>",
    ]
    assert b"Subject: 1 firing: real share falls" in there.message


@pytest.mark.parametrize(
    ("command", "answer", "outcome"),
    [
        ("MAIL", b"451 later\r\n", Retry(None, "mail.test answered 451")),
        ("MAIL", b"550 no\r\n", Permanent("mail.test answered 550")),
        ("RCPT", b"450 greylisted\r\n", Retry(None, "mail.test answered 450")),
        ("RCPT", b"550 unknown\r\n", Permanent("mail.test answered 550")),
        ("DATA", b"452 full\r\n", Retry(None, "mail.test answered 452")),
        ("message", b"554 spam\r\n", Permanent("mail.test answered 554")),
        ("greeting", b"421 busy\r\n", Retry(None, "mail.test answered 421")),
        ("greeting", b"hello\r\n", Retry(None, "mail.test answered -1")),
    ],
)
def test_codes_are_told_apart(command: str, answer: bytes, outcome: Retry | Permanent) -> None:
    """4xx passes, 5xx does not, and what is none may pass."""
    with mail_server({command: answer}) as there:
        assert send(server(there.port), MESSAGE) == outcome


def test_server_that_does_not_finish_is_left() -> None:
    """After the total time, though every byte comes soon after the last."""
    began = time.monotonic()
    with mail_server({"greeting": b""}) as silent:
        assert isinstance(send(server(silent.port, total=0.3), MESSAGE), Retry)
    with receiver(drips(b"")) as there:  # it waits for a request that never comes
        assert isinstance(send(server(there.port, total=0.3), MESSAGE), Retry)
    assert time.monotonic() - began < 3


def test_what_is_not_allowed_is_not_connected_to() -> None:
    """As with every receiver."""
    with mail_server() as there:
        outcome = send(server(there.port, permitted=allowed([])), MESSAGE)
        assert isinstance(outcome, Retry)
        assert outcome.reason.startswith("mail.test stands for 127.0.0.1, which is internal")
        assert there.commands == []


def test_nobody_there_is_retried() -> None:
    """Every address is tried before it is given up."""
    with mail_server() as there:
        both = server(there.port, permitted=allowed(["127.0.0.0/8"]), resolve=lambda *_: ["127.0.0.2", "127.0.0.1"])
        assert send(both, MESSAGE) == Delivered()
    assert send(server(there.port), MESSAGE) == Retry(None, "mail.test: no connection")


def test_starttls_comes_before_the_password(tmp_path: Path) -> None:
    """The certificate must be the name's, though an address was connected to."""
    certified = certificate(tmp_path, "mail.test")
    trusting = ssl.create_default_context(cafile=certified)
    with mail_server(tls=serving(certified)) as there:
        login = server(there.port, security="starttls", user="me", password="secret", context=trusting)
        assert send(login, MESSAGE) == Delivered()
    names = [command.split(" ")[0].upper() for command in there.commands]
    assert names.index("STARTTLS") < names.index("AUTH") < names.index("MAIL")
    with mail_server(tls=serving(certified)) as there:
        other = replace(login, host="other.test", port=there.port, permitted=allowed(["other.test"]))
        outcome = send(other, MESSAGE)
    assert isinstance(outcome, Retry)
    assert outcome.reason.startswith("other.test: its certificate is not trusted: Hostname mismatch")


def test_password_is_not_sent_without_encryption() -> None:
    """A server that offers no STARTTLS is not logged in to."""
    with mail_server() as there:
        login = server(there.port, security="starttls", user="me", password="secret")
        assert send(login, MESSAGE) == Permanent("mail.test does not offer what is configured")
    assert not any(command.upper().startswith("AUTH") for command in there.commands)


def test_wrong_password_is_permanent_and_untold(tmp_path: Path) -> None:
    """Neither the password nor what the server says of it is repeated."""
    certified = certificate(tmp_path, "mail.test")
    trusting = ssl.create_default_context(cafile=certified)
    with mail_server({"AUTH": b"535 secret is wrong\r\n"}, serving(certified)) as there:
        login = server(there.port, security="starttls", user="me", password="secret", context=trusting)
        assert send(login, MESSAGE) == Permanent("mail.test answered 535")
    assert "secret" not in repr(login)
