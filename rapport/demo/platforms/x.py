"""X, invented: mentions, posts of an account, recent search, and posts by id, of the API version 2."""

import re
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from rapport.demo.platforms.world import Kind, Person, Said, World

CARRIES = frozenset({Kind.POST, Kind.ANSWER, Kind.SHARE})
ENV = {"X_TOKEN": "invented"}


def account(person: Person) -> str:
    return f"x:{person.number}"


def act(one: Said) -> str:
    return f"x:{one.number}"


def table(url: str) -> dict[str, Any]:
    dollars = {"limit": 100_000.0, "per": "month"}
    return {
        "kind": "x",
        "token": {"env": "X_TOKEN"},
        "url": url,
        "recheck_hours": 0.001,
        "dollars": dollars,
        "recheck_dollars": dollars,
    }


def app(world: World) -> Starlette:
    def answer(request: Request, found: list[Said]) -> JSONResponse:
        asked = request.query_params
        if request.headers.get("Authorization") != f"Bearer {ENV['X_TOKEN']}":
            return JSONResponse({"title": "Unauthorized", "status": 401}, 401)
        begin, end = _time(asked.get("start_time"), 0), _time(asked.get("end_time"), 2**40)
        newest_first = [one for one in reversed(found) if begin <= one.at.timestamp() < end]
        size, first = int(asked.get("max_results", 100)), int(asked.get("pagination_token", 0))
        shown = newest_first[first : first + size]
        meta: dict[str, Any] = {"result_count": len(shown)}
        if len(newest_first) > first + size:
            meta["next_token"] = str(first + size)
        if not shown:
            return JSONResponse({"meta": meta})
        abouts = [world.ever(one.about) for one in shown if one.about is not None]
        includes = {
            "users": [_user(person) for person in {one.author for one in shown}],
            "tweets": [_tweet(world, one) for one in abouts if one.there_at(world.now())],
        }
        return JSONResponse({"data": [_tweet(world, one) for one in shown], "includes": includes, "meta": meta})

    async def mentions(request: Request) -> JSONResponse:
        found = [one for one in world.there(Kind.ANSWER) if world.ever(one.about or 0).author == world.brand]
        return answer(request, found)

    async def tweets(request: Request) -> JSONResponse:
        return answer(request, [one for one in world.there(*CARRIES) if one.author == world.brand])

    async def search(request: Request) -> JSONResponse:
        query = request.query_params["query"]
        threads = set(re.findall(r"conversation_id:(\d+)", query))
        words = [word.lower() for word in re.findall(r'"([^"]+)"', query)]
        found = [
            one
            for one in world.there(*CARRIES)
            if str(world.root(one).number) in threads or any(word in _text(world, one).lower() for word in words)
        ]
        return answer(request, found)

    async def by_id(request: Request) -> JSONResponse:
        wanted = request.query_params["ids"].split(",")
        return answer(request, [one for one in world.there(*CARRIES) if str(one.number) in wanted])

    return Starlette(
        routes=[
            Route("/users/{number}/mentions", mentions),
            Route("/users/{number}/tweets", tweets),
            Route("/tweets/search/recent", search),
            Route("/tweets", by_id),
        ]
    )


def _time(text: str | None, otherwise: float) -> float:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp() if text else otherwise


def _text(world: World, one: Said) -> str:
    if one.kind is Kind.SHARE:
        shared = world.ever(one.about or 0)
        return f"RT @{shared.author.handle}: {shared.text_at(world.now())}"
    return one.text_at(world.now())


def _user(person: Person) -> dict[str, Any]:
    metrics = {"followers_count": person.followers, "following_count": person.following, "tweet_count": person.posts}
    joined = person.joined.isoformat()
    number = str(person.number)
    return {
        "id": number,
        "username": person.handle,
        "name": person.name,
        "created_at": joined,
        "public_metrics": metrics,
    }


def _tweet(world: World, one: Said) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": str(one.number),
        "edit_history_tweet_ids": [str(one.number)],
        "text": _text(world, one).replace("&", "&amp;"),
        "author_id": str(one.author.number),
        "created_at": one.at.isoformat(),
        "conversation_id": str(one.number if one.kind is Kind.SHARE else world.root(one).number),
        "lang": "en",
    }
    if one.about is None:
        return told
    about = world.ever(one.about)
    kind = "retweeted" if one.kind is Kind.SHARE else "replied_to"
    told["referenced_tweets"] = [{"type": kind, "id": str(one.about)}]
    if kind == "replied_to":
        told["in_reply_to_user_id"] = str(about.author.number)
        told["entities"] = {"mentions": [{"id": str(about.author.number), "username": about.author.handle}]}
    return told
