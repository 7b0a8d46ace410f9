"""A forum, invented: Discourse's latest posts by number, single posts, and profiles."""

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from rapport.demo.platforms.world import Kind, Person, Said, World

CARRIES = frozenset({Kind.POST, Kind.ANSWER})
ENV = {"DISCOURSE_KEY": "invented"}
SITE = "forum.example"
AT_ONCE = 50


def account(person: Person) -> str:
    return f"discourse:{SITE}/{person.handle}"


def act(one: Said) -> str:
    return f"discourse:{SITE}/{one.number}"


def table(url: str) -> dict[str, Any]:
    budget = {"limit": 100_000, "per": "minute"}
    return {"kind": "discourse", "url": url, "site": SITE, "key": {"env": "DISCOURSE_KEY"}, "budget": budget}


def app(world: World) -> Starlette:
    async def latest(request: Request) -> JSONResponse:
        if request.headers.get("Api-Key") != ENV["DISCOURSE_KEY"]:
            return JSONResponse({"errors": ["not permitted"]}, 403)
        before = int(request.query_params.get("before", 0))
        there = [one for one in world.there(*CARRIES) if not before or one.number < before]
        return JSONResponse({"latest_posts": [_post(world, one) for one in reversed(there[-AT_ONCE:])]})

    async def post(request: Request) -> JSONResponse:
        one = world.get(int(request.path_params["number"]))
        return JSONResponse(_post(world, one)) if one else JSONResponse({"errors": ["not found"]}, 404)

    async def by_number(request: Request) -> JSONResponse:
        place = (int(request.path_params["topic"]), int(request.path_params["number"]))
        for one in world.there(*CARRIES):
            if (world.root(one).number, _place(world, one)) == place:
                return JSONResponse(_post(world, one))
        return JSONResponse({"errors": ["not found"]}, 404)

    async def user(request: Request) -> JSONResponse:
        for person in (world.brand, *world.people):
            if person.handle == request.path_params["name"]:
                told = {"username": person.handle, "name": person.name, "created_at": person.joined.isoformat()}
                return JSONResponse({"user": {**told, "trust_level": 2}})
        return JSONResponse({"errors": ["not found"]}, 404)

    return Starlette(
        routes=[
            Route("/posts.json", latest),
            Route("/posts/{number:int}.json", post),
            Route("/posts/by_number/{topic:int}/{number:int}.json", by_number),
            Route("/u/{name}.json", user),
        ]
    )


def _thread(world: World, one: Said) -> list[Said]:
    root = world.root(one)
    return [other for other in world.said if other.kind in CARRIES and world.root(other) == root]


def _place(world: World, one: Said) -> int:
    """A post's number within its topic, which it keeps when others are taken back."""
    return _thread(world, one).index(one) + 1


def _post(world: World, one: Said) -> dict[str, Any]:
    now = world.now()
    about = world.ever(one.about) if one.about is not None else None
    # Whoever answers the topic itself has no such number, as on the real one.
    answered = None if about is None or about.about is None else _place(world, about)
    return {
        "id": one.number,
        "name": one.author.name,
        "username": one.author.handle,
        "created_at": one.at.isoformat(),
        "updated_at": (one.changed_at(now) or one.at).isoformat(),
        "cooked": f"<p>{one.text_at(now)}</p>",
        "post_number": _place(world, one),
        "reply_to_post_number": answered,
        "topic_id": world.root(one).number,
        "topic_slug": "a-topic",
    }
