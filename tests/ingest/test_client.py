"""The one client: patient with what passes, plain about what does not, and bounded in everything."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina

from ingest import client as client_module
from ingest.budget import Budget, Meter
from ingest.client import Answer, Client, hosts
from ingest.errors import Malformed, Refused, Throttled, Unreachable
from ingest.ledger import Ledger

NOW = datetime(2026, 6, 1, tzinfo=UTC)
URL = "https://platform.example/acts"


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


def asked(
    tmp_path: Path, answer: Callable[[httpx.Request], httpx.Response], ask: Callable[[Client], Any], limit: float = 100
) -> tuple[Any, list[httpx.Request]]:
    """What ``ask`` gets of a platform that answers so, and what it asked."""
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer(request)

    async def run() -> Any:
        async with hosts("owner@brand.example", "1.2", httpx.MockTransport(handler)) as connections:
            meter = Meter("x", Budget(limit=limit), Ledger(tmp_path / "ledger"), lambda: NOW)
            return await ask(Client(connections, meter, lambda: NOW))

    return asyncio.run(run()), seen


def get(client: Client) -> Any:
    return client.get(URL, {"q": "a b"})


def failing(tmp_path: Path, answer: Callable[[httpx.Request], httpx.Response]) -> list[httpx.Request]:
    return asked(tmp_path, answer, get)[1]


def test_it_says_who_asks(tmp_path: Path) -> None:
    """The platform reads the program, its version and whom to write to; parameters are encoded."""
    answer, requests = asked(tmp_path, lambda request: httpx.Response(200, json=[1]), get)
    assert requests[0].headers["User-Agent"] == "rapport/1.2 (social listening; owner@brand.example)"
    assert str(requests[0].url) == URL + "?q=a+b" or str(requests[0].url) == URL + "?q=a%20b"
    assert answer.read(list[int]) == [1]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_passes_is_tried_again(tmp_path: Path, status: int) -> None:
    """Two failures and an answer are an answer; each try is paid for."""
    statuses = iter([status, status, 200])
    _, requests = asked(tmp_path, lambda request: httpx.Response(next(statuses), json=[]), get)
    assert len(requests) == 3
    ledger = Ledger(tmp_path / "ledger")
    assert ledger.spent("x", NOW) == 3


def test_what_does_not_pass_in_time_is_said_without_the_query(tmp_path: Path) -> None:
    """Queries hold keys: host and path are enough to know what failed."""
    with pytest.raises(Unreachable, match=r"^platform.example/acts: HTTP 503$"):
        failing(tmp_path, lambda request: httpx.Response(503))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_no_is_not_asked_again(tmp_path: Path, status: int) -> None:
    """Whoever is refused mends something first; the status says what."""
    tries = []
    with pytest.raises(Refused) as caught:
        asked(tmp_path, lambda request: tries.append(1) or httpx.Response(status), get)  # type: ignore[func-returns-value]
    assert (caught.value.status, len(tries)) == (status, 1)


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "900"},
        {"Retry-After": format_datetime(NOW + timedelta(seconds=900), usegmt=True)},
        {"X-RateLimit-Reset": str(int((NOW + timedelta(seconds=900)).timestamp()))},
        {"X-RateLimit-Reset": (NOW + timedelta(seconds=900)).isoformat()},
        {"RateLimit-Reset": "900"},
    ],
)
def test_a_long_wait_is_kept_and_not_slept_through(tmp_path: Path, headers: dict[str, str]) -> None:
    """However the platform writes it, we know when to come back, and do not hold a connection until then."""
    with pytest.raises(Throttled) as caught:
        failing(tmp_path, lambda request: httpx.Response(429, headers=headers))
    assert caught.value.until == NOW + timedelta(seconds=900)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW.timestamp()) + 900)},
        {"X-RateLimit-Remaining": "4000", "Retry-After": "900"},
    ],
)
def test_a_used_up_limit_is_no_refusal(tmp_path: Path, headers: dict[str, str]) -> None:
    """Where a platform says 403 and that nothing remains, or when to come again, waiting helps and no other token."""
    with pytest.raises(Throttled):
        failing(tmp_path, lambda request: httpx.Response(403, headers=headers))


def test_a_budget_ends_the_tries(tmp_path: Path) -> None:
    """Tries cost, too: with two units left there is no third."""
    tries = []
    with pytest.raises(Throttled):
        asked(tmp_path, lambda request: tries.append(1) or httpx.Response(500), get, limit=2)  # type: ignore[func-returns-value]
    assert len(tries) == 2


def test_what_did_not_change_is_not_sent_again(tmp_path: Path) -> None:
    """The second time we ask whether it changed, and answer 304 with what we have."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers.get("If-None-Match") == '"1"':
            return httpx.Response(304)
        return httpx.Response(200, json=["old"], headers={"ETag": '"1"'})

    async def twice(client: Client) -> tuple[Answer, Answer]:
        return await client.get(URL), await client.get(URL)

    (first, second), _ = asked(tmp_path, answer, twice)
    assert (first.unchanged, second.unchanged, second.read(list[str])) == (False, True, ["old"])


def test_it_follows_on_the_same_site_only(tmp_path: Path) -> None:
    """A redirect to another path is followed, one to another host or out of https is not."""

    def to(target: str) -> Callable[[httpx.Request], httpx.Response]:
        return lambda request: (
            httpx.Response(302, headers={"Location": target})
            if request.url.path == "/acts"
            else httpx.Response(200, json=[])
        )

    assert asked(tmp_path, to("/elsewhere"), get)[0].status == 200
    for target in ("https://evil.example/acts2", "http://platform.example/x", "http://169.254.169.254/"):
        with pytest.raises(Malformed, match="leads to another site"):
            failing(tmp_path, to(target))
    with pytest.raises(Malformed, match="redirected more than"):
        failing(tmp_path, to("/acts"))


def test_a_body_without_end_is_not_read(tmp_path: Path) -> None:
    """Ten megabytes are not taken into memory."""
    read = []

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(160):
            read.append(1)
            yield b"x" * 65_536

    with pytest.raises(Malformed, match="more than 5,000,000 bytes"):
        failing(tmp_path, lambda request: httpx.Response(200, content=endless()))
    assert len(read) < 80


def test_a_slow_body_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who drips a byte now and then gets no more time than others."""
    monkeypatch.setattr(client_module, "WHOLE_SECONDS", 0.05)

    async def dripping() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.01)
            yield b" "

    with pytest.raises(Unreachable, match="not answered whole"):
        failing(tmp_path, lambda request: httpx.Response(200, content=dripping()))


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b'{"acts": [', b"", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_asked_for_again(tmp_path: Path, body: bytes) -> None:
    """An error page with status 200, or half an answer, is tried again, and in the end one clear line."""
    bodies = iter([body, b"[1]"])
    answer, _ = asked(tmp_path, lambda request: httpx.Response(200, content=next(bodies)), get)
    assert answer.read(list[int]) == [1]
    with pytest.raises(Malformed, match=r"^platform.example/acts: not the answer that is documented"):
        failing(tmp_path, lambda request: httpx.Response(200, content=body))


def test_another_shape_is_malformed(tmp_path: Path) -> None:
    """It is JSON and not what is documented: asking again would not help."""
    answer, requests = asked(tmp_path, lambda request: httpx.Response(200, json={"acts": 7}), get)
    with pytest.raises(Malformed, match=r"^platform.example/acts: not the answer that is documented"):
        answer.read(dict[str, list[int]])
    assert len(requests) == 1


def test_no_more_requests_to_one_host_than_it_bears(tmp_path: Path) -> None:
    """Twenty at once are four at a time."""
    running = most = 0

    async def handler(request: httpx.Request) -> httpx.Response:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.005)
        running -= 1
        return httpx.Response(200, json=[])

    async def run() -> None:
        async with hosts("", "1", httpx.MockTransport(handler)) as connections:
            meter = Meter("x", Budget(limit=100), Ledger(tmp_path / "ledger"), lambda: NOW)
            client = Client(connections, meter, lambda: NOW)
            await asyncio.gather(*(client.get(URL, {"n": number}) for number in range(20)))

    asyncio.run(run())
    assert most == client_module.AT_ONCE


def test_no_error_repeats_a_token(tmp_path: Path) -> None:
    """A token that is no header value is not shown in the error it causes."""

    async def with_token(client: Client) -> Answer:
        return await client.get(URL, headers={"Authorization": "Bearer hush\nhush"})

    async def run() -> None:
        async with hosts("", "1") as connections:
            meter = Meter("x", Budget(limit=100), Ledger(tmp_path / "ledger"), lambda: NOW)
            await with_token(Client(connections, meter, lambda: NOW))

    with pytest.raises(Unreachable) as caught:
        asyncio.run(run())
    assert "hush" not in str(caught.value)
