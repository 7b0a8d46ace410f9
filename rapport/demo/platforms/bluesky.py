"""A server of Bluesky, invented: sessions, search, notifications, records, threads and profiles."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from rapport.demo.platforms.world import Kind, Person, Said, World

CARRIES = frozenset({Kind.POST, Kind.ANSWER, Kind.FOLLOW})
EDITS = False
ENV = {"BLUESKY_PASSWORD": "invented"}
COLLECTIONS = {
    Kind.POST: "app.bsky.feed.post",
    Kind.ANSWER: "app.bsky.feed.post",
    Kind.LIKE: "app.bsky.feed.like",
    Kind.SHARE: "app.bsky.feed.repost",
    Kind.FOLLOW: "app.bsky.graph.follow",
}
LASTS = timedelta(hours=2)  # an access token
ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"


def account(person: Person) -> str:
    return f"bluesky:{did(person)}"


def act(one: Said) -> str:
    return f"bluesky:{uri(one)}"


def table(url: str) -> dict[str, Any]:
    password, budget = {"env": "BLUESKY_PASSWORD"}, {"limit": 100_000, "per": "minute"}
    return {"kind": "bluesky", "url": url, "identifier": "brand.example", "password": password, "budget": budget}


def did(person: Person) -> str:
    return f"did:plc:{person.handle}"


def key(one: Said) -> str:
    number = (int(one.at.timestamp() * 1e6) << 10) + one.number % 1024
    return "".join(ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))


def uri(one: Said) -> str:
    return f"at://{did(one.author)}/{COLLECTIONS[one.kind]}/{key(one)}"


def record(world: World, one: Said) -> dict[str, Any]:
    told: dict[str, Any] = {"$type": COLLECTIONS[one.kind], "createdAt": zulu(one.at)}
    about = world.ever(one.about) if one.about is not None else None
    if one.kind in (Kind.LIKE, Kind.SHARE) and about:
        return {**told, "subject": {"uri": uri(about), "cid": "bafy"}}
    if one.kind is Kind.FOLLOW:
        return {**told, "subject": did(world.brand)}
    told |= {"text": one.text_at(world.now()), "langs": ["en"]}
    if about:
        root = world.root(one)
        told["reply"] = {"root": {"uri": uri(root), "cid": "bafy"}, "parent": {"uri": uri(about), "cid": "bafy"}}
    return told


def zulu(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def profiles(world: World, dids: Sequence[str]) -> JSONResponse:
    if len(dids) > 25:
        return JSONResponse({"error": "InvalidRequest"}, 400)
    shown = [
        {
            "did": did(person),
            "handle": f"{person.handle}.example",
            "displayName": person.name,
            "createdAt": zulu(person.joined),
            "followersCount": person.followers,
            "followsCount": person.following,
            "postsCount": person.posts,
        }
        for person in (world.brand, *world.people)
        if did(person) in dids
    ]
    return JSONResponse({"profiles": shown})


def app(world: World) -> Starlette:
    sessions: dict[str, datetime] = {}

    def posts() -> list[Said]:
        return list(world.there(Kind.POST, Kind.ANSWER))

    def page(request: Request, name: str, found: list[dict[str, Any]]) -> JSONResponse:
        """``found``, from the newest on; the cursor is a place in the list."""
        asked = request.query_params
        begin, limit = int(asked.get("cursor", 0)), min(int(asked.get("limit", 50)), 100)
        shown = found[::-1][begin : begin + limit]
        more = {"cursor": str(begin + limit)} if begin + limit < len(found) else {}
        return JSONResponse({name: shown, **more})

    async def create_session(request: Request) -> JSONResponse:
        told = await request.json()
        if told.get("password") != ENV["BLUESKY_PASSWORD"]:
            return JSONResponse({"error": "AuthenticationRequired"}, 401)
        token = f"token{len(sessions)}"
        sessions[token] = world.now() + LASTS
        return JSONResponse({"did": did(world.brand), "accessJwt": token, "refreshJwt": "refresh"})

    async def search(request: Request) -> JSONResponse:
        asked, now = request.query_params, world.now()
        word, since, until = asked["q"].strip('"').casefold(), asked.get("since", ""), asked.get("until", "~")
        there = [one for one in posts() if since <= zulu(one.at) < until]
        if "mentions" in asked:
            there = []
        named = [_view(world, one) for one in there if word in one.text_at(now).casefold()]
        return page(request, "posts", named)

    async def notifications(request: Request) -> JSONResponse:
        told = {Kind.ANSWER: "reply", Kind.LIKE: "like", Kind.SHARE: "repost", Kind.FOLLOW: "follow"}
        found = []
        for one in world.there(*told):
            about = world.ever(one.about) if one.about is not None else None
            if one.author != world.brand and (about is None or about.author == world.brand):
                found.append({**_view(world, one), "reason": told[one.kind], "isRead": False})
        return page(request, "notifications", found)

    async def records(request: Request) -> JSONResponse:
        asked = request.query_params
        mine = [one for one in world.there() if did(one.author) == asked["repo"]]
        mine = [
            one for one in mine if COLLECTIONS[one.kind] == asked["collection"] and key(one) > asked.get("cursor", "")
        ]
        limit = min(int(asked.get("limit", 50)), 100)
        shown = [{"uri": uri(one), "cid": "bafy", "value": record(world, one)} for one in mine[:limit]]
        return JSONResponse({"records": shown, **({"cursor": key(mine[limit - 1])} if len(mine) >= limit else {})})

    async def get_posts(request: Request) -> JSONResponse:
        wanted = request.query_params.getlist("uris")
        if len(wanted) > 25:
            return JSONResponse({"error": "InvalidRequest"}, 400)
        return JSONResponse({"posts": [_view(world, one) for one in posts() if uri(one) in wanted]})

    async def thread(request: Request) -> JSONResponse:
        one = next((one for one in posts() if uri(one) == request.query_params["uri"]), None)
        return JSONResponse({"thread": _node(world, one)} if one else {"error": "NotFound"}, 200 if one else 400)

    async def get_profiles(request: Request) -> JSONResponse:
        return profiles(world, request.query_params.getlist("actors"))

    open_to_all = {"com.atproto.server.createSession": create_session}
    asked_with_token = {
        "app.bsky.feed.searchPosts": search,
        "app.bsky.notification.listNotifications": notifications,
        "com.atproto.repo.listRecords": records,
        "app.bsky.feed.getPosts": get_posts,
        "app.bsky.feed.getPostThread": thread,
        "app.bsky.actor.getProfiles": get_profiles,
    }

    async def answer(request: Request) -> JSONResponse:
        name = request.path_params["name"]
        if name in open_to_all:
            return await open_to_all[name](request)
        until = sessions.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if until is None or until < world.now():
            return JSONResponse({"error": "ExpiredToken", "message": "Token has expired"}, 400)
        return await asked_with_token[name](request)

    return Starlette(routes=[Route("/xrpc/{name}", answer, methods=["GET", "POST"])])


def _view(world: World, one: Said) -> dict[str, Any]:
    return {
        "uri": uri(one),
        "cid": "bafy",
        "author": {"did": did(one.author), "handle": f"{one.author.handle}.example"},
        "record": record(world, one),
        "replyCount": sum(other.about == one.number for other in world.there(Kind.ANSWER)),
        "indexedAt": zulu(one.at + timedelta(seconds=1)),
    }


def _node(world: World, one: Said) -> dict[str, Any]:
    """What was deleted stays a place in the thread, without a post."""
    replies = [other for other in world.said if other.kind is Kind.ANSWER and other.about == one.number]
    below = [_node(world, other) for other in replies if other.at <= world.now()]
    if not one.there_at(world.now()):
        return {"$type": "app.bsky.feed.defs#notFoundPost", "uri": uri(one), "notFound": True, "replies": below}
    return {"$type": "app.bsky.feed.defs#threadViewPost", "post": _view(world, one), "replies": below}
