"""GitHub: who is answered in flat threads, who likes what, whole discussions, and what is gone meanwhile."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from events import Activity, Interaction
from ingest.errors import Malformed, Refused, Throttled
from ingest.source import Cursor, Edited, Page, Removed
from tests.ingest.sources.given import NOW, Clock, connected, pulled

BEGIN = NOW - timedelta(days=1)
AT = "2026-06-01T08:00:00Z"
TABLE = {"kind": "github", "repositories": ["acme/grinder"], "token": {"env": "GITHUB_TOKEN"}}
REPOSITORY = "/repos/acme/grinder"
Answering = Callable[[httpx.Request], Any]


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "invented")


def post(key: int, body: str, login: str, minute: int = 0, **more: Any) -> dict[str, Any]:
    at = f"2026-06-01T08:{minute:02}:00Z"
    shared = {"id": key, "body": body, "user": {"login": login}, "created_at": at, "updated_at": at}
    return {**shared, "html_url": f"https://code.example/{key}", **more}


def comment(key: int, body: str, login: str, minute: int, issue: int = 1) -> dict[str, Any]:
    return post(key, body, login, minute, issue_url=f"https://api.example{REPOSITORY}/issues/{issue}")


def read(
    tmp_path: Path, what: str, answering: Answering, cursor: Cursor | None = None, published: tuple[str, ...] = ()
) -> list[Page]:
    """The pages of ``issues``, ``issues/comments`` or ``discussions``; ``published`` are due to be looked up again."""

    def answer(request: httpx.Request) -> httpx.Response:
        told = answering(request)
        if told is None:
            return httpx.Response(404, json={"message": "Not Found"})
        return httpx.Response(200, content=msgspec.json.encode(told))

    async def look() -> list[Page]:
        async with connected(TABLE, tmp_path, Clock(), transport=httpx.MockTransport(answer)) as found:
            (source,) = [one for one in found if one.name == f"test:acme/grinder:{what}"]
            object.__setattr__(source.site.setting, "published", lambda *_: published)  # type: ignore[attr-defined]
            return await pulled(source, cursor, BEGIN)

    return asyncio.run(look())


def acts(pages: list[Page]) -> dict[str, Interaction]:
    """By the end of their ids."""
    told = [one.interaction if isinstance(one, Edited) else one for page in pages for one in page.items]
    return {one.id.rpartition("/")[2]: one for one in told if isinstance(one, Interaction)}


def answered(act: Interaction) -> tuple[str, str]:
    assert act.in_reply_to
    return act.in_reply_to.id, act.in_reply_to.actor


def test_whoever_is_mentioned_is_answered(tmp_path: Path) -> None:
    """The last thing they said; a mention within a quotation addresses nobody, and then it is the issue that counts."""
    issue = post(9, "My acme is loud", "Ada", number=1, title="Loud")
    said = [
        comment(21, "Try to clean it", "ben", 1),
        comment(22, "@Ben that helped", "ada", 2),
        comment(23, "> @ben that helped\n\nGood", "cleo", 3),
        comment(24, "ask @dag", "cleo", 4),
    ]

    def site(request: httpx.Request) -> Any:
        path = request.url.path.removeprefix(REPOSITORY)
        return {"/issues/comments": said, "/issues/1/comments": said, "/issues/1": issue}.get(path)

    found = acts(read(tmp_path, "issues/comments", site))
    assert answered(found["21"]) == ("github:acme/grinder/issues/1", "github:ada")
    assert answered(found["22"]) == ("github:acme/grinder/comments/21", "github:ben")
    assert answered(found["23"]) == ("github:acme/grinder/issues/1", "github:ada")
    assert answered(found["24"]) == ("", "github:dag")
    assert {act.brands for act in found.values()} == {("acme",)}


def test_a_comment_whose_issue_is_gone_stops_nobody(tmp_path: Path) -> None:
    """It answers nothing that is known, and the next one is read as ever."""
    said = [comment(21, "acme it is", "ben", 1, issue=404), comment(22, "acme, too", "ada", 2, issue=404)]
    found = acts(read(tmp_path, "issues/comments", lambda asked: said if asked.url.path.endswith("comments") else None))
    assert [act.in_reply_to for act in found.values()] == [None, None]


def test_who_likes_it_is_known_also_when_that_comes_later(tmp_path: Path) -> None:
    """Thumbs up and hearts are likes, frowns are not; what was read without any is looked up again."""
    bare = post(9, "My acme", "ada", number=1, title="Loud")
    liked = {**bare, "reactions": {"total_count": 2}}
    reactions = [
        {"id": 5, "content": "heart", "created_at": AT, "user": {"login": "Ben"}},
        {"id": 6, "content": "-1", "created_at": AT, "user": {"login": "cleo"}},
    ]
    site = {"/issues": [bare], "/issues/1": liked, "/issues/1/reactions": reactions}
    pages = read(
        tmp_path,
        "issues",
        lambda asked: site.get(asked.url.path.removeprefix(REPOSITORY)),
        published=("github:acme/grinder/issues/1", "github:acme/grinder/issues/2"),
    )
    (like,) = [act for act in acts(pages).values() if act.type is Activity.LIKE]
    assert (like.id, like.actor.id, like.object) == (
        "github:acme/grinder/reactions/5",
        "github:ben",
        "github:acme/grinder/issues/1",
    )
    assert (like.to, like.brands) == (("github:ada",), ("acme",))
    assert Removed("github:acme/grinder/issues/2") in pages[-1].items


def test_the_same_full_page_over_and_over_is_malformed(tmp_path: Path) -> None:
    """Pages that lead round in a circle are found out, and what was read before stays."""
    full = [post(key, "acme", "ada", number=key, title="x") for key in range(100)]
    with pytest.raises(Malformed, match="circle"):
        read(tmp_path, "issues", lambda asked: full if asked.url.path.endswith("/issues") else None)


def said(key: str, body: str, login: str, minute: int, **more: Any) -> dict[str, Any]:
    at = f"2026-06-01T08:{minute:02}:00Z"
    author = {"login": login, "__typename": "User"}
    return {"id": key, "url": f"https://code.example/{key}", "body": body, "createdAt": at, "author": author, **more}


def threaded(comments: list[dict[str, Any]], size: int = 25) -> Answering:
    """A repository with one discussion."""

    def answer(request: httpx.Request) -> Any:
        if request.url.path != "/graphql":
            return None
        asked = msgspec.json.decode(request.content)["variables"]
        if "number" not in asked:
            touched = {"nodes": [{"number": 3, "updatedAt": AT}], "pageInfo": {"hasNextPage": False}}
            return {"data": {"repository": {"discussions": touched}}}
        begin = int(asked["after"] or 0)
        more = {"hasNextPage": len(comments) > begin + size, "endCursor": str(begin + size)}
        shown = {"nodes": comments[begin : begin + size], "pageInfo": more}
        discussion = said("D_1", "Which beans for my acme?", "ada", 0, title="Beans", comments=shown)
        return {"data": {"repository": {"discussion": discussion}}}

    return answer


def test_a_discussion_is_read_whole(tmp_path: Path) -> None:
    """All pages of its comments, each once; all of them are about the brand that the discussion names."""
    comments = [said(f"DC_{n}", f"those of number {n}", "ben", n % 60) for n in range(60)]
    found = acts(read(tmp_path, "discussions", threaded(comments)))
    assert len(found) == 61
    assert {act.brands for act in found.values()} == {("acme",)}
    assert {answered(act) for key, act in found.items() if key != "D_1"} == {
        ("github:acme/grinder/discussions/D_1", "github:ada")
    }


def test_a_reply_answers_its_comment_or_who_is_mentioned(tmp_path: Path) -> None:
    """Also below a comment of which only the place is left."""
    gone = said("DC_1", "", "ben", 1, deletedAt=AT)
    replies = [said("DC_2", "why not?", "cleo", 2), said("DC_3", "@cleo too dark", "dag", 3)]
    found = acts(read(tmp_path, "discussions", threaded([{**gone, "replies": {"nodes": replies}}])))
    assert found.keys() == {"D_1", "DC_2", "DC_3"}
    assert answered(found["DC_2"]) == ("github:acme/grinder/discussions/DC_1", "github:ben")
    assert answered(found["DC_3"]) == ("github:acme/grinder/discussions/DC_2", "github:cleo")


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ({"data": None, "errors": [{"type": "RATE_LIMITED", "message": "wait"}]}, Throttled),
        ({"data": {"repository": None}, "errors": [{"type": "NOT_FOUND", "message": "none"}]}, Refused),
        ({"errors": [{"message": "Something went wrong"}]}, Malformed),
        ({}, Malformed),
    ],
)
def test_graphql_says_no_with_status_200(tmp_path: Path, reply: dict[str, Any], error: type[Exception]) -> None:
    """Points used up, a repository that is not there, and faults are told apart."""
    with pytest.raises(error):
        read(tmp_path, "discussions", lambda asked: reply)
