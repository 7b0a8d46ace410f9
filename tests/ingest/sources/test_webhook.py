"""The webhook takes what is signed, and says so only when it is in Kafka."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from events import Interaction
from ingest.dead import DeadLetter
from ingest.errors import Refused
from ingest.secret import SecretError
from ingest.source import Page
from ingest.sources import webhook
from tests.ingest.given import line
from tests.ingest.sources.given import NOW, Clock, connected

SECRET, OTHER = "whsec_" + "QUJD" * 8, "whsec_" + "REVG" * 8
Send = Callable[..., Awaitable[httpx.Response]]


def signed(body: bytes, secret: str = SECRET, at: datetime | None = None, key: str = "msg_1") -> dict[str, str]:
    time = at or datetime.now(UTC)
    return {
        "webhook-id": key,
        "webhook-timestamp": str(int(time.timestamp())),
        "webhook-signature": Webhook(secret).sign(key, time, body.decode("utf-8", "replace")),
    }


def sent(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    use: Callable[[Send, AsyncGenerator[Page, None]], Awaitable[Any]],
    secret: str = SECRET,
) -> Any:
    """What ``use`` makes of a function that posts, and of the pages as they come."""
    monkeypatch.setenv("HOOK", secret)
    table = {"kind": "webhook", "secret": {"env": "HOOK"}, "port": 0, "path": "/in"}

    async def run() -> Any:
        async with connected(table, tmp_path, Clock(datetime.now(UTC))) as (source,):
            pages = source.pull(None, NOW)
            assert not (await anext(pages)).items  # it says that it lives, and listens

            async def post(body: bytes, headers: dict[str, str] | None = None, path: str = "/in") -> httpx.Response:
                url = f"http://127.0.0.1:{source.port}{path}"  # type: ignore[attr-defined]
                async with httpx.AsyncClient(trust_env=False) as client:
                    return await client.post(url, content=body, headers=signed(body) if headers is None else headers)

            try:
                return await asyncio.wait_for(use(post, pages), 10)
            finally:
                await pages.aclose()

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "QUIET", 0.05)


async def filled(pages: AsyncGenerator[Page, None]) -> Page:
    while not (page := await anext(pages)).items:
        pass
    return page


def test_the_answer_waits_for_kafka(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the page is not done with, the sender hears nothing; then 202."""

    async def use(post: Send, pages: AsyncGenerator[Page, None]) -> None:
        posting = asyncio.ensure_future(post(line(1)))
        page = await filled(pages)
        assert [item.id for item in page.items if isinstance(item, Interaction)] == ["sim:1"]
        await asyncio.sleep(0.1)
        assert not posting.done()
        await anext(pages)
        answer = await posting
        assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "dead_lettered": 0})

    sent(tmp_path, monkeypatch, use)


def test_what_was_not_stored_is_to_be_sent_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When publishing fails, the sender gets 503 and a time to come back, never 202."""

    async def use(post: Send, pages: AsyncGenerator[Page, None]) -> httpx.Response:
        posting = asyncio.ensure_future(post(line(1)))
        await filled(pages)
        closing = asyncio.ensure_future(pages.aclose())
        answer = await posting
        await closing
        return answer

    answer = sent(tmp_path, monkeypatch, use)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize(
    ("body", "accepted", "dead"),
    [
        (line(1), 1, 0),
        (b"[" + line(1) + b"," + line(2) + b"]", 2, 0),
        (line(1) + b"\n" + line(2) + b"\r\n\n", 2, 0),
        (
            json.dumps(
                {"type": "act.created", "timestamp": "2026-01-01T00:00:00Z", "data": json.loads(line(1))}
            ).encode(),
            1,
            0,
        ),
        (b"[" + line(1) + b',{"id": 7}]', 1, 1),
        (b"no json at all", 0, 1),
        (b"[]", 0, 0),
    ],
    ids=["one", "list", "lines", "envelope", "one is bad", "no JSON", "nothing"],
)
def test_acts_come_as_senders_write_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: bytes, accepted: int, dead: int
) -> None:
    """What cannot be used is kept as a dead letter, and counted in the answer; the rest is taken."""

    async def use(post: Send, pages: AsyncGenerator[Page, None]) -> tuple[list[Any], httpx.Response]:
        posting, items = asyncio.ensure_future(post(body)), []
        while not posting.done():
            items += (await anext(pages)).items
        return items, await posting

    items, answer = sent(tmp_path, monkeypatch, use)
    assert answer.json() == {"accepted": accepted, "dead_lettered": dead}
    assert (answer.status_code, sum(isinstance(item, DeadLetter) for item in items)) == (202, dead)
    assert sum(isinstance(item, Interaction) for item in items) == accepted


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(line(2)),
        signed(line(1), OTHER),
        signed(line(1), at=datetime.now(UTC) - timedelta(hours=1)),
        signed(line(1), at=datetime.now(UTC) + timedelta(hours=1)),
        {**signed(line(1)), "webhook-id": "msg_2"},
        {**signed(line(1)), "webhook-timestamp": "9" * 30},
        {**signed(line(1)), "webhook-signature": "v1"},
        {**signed(line(1)), "webhook-signature": "v1,!!!"},
    ],
    ids=["none", "another body", "another key", "old", "early", "another id", "no time", "no comma", "no base64"],
)
def test_what_is_not_signed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    """Nothing of it is read."""

    async def use(post: Send, pages: AsyncGenerator[Page, None]) -> httpx.Response:
        return await post(line(1), headers)

    assert sent(tmp_path, monkeypatch, use).status_code == 401


def test_two_secrets_hold_while_one_replaces_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On two lines, as a sender that rotates needs it."""

    async def use(post: Send, pages: AsyncGenerator[Page, None]) -> list[int]:
        statuses = []
        for secret in (SECRET, OTHER):
            posting = asyncio.ensure_future(post(line(1), signed(line(1), secret)))
            while not posting.done():
                await anext(pages)
            statuses.append((await posting).status_code)
        return statuses

    assert sent(tmp_path, monkeypatch, use, f"{SECRET}\n{OTHER}\n") == [202, 202]


def test_what_is_too_large_or_elsewhere_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body without end is not taken into memory; another path or method is not ours."""

    async def use(post: Send, pages: AsyncGenerator[Page, None]) -> list[int]:
        large = b"x" * (webhook.LARGEST + 1)
        return [(await post(large)).status_code, (await post(line(1), path="/")).status_code]

    assert sent(tmp_path, monkeypatch, use) == [413, 404]


def test_a_port_that_is_taken_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line, with the address."""
    monkeypatch.setenv("HOOK", SECRET)

    async def run() -> None:
        server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        table = {"kind": "webhook", "secret": {"env": "HOOK"}, "port": port}
        async with server, connected(table, tmp_path, Clock()) as (source,):
            with pytest.raises(Refused, match=f"cannot listen on 127.0.0.1:{port}"):
                await anext(source.pull(None, NOW))

    asyncio.run(run())


def test_a_secret_that_is_none_is_said_without_showing_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not set, or no key at all."""
    table = {"kind": "webhook", "secret": {"env": "HOOK"}}

    async def run() -> None:
        async with connected(table, tmp_path, Clock()):
            pass

    monkeypatch.delenv("HOOK", raising=False)
    with pytest.raises(SecretError, match="environment variable HOOK is not set"):
        asyncio.run(run())
    monkeypatch.setenv("HOOK", "pass!word")
    with pytest.raises(SecretError) as caught:
        asyncio.run(run())
    assert "pass!word" not in str(caught.value)
