"""Hacker News: full windows, answers in threads that nobody would find by a word, and what is looked up again."""

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from events import Interaction
from ingest.errors import Malformed
from ingest.source import Page, Removed
from tests.ingest.sources.given import NOW, Clock, connected, pulled

BEGIN = NOW - timedelta(days=3)
TABLE = {"kind": "hackernews", "search": "https://search.example", "site": "https://site.example"}
Answering = Callable[[httpx.Request], Any]


def hit(number: int, hours: float, text: str, *, parent: int | None = None, story: int | None = None) -> dict[str, Any]:
    told = {"objectID": str(number), "created_at_i": int((BEGIN + timedelta(hours=hours)).timestamp()), "author": "ada"}
    if parent is None:
        return {**told, "title": text, "story_id": number}
    return {**told, "comment_text": text, "parent_id": parent, "story_id": story or parent}


def searching(hits: list[dict[str, Any]]) -> Answering:
    """A site that has ``hits``, and nothing else; items read as the search has them."""

    def answer(request: httpx.Request) -> Any:
        asked = request.url.params
        if request.url.host == "site.example":
            number = request.url.path.rpartition("/")[2].removesuffix(".json")
            one = next((one for one in hits if one["objectID"] == number), None)
            if one is None:
                return {"created": 1_000_000_000} if "user" in request.url.path else None
            told = {"by": one["author"], "time": one["created_at_i"], "parent": one.get("parent_id")}
            return {**told, "title": one.get("title", ""), "text": one.get("comment_text", "")}
        low, high = (int(limit) for limit in re.findall(r"[>=](\d+)", asked["numericFilters"]))
        found = [one for one in hits if low < one["created_at_i"] <= high and _wanted(one, asked)][::-1][:1_000]
        page = int(asked["page"])
        return {"hits": found[page * 100 : page * 100 + 100], "nbPages": -(-len(found) // 100)}

    return answer


def _wanted(one: dict[str, Any], asked: httpx.QueryParams) -> bool:
    words, text = asked.get("query", "").strip('"'), one.get("title") or one.get("comment_text") or ""
    if "story_" in asked["tags"]:
        return "parent_id" in one and f"story_{one['story_id']}" in re.findall(r"story_\d+", asked["tags"])
    return words in text and "author_" not in asked["tags"]


def read(tmp_path: Path, answering: Answering, looks: int = 1, published: tuple[str, ...] = ()) -> list[Page]:
    """The pages of each look, a minute apart; ``published`` are due to be looked up again."""
    clock = Clock()

    async def look() -> list[Page]:
        transport = httpx.MockTransport(
            lambda asked: httpx.Response(200, content=msgspec.json.encode(answering(asked)))
        )
        pages: list[Page] = []
        async with connected(TABLE, tmp_path, clock, transport=transport) as (source,):
            object.__setattr__(source.setting, "published", lambda *_: published)  # type: ignore[attr-defined]
            for _ in range(looks):
                pages += await pulled(source, pages[-1].cursor if pages else None, BEGIN)
                clock.pass_by(minutes=1)
        return pages

    return asyncio.run(look())


def acts(pages: list[Page]) -> list[Interaction]:
    return [one for page in pages for one in page.items if isinstance(one, Interaction)]


def test_nothing_of_a_full_window_is_lost(tmp_path: Path) -> None:
    """A day with more hits than the search gives out is read in parts, each hit once, oldest first."""
    hits = [hit(number, 1 + number / 300, f"acme {number}") for number in range(1, 3_001)]
    found = acts(read(tmp_path, searching(hits)))
    assert [act.id for act in found] == [f"hackernews:{number}" for number in range(1, 3_001)]


def test_a_search_that_is_always_full_is_said_to_be(tmp_path: Path) -> None:
    """Windows are not halved for ever: one line says so, and the cursor stays."""
    with pytest.raises(Malformed, match="than it gives out"):
        read(tmp_path, lambda request: {"hits": [], "nbPages": 10})


def test_answers_are_found_below_a_comment_also_after_it_was_looked_up_again(tmp_path: Path) -> None:
    """A comment names the brand in a story that does not; who answers it days later is seen, others are not."""
    comment, told = hit(20, 1, "I like acme", parent=10), [hit(10, 0.5, "Grinders")]
    answer, other = hit(21, 71.99, "so do I", parent=20, story=10), hit(22, 71.99, "tea is better", parent=10)
    found = acts(read(tmp_path, searching([*told, comment, answer, other]), looks=3, published=("hackernews:20",)))
    assert {act.id for act in found} == {"hackernews:20", "hackernews:21"}
    (answered,) = [act for act in found if act.id == "hackernews:21"]
    assert answered.in_reply_to
    assert (answered.in_reply_to.id, answered.in_reply_to.actor) == ("hackernews:20", "hackernews:ada")
    assert {act.conversation for act in found} == {"hackernews:10"}
    assert answered.brands == ("acme",)


def test_what_the_cursor_holds_is_bounded(tmp_path: Path) -> None:
    """However much names a brand, answers are looked for below the latest thousand only."""
    hits = [hit(number, 1 + number / 60, f"acme {number}") for number in range(1, 1_501)]
    followed = read(tmp_path, searching(hits))[-1].cursor["followed"]
    assert list(followed) == [str(number) for number in range(501, 1_501)]


@pytest.mark.parametrize(("told", "by_platform"), [({"deleted": True}, False), ({"dead": True}, True)])
def test_who_took_it_back_is_known(tmp_path: Path, told: dict[str, bool], by_platform: bool) -> None:
    """Its author deletes, the site kills."""
    site = searching([])
    pages = read(
        tmp_path,
        lambda asked: {"id": 7, **told} if "item/7" in asked.url.path else site(asked),
        published=("hackernews:7",),
    )
    assert pages[-1].items == [Removed("hackernews:7", by_platform=by_platform)]
