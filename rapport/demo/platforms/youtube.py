"""YouTube, invented: one channel of the brand with one video, its comment threads, channels, and quota."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from rapport.demo.platforms.world import Kind, Person, Said, World

CARRIES = frozenset({Kind.POST, Kind.ANSWER})
ENV = {"YOUTUBE_KEY": "invented"}
QUOTA = 10_000
VIDEO = "video1"


def account(person: Person) -> str:
    return f"youtube:UC{person.handle}"


def act(one: Said) -> str:
    return f"youtube:{_id(one)}"


def table(url: str) -> dict[str, Any]:
    budget = {"limit": 100_000, "per": "minute"}
    return {"kind": "youtube", "url": url, "key": {"env": "YOUTUBE_KEY"}, "budget": budget, "searches": budget}


def app(world: World, quota: int = QUOTA) -> Starlette:
    spent: dict[object, int] = {}

    def page(request: Request, found: list[dict[str, Any]]) -> JSONResponse:
        begin, limit = int(request.query_params.get("pageToken", "0")), int(request.query_params.get("maxResults", 20))
        more = {"nextPageToken": str(begin + limit)} if begin + limit < len(found) else {}
        return JSONResponse({"items": found[begin : begin + limit], **more})

    async def threads(request: Request) -> JSONResponse:
        asked = request.query_params
        if asked.get("allThreadsRelatedToChannelId") != _channel(world.brand) and asked.get("videoId") != VIDEO:
            return JSONResponse({"error": {"errors": [{"reason": "videoNotFound"}]}}, 404)
        return page(request, [_thread(world, one) for one in reversed(list(world.there(Kind.POST)))])

    async def comments(request: Request) -> JSONResponse:
        asked = request.query_params
        wanted = set(asked.get("id", "").split(","))
        shown = [
            _comment(world, one)
            for one in world.there(*CARRIES)
            if _id(one) in wanted or (one.about is not None and _id(world.root(one)) == asked.get("parentId"))
        ]
        return page(request, shown) if "parentId" in asked else JSONResponse({"items": shown})

    async def channels(request: Request) -> JSONResponse:
        wanted = request.query_params["id"].split(",")
        people = [person for person in (world.brand, *world.people) if _channel(person) in wanted]
        return JSONResponse({"items": [_told(person) for person in people]} if len(wanted) <= 50 else {})

    async def search(request: Request) -> JSONResponse:
        return JSONResponse({"items": []})

    paths = {"commentThreads": threads, "comments": comments, "channels": channels, "search": search}

    async def answer(request: Request) -> JSONResponse:
        if request.headers.get("X-Goog-Api-Key") != ENV["YOUTUBE_KEY"]:
            return JSONResponse({"error": {"errors": [{"reason": "keyInvalid"}]}}, 400)
        day = world.now().astimezone(ZoneInfo("America/Los_Angeles")).date()
        spent[day] = spent.get(day, 0) + 1
        if spent[day] > quota:
            return JSONResponse({"error": {"errors": [{"reason": "quotaExceeded"}]}}, 403)
        return await paths[request.path_params["path"]](request)

    return Starlette(routes=[Route("/{path}", answer)])


def _channel(person: Person) -> str:
    return f"UC{person.handle}"


def _id(one: Said) -> str:
    return f"Ug{one.number:04}" if one.about is None else f"Ug.{one.number:04}"


def _zulu(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def _told(person: Person) -> dict[str, Any]:
    statistics = {"subscriberCount": str(person.followers), "videoCount": str(person.posts)}
    return {"id": _channel(person), "snippet": {"publishedAt": _zulu(person.joined)}, "statistics": statistics}


def _comment(world: World, one: Said) -> dict[str, Any]:
    """Whoever answers an answer names its author; that is all there is to tell."""
    now, text = world.now(), one.text_at(world.now())
    if one.depth > 1 and one.about is not None:
        text = f"@{world.ever(one.about).author.handle} {text}"
    told = {
        "channelId": _channel(world.brand),
        "videoId": VIDEO,
        "textOriginal": text,
        "authorDisplayName": f"@{one.author.handle}",
        "authorChannelId": {"value": _channel(one.author)},
        "publishedAt": _zulu(one.at),
        "updatedAt": _zulu(one.changed_at(now) or one.at),
        "likeCount": 0,
    }
    if one.about is not None:
        told["parentId"] = _id(world.root(one))
    return {"kind": "youtube#comment", "id": _id(one), "snippet": told}


def _below(world: World, top: Said) -> Iterable[Said]:
    return (one for one in world.there(Kind.ANSWER) if world.root(one) == top)


def _thread(world: World, top: Said) -> dict[str, Any]:
    """With some of the answers, the newest of them."""
    below = [_comment(world, one) for one in _below(world, top)]
    told = {"topLevelComment": _comment(world, top), "totalReplyCount": len(below), "videoId": VIDEO}
    return {"id": _id(top), "snippet": told, **({"replies": {"comments": below[-2:]}} if below else {})}
