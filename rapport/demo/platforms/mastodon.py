"""A server of Mastodon, invented: timelines, notifications, statuses with their context, and streams of events."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from html import escape
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from rapport.demo.platforms.world import Kind, Person, Said, World

CARRIES = frozenset({Kind.POST, Kind.ANSWER, Kind.FOLLOW})
ENV = {"MASTODON_TOKEN": "invented"}
DOMAIN = "social.example"
LIMIT, PERIOD = 3_000, 300  # requests in seconds; the real one allows 300, but its world is not as hurried
TICK = 0.2  # seconds between two looks of a stream at the world


def account(person: Person) -> str:
    return f"mastodon:{person.handle}@{DOMAIN}"


def act(one: Said) -> str:
    return (
        f"mastodon:{DOMAIN}/notification/{one.number}"
        if one.kind is not Kind.POST and one.kind is not Kind.ANSWER
        else f"mastodon:{_uri(one)}"
    )


def table(url: str) -> dict[str, Any]:
    budget = {"limit": 100_000, "per": "minute"}
    return {"kind": "mastodon", "url": url, "domain": DOMAIN, "token": {"env": "MASTODON_TOKEN"}, "budget": budget}


def app(world: World, limit: int = LIMIT) -> Starlette:
    def there() -> list[Said]:
        return list(world.there(Kind.POST, Kind.ANSWER))

    def page(request: Request, found: Iterable[dict[str, Any]]) -> JSONResponse:
        """As all lists there are paged: newest first; with ``min_id`` those right above it."""
        asked = request.query_params
        least, most, size = (
            int(asked.get(name, default)) for name, default in (("min_id", 0), ("max_id", 2**63), ("limit", 20))
        )
        shown = [one for one in found if least < int(one["id"]) < most]
        shown = shown[: min(size, 40)] if "min_id" in asked else shown[-min(size, 40) :]
        return JSONResponse(shown[::-1])

    async def tag(request: Request) -> JSONResponse:
        word = request.path_params["tag"]
        return page(request, (_status(world, one) for one in there() if word in one.text_at(world.now()).casefold()))

    async def lookup(request: Request) -> JSONResponse:
        for person in (world.brand, *world.people):
            if request.query_params["acct"] in (person.handle, f"{person.handle}@{DOMAIN}"):
                return JSONResponse(_account(person))
        return _not_found()

    async def me(request: Request) -> JSONResponse:
        return JSONResponse(_account(world.brand))

    async def own(request: Request) -> JSONResponse:
        number = int(request.path_params["number"])
        shown = [one for one in there() if one.author.number == number]
        shares = [one for one in world.there(Kind.SHARE) if one.author.number == number]
        return page(request, sorted((_status(world, one) for one in (*shown, *shares)), key=lambda one: int(one["id"])))

    async def notifications(request: Request) -> JSONResponse:
        return page(request, _notifications(world))

    async def statuses(request: Request) -> JSONResponse:
        wanted = set(request.query_params.getlist("id[]"))
        if len(wanted) > 20:
            return JSONResponse({"error": "too many"}, 422)
        return JSONResponse([_status(world, one) for one in there() if _id(one) in wanted])

    async def context(request: Request) -> JSONResponse:
        one = next((one for one in there() if _id(one) == request.path_params["id"]), None)
        if one is None:
            return _not_found()
        above, below, parent = [], {one.number}, one
        while parent.about is not None and (found := world.get(parent.about)):
            parent = found
            above.append(_status(world, parent))
        for other in there():
            if other.about in below:
                below.add(other.number)
        shown = [_status(world, other) for other in there() if other.number in below - {one.number}]
        return JSONResponse({"ancestors": above[::-1], "descendants": shown})

    async def instance(request: Request) -> JSONResponse:
        base = str(request.base_url).replace("http", "ws", 1).rstrip("/")
        return JSONResponse({"domain": DOMAIN, "version": "4.5.0", "configuration": {"urls": {"streaming": base}}})

    async def stream(request: Request) -> StreamingResponse:
        word = request.query_params.get("tag")
        events = _tagged(world, word) if word else _notified(world)
        return StreamingResponse(events, media_type="text/event-stream")

    routes = [
        ("/api/v1/timelines/tag/{tag}", tag),
        ("/api/v1/accounts/lookup", lookup),
        ("/api/v1/accounts/verify_credentials", me),
        ("/api/v1/accounts/{number}/statuses", own),
        ("/api/v1/notifications", notifications),
        ("/api/v1/statuses", statuses),
        ("/api/v1/statuses/{id}/context", context),
        ("/api/v2/instance", instance),
        ("/api/v1/streaming/hashtag", stream),
        ("/api/v1/streaming/user/notification", stream),
    ]
    return Starlette(
        routes=[Route(path, handler) for path, handler in routes],
        middleware=[Middleware(Limited, world=world, limit=limit)],
    )


class Limited:
    """Asks for the token, and counts requests."""

    def __init__(self, app: ASGIApp, world: World, limit: int) -> None:
        self.app, self.world, self.limit = app, world, limit
        self.begin, self.count = world.now(), 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        now = self.world.now()
        if now - self.begin >= timedelta(seconds=PERIOD):
            self.begin, self.count = now, 0
        self.count += 1
        reset = (self.begin + timedelta(seconds=PERIOD)).isoformat()
        if dict(scope["headers"]).get(b"authorization") != f"Bearer {ENV['MASTODON_TOKEN']}".encode():
            await JSONResponse({"error": "The access token is invalid"}, 401)(scope, receive, send)
        elif self.count > self.limit:
            headers = {"X-RateLimit-Limit": str(self.limit), "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
            await JSONResponse({"error": "Too many requests"}, 429, headers)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _not_found() -> JSONResponse:
    return JSONResponse({"error": "Record not found"}, 404)


def _uri(one: Said) -> str:
    return f"https://{DOMAIN}/users/{one.author.handle}/statuses/{one.number}"


def _id(one: Said) -> str:
    return str((int(one.at.timestamp() * 1000) << 16) + one.number % 2**16)


def _account(person: Person) -> dict[str, Any]:
    return {
        "id": str(person.number),
        "acct": person.handle,
        "display_name": person.name,
        "bot": person.automated,
        "created_at": person.joined.date().isoformat() + "T00:00:00.000Z",
        "followers_count": person.followers,
        "following_count": person.following,
        "statuses_count": person.posts,
        "noindex": False,
    }


def _status(world: World, one: Said) -> dict[str, Any]:
    now = world.now()
    about = world.ever(one.about) if one.about is not None else None
    there = about is not None and one.kind is Kind.ANSWER and about.there_at(now)
    changed = one.changed_at(now)
    return {
        "id": _id(one),
        "uri": _uri(one),
        "url": f"https://{DOMAIN}/@{one.author.handle}/{_id(one)}",
        "created_at": one.at.isoformat(),
        "edited_at": changed and changed.isoformat(),
        "account": _account(one.author),
        "content": f"<p>{escape(one.text_at(now))}</p>",
        "visibility": "public",
        "in_reply_to_id": _id(about) if about and there else None,
        "in_reply_to_account_id": str(about.author.number) if about and there else None,
        "mentions": [{"id": str(about.author.number), "acct": about.author.handle}]
        if about and one.kind is Kind.ANSWER
        else [],
        "language": "en",
        "replies_count": sum(other.about == one.number for other in world.there(Kind.ANSWER)),
        "reblog": _status(world, about) if about and one.kind is Kind.SHARE else None,
    }


def _notifications(world: World) -> list[dict[str, Any]]:
    """Of the brand's account: who answers it, likes or shares what it says, or follows it."""
    found = []
    for one in world.there():
        about = world.ever(one.about) if one.about is not None else None
        told = {Kind.ANSWER: "mention", Kind.LIKE: "favourite", Kind.SHARE: "reblog", Kind.FOLLOW: "follow"}.get(
            one.kind
        )
        if one.author == world.brand or not told or (about and about.author != world.brand):
            continue
        shown = one if one.kind is Kind.ANSWER else about
        found.append(
            {
                "id": str(one.number),
                "type": told,
                "created_at": one.at.isoformat(),
                "account": _account(one.author),
                **({"status": _status(world, shown)} if shown else {}),
            }
        )
    return found


def _event(name: str, payload: Any) -> str:
    return f"event: {name}\ndata: {payload if isinstance(payload, str) else json.dumps(payload)}\n\n"


async def _notified(world: World) -> AsyncIterator[str]:
    yield ":)\n\n"
    seen = {one["id"] for one in _notifications(world)}
    while True:
        for one in _notifications(world):
            if one["id"] not in seen:
                seen.add(one["id"])
                yield _event("notification", one)
        yield ":thump\n\n"
        await asyncio.sleep(TICK)


async def _tagged(world: World, tag: str) -> AsyncIterator[str]:
    """No answers and no shares; edits and deletions, too."""
    yield ":)\n\n"
    posts = [one for one in world.said if one.kind is Kind.POST and tag in one.text.casefold()]
    before = world.now()
    while True:
        now = world.now()
        for one in posts:
            if before < one.at <= now:
                yield _event("update", _status(world, one))
            if one.edited and before < one.edited[0] <= now and one.there_at(now):
                yield _event("status.update", _status(world, one))
            if one.deleted and before < one.deleted <= now:
                yield _event("delete", _id(one))
        before = now
        yield ":thump\n\n"
        await asyncio.sleep(TICK)
