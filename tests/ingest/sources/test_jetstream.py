"""Jetstream, over an invented one: everything that concerns a brand arrives; a lost connection loses nothing."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from events import Activity, Brands, Interaction
from ingest.errors import Refused, Unreachable
from ingest.source import Cursor, Edited, Gap, Item, Page, Removed
from ingest.sources import jetstream as kind
from rapport.demo.platforms import jetstream
from rapport.demo.platforms.world import World, invented
from tests.ingest.sources.contract import arrived, brands_of, expected
from tests.ingest.sources.given import NOW, Clock, connected

BEGIN = NOW - timedelta(hours=6)


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[str]:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws_ping_interval=None))
        serving = asyncio.create_task(server.serve([bound]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = server.force_exit = True
            await serving


def heard(path: Path, app: Starlette, brands: Brands, clock: Clock, *, cursor: Cursor | None, pages: int) -> list[Page]:
    async def read() -> list[Page]:
        found: list[Page] = []
        async with (
            served(app) as url,
            connected(jetstream.table(url), path, clock, brands=brands) as (source,),
            asyncio.timeout(30),
            aclosing(source.pull(cursor, BEGIN)) as read,
        ):
            async for page in read:
                found.append(page)
                if len(found) == pages:
                    break
        return found

    return asyncio.run(read())


def at(time: datetime) -> Cursor:
    return {"time_us": int(time.timestamp() * 1e6)}


def acts(items: list[Item]) -> list[Interaction]:
    return [item for item in items if isinstance(item, Interaction)]


def test_everything_of_a_brand_arrives_with_edits_and_deletions(tmp_path: Path) -> None:
    """Posts, answers below, likes and reposts of either, follows: each once, in its order, and what became of them."""
    clock = Clock()
    world = invented(clock, BEGIN, 60, timedelta(minutes=5), "acmebrew")
    brands = brands_of(jetstream, world)
    pages = heard(tmp_path, jetstream.app(world), brands, clock, cursor=at(BEGIN), pages=2)
    items = [item for page in pages for item in page.items]
    found = acts(items)
    got = {act.id: arrived(act, brands) for act in found}
    assert len(got) == len(found)
    assert got == expected(jetstream, world, deleted=True)
    assert [act.published for act in found] == sorted(act.published for act in found)
    assert all(act.actor.created and act.actor.followers for act in found)
    assert {one.id for one in items if isinstance(one, Removed)} == {
        jetstream.act(one) for one in world.said if one.deleted and one.deleted < NOW
    }
    edited = {one.interaction.id: one.interaction.content for one in items if isinstance(one, Edited)}
    assert edited == {jetstream.act(one): one.edited[1] for one in world.said if one.edited and one.edited[0] < NOW}
    assert pages[-1].position == NOW
    assert pages[-1].cursor["time_us"] == at(NOW)["time_us"]


def test_a_new_connection_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    """From its cursor on, a few seconds are repeated, and nothing is left out."""
    clock = Clock(BEGIN + timedelta(hours=2))
    world = invented(clock, BEGIN, 60, timedelta(minutes=5), "acmebrew")
    brands = brands_of(jetstream, world)
    first = heard(tmp_path, jetstream.app(world), brands, clock, cursor=at(BEGIN), pages=1)
    clock.now = NOW
    second = heard(tmp_path, jetstream.app(world), brands, clock, cursor=first[-1].cursor, pages=2)
    ids = [act.id for page in (*first, *second) for act in acts(list(page.items))]
    assert set(ids) == expected(jetstream, world, deleted=True).keys()  # likes of what a former life saw, too
    assert len(ids) == len(set(ids))


def test_what_is_older_than_the_stream_keeps_is_a_gap(tmp_path: Path) -> None:
    """After two days without us, half a day was not seen."""
    clock = Clock()
    world = invented(clock, BEGIN, 8, timedelta(minutes=5), "acmebrew")
    pages = heard(
        tmp_path,
        jetstream.app(world),
        brands_of(jetstream, world),
        clock,
        cursor=at(NOW - timedelta(hours=48)),
        pages=2,
    )
    (gap,) = pages[0].items
    assert isinstance(gap, Gap)
    assert (gap.since, gap.until) == (NOW - timedelta(hours=48), NOW - timedelta(hours=36) + kind.REWIND)
    assert acts(list(pages[1].items))


def refusing(status: int, body: dict[str, str]) -> Starlette:
    async def subscribe(socket: WebSocket) -> None:
        await socket.send_denial_response(JSONResponse(body, status))

    return Starlette(routes=[WebSocketRoute("/subscribe", subscribe)])


def test_a_cursor_that_the_server_finds_too_old_is_a_gap(tmp_path: Path) -> None:
    """It then begins now, and says what was not seen."""
    clock = Clock()
    brands = brands_of(jetstream, invented(clock, BEGIN, 1, timedelta(minutes=5), "acmebrew"))
    (page,) = heard(
        tmp_path, refusing(400, {"error": "CursorTooOld"}), brands, clock, cursor=at(NOW - timedelta(hours=30)), pages=1
    )
    (gap,) = page.items
    assert isinstance(gap, Gap)
    assert (gap.since, gap.until) == (NOW - timedelta(hours=30), NOW)
    assert page.cursor == {**at(NOW), "recent": {}}


@pytest.mark.parametrize(("status", "raised"), [(403, Refused), (503, Unreachable)])
def test_a_refusal_is_told_from_a_failure(tmp_path: Path, status: int, raised: type[Exception]) -> None:
    """What passes is tried again; what does not, somebody has to mend."""
    clock = Clock()
    brands = brands_of(jetstream, invented(clock, BEGIN, 1, timedelta(minutes=5), "acmebrew"))
    with pytest.raises(raised):
        heard(tmp_path, refusing(status, {}), brands, clock, cursor=None, pages=1)


def test_silence_is_a_lost_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that says nothing, not even about others, is left."""
    monkeypatch.setattr(kind, "SILENT", 0.1)

    async def subscribe(socket: WebSocket) -> None:
        await socket.accept()
        await asyncio.sleep(5)

    clock = Clock()
    brands = brands_of(jetstream, invented(clock, BEGIN, 1, timedelta(minutes=5), "acmebrew"))
    app = Starlette(routes=[WebSocketRoute("/subscribe", subscribe)])
    with pytest.raises(Unreachable, match="nothing happened"):
        heard(tmp_path, app, brands, clock, cursor=None, pages=1)


def event(**more: Any) -> kind.Event:
    return msgspec.json.decode(msgspec.json.encode({"did": "did:plc:ada0", "time_us": 1, **more}), type=kind.Event)


def test_an_account_that_is_deleted_takes_its_acts_along() -> None:
    """By its owner, or by the platform; one that only sleeps keeps them."""
    world: World = invented(Clock(), BEGIN, 60, timedelta(minutes=5), "acmebrew")
    matcher = kind.Matcher(brands_of(jetstream, world), "test")
    post = next(told for _, told in jetstream.frames(world) if told["commit"]["operation"] == "create")
    (act,) = acts(matcher.items(event(**post), NOW))
    mine = {"did": act.actor.id.removeprefix("bluesky:")}
    asleep = event(**mine, account={"active": False, "status": "deactivated"})
    assert matcher.items(asleep, NOW) == []
    gone = event(**mine, account={"active": False, "status": "takendown"})
    assert matcher.items(gone, NOW) == [Removed(act.id, NOW, by_platform=True)]
    assert act.type is Activity.CREATE


@pytest.mark.parametrize(
    "record", [None, {}, {"text": 1, "createdAt": ""}, "a", {"createdAt": "then", "text": "acmebrew"}]
)
def test_records_that_are_not_as_documented_stop_nothing(record: Any) -> None:
    """Anybody may write anything; a time that cannot be read is that of the event."""
    world = invented(Clock(), BEGIN, 1, timedelta(minutes=5), "acmebrew")
    matcher = kind.Matcher(brands_of(jetstream, world), "test")
    commit = {"operation": "create", "collection": "app.bsky.feed.post", "rkey": "a", "record": record}
    found = acts(matcher.items(event(commit=commit), NOW.astimezone(UTC)))
    assert [act.published for act in found] == ([NOW] if record and "text" in record and record["text"] != 1 else [])
