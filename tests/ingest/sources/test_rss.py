"""Feeds: what ran over is a gap, and entries without ids or times are still the same entries tomorrow."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from events import Interaction
from ingest.source import Edited, Gap, Page
from tests.ingest.sources.given import NOW, Clock, connected, pulled

TABLE = {"kind": "rss", "urls": ["https://news.example/feed"]}


def entries(*hours: int, more: str = "") -> bytes:
    items = "".join(
        f"<item><guid>{hour}</guid><title>acme {hour}</title>"
        f"<pubDate>Mon, 01 Jun 2026 {hour:02}:00:00 GMT</pubDate>{more}</item>"
        for hour in hours
    )
    return f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>".encode()


def read(tmp_path: Path, *feeds: bytes) -> list[Page]:
    """The page of each look, an hour apart."""
    bodies, clock = iter(feeds), Clock()

    async def look() -> list[Page]:
        transport = httpx.MockTransport(lambda request: httpx.Response(200, content=next(bodies)))
        pages: list[Page] = []
        async with connected(TABLE, tmp_path, clock, transport=transport) as (source,):
            for _ in feeds:
                pages += await pulled(source, pages[-1].cursor if pages else None, NOW - timedelta(days=1))
                clock.pass_by(hours=1)
        return pages

    return asyncio.run(look())


def acts(page: Page) -> list[Any]:
    return [one.interaction if isinstance(one, Edited) else one for one in page.items if not isinstance(one, Gap)]


def test_a_feed_that_ran_over_is_a_gap(tmp_path: Path) -> None:
    """None of the entries was there before: between the last look and the oldest entry something was missed."""
    first, second, third = read(tmp_path, entries(1, 2), entries(2, 3), entries(14, 15))
    assert not [one for page in (first, second) for one in page.items if isinstance(one, Gap)]
    (gap,) = [one for one in third.items if isinstance(one, Gap)]
    assert (gap.since, gap.until) == (NOW + timedelta(hours=1), NOW + timedelta(hours=2))


def test_an_entry_is_the_same_on_every_look(tmp_path: Path) -> None:
    """With an id, with a link alone, or with nothing but its text; without a time it has that of the look before."""
    bare = b"<rss version='2.0'><channel><item><title>acme bare</title></item></channel></rss>"
    linked = (
        b"<rss version='2.0'><channel><item><title>acme</title><link>https://a.example/1</link></item></channel></rss>"
    )
    for feed, key in ((entries(1), "rss:news.example/1"), (linked, "rss:https://a.example/1"), (bare, None)):
        first, second = read(tmp_path, feed, feed)
        (one,), (again,) = acts(first), acts(second)
        assert isinstance(one, Interaction)
        assert one.id == again.id
        assert key in (None, one.id)
    assert one.published == NOW - timedelta(days=1)


def test_no_entry_is_from_the_future(tmp_path: Path) -> None:
    """Whose clock runs ahead, or who announces, has published it by now."""
    (page,) = read(tmp_path, entries(8, 23))
    assert [act.published for act in acts(page)] == [NOW - timedelta(hours=4), NOW]


def test_what_appears_while_we_ask_keeps_its_time(tmp_path: Path) -> None:
    """An answer holds what was published since it was asked for: that is not from the future."""
    clock = Clock(NOW - timedelta(seconds=1))

    def answer(request: httpx.Request) -> httpx.Response:
        clock.pass_by(seconds=2)
        return httpx.Response(200, content=entries(12))

    async def look() -> list[Page]:
        async with connected(TABLE, tmp_path, clock, transport=httpx.MockTransport(answer)) as (source,):
            return await pulled(source, None, NOW - timedelta(days=1))

    (page,) = asyncio.run(look())
    assert [act.published for act in acts(page)] == [NOW]


def test_markup_is_no_text(tmp_path: Path) -> None:
    """What a reader sees is kept, scripts and tags are not."""
    html = "<description>&lt;p&gt;Tom &amp;amp; Ada&lt;br&gt;like it&lt;script&gt;alert(1)&lt;/script&gt;</description>"
    (page,) = read(tmp_path, entries(1, more=html))
    assert acts(page)[0].content == "acme 1\nTom & Ada\nlike it"
