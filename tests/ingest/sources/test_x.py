"""X, over an invented one: what it costs, what the search has forgotten, and what was deleted."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import Activity, Interaction
from ingest.errors import Refused, Throttled
from ingest.ledger import Ledger
from ingest.source import Cursor, Edited, Gap, Item, Page, Removed
from ingest.sources import x as kind
from rapport.demo.platforms import x
from rapport.demo.platforms.world import World, invented
from tests.ingest.sources.contract import brands_of
from tests.ingest.sources.given import NOW, Clock, connected

BEGIN = NOW - timedelta(hours=6)
MONTH = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_TOKEN", x.ENV["X_TOKEN"])


def made(clock: Clock) -> World:
    return invented(clock, BEGIN, 60, timedelta(minutes=5), "acmebrew")


def pulled(path: Path, clock: Clock, world: World, which: str, cursor: Cursor | None = None, **more: Any) -> list[Page]:
    """The pages of one source; what they bring is kept where the connector asks for it."""
    transport = more.pop("transport", None) or httpx.ASGITransport(x.app(world))
    since = more.pop("since", BEGIN)

    async def pages() -> list[Page]:
        table = {**x.table("http://platform.example"), **more}
        async with connected(table, path, clock, brands=brands_of(x, world), transport=transport) as found:
            (source,) = [source for source in found if source.name.startswith(f"test:{which}")]
            read = [page async for page in source.pull(cursor, since)]
        ledger = Ledger(path / "ledger")
        for page in read:
            ledger.keep(source.name, [act for act in map(_act, page.items) if act], clock())
        ledger.close()
        return read

    return asyncio.run(pages())


def _act(item: Item) -> Interaction | None:
    act = item.interaction if isinstance(item, Edited) else item
    return act if isinstance(act, Interaction) else None


def spent(path: Path, meter: str = "test") -> float:
    ledger = Ledger(path / "ledger")
    amount = ledger.spent(meter, MONTH)
    ledger.close()
    return amount


def test_what_was_read_is_paid_for_and_no_more(tmp_path: Path) -> None:
    """Each post at the price of an owned read, each author once a page; the rest of what was reserved comes back."""
    clock = Clock()
    pages = pulled(tmp_path, clock, made(clock), "mentions")
    acts = [act for page in pages for act in map(_act, page.items) if act]
    assert acts
    assert spent(tmp_path) == pytest.approx(len(acts) * 0.001 + len({act.actor.id for act in acts}) * 0.010)


def test_without_money_for_the_worst_nothing_is_asked(tmp_path: Path) -> None:
    """A search may bring a hundred posts and authors, 1.50 dollars; with less it waits for the next month."""
    clock, asked = Clock(), list[httpx.Request]()
    world = made(clock)

    def seen(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"meta": {"result_count": 0}})

    with pytest.raises(Throttled) as caught:
        pulled(
            tmp_path,
            clock,
            world,
            "search",
            transport=httpx.MockTransport(seen),
            budget={"limit": 1.49, "per": "month"},
        )
    assert caught.value.until == datetime(2026, 7, 1, tzinfo=UTC)
    assert not asked
    assert spent(tmp_path) == 0


def test_an_answer_that_never_came_costs_nothing(tmp_path: Path) -> None:
    """What was reserved for it is given back."""
    clock = Clock()
    with pytest.raises(Refused):
        pulled(tmp_path, clock, made(clock), "own", transport=httpx.MockTransport(lambda request: httpx.Response(403)))
    assert spent(tmp_path) == 0


def test_what_the_search_has_forgotten_is_a_gap(tmp_path: Path) -> None:
    """Of a month that is wanted it has the last week."""
    clock = Clock()
    month = NOW - timedelta(days=30)
    pages = pulled(tmp_path, clock, made(clock), "search", since=month)
    (gap,) = pages[0].items
    assert isinstance(gap, Gap)
    assert (gap.since, gap.until) == (month, NOW - kind.RECENT + kind.SETTLE)
    assert any(page.items for page in pages[1:])


def test_what_was_deleted_is_found_with_money_of_its_own(tmp_path: Path) -> None:
    """Acts of the last month are looked up in turn; only what X says is gone is removed."""
    clock = Clock(BEGIN + timedelta(minutes=5 * 61))
    world = made(clock)
    acts = {act.id for page in pulled(tmp_path, clock, world, "search") for act in map(_act, page.items) if act}
    gone = {x.act(one) for one in world.said if one.deleted and one.at <= clock() < one.deleted} & acts
    clock.pass_by(days=2)
    before = spent(tmp_path)
    (page,) = pulled(tmp_path, clock, world, "deletions")
    assert gone
    assert set(page.items) == {Removed(key) for key in gone}
    assert spent(tmp_path) == before
    assert spent(tmp_path, "test checks") == pytest.approx((len(acts) - len(gone)) * 0.005)


def test_an_edit_keeps_the_id_and_the_time_of_the_first_post(tmp_path: Path) -> None:
    """On X it has another id and a later time."""
    clock = Clock()
    world = made(clock)
    edited = {x.act(one): one for one in world.said if one.edited and not one.deleted and one.about is None}
    items = [item for page in pulled(tmp_path, clock, world, "search") for item in page.items]
    found = {
        item.interaction.id: item for item in items if isinstance(item, Edited) and not item.interaction.in_reply_to
    }
    assert {key: (item.interaction.published, item.at) for key, item in found.items()} == {
        key: (one.at, one.edited[0]) for key, one in edited.items() if one.edited
    }


def test_a_share_is_to_whom_it_shares() -> None:
    """A repost has no text of its own; whom it names first is whose post it is."""
    post = kind.Post(
        id="2",
        text="RT @acme: hello",
        author_id="7",
        created_at=NOW,
        referenced_tweets=[kind.Referenced("retweeted", "1")],
        entities=kind.Entities([kind.Named("5"), kind.Named("6")]),
    )
    act = kind._act(post, {}, ())
    assert isinstance(act, Interaction)
    assert (act.type, act.object, act.to, act.content) == (Activity.ANNOUNCE, "x:1", ("x:5",), "")


@given(st.lists(st.text("abc ", min_size=1, max_size=60), min_size=1, max_size=40))
def test_queries_are_short_enough_and_leave_no_word_out(words: list[str]) -> None:
    """Every term is in one query, and none is longer than X allows."""
    terms = [f'"{word}"' for word in words]
    queries = kind._queries(terms, " -is:retweet")
    assert all(len(query) <= kind.LETTERS for query in queries)
    asked = [term for query in queries for term in query.removesuffix(" -is:retweet")[1:-1].split(" OR ")]
    assert asked == terms
