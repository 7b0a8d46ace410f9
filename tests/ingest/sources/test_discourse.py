"""Discourse: topics about a brand, what costs a look-up, and posts that are no longer for everybody."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from events import Interaction
from ingest.source import Edited, Page, Removed
from tests.ingest.sources.given import NOW, Clock, connected, pulled

BEGIN = NOW - timedelta(days=1)
TABLE = {"kind": "discourse", "url": "https://forum.example"}
Answering = Callable[[str], Any]


def post(number: int, text: str, who: str, place: int = 1, topic: int = 5, **more: Any) -> dict[str, Any]:
    at = (NOW - timedelta(hours=5) + timedelta(minutes=number)).isoformat()
    told = {"id": number, "username": who, "created_at": at, "updated_at": at, "topic_id": topic, "post_number": place}
    return {**told, "cooked": f"<p>{text}</p>", **more}


def read(
    tmp_path: Path,
    posts: list[dict[str, Any]],
    alone: dict[str, Any] | None = None,
    published: tuple[str, ...] = (),
    old: bool = False,
) -> tuple[list[Page], list[str]]:
    """Pages, and the paths that were asked for. ``alone``: posts as they read when looked up, or a status."""
    paths: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(path := request.url.path)
        if path == "/posts.json":
            newest = max(one["id"] for one in posts)
            before = int(request.url.params.get("before", newest if old else newest + 1))
            shown = [one for one in posts[::-1] if one["id"] < before][:50]
            if old:
                shown = [one for one in posts[::-1] if before - 50 < one["id"] <= before]
            return httpx.Response(200, json={"latest_posts": shown})
        if path.startswith("/u/"):
            return httpx.Response(200, json={"user": {"created_at": "2020-01-01T00:00:00Z"}})
        told = (alone or {}).get(path, 404)
        return httpx.Response(told) if isinstance(told, int) else httpx.Response(200, json=told)

    async def look() -> list[Page]:
        async with connected(TABLE, tmp_path, Clock(), transport=httpx.MockTransport(answer)) as (source,):
            object.__setattr__(source.setting, "published", lambda *_: published)  # type: ignore[attr-defined]
            return await pulled(source, None, BEGIN)

    return asyncio.run(look()), paths


def acts(pages: list[Page]) -> dict[str, Interaction]:
    told = [one.interaction if isinstance(one, Edited) else one for page in pages for one in page.items]
    return {one.id.rpartition("/")[2]: one for one in told if isinstance(one, Interaction)}


def test_the_title_of_a_topic_says_what_it_is_about(tmp_path: Path) -> None:
    """Also where no post of it names the brand."""
    opening = post(1, "It beeps", "ada", topic_title="My acme is loud")
    found = acts(read(tmp_path, [opening, post(2, "Mine, too", "ben", place=2)])[0])
    assert {key: act.brands for key, act in found.items()} == {"1": ("acme",), "2": ("acme",)}
    assert found["1"].content == "It beeps"
    assert found["2"].in_reply_to
    assert found["2"].in_reply_to.actor == "discourse:forum.example/ada"


def test_what_concerns_no_brand_costs_nothing(tmp_path: Path) -> None:
    """A forum has many people; only those who have to do with a brand are looked up."""
    others = [post(n, "tea", f"person{n}", topic=n, topic_title="Tea") for n in range(1, 40)]
    pages, paths = read(tmp_path, [*others, post(40, "acme", "ada", topic=40)])
    assert acts(pages).keys() == {"40"}
    assert [path for path in paths if path != "/posts.json"] == ["/u/ada.json"]


@pytest.mark.parametrize("more", [{"post_type": 3}, {"post_type": 4}, {"hidden": True}])
def test_what_nobody_said_to_everybody_is_left_out(tmp_path: Path, more: dict[str, Any]) -> None:
    """That a topic was closed, whispers of the team, and what is hidden until somebody decides."""
    pages, _ = read(tmp_path, [post(1, "acme", "ada"), post(2, "about acme", "ben", place=2, **more)])
    assert acts(pages).keys() == {"1"}


@pytest.mark.parametrize(
    "now",
    [
        403,
        404,
        410,
        post(1, "acme", "ada", user_deleted=True),
        post(1, "acme", "ada", deleted_at="2026-06-01T11:00:00Z"),
    ],
)
def test_what_is_not_for_everybody_any_more_is_gone(tmp_path: Path, now: Any) -> None:
    """Deleted, also where a key of the team still shows it, or moved to where not everybody reads."""
    key = "discourse:forum.example/1"
    pages, _ = read(tmp_path, [post(1, "acme", "ada")], {"/posts/1.json": now}, (key,))
    assert pages[-1].items == [Removed(key)]


def test_what_is_hidden_for_a_while_is_no_edit(tmp_path: Path) -> None:
    """Its text is then a note of the forum, not what its author says."""
    hidden = post(1, "This post was flagged", "ada", hidden=True)
    pages, _ = read(tmp_path, [post(1, "acme", "ada")], {"/posts/1.json": hidden}, ("discourse:forum.example/1",))
    assert [act.content for act in acts(pages).values()] == ["acme"]


@pytest.mark.parametrize("old", [True, False])
def test_every_number_is_read_once_from_old_and_new_forums(tmp_path: Path, old: bool) -> None:
    """They differ in whether the post that is asked with is part of the answer, and in what a missing number costs."""
    numbers = [number for number in range(1, 251) if number % 7 and not 100 < number < 160]
    posts = [post(number, "acme", "ada", topic=number) for number in numbers]
    pages, _ = read(tmp_path, posts, old=old)
    assert [one.id for page in pages for one in page.items if isinstance(one, Interaction)] == [
        f"discourse:forum.example/{number}" for number in numbers
    ]
