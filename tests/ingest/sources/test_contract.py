"""Each connector keeps the same promises, over its invented platform."""

import asyncio
import importlib
import importlib.util
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina

from events import Activity, Interaction
from ingest.change import Reader, ids
from ingest.errors import SourceError
from ingest.follow import Following, follow
from ingest.ledger import Ledger
from ingest.source import Page, Source
from ingest.sources import KINDS
from rapport.demo.platforms.faults import PAGE
from rapport.demo.platforms.serve import platform
from rapport.demo.platforms.world import World, invented
from tests.ingest.sources.contract import arrived, brands_of, expected
from tests.ingest.sources.given import NOW, Clock, connected, pulled
from tests.ingest.test_follow import Kafka

BEGIN = NOW - timedelta(hours=6)
POLLED = [
    kind
    for kind in KINDS
    if kind not in ("file", "webhook", "jetstream") and importlib.util.find_spec(f"rapport.demo.platforms.{kind}")
]
each_polled = pytest.mark.parametrize("kind", POLLED)


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2):
        yield


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in POLLED:
        for name, value in platform(kind).ENV.items():
            monkeypatch.setenv(name, value)


def made(clock: Clock, count: int = 60) -> World:
    return invented(clock, BEGIN, count, timedelta(minutes=5), "acmebrew")


async def everything(kind: str, path: Path, clock: Clock, rounds: int = 1) -> tuple[Kafka, list[list[Page]], World]:
    """What reaches Kafka when each source of ``kind`` is read to its end, ``rounds`` times, and the pages of it."""
    shown, world = platform(kind), made(clock)
    brands, kafka, pages = brands_of(shown, world), Kafka(), []
    transport = httpx.ASGITransport(shown.app(world))
    ledger = Ledger(path / "ledger")  # the one in which the connector looks up what it has brought
    async with connected(
        shown.table("http://platform.example"), path, clock, brands=brands, transport=transport
    ) as all_of_them:
        found = [source for source in all_of_them if not source.endless]
        cursors: dict[str, Any] = {}
        for _ in range(rounds):
            for source in found:
                read = await pulled(source, cursors.get(source.name), BEGIN)
                for page in read:
                    reader = Reader(ledger.kept(ids(page.items)), brands, ledger.noticed, clock(), source.name)
                    change = reader.read(page.items)
                    kafka.acts += change.acts
                    kafka.dead += change.dead
                    ledger.keep(source.name, change.present, clock())
                    ledger.removed(change.removed)
                    cursors[source.name] = page.cursor
                pages.append(read)
            clock.pass_by(minutes=10)
    ledger.close()
    return kafka, pages, world


def run(kind: str, path: Path, clock: Clock | None = None, rounds: int = 1) -> tuple[Kafka, list[list[Page]], World]:
    return asyncio.run(everything(kind, path, clock or Clock(), rounds))


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_seen_is_said(kind: str) -> None:
    """Each kind says it in its module, for ``source_status``."""
    assert importlib.import_module(f"ingest.sources.{kind}").CANNOT


@each_polled
def test_everything_arrives_as_it_was_meant(kind: str, tmp_path: Path) -> None:
    """Each act that can be seen, once, with its author, its direction, what it answers, and its time."""
    kafka, _, world = run(kind, tmp_path)
    shown = platform(kind)
    brands = brands_of(shown, world)
    created = [act for act in kafka.acts if act.type not in (Activity.UPDATE, Activity.DELETE)]
    got = {act.id: arrived(act, brands) for act in created}
    assert len(created) == len(got)
    wanted = expected(shown, world)
    assert {key: got.get(key) for key in wanted} == wanted
    assert got.keys() <= expected(shown, world, deleted=True).keys()
    assert not kafka.dead


@each_polled
def test_pages_are_oldest_first(kind: str, tmp_path: Path) -> None:
    """Within a page, and from page to page of one pull of one source, as far as they are new."""
    _, pages, _ = run(kind, tmp_path)
    for read in pages:
        for page in read:
            times = [act.published for act in page.items if isinstance(act, Interaction)]
            assert times == sorted(times)
        positions = [page.position for page in read]
        assert positions == sorted(positions)


@each_polled
def test_what_was_read_is_not_read_again(kind: str, tmp_path: Path) -> None:
    """From the last cursor on nothing new is published."""
    clock = Clock()
    kafka, _, _ = run(kind, tmp_path, clock, rounds=2)
    assert len({act.id for act in kafka.acts}) == len(kafka.acts)


@each_polled
def test_texts_and_times_can_be_used(kind: str, tmp_path: Path) -> None:
    """Texts are there, without markup; times have a zone."""
    kafka, _, _ = run(kind, tmp_path)
    for act in kafka.acts:
        assert act.published.tzinfo is not None
        assert "<p>" not in act.content
        assert "&amp;" not in act.content
        if act.type is Activity.CREATE:
            assert act.content.strip()


@each_polled
def test_edits_and_deletions_arrive(kind: str, tmp_path: Path) -> None:
    """What is changed or taken back while we listen becomes an Update or a Delete of the same people."""
    shown = platform(kind)
    changed, gone = getattr(shown, "EDITS", True), getattr(shown, "DELETIONS", True)
    clock = Clock(BEGIN + timedelta(minutes=5))
    kafka, _, world = run(kind, tmp_path, clock, rounds=40)
    by_id = {act.id: act for act in kafka.acts}
    updates = {act.object: act for act in kafka.acts if act.type is Activity.UPDATE}
    deletes = {act.object for act in kafka.acts if act.type is Activity.DELETE}
    for one in world.said:
        key = shown.act(one)
        if one.kind not in shown.CARRIES or key not in by_id:
            continue
        if changed and one.edited and not one.deleted and one.edited[0] < clock() - timedelta(hours=1):
            text = by_id[key].content if key not in updates else updates[key].content
            assert one.edited[1] in text
        if gone and one.deleted and one.deleted < clock() - timedelta(hours=1):
            assert key in deletes
        if not one.deleted:
            assert key not in deletes


@each_polled
@pytest.mark.parametrize("body", [PAGE, b'{"items": [', b"", b"[1, 2]", b'"a"', b"null"])
def test_a_bad_answer_moves_nothing(kind: str, tmp_path: Path, body: bytes) -> None:
    """An error page, half an answer, or another shape: one clear line, and the cursor stays where it was."""
    shown, clock = platform(kind), Clock()
    brands = brands_of(shown, made(clock))

    async def read(source: Source) -> list[Page]:
        return await pulled(source, None, BEGIN)

    async def all_sources() -> None:
        transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body))
        async with connected(
            shown.table("http://platform.example"), tmp_path, clock, brands=brands, transport=transport
        ) as found:
            for source in found:
                if source.endless:
                    continue
                with pytest.raises(SourceError) as caught:
                    assert not [item for page in await read(source) for item in page.items]
                    raise SourceError("nothing was read")
                assert "\n" not in str(caught.value)

    asyncio.run(all_sources())


@each_polled
def test_a_platform_that_fails_now_and_then_loses_nothing(kind: str, tmp_path: Path) -> None:
    """Every third answer is an error, half a page or a page of HTML; followed, everything arrives once all the same."""
    shown, clock = platform(kind), Clock()
    world = made(clock)
    brands, kafka = brands_of(shown, world), Kafka()
    inner, count = httpx.ASGITransport(shown.app(world)), 0

    async def sometimes(request: httpx.Request) -> httpx.Response:
        nonlocal count
        count += 1
        if count % 3:
            return await inner.handle_async_request(request)
        whole = await (await inner.handle_async_request(request)).aread()
        bad = [
            httpx.Response(503),
            httpx.Response(429, headers={"Retry-After": "0"}),
            httpx.Response(200, content=whole[: len(whole) // 2]),
            httpx.Response(200, content=PAGE),
        ]
        return bad[count // 3 % len(bad)]

    async def until_read() -> None:
        stopping = asyncio.Event()
        ledger = Ledger(tmp_path / "ledger")
        shared = Following(kafka, ledger, brands, clock, stopping)
        transport = httpx.MockTransport(sometimes)
        async with connected(
            shown.table("http://platform.example"), tmp_path, clock, brands=brands, transport=transport
        ) as found:
            wanted = expected(shown, world).keys()
            following = [asyncio.create_task(follow(s, BEGIN, 0.0, shared)) for s in found if not s.endless]
            for _ in range(2_000):
                await asyncio.sleep(0.005)
                if wanted <= {act.id for act in kafka.acts}:
                    break
            stopping.set()
            await asyncio.gather(*following)
        ledger.close()
        assert wanted <= {act.id for act in kafka.acts}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Following, "sleep", lambda self, seconds: asyncio.sleep(0.001))
        asyncio.run(until_read())
    published = [act.id for act in kafka.acts]
    assert len(published) == len(set(published))
