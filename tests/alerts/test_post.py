"""A post goes to the checked address, ends in time, and what comes of it is told apart."""

import socket
import ssl
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.guard import allowed
from alerts.outcome import Delivered, Outcome, Permanent, Retry
from alerts.post import ANSWER, LONGEST_WAIT, Endpoint, judged, post, wait
from tests.alerts.certificate import certificate, serving
from tests.alerts.misbehaving import (
    Answer,
    answers,
    closes,
    closes_in_mid_body,
    drips,
    floods,
    read,
    receiver,
    sleeps,
)

NOW = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
CONTEXT = httpx.create_ssl_context(trust_env=False)
SECRET_PATH = "/services/T0/B0/verysecrettoken"


def endpoint(port: int, host: str = "hooks.test", scheme: str = "http", total: float = 0.5) -> Endpoint:
    """A name that the tests' own resolver knows to be this machine."""
    url = httpx.URL(f"{scheme}://{host}:{port}{SECRET_PATH}")
    return Endpoint(url, allowed([f"{host}:{port}"]), CONTEXT, lambda *_: ["127.0.0.1"], total)


def once(answer: Answer) -> Outcome:
    with receiver(answer) as there:
        return post(endpoint(there.port), {}, b"{}")


def test_name_stays_in_the_request() -> None:
    """The connection goes to an address; ``Host`` says the name, and the body arrives whole."""
    with receiver(answers(200)) as there:
        assert post(endpoint(there.port), {"webhook-id": "msg_1"}, b"x" * 100_000) == Delivered()
    (heard,) = there.heard
    assert heard.head[0] == f"POST {SECRET_PATH} HTTP/1.1"
    assert heard.headers["host"] == f"hooks.test:{there.port}"
    assert heard.headers["webhook-id"] == "msg_1"
    assert heard.body == b"x" * 100_000


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_delivered(status: int) -> None:
    """Whatever it says besides."""
    assert once(answers(status)) == Delivered()


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_what_passes_is_retried(status: int) -> None:
    """Overload and faults of the receiver."""
    assert once(answers(status)) == Retry(None, f"hooks.test answered {status}")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 422])
def test_other_4xx_are_permanent(status: int) -> None:
    """The same would be refused again."""
    assert once(answers(status)) == Permanent(f"hooks.test answered {status}")


def test_410_wants_nothing_again() -> None:
    """The receiver is gone for good."""
    assert once(answers(410)) == Permanent("hooks.test answered 410", gone=True)


def test_error_in_a_word_is_told() -> None:
    """As Slack says what is wrong; any other body may hold what was sent, and is not repeated."""
    assert once(answers(400, b"invalid_payload")) == Permanent("hooks.test answered 400 invalid_payload")
    assert once(answers(400, b"verysecrettoken")) == Permanent("hooks.test answered 400")
    assert once(answers(400, b"<html>a page</html>")) == Permanent("hooks.test answered 400")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_never_followed(status: int) -> None:
    """It is a failure that may pass: nothing is asked of where it leads."""
    with receiver(answers(200)) as inside, receiver(answers(status, Location="http://169.254.169.254/")) as there:
        assert post(endpoint(there.port), {}, b"{}") == Retry(None, f"hooks.test answered {status}")
        with receiver(answers(status, Location=f"http://127.0.0.1:{inside.port}/")) as other:
            assert isinstance(post(endpoint(other.port), {}, b"{}"), Retry)
    assert inside.connections == 0
    assert there.connections == 1


def test_connection_that_ends_is_retried() -> None:
    """Before an answer, within its head, and where nobody listens."""
    broken = Retry(None, "hooks.test: the connection broke off")
    assert once(closes) == broken
    assert once(lambda connection: connection.sendall(b"HTTP/1.1 20")) == broken
    assert once(lambda connection: connection.sendall(b"\x00\x01 no HTTP at all\r\n\r\n")) == broken
    with receiver(closes) as there:
        pass
    assert post(endpoint(there.port), {}, b"{}") == Retry(None, "hooks.test: no connection")


def test_end_in_mid_body_changes_nothing() -> None:
    """The status has been said: taken is taken, and refused is refused."""
    assert once(closes_in_mid_body(200)) == Delivered()
    assert once(closes_in_mid_body(500)) == Retry(None, "hooks.test answered 500")
    assert once(closes_in_mid_body(404)) == Permanent("hooks.test answered 404")


@pytest.mark.parametrize(
    "answer", [sleeps, drips(b"HTTP/1.1 200 OK\r\nx: "), drips(b"")], ids=["silent", "head", "line"]
)
def test_receiver_that_does_not_finish_is_left(answer: Answer) -> None:
    """After the total time, however little apart its bytes are."""
    began = time.monotonic()
    assert once(answer) == Retry(None, "hooks.test: no answer in time")
    assert time.monotonic() - began < 2


def test_body_that_does_not_finish_is_left() -> None:
    """The status counts: a slow body of a refusal costs the total time at most, that of a 200 none."""
    began = time.monotonic()
    assert once(drips(b"HTTP/1.1 404 X\r\nContent-Length: 1000\r\n\r\n")) == Permanent("hooks.test answered 404")
    assert time.monotonic() - began < 2
    began = time.monotonic()
    assert once(drips(b"HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\n")) == Delivered()
    assert time.monotonic() - began < 0.4


@pytest.mark.parametrize("status", [200, 500])
def test_huge_body_is_not_read(status: int) -> None:
    """130 MB are offered; what is buffered of them is not more than the cap and one read."""
    began = time.monotonic()
    assert isinstance(once(floods(status)), Delivered if status == 200 else Retry)
    assert time.monotonic() - began < 0.5
    assert ANSWER == 65_536


def test_retry_after_is_honoured() -> None:
    """In seconds, as a date, and as Discord says it more exactly in its body."""
    assert once(answers(429, Retry_After="7")) == Retry(7.0, "hooks.test answered 429")
    assert once(answers(503, Retry_After="0")) == Retry(0.0, "hooks.test answered 503")
    body = b'{"message": "You are being rate limited.", "retry_after": 0.65, "global": false}'
    assert once(answers(429, body, Retry_After="1")) == Retry(0.65, "hooks.test answered 429")
    assert wait("Sat, 28 Nov 2026 10:02:00 GMT", b"", NOW) == 120.0
    assert wait("Sat, 28 Nov 2026 09:00:00 GMT", b"", NOW) == 0.0
    assert wait("Sat, 28 Nov 2126 09:00:00 GMT", b"", NOW) == LONGEST_WAIT
    assert wait("soon", b"", NOW) is None


@given(st.text() | st.sampled_from(["nan", "inf", "-1", "1e400", "Mon, 99 Foo 99999999999"]), st.binary() | st.text())
def test_any_wait_is_a_time(header: str, answer: bytes | str) -> None:
    """From nothing to a day, or none, whatever was answered."""
    body = answer.encode("utf-8", "replace") if isinstance(answer, str) else answer
    for said in (body, b'{"retry_after": ' + body + b"}", b"[" * 100_000):
        seconds = wait(header, said, NOW)
        assert seconds is None or 0 <= seconds <= LONGEST_WAIT


@given(st.integers(100, 999), st.binary(max_size=200))
def test_any_status_is_judged(status: int, answer: bytes) -> None:
    """One of three, with a reason that names no more than the host."""
    outcome = judged("hooks.test", status, httpx.Headers(), answer, NOW)
    assert isinstance(outcome, Delivered) == (200 <= status < 300)
    if not isinstance(outcome, Delivered):
        assert "verysecrettoken" not in outcome.reason


def test_rebinding_gains_nothing() -> None:
    """A name is resolved once for each try, and what was checked is what is connected to."""
    asked = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    with receiver(answers(500)) as there:
        rebound = replace(endpoint(there.port), resolve=rebinding)
        assert post(rebound, {}, b"{}") == Retry(None, "hooks.test answered 500")
        assert len(asked) == 1
        refused = post(rebound, {}, b"{}")
    assert refused == Retry(None, "hooks.test stands for 169.254.169.254, which no receiver may have")
    assert there.connections == 1


def test_what_is_not_allowed_is_not_connected_to() -> None:
    """Not even to see whether anybody listens."""
    with receiver(answers(200)) as there:
        outcome = post(replace(endpoint(there.port), permitted=allowed([])), {}, b"{}")
    assert isinstance(outcome, Retry)
    assert "internal" in outcome.reason
    assert there.connections == 0


def test_second_address_is_tried() -> None:
    """Where the first one takes no connection."""
    with receiver(answers(200)) as there:
        both = replace(
            endpoint(there.port), permitted=allowed(["127.0.0.0/8"]), resolve=lambda *_: ["127.0.0.2", "127.0.0.1"]
        )
        assert post(both, {}, b"{}") == Delivered()


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """They would connect to wherever they resolve the name to."""
    with receiver(answers(200)) as there, receiver(answers(200)) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert post(endpoint(there.port), {}, b"{}") == Delivered()
    assert proxy.connections == 0


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"), "hooks.test")


def over_tls(certified: Path, host: str, context: ssl.SSLContext) -> tuple[Outcome, list[str]]:
    """What comes of a post to ``host``, and the names that TLS was asked for."""
    there, asked = serving(certified), list[str]()
    there.sni_callback = lambda _, name, __: asked.append(name)

    def answer(listening: ssl.SSLSocket) -> None:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection:
            read(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with there.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True) as listening:
        thread = threading.Thread(target=answer, args=(listening,))
        thread.start()
        secure = endpoint(listening.getsockname()[1], host, "https", total=5)
        outcome = post(replace(secure, context=context), {}, b"{}")
        thread.join(10)
    return outcome, asked


def test_tls_speaks_to_the_name(certified: Path) -> None:
    """Though connected to an address, the name is asked for and the certificate must be the name's."""
    trusting = ssl.create_default_context(cafile=certified)
    assert over_tls(certified, "hooks.test", trusting) == (Delivered(), ["hooks.test"])
    outcome, asked = over_tls(certified, "other.test", trusting)
    assert asked == ["other.test"]
    assert isinstance(outcome, Retry)
    assert outcome.reason.startswith("other.test: its certificate is not trusted: Hostname mismatch")


def test_strange_certificate_is_refused(certified: Path) -> None:
    """One that nobody vouches for is as good as none."""
    outcome, _ = over_tls(certified, "hooks.test", CONTEXT)
    assert outcome == Retry(None, "hooks.test: its certificate is not trusted: self-signed certificate")
