"""Reddit: tokens, listings that end, threads, and what users take back."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from events import Interaction
from ingest.dead import DeadLetter
from ingest.errors import Malformed, Refused
from ingest.source import Cursor, Edited, Gap, Page, Removed
from tests.ingest.sources.given import NOW, Clock, connected, pulled

BEGIN = NOW - timedelta(days=1)
TABLE = {
    "kind": "reddit",
    "client": {"env": "REDDIT_CLIENT"},
    "secret": {"env": "REDDIT_SECRET"},
    "by": "acme",
    "subreddits": ["coffee"],
}
Answering = Callable[[httpx.Request], Any]


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDDIT_CLIENT", "invented")
    monkeypatch.setenv("REDDIT_SECRET", "invented-too")


def thing(name: str, text: str, minutes: float, **more: Any) -> dict[str, Any]:
    """``minutes`` before now."""
    told = {"name": name, "author": "Ada", "created_utc": (NOW - timedelta(minutes=minutes)).timestamp(), "body": text}
    return {"kind": name[:2], "data": {**told, **more}}


def listing(*things: dict[str, Any], after: str | None = None) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"children": list(things), "after": after}}


def read(
    tmp_path: Path,
    what: str,
    answering: Answering,
    cursor: Cursor | None = None,
    published: tuple[str, ...] = (),
) -> list[Page]:
    """Pages of the source whose name ends in ``what``. An answer may be a status."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "www.reddit.com":
            return httpx.Response(200, json={"access_token": "a-token", "expires_in": 3600})
        told = answering(request)
        return httpx.Response(told) if isinstance(told, int) else httpx.Response(200, json=told)

    async def look() -> list[Page]:
        async with connected(TABLE, tmp_path, Clock(), transport=httpx.MockTransport(answer)) as found:
            (source,) = [one for one in found if one.name.endswith(what)]
            object.__setattr__(source.site.setting, "published", lambda *_: published)  # type: ignore[attr-defined]
            return await pulled(source, cursor, BEGIN)

    return asyncio.run(look())


def acts(pages: list[Page]) -> dict[str, Interaction]:
    told = [one.interaction if isinstance(one, Edited) else one for page in pages for one in page.items]
    return {one.id: one for one in told if isinstance(one, Interaction)}


def test_a_listing_that_ends_too_early_is_a_gap(tmp_path: Path) -> None:
    """Reddit shows a thousand things; what lies between the oldest of them and our last look is not there."""
    things = [thing(f"t1_{n}", "acme", n / 10) for n in range(1_000)]

    def pages(request: httpx.Request) -> Any:
        begin = int(request.url.params.get("after", 0))
        more = str(begin + 100) if begin < 900 else None
        return listing(*things[begin : begin + 100], after=more) if "comments" in request.url.path else listing()

    cursor = {"at": BEGIN.timestamp(), "posts": {}}
    first, *_ = read(tmp_path, ":r:coffee", pages, cursor)
    (gap,) = [one for one in first.items if isinstance(one, Gap)]
    assert gap.until == NOW - timedelta(minutes=99.9)
    assert len(acts([first])) == 1_000
    assert not [
        one
        for one in read(tmp_path, ":r:coffee", pages, {"at": NOW.timestamp(), "posts": {}})[0].items
        if isinstance(one, Gap)
    ]


def test_parents_are_asked_for_a_hundred_at_once(tmp_path: Path) -> None:
    """So that a busy subreddit does not use up the calls of a minute; each answer still knows whom it answers."""
    asked: list[int] = []

    def site(request: httpx.Request) -> Any:
        if request.url.path.endswith("api/info"):
            names = request.url.params["id"].split(",")
            asked.append(len(names))
            return listing(*(thing(name, "tea", 300, author=f"Ben{name[3:]}") for name in names))
        if request.url.path.endswith("about"):
            return {"data": {"created_utc": 1_000_000_000}}
        return listing(*(thing(f"t1_a{n}", "acme", n, parent_id=f"t1_{n}", link_id="t3_x") for n in range(90)))

    found = acts(read(tmp_path, ":r:coffee", site))
    assert asked == [90]
    answered = found["reddit:t1_a7"].in_reply_to
    assert answered
    assert (answered.id, answered.actor) == ("reddit:t1_7", "reddit:ben7")


def test_a_token_that_was_withdrawn_is_replaced_once(tmp_path: Path) -> None:
    """Before its time is over; a second refusal is one."""
    answers = iter([401, listing(thing("t1_1", "acme", 5)), {"data": {}}])
    assert acts(read(tmp_path, ":r:coffee", lambda request: next(answers))).keys() == {"reddit:t1_1"}
    with pytest.raises(Refused):
        read(tmp_path, ":r:coffee", lambda request: 401)


def test_one_thing_that_cannot_be_read_is_a_dead_letter(tmp_path: Path) -> None:
    """The others of its page are read."""
    bad = {"kind": "t1", "data": {"name": "t1_2", "author": "ada"}}
    pages = read(
        tmp_path,
        ":r:coffee",
        lambda one: listing(thing("t1_1", "acme", 5), bad) if "comments" in one.url.path else {"data": {}},
    )
    assert acts(pages).keys() == {"reddit:t1_1"}
    assert [one.reason for page in pages for one in page.items if isinstance(one, DeadLetter)] == ["missing_field"]


def test_pages_in_a_circle_are_malformed(tmp_path: Path) -> None:
    """The same token again means the same page again."""
    with pytest.raises(Malformed, match="circle"):
        read(tmp_path, ":r:coffee", lambda one: listing(thing("t1_1", "acme", 5), after="t1_1"))


@pytest.mark.parametrize(
    ("told", "by_platform"),
    [
        ([thing("t1_1", "[deleted]", 5, author="[deleted]")], False),
        ([thing("t1_1", "[removed]", 5)], True),
        ([], False),
    ],
)
def test_what_users_take_back_is_found(tmp_path: Path, told: list[dict[str, Any]], by_platform: bool) -> None:
    """Users delete, moderators remove; what is not given any more is gone, too."""
    pages = read(
        tmp_path,
        ":r:coffee",
        lambda one: listing(*told) if one.url.path.endswith("info") else listing(),
        published=("reddit:t1_1",),
    )
    assert pages[-1].items == [Removed("reddit:t1_1", by_platform=by_platform)]
