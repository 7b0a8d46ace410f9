"""Bluesky, over an invented server: the session, what reaches the brand, and records as acts."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from events import Activity, Interaction
from ingest.errors import Refused
from ingest.source import Item
from ingest.sources import bluesky as kind
from ingest.sources.bluesky_acts import Record, act
from rapport.demo.platforms import bluesky
from rapport.demo.platforms.world import Kind, Said, World, invented
from tests.ingest.sources.contract import brands_of
from tests.ingest.sources.given import NOW, Clock, connected, pulled

BEGIN = NOW - timedelta(hours=6)
URI = "at://did:plc:ada/app.bsky.feed.post/3k2a"


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLUESKY_PASSWORD", bluesky.ENV["BLUESKY_PASSWORD"])


def small(clock: Clock) -> World:
    base = invented(clock, BEGIN, 1, timedelta(minutes=5), "acmebrew")
    ada, ben = base.people[0], base.people[1]
    at = [BEGIN + timedelta(minutes=minutes) for minutes in range(7)]
    said = [
        Said(1, Kind.POST, base.brand, at[0], "What do you drink today?"),
        Said(2, Kind.LIKE, ada, at[1], about=1),
        Said(3, Kind.SHARE, ben, at[2], about=1),
        Said(4, Kind.POST, ada, at[3], "Something else"),
        Said(5, Kind.LIKE, base.brand, at[4], about=4),
        Said(6, Kind.SHARE, base.brand, at[5], about=4),
    ]
    return World(base.brand, base.word, base.people, clock, said)


def read(world: World, path: Path, clock: Clock, which: str, *, app: Any = None, pulls: int = 1) -> list[Item]:
    async def items() -> list[Item]:
        transport = app or httpx.ASGITransport(bluesky.app(world))
        table, brands = bluesky.table("http://platform.example"), brands_of(bluesky, world)
        found: list[Item] = []
        async with connected(table, path, clock, brands=brands, transport=transport) as all_of_them:
            for source in all_of_them:
                if source.name.startswith(f"test:{which}"):
                    for _ in range(pulls):
                        found += [item for page in await pulled(source, None, BEGIN) for item in page.items]
                        clock.pass_by(hours=3)
        return found

    return asyncio.run(items())


def test_likes_and_reposts_of_what_the_brand_says_are_to_the_brand(tmp_path: Path) -> None:
    """Each with the id of its own record, which the live stream gives it, too."""
    world = small(Clock())
    acts = [item for item in read(world, tmp_path, Clock(), "notifications") if isinstance(item, Interaction)]
    own, me = bluesky.act(world.said[0]), bluesky.account(world.brand)
    assert [(one.id, one.type, one.object, one.to) for one in acts] == [
        (bluesky.act(world.said[1]), Activity.LIKE, own, (me,)),
        (bluesky.act(world.said[2]), Activity.ANNOUNCE, own, (me,)),
    ]


def test_what_the_brand_likes_and_reposts_is_to_the_author(tmp_path: Path) -> None:
    """They are records of its account, as its posts are."""
    world = small(Clock())
    acts = [item for item in read(world, tmp_path, Clock(), "own") if isinstance(item, Interaction)]
    assert {one.id for one in acts} == {bluesky.act(one) for one in world.said if one.author == world.brand}
    brands, ada = brands_of(bluesky, world), bluesky.account(world.people[0])
    routes = [brands.routes(one)[0] for one in acts if one.type is not Activity.CREATE]
    assert [(route.direction.value, route.person) for route in routes] == [("outbound", ada)] * 2


def test_the_session_is_renewed_in_time_and_when_it_was_ended(tmp_path: Path) -> None:
    """Access tokens last two hours; a server that knows none of them is asked for a new one."""
    clock, begun = Clock(), []
    world = small(clock)
    apps = [httpx.ASGITransport(bluesky.app(world)), httpx.ASGITransport(bluesky.app(world))]

    async def moved(request: httpx.Request) -> httpx.Response:
        if "createSession" in request.url.path:
            begun.append(request)
        return await apps[clock() >= NOW + timedelta(hours=3)].handle_async_request(request)

    assert read(world, tmp_path, clock, "notifications", app=httpx.MockTransport(moved), pulls=3)
    assert len(begun) == 3


def test_a_wrong_password_is_told_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line that says what is refused."""
    monkeypatch.setenv("BLUESKY_PASSWORD", "hush-hush")
    clock = Clock()
    with pytest.raises(Refused) as caught:
        read(small(clock), tmp_path, clock, "notifications")
    assert "hush-hush" not in str(caught.value)
    assert "\n" not in str(caught.value)


def record(**told: Any) -> Record:
    return msgspec.json.decode(msgspec.json.encode({"createdAt": "2026-06-01T00:00:00Z", **told}), type=Record)


def test_mentions_and_quotes_are_to_whom_they_mention_and_quote() -> None:
    """Each once, also where a picture stands beside what is quoted."""
    quoted = {"uri": "at://did:plc:ben/app.bsky.feed.post/a", "cid": "b"}
    mention = {"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:cleo"}
    for embed in ({"record": quoted}, {"record": {"record": quoted}, "media": {}}):
        told = record(text="hi", facets=[{"features": [mention, mention, {"uri": "https://a.example"}]}], embed=embed)
        found = act(URI, told, NOW)
        assert found is not None
        assert found.to == ("bluesky:did:plc:cleo", "bluesky:did:plc:ben")


def test_a_clock_that_is_fast_is_not_believed() -> None:
    """An act is not later than it was received; one that claims no time that can be read is as old as that."""
    early, late = NOW - timedelta(hours=1), (NOW + timedelta(days=900)).isoformat()
    for claimed, wanted in ((early.isoformat(), early), (late, NOW), ("yesterday", NOW)):
        found = act(URI, record(createdAt=claimed), NOW)
        assert found is not None
        assert found.published == wanted


def test_keys_of_records_are_in_the_order_of_their_times() -> None:
    """The key from which a listing begins lies below those of that moment."""
    times = [BEGIN + timedelta(seconds=seconds) for seconds in range(0, 10_000, 997)]
    keys = [kind._key(time) for time in times]
    assert keys == sorted(keys)
    said = Said(3, Kind.POST, small(Clock()).brand, BEGIN)
    assert kind._key(BEGIN) <= bluesky.key(said) < kind._key(BEGIN + timedelta(seconds=1))
