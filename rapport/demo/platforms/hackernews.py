"""Hacker News, invented: Algolia's search by date, and the site's items and users."""

import re
from datetime import timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from rapport.demo.platforms.world import Kind, Person, Said, World

CARRIES = frozenset({Kind.POST, Kind.ANSWER})
ENV: dict[str, str] = {}
INDEXED = timedelta(seconds=1)  # the search is behind the site
MOST = 1_000


def account(person: Person) -> str:
    return f"hackernews:{person.handle}"


def act(one: Said) -> str:
    return f"hackernews:{one.number}"


def table(url: str) -> dict[str, Any]:
    return {"kind": "hackernews", "search": f"{url}/api/v1", "site": f"{url}/v0"}


def app(world: World) -> Starlette:
    async def search(request: Request) -> JSONResponse:
        asked = request.query_params
        page, per_page = int(asked.get("page", 0)), int(asked.get("hitsPerPage", 20))
        found = [one for one in world.there(*CARRIES) if _matches(world, one, dict(asked))][-MOST:]
        found.reverse()
        shown = found[page * per_page : (page + 1) * per_page]
        pages = -(-len(found) // per_page)
        return JSONResponse(
            {"hits": [_hit(world, one) for one in shown], "page": page, "nbPages": pages, "nbHits": len(found)}
        )

    async def item(request: Request) -> JSONResponse:
        number = int(request.path_params["number"])
        one = world.get(number)
        if one is None:
            return JSONResponse({"id": number, "deleted": True} if number in world else None)
        hit = _hit(world, one)
        told = {"title": hit["title"]} if "title" in hit else {"text": hit["comment_text"], "parent": one.about}
        return JSONResponse({"id": number, "by": one.author.handle, "time": hit["created_at_i"], **told})

    async def user(request: Request) -> JSONResponse:
        for person in (world.brand, *world.people):
            if person.handle == request.path_params["name"]:
                return JSONResponse(
                    {"id": person.handle, "created": int(person.joined.timestamp()), "karma": person.posts}
                )
        return JSONResponse(None)

    return Starlette(
        routes=[
            Route("/api/v1/search_by_date", search),
            Route("/v0/item/{number:int}.json", item),
            Route("/v0/user/{name}.json", user),
        ]
    )


def _matches(world: World, one: Said, asked: dict[str, str]) -> bool:
    """What Algolia's filters of this search mean: commas are and, in brackets or; words in quotes stand as they are."""
    tags = {
        "story" if one.about is None else "comment",
        f"author_{one.author.handle}",
        f"story_{world.root(one).number}",
    }
    wanted = re.findall(r"\(([^)]*)\)|([^,()]+)", asked.get("tags", ""))
    if not all(tags & set((any_of or alone).split(",")) for any_of, alone in wanted):
        return False
    at = int(one.at.timestamp())
    for sign, limit in re.findall(r"created_at_i(>|<=)(\d+)", asked.get("numericFilters", "")):
        if not (at > int(limit) if sign == ">" else at <= int(limit)):
            return False
    if one.at + INDEXED > world.now():
        return False
    return asked.get("query", "").strip('"').lower() in one.text_at(world.now()).lower()


def _hit(world: World, one: Said) -> dict[str, Any]:
    text = one.text_at(world.now()).replace("&", "&amp;").replace("<", "&lt;")
    shared = {"objectID": str(one.number), "created_at_i": int(one.at.timestamp()), "author": one.author.handle}
    if one.about is None:
        return {**shared, "title": text, "story_text": None, "story_id": one.number, "_tags": ["story"]}
    root = world.root(one).number
    return {**shared, "comment_text": f"<p>{text}</p>", "story_id": root, "parent_id": one.about, "_tags": ["comment"]}
