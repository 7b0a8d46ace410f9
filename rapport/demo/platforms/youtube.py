"""A channel on YouTube, invented: threads and comments of the Data API, with its key."""

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from rapport.demo.platforms.world import Kind, Person, Said, World

CARRIES = frozenset({Kind.POST, Kind.ANSWER})
ENV = {"YOUTUBE_KEY": "invented"}
VIDEO, CLOSED = "v1", "v2"


def account(person: Person) -> str:
    return f"youtube:{_channel(person)}"


def act(one: Said) -> str:
    return f"youtube:{_key(one)}"


def table(url: str) -> dict[str, Any]:
    return {
        "kind": "youtube",
        "key": {"env": "YOUTUBE_KEY"},
        "url": url,
        "budget": {"limit": 1_000_000},
        "searches": {"limit": 1_000_000},
    }


def app(world: World) -> Starlette:
    def listed(request: Request, items: list[dict[str, Any]]) -> JSONResponse:
        if request.headers.get("X-Goog-Api-Key") != ENV["YOUTUBE_KEY"]:
            return JSONResponse({"error": {"code": 403, "message": "The request is missing a valid API key."}}, 403)
        size, begin = int(request.query_params.get("maxResults", 50)), int(request.query_params.get("pageToken", 0))
        more = {"nextPageToken": str(begin + size)} if len(items) > begin + size else {}
        return JSONResponse({"kind": "youtube#list", "items": items[begin : begin + size], **more})

    async def threads(request: Request) -> JSONResponse:
        wanted = request.query_params.get("id")
        if request.query_params.get("videoId") == CLOSED:
            return JSONResponse({"error": {"code": 403, "errors": [{"reason": "commentsDisabled"}]}}, 403)
        tops = [one for one in world.there(Kind.POST) if not wanted or _key(one) in wanted.split(",")]
        return listed(request, [_thread(world, one) for one in reversed(tops)])

    async def comments(request: Request) -> JSONResponse:
        wanted, parent = request.query_params.get("id"), request.query_params.get("parentId")
        found = [
            one
            for one in world.there(*CARRIES)
            if (_key(one) in wanted.split(",") if wanted else one.depth and _key(world.root(one)) == parent)
        ]
        return listed(request, [_comment(world, one) for one in found])

    async def channels(request: Request) -> JSONResponse:
        wanted = request.query_params["id"].split(",")
        people = [person for person in (world.brand, *world.people) if _channel(person) in wanted]
        return listed(request, [_profile(person) for person in people])

    async def search(request: Request) -> JSONResponse:
        """One video of somebody names the brand; under it nobody may comment."""
        return listed(request, [{"id": {"videoId": CLOSED}, "snippet": {"publishedAt": world.now().isoformat()}}])

    return Starlette(
        routes=[
            Route("/commentThreads", threads),
            Route("/comments", comments),
            Route("/channels", channels),
            Route("/search", search),
        ]
    )


def _channel(person: Person) -> str:
    return f"UC{person.number:022d}"


def _key(one: Said) -> str:
    return f"Ug{one.number:06d}"


def _comment(world: World, one: Said) -> dict[str, Any]:
    now, text = world.now(), one.text_at(world.now())
    about = world.ever(one.about) if one.about is not None else None
    said = {
        "authorDisplayName": f"@{one.author.handle}",
        "authorChannelId": {"value": _channel(one.author)},
        "textOriginal": f"@{about.author.handle} {text}" if about and one.depth > 1 else text,
        "publishedAt": one.at.isoformat(),
        "updatedAt": (one.changed_at(now) or one.at).isoformat(),
        "likeCount": 0,
        **({"parentId": _key(world.root(one))} if one.depth else {}),
    }
    return {"kind": "youtube#comment", "id": _key(one), "snippet": said}


def _thread(world: World, one: Said) -> dict[str, Any]:
    replies = [other for other in world.there(Kind.ANSWER) if world.root(other) == one]
    place = {"channelId": _channel(world.brand), "videoId": VIDEO}
    top = _comment(world, one)
    top["snippet"] |= place
    return {"id": _key(one), "snippet": {**place, "topLevelComment": top, "totalReplyCount": len(replies)}}


def _profile(person: Person) -> dict[str, Any]:
    return {
        "id": _channel(person),
        "snippet": {"title": person.name, "publishedAt": person.joined.isoformat()},
        "statistics": {"subscriberCount": str(person.followers), "videoCount": "0", "hiddenSubscriberCount": False},
    }
