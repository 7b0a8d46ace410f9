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
from ingest.errors import Malformed, Refused, Throttled
from ingest.ledger import Ledger
from ingest.source import Cursor, Edited, Gap, Item, Page, Removed
from ingest.sources import x as kind
from ingest.sources.x_acts import SNOWFLAKES, Referenced, Tweet, act_of
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


def removed(pages: list[Page]) -> set[str]:
    return {item.id for page in pages for item in page.items if isinstance(item, Removed)}


def spent(path: Path, meter: str) -> float:
    ledger = Ledger(path / "ledger")
    amount = ledger.spent(f"test {meter}", MONTH)
    ledger.close()
    return amount


def test_what_was_read_is_paid_for_and_no_more(tmp_path: Path) -> None:
    """Each post, each author, and whatever is answered, once a page; the rest of what was reserved comes back."""
    clock = Clock()
    world = made(clock)
    pages = pulled(tmp_path, clock, world, "1:mentions")
    acts = [act for page in pages for act in map(_act, page.items) if act]
    posts, authors = len(acts) * (0.001 + 0.005), len({act.actor.id for act in acts}) * 0.010
    assert acts
    assert spent(tmp_path, "dollars") == pytest.approx(posts + authors)


def test_without_money_for_the_worst_nothing_is_asked(tmp_path: Path) -> None:
    """A search may bring a hundred posts, authors and what they answer, 2 dollars; with less it waits for a month."""
    clock, asked = Clock(), list[httpx.Request]()

    def seen(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"meta": {"result_count": 0}})

    poor = {"limit": 1.99, "per": "month"}
    with pytest.raises(Throttled) as caught:
        pulled(tmp_path, clock, made(clock), "search", transport=httpx.MockTransport(seen), dollars=poor)
    assert caught.value.until == datetime(2026, 7, 1, tzinfo=UTC)
    assert not asked
    assert spent(tmp_path, "dollars") == 0


def test_an_answer_that_never_came_costs_nothing(tmp_path: Path) -> None:
    """What was reserved for it is given back."""
    clock = Clock()
    with pytest.raises(Refused):
        pulled(
            tmp_path, clock, made(clock), "1:tweets", transport=httpx.MockTransport(lambda asked: httpx.Response(403))
        )
    assert spent(tmp_path, "dollars") == 0


def test_an_answer_that_cannot_be_read_is_paid_for(tmp_path: Path) -> None:
    """Nobody knows what X charges for it, so the budget is on the safe side."""
    clock = Clock()
    broken = httpx.MockTransport(lambda asked: httpx.Response(200, content=b'{"data": 1}'))
    with pytest.raises(Malformed):
        pulled(tmp_path, clock, made(clock), "1:tweets", transport=broken)
    assert spent(tmp_path, "dollars") == pytest.approx(100 * (0.001 + 0.005 + 0.010))


def test_what_the_search_has_forgotten_is_a_gap(tmp_path: Path) -> None:
    """Of a month that is wanted it has the last week."""
    clock = Clock()
    month = NOW - timedelta(days=30)
    pages = pulled(tmp_path, clock, made(clock), "search", since=month)
    (gap,) = pages[0].items
    assert isinstance(gap, Gap)
    assert (gap.since, gap.until) == (month, NOW - kind.SEARCHED)
    assert any(page.items for page in pages[1:])


def test_what_was_deleted_is_removed_within_a_day(tmp_path: Path) -> None:
    """What was brought in the last month is looked up again every day; what X does not show any more is removed."""
    clock = Clock(BEGIN + timedelta(minutes=5 * 61))
    world = made(clock)
    pages = pulled(tmp_path, clock, world, "search", recheck_hours=24)
    acts = {act.id for page in pages for act in map(_act, page.items) if act}
    gone = {x.act(one) for one in world.said if one.deleted and one.at <= clock() < one.deleted} & acts
    clock.pass_by(hours=12)
    early = pulled(tmp_path, clock, world, "search", pages[-1].cursor, recheck_hours=24)
    clock.pass_by(hours=13)
    late = pulled(tmp_path, clock, world, "search", early[-1].cursor, recheck_hours=24)
    assert gone
    assert removed(early) == set()
    assert removed(late) == gone
    assert spent(tmp_path, "recheck") > 0


def test_reading_goes_on_when_the_money_for_looking_up_again_is_spent(tmp_path: Path) -> None:
    """It has a budget of its own; without it nothing is said to be gone."""
    clock = Clock()
    world = made(clock)
    poor = {"recheck_hours": 1, "recheck_dollars": {"limit": 0.01, "per": "month"}}
    pages = pulled(tmp_path, clock, world, "search", **poor)
    clock.pass_by(hours=2)
    again = pulled(tmp_path, clock, world, "search", pages[-1].cursor, **poor)
    assert removed(again) == set()
    assert again[-1].cursor["checked"] == clock().timestamp()
    assert spent(tmp_path, "recheck") == 0


def test_an_edit_keeps_the_id_and_the_time_of_the_first_post() -> None:
    """On X it has another id and a later time."""
    made = NOW - timedelta(minutes=20)
    first = str((int(made.timestamp() * 1000) - SNOWFLAKES << 22) + 5)
    edit = Tweet(
        id=str(int(first) + 1), text="Better", author_id="7", created_at=NOW, edit_history_tweet_ids=[first, "later"]
    )
    found = act_of(edit, None, {})
    assert isinstance(found, Edited)
    assert (found.at, found.interaction.id, found.interaction.published) == (NOW, f"x:{first}", made)


def test_a_share_is_to_whom_it_shares() -> None:
    """A repost has no text of its own, and goes to whoever wrote the post."""
    post = Tweet(
        id="2",
        text="RT @acme: hi",
        author_id="7",
        created_at=NOW,
        referenced_tweets=[Referenced("retweeted", "1")],
    )
    act = act_of(post, None, {"1": "5"})
    assert isinstance(act, Interaction)
    assert (act.type, act.object, act.to, act.content) == (Activity.ANNOUNCE, "x:1", ("x:5",), "")


@given(st.lists(st.text("abc ", min_size=1, max_size=60), min_size=1, max_size=40))
def test_queries_are_short_enough_and_leave_no_word_out(words: list[str]) -> None:
    """Every term is in one query, and none is longer than X allows."""
    terms = [f'"{word}"' for word in words]
    queries = list(kind._queries(terms))
    assert all(len(query) <= 512 for query in queries)
    assert [term for query in queries for term in query.split(" OR ")] == terms
