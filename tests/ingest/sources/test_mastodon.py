"""Mastodon, over an invented server: what may be read, and what happens live."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from events import Activity, Brands, Interaction
from ingest.errors import Throttled
from ingest.source import Edited, Item, Removed
from ingest.sources.mastodon_acts import Account, Mention, Server, Status
from rapport.demo.platforms import mastodon
from rapport.demo.platforms.world import Kind, Said, World, invented
from tests.ingest.sources.contract import brands_of
from tests.ingest.sources.given import NOW, Clock, connected, pulled

BEGIN = NOW - timedelta(hours=6)


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTODON_TOKEN", mastodon.ENV["MASTODON_TOKEN"])


def small(clock: Clock, *said: Said) -> World:
    world = invented(clock, BEGIN, 1, timedelta(minutes=5), "acmebrew")
    first, ada = world.people[0], world.people[1]
    base = [
        Said(1, Kind.POST, world.brand, BEGIN, "What do you drink today?"),
        Said(2, Kind.LIKE, first, BEGIN + timedelta(minutes=1), about=1),
        Said(3, Kind.SHARE, ada, BEGIN + timedelta(minutes=2), about=1),
    ]
    return World(world.brand, world.word, world.people, clock, [*base, *said])


def read(world: World, path: Path, clock: Clock, which: str, limit: int = mastodon.LIMIT) -> list[Item]:
    async def items() -> list[Item]:
        transport = httpx.ASGITransport(mastodon.app(world, limit))
        brands = brands_of(mastodon, world)
        table = mastodon.table("http://platform.example")
        async with connected(table, path, clock, brands=brands, transport=transport) as found:
            (source,) = [source for source in found if source.name.startswith(f"test:{which}")]
            return [item for page in await pulled(source, None, BEGIN) for item in page.items]

    return asyncio.run(items())


def test_likes_and_shares_of_what_the_brand_says_are_to_the_brand(tmp_path: Path) -> None:
    """A notification of a like or a share is an act with an id of its own, about the brand's status."""
    clock = Clock()
    world = small(clock)
    acts = [item for item in read(world, tmp_path, clock, "notifications") if isinstance(item, Interaction)]
    own, me = mastodon.act(world.said[0]), mastodon.account(world.brand)
    assert [(act.type, act.object, act.to) for act in acts] == [
        (Activity.LIKE, own, (me,)),
        (Activity.ANNOUNCE, own, (me,)),
    ]
    assert [act.id for act in acts] == [
        "mastodon:social.example/notification/2",
        "mastodon:social.example/notification/3",
    ]


def test_a_server_that_has_had_enough_is_left_alone_until_it_says(tmp_path: Path) -> None:
    """Its limit is begun anew at the time in its header."""
    clock = Clock()
    with pytest.raises(Throttled) as caught:
        read(small(clock), tmp_path, clock, "own", limit=1)
    assert caught.value.until == NOW + timedelta(minutes=5)


def test_what_the_brand_shares_is_an_act_to_its_author(tmp_path: Path) -> None:
    """A boost by the brand is its act, to whoever wrote the status."""
    clock = Clock()
    ada = small(clock).people[1]
    world = small(
        clock,
        Said(4, Kind.POST, ada, BEGIN + timedelta(minutes=3), "My acmebrew is fine"),
        Said(5, Kind.SHARE, small(clock).brand, BEGIN + timedelta(minutes=4), about=4),
    )
    (share,) = [
        item
        for item in read(world, tmp_path, clock, "own")
        if isinstance(item, Interaction) and item.type is Activity.ANNOUNCE
    ]
    assert share.object == mastodon.act(world.said[3])
    assert share.to == (mastodon.account(ada),)
    (route,) = brands_of(mastodon, world).routes(share)
    assert (route.direction.value, route.person) == ("outbound", mastodon.account(ada))


@pytest.mark.parametrize(
    ("visibility", "noindex", "mentions", "read"),
    [
        ("public", False, [], True),
        ("public", True, [], False),
        ("public", True, ["acmebrew"], True),
        ("unlisted", False, [], False),
        ("unlisted", False, ["acmebrew"], True),
        ("unlisted", False, ["ada"], False),
        ("private", False, ["acmebrew"], False),
        ("direct", False, ["acmebrew"], False),
    ],
)
def test_only_what_is_meant_for_the_brand_or_for_all_is_read(
    visibility: str, noindex: bool, mentions: list[str], read: bool
) -> None:
    """Followers' and direct messages never; unlisted ones, and those of people who hide, to the brand only."""
    brands = brands_of(mastodon, invented(Clock(), BEGIN, 1, timedelta(minutes=5), "acmebrew"))
    setting: Any = type("Setting", (), {"brands": brands})()
    server = Server("https://social.example", "social.example", "", setting)
    status = Status(
        id="1",
        uri="https://other.example/1",
        created_at=NOW,
        account=Account("9", "ben@other.example", noindex=noindex),
        content="",
        visibility=visibility,
        mentions=[Mention(str(number), acct) for number, acct in enumerate(mentions)],
    )
    assert server.may_be_read(status) is read


@asynccontextmanager
async def served(world: World) -> AsyncIterator[str]:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(mastodon.app(world), log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve([bound]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = server.force_exit = True
            await serving


def test_what_happens_live_arrives_at_once_and_what_was_missed_before_it(tmp_path: Path) -> None:
    """Streams bring posts, edits, deletions and notifications; a new stream first reads what the last one missed."""

    class Running(Clock):
        def __call__(self) -> datetime:
            return datetime.now(UTC)

    clock = Running()
    start = clock()
    every = timedelta(seconds=0.4)
    base = invented(clock, start, 16, every, "acmebrew")
    ada, brand = base.people[1], base.brand
    later = start + timedelta(seconds=1)
    said = [
        Said(1, Kind.POST, brand, start - timedelta(hours=1), "What do you drink today?"),
        Said(2, Kind.POST, ada, start - timedelta(minutes=1), "This acmebrew was missed"),
        Said(3, Kind.POST, ada, later, "My acmebrew", edited=(later + every, "My acmebrew!")),
        Said(4, Kind.POST, ada, later, "Not so good, acmebrew", deleted=later + 2 * every),
        Said(5, Kind.ANSWER, ada, later + every, "Tea", about=1),
        Said(6, Kind.LIKE, ada, later + every, about=1),
    ]
    world = World(brand, "acmebrew", base.people, clock, said)
    brands: Brands = brands_of(mastodon, world)

    async def heard(which: str, url: str, wanted: int, cursor: Any) -> tuple[list[Item], int]:
        items: list[Item] = []
        pages = 0
        async with connected(mastodon.table(url), tmp_path / which, clock, brands=brands) as found:
            (source,) = [source for source in found if source.name == f"test:{which}"]
            assert source.endless
            async for page in source.pull(cursor, start):
                pages += 1
                items += page.items
                if len(items) >= wanted and pages > 3:
                    break
        return items, pages

    async def both() -> tuple[tuple[list[Item], int], tuple[list[Item], int]]:
        missed = {"until": (start - timedelta(minutes=2)).timestamp()}
        async with served(world) as url, asyncio.timeout(20):
            return await asyncio.gather(heard("live:acmebrew", url, 5, missed), heard("live", url, 2, None))

    (tagged, _), (notified, _) = asyncio.run(both())
    acts = [one.interaction.id if isinstance(one, Edited) else one.id for one in tagged]  # type: ignore[union-attr]
    assert acts[0] == mastodon.act(said[1])
    assert sorted(acts[1:]) == sorted(mastodon.act(one) for one in (said[2], said[2], said[3], said[3]))
    assert [one for one in tagged if isinstance(one, Removed)] == [Removed(mastodon.act(said[3]))]
    assert [one.interaction.content for one in tagged if isinstance(one, Edited)] == ["My acmebrew!"]
    assert {one.id for one in notified if isinstance(one, Interaction)} == {
        mastodon.act(said[4]),
        mastodon.act(said[5]),
    }
