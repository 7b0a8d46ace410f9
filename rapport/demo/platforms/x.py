"""X, invented: mentions, posts of the brand, the search of the last week, and single posts."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from rapport.demo.platforms.world import Kind, Person, Said, World

CARRIES = frozenset({Kind.POST, Kind.ANSWER})
ENV = {"X_TOKEN": "invented"}
EPOCH = 1_288_834_974_657
LIMIT, PERIOD = 3_000, timedelta(minutes=15)  # calls of a path; the real one allows 450, but its world is not hurried


def account(person: Person) -> str:
    return f"x:{person.number}"


def act(one: Said) -> str:
    return f"x:{_id(one, one.at)}"


def table(url: str) -> dict[str, Any]:
    budget = {"limit": 100_000.0, "per": "month"}
    return {"kind": "x", "url": url, "token": {"env": "X_TOKEN"}, "budget": budget, "checks": budget}


def app(world: World, limit: int = LIMIT) -> Starlette:
    calls: dict[str, tuple[datetime, int]] = {}

    def limited(path: str) -> JSONResponse | None:
        begin, count = calls.get(path, (world.now(), 0))
        if world.now() - begin >= PERIOD:
            begin, count = world.now(), 0
        calls[path] = (begin, count + 1)
        reset = str(int((begin + PERIOD).timestamp()))
        headers = {"x-rate-limit-limit": str(limit), "x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}
        return JSONResponse({"title": "Too Many Requests"}, 429, headers) if count >= limit else None

    def page(request: Request, found: Iterable[Said]) -> JSONResponse:
        asked = request.query_params
        window = asked["start_time"], asked["end_time"]
        there = [one for one in found if window[0] <= _second(_changed(world, one)) < window[1]][::-1]
        begin = int(asked.get("pagination_token") or asked.get("next_token") or 0)
        size = int(asked["max_results"])
        shown = there[begin : begin + size]
        people = {one.author.number: one.author for one in shown}
        meta = {"result_count": len(shown), **({"next_token": str(begin + size)} if begin + size < len(there) else {})}
        if not shown:
            return JSONResponse({"meta": meta})
        includes = {"users": [_user(person) for person in people.values()]}
        return JSONResponse({"data": [_post(world, one) for one in shown], "includes": includes, "meta": meta})

    async def mentions(request: Request) -> JSONResponse:
        number = int(request.path_params["number"])
        return page(request, (one for one in world.there(*CARRIES) if number in _mentioned(world, one)))

    async def own(request: Request) -> JSONResponse:
        number = int(request.path_params["number"])
        return page(request, (one for one in world.there(*CARRIES) if one.author.number == number))

    async def search(request: Request) -> JSONResponse:
        query = request.query_params["query"]
        if len(query) > 512:
            return JSONResponse({"title": "Invalid Request"}, 400)
        words = [word.casefold() for word in re.findall(r'"([^"]+)"', query)]
        conversations = set(re.findall(r"conversation_id:(\d+)", query))
        found = [
            one
            for one in world.there(*CARRIES)
            if any(word in one.text_at(world.now()).casefold() for word in words)
            or _id(world.root(one), world.root(one).at) in conversations
        ]
        return page(request, found)

    async def by_id(request: Request) -> JSONResponse:
        wanted = request.query_params["ids"].split(",")
        there = [one for one in world.there(*CARRIES) if _id(one, one.at) in wanted]
        gone = set(wanted) - {_id(one, one.at) for one in there}
        errors = [{"resource_id": number, "title": "Not Found Error"} for number in sorted(gone)]
        return JSONResponse(
            {
                **(
                    {"data": [{"id": _id(one, one.at), "text": one.text_at(world.now())} for one in there]}
                    if there
                    else {}
                ),
                **({"errors": errors} if errors else {}),
            }
        )

    paths = {"tweets": by_id, "tweets/search/recent": search}

    async def answer(request: Request) -> JSONResponse:
        path = request.path_params["path"]
        if request.headers.get("Authorization") != f"Bearer {ENV['X_TOKEN']}":
            return JSONResponse({"title": "Unauthorized"}, 401)
        if refused := limited(path):
            return refused
        if path in paths:
            return await paths[path](request)
        _, number, what = path.split("/")
        request.path_params["number"] = number
        return await (mentions if what == "mentions" else own)(request)

    return Starlette(routes=[Route("/{path:path}", answer)])


def _id(one: Said, at: datetime) -> str:
    """An edit has an id of its own, of its own time."""
    return str((int(at.timestamp() * 1000) - EPOCH << 22) + one.number)


def _changed(world: World, one: Said) -> datetime:
    return one.changed_at(world.now()) or one.at


def _second(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def _mentioned(world: World, one: Said) -> list[int]:
    return [world.ever(one.about).author.number] if one.about is not None else []


def _user(person: Person) -> dict[str, Any]:
    metrics = {"followers_count": person.followers, "following_count": person.following, "tweet_count": person.posts}
    told = {"id": str(person.number), "username": person.handle, "name": person.name}
    return {**told, "created_at": person.joined.isoformat(), "public_metrics": metrics}


def _post(world: World, one: Said) -> dict[str, Any]:
    about = world.ever(one.about) if one.about is not None else None
    at, first = _changed(world, one), _id(one, one.at)
    told: dict[str, Any] = {
        "id": _id(one, at),
        "text": one.text_at(world.now()),
        "author_id": str(one.author.number),
        "created_at": at.isoformat(),
        "conversation_id": _id(world.root(one), world.root(one).at),
        "edit_history_tweet_ids": [first] if at == one.at else [first, _id(one, at)],
        "entities": {"mentions": [{"id": str(number), "username": "a"} for number in _mentioned(world, one)]},
        "lang": "en",
    }
    if about:
        told["in_reply_to_user_id"] = str(about.author.number)
        told["referenced_tweets"] = [{"type": "replied_to", "id": _id(about, about.at)}]
    return told
