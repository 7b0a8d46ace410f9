"""YouTube, over an invented one: quota, the key, and what may be kept for thirty days only."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina

from ingest.errors import Refused, SourceError, Throttled
from ingest.ledger import Ledger
from ingest.source import Cursor, Edited, Interaction, Page, Removed, Source
from rapport.demo.platforms import youtube
from rapport.demo.platforms.world import Kind, World, invented
from tests.ingest.sources.contract import brands_of
from tests.ingest.sources.given import NOW, Clock, connected

BEGIN = NOW - timedelta(hours=6)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOUTUBE_KEY", youtube.ENV["YOUTUBE_KEY"])


def made(clock: Clock, count: int = 60) -> World:
    return invented(clock, BEGIN, count, timedelta(minutes=5), "acmebrew")


class Pulls:
    """Pulls one of the sources, and keeps what it brings in the ledger that the connector asks."""

    def __init__(self, path: Path, clock: Clock, world: World, **more: Any) -> None:
        self.path, self.clock, self.world = path, clock, world
        self.table = {**youtube.table("http://platform.example"), **more}
        self.app = httpx.ASGITransport(youtube.app(world))
        self.transport: httpx.AsyncBaseTransport = self.app
        self.asked: list[str] = []

    def __call__(self, which: str, cursor: Cursor | None = None) -> list[Page]:
        return asyncio.run(self._pull(which, cursor))

    async def _pull(self, which: str, cursor: Cursor | None) -> list[Page]:
        brands, pages = brands_of(youtube, self.world), list[Page]()
        async with connected(self.table, self.path, self.clock, brands=brands, transport=self.transport) as found:
            (source,) = [source for source in found if source.name.startswith(f"test:{which}")]
            try:
                async for page in source.pull(cursor, BEGIN):
                    pages.append(page)
                    self.keep(source, page)
            except SourceError as error:
                error.pages = pages  # type: ignore[attr-defined]
                raise
        return pages

    def keep(self, source: Source, page: Page) -> None:
        ledger = Ledger(self.path / "ledger")
        acts = [item.interaction if isinstance(item, Edited) else item for item in page.items]
        ledger.keep(source.name, [act for act in acts if isinstance(act, Interaction)], self.clock())
        ledger.removed(item.id for item in page.items if isinstance(item, Removed))
        ledger.close()


def removed(pages: list[Page]) -> set[str]:
    return {item.id for page in pages for item in page.items if isinstance(item, Removed)}


def test_the_key_is_in_no_address_and_in_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes in a header; a refusal names the address alone."""
    monkeypatch.setenv("YOUTUBE_KEY", "hush-hush")
    clock = Clock()
    pulls, asked = Pulls(tmp_path, clock, made(clock)), list[httpx.Request]()

    async def seen(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return await pulls.app.handle_async_request(request)

    pulls.transport = httpx.MockTransport(seen)
    with pytest.raises(Refused) as caught:
        pulls("UC")
    assert "hush-hush" not in str(caught.value)
    assert asked
    assert all("hush-hush" not in str(request.url) for request in asked)


def test_quota_is_stopped_at_before_it_is_used_up_and_begins_anew_at_midnight_in_california(tmp_path: Path) -> None:
    """What would go over it is not asked for; it goes on at 7 o'clock UTC in summer."""
    clock = Clock()
    budget = {"limit": 3, "per": "day", "zone": "America/Los_Angeles"}
    pulls = Pulls(tmp_path, clock, made(clock), budget=budget)
    with pytest.raises(Throttled) as caught:
        for _ in range(5):
            pulls("UC")
    assert caught.value.until == datetime(2026, 6, 2, 7, tzinfo=UTC)


def test_searches_have_a_quota_of_their_own(tmp_path: Path) -> None:
    """However many units are left; a video on which nobody may comment stops nothing."""
    clock = Clock()
    pulls = Pulls(tmp_path, clock, made(clock), searches={"limit": 1})
    (page,) = pulls("search")
    assert list(page.cursor["videos"]) == [youtube.CLOSED]
    with pytest.raises(Throttled, match="searches"):
        pulls("search", page.cursor)
    assert pulls("UC")


def test_comments_on_videos_that_are_found_are_read(tmp_path: Path) -> None:
    """Those that name the brand, whoever made the video."""
    clock = Clock()
    world = made(clock)
    pulls = Pulls(tmp_path, clock, world)

    async def open_to_all(request: httpx.Request) -> httpx.Response:
        url = str(request.url).replace(f"videoId={youtube.CLOSED}", f"videoId={youtube.VIDEO}")
        return await pulls.app.handle_async_request(httpx.Request("GET", url, headers=request.headers))

    pulls.transport = httpx.MockTransport(open_to_all)
    found = {item.id for page in pulls("search") for item in page.items if isinstance(item, Interaction)}
    assert {youtube.act(one) for one in world.there(Kind.POST) if not one.changed_at(NOW)} <= found


def test_what_is_gone_is_taken_back(tmp_path: Path) -> None:
    """What was not seen for twenty-five days is looked up again; what is not there any more is removed."""
    clock = Clock(BEGIN + timedelta(minutes=5 * 61))
    world = made(clock)
    pulls = Pulls(tmp_path, clock, world)
    pages = pulls("UC")
    gone = {youtube.act(one) for one in world.said if one.deleted and one.at <= clock() < one.deleted}
    clock.pass_by(days=26)
    pages = pulls("UC", pages[-1].cursor)
    assert gone
    assert removed(pages) == gone


@pytest.mark.parametrize("status", [403, 400, 500])
def test_what_can_no_longer_be_looked_up_is_taken_back(tmp_path: Path, status: int) -> None:
    """When the key is refused, or YouTube away, what was not seen for thirty days is removed, not sooner."""
    clock = Clock()
    pulls = Pulls(tmp_path, clock, made(clock))
    cursor = pulls("UC")[-1].cursor
    published = {youtube.act(one) for one in pulls.world.there(*youtube.CARRIES)}
    pulls.transport = httpx.MockTransport(lambda request: httpx.Response(status))
    for days, wanted in ((29, set[str]()), (2, published), (1, set[str]())):
        clock.pass_by(days=days)
        with stamina.set_testing(True, attempts=1), pytest.raises(SourceError) as caught:
            pulls("UC", cursor)
        assert removed(caught.value.pages) == wanted  # type: ignore[attr-defined]
