"""Reddit, invented: tokens, listings newest first, a thread, things by name, and accounts."""

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from rapport.demo.platforms.world import Kind, Person, Said, World

CARRIES = frozenset({Kind.POST, Kind.ANSWER})
ENV = {"REDDIT_CLIENT": "invented", "REDDIT_SECRET": "invented-too"}
TOKEN = "a-token"  # noqa: S105 - it opens nothing
MOST = 1_000


def account(person: Person) -> str:
    return f"reddit:{person.handle}"


def act(one: Said) -> str:
    return f"reddit:{_name(one)}"


def table(url: str) -> dict[str, Any]:
    return {
        "kind": "reddit",
        "client": {"env": "REDDIT_CLIENT"},
        "secret": {"env": "REDDIT_SECRET"},
        "by": "acme",
        "subreddits": ["coffee"],
        "url": url,
        "token_url": f"{url}/api/v1/access_token",
        "budget": {"limit": 100_000, "per": "minute"},
    }


def app(world: World) -> Starlette:
    async def token(request: Request) -> JSONResponse:
        return JSONResponse({"access_token": TOKEN, "token_type": "bearer", "expires_in": 3600})

    def listing(request: Request, found: list[Said]) -> JSONResponse:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"message": "Unauthorized", "error": 401}, 401)
        newest_first = found[::-1][:MOST]
        names, limit = [_name(one) for one in newest_first], int(request.query_params.get("limit", 25))
        after = request.query_params.get("after", "")
        begin = names.index(after) + 1 if after in names else 0
        shown = newest_first[begin : begin + limit]
        more = names[begin + limit - 1] if len(names) > begin + limit else None
        return JSONResponse(_listing(world, shown, more))

    async def search(request: Request) -> JSONResponse:
        words, now = request.query_params["q"].strip('"').lower(), world.now()
        return listing(request, [one for one in world.there(Kind.POST) if words in one.text_at(now).lower()])

    async def comments(request: Request) -> JSONResponse:
        return listing(request, list(world.there(Kind.ANSWER)))

    async def by_user(request: Request) -> JSONResponse:
        kind = Kind.ANSWER if request.path_params["what"] == "comments" else Kind.POST
        return listing(request, [one for one in world.there(kind) if one.author.handle == request.path_params["user"]])

    async def thread(request: Request) -> JSONResponse:
        root = next(one for one in world.said if _name(one) == f"t3_{request.path_params['key']}")
        top = [one for one in world.there(Kind.ANSWER) if one.about == root.number]
        return JSONResponse([_listing(world, [root], None), _listing(world, top, None, nested=True)])

    async def information(request: Request) -> JSONResponse:
        wanted = set(request.query_params.get("id", "").split(","))
        return JSONResponse(
            _listing(world, [one for one in world.said if _name(one) in wanted and one.at <= world.now()], None)
        )

    async def about(request: Request) -> JSONResponse:
        for person in (world.brand, *world.people):
            if person.handle == request.path_params["user"]:
                return JSONResponse(
                    {"kind": "t2", "data": {"name": person.handle, "created_utc": person.joined.timestamp()}}
                )
        return JSONResponse({"message": "Not Found"}, 404)

    return Starlette(
        routes=[
            Route("/api/v1/access_token", token, methods=["POST"]),
            Route("/search", search),
            Route("/r/coffee/comments", comments),
            Route("/user/{user}/about", about),
            Route("/user/{user}/{what}", by_user),
            Route("/comments/{key}", thread),
            Route("/api/info", information),
        ]
    )


def _name(one: Said) -> str:
    return f"{'t1' if one.depth else 't3'}_{one.number:x}"


def _listing(world: World, shown: list[Said], after: str | None, *, nested: bool = False) -> dict[str, Any]:
    children = [{"kind": _name(one)[:2], "data": _thing(world, one, nested=nested)} for one in shown]
    return {"kind": "Listing", "data": {"children": children, "after": after}}


def _thing(world: World, one: Said, *, nested: bool) -> dict[str, Any]:
    """What was taken back stays, without its text and author."""
    now = world.now()
    gone, changed = not one.there_at(now), one.changed_at(now)
    text = "[deleted]" if gone else one.text_at(now)
    told: dict[str, Any] = {
        "name": _name(one),
        "author": "[deleted]" if gone else one.author.handle,
        "created_utc": one.at.timestamp(),
        "permalink": f"/r/coffee/comments/{one.number:x}/",
        "edited": changed.timestamp() if changed else False,
    }
    answers = [other for other in world.there(Kind.ANSWER) if world.root(other) == one]
    if one.depth == 0:
        return {**told, "title": "A question", "selftext": text, "num_comments": len(answers)}
    root, about = world.root(one), world.ever(one.about or 0)
    below = [other for other in world.there(Kind.ANSWER) if other.about == one.number]
    return {
        **told,
        "body": text,
        "parent_id": _name(about),
        "link_id": _name(root),
        "link_title": root.text_at(now),
        "replies": _listing(world, below, None, nested=True) if nested and below else "",
    }
