"""Jetstream, invented: all records of the world as they are made, changed and taken back, and the profiles."""

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from rapport.demo.platforms import bluesky
from rapport.demo.platforms.world import Kind, Said, World

CARRIES = frozenset(Kind)
ENV: dict[str, str] = {}
TICK = 0.1  # seconds between two looks at the world

account, act = bluesky.account, bluesky.act


def table(url: str) -> dict[str, Any]:
    return {"kind": "jetstream", "url": f"{url.replace('http', 'ws', 1)}/subscribe", "profiles": url}


def app(world: World) -> Starlette:
    async def subscribe(socket: WebSocket) -> None:
        asked = socket.query_params
        reached = int(asked.get("cursor") or micros(world.now()))
        await socket.accept()
        try:
            while True:
                now = micros(world.now())
                for at, told in frames(world):
                    if reached <= at < now and told["commit"]["collection"] in asked.getlist("wantedCollections"):
                        await socket.send_text(json.dumps({**told, "time_us": at}))
                someone = bluesky.did(world.people[0])  # there is always something that concerns nobody
                await socket.send_text(json.dumps({"did": someone, "time_us": now, "kind": "identity", "identity": {}}))
                reached = now
                await asyncio.sleep(TICK)
        except WebSocketDisconnect:
            return

    async def profiles(request: Request) -> JSONResponse:
        return bluesky.profiles(world, request.query_params.getlist("actors"))

    return Starlette(
        routes=[WebSocketRoute("/subscribe", subscribe), Route("/xrpc/app.bsky.actor.getProfiles", profiles)]
    )


def frames(world: World) -> list[tuple[int, dict[str, Any]]]:
    """All that ever happens, in its order."""
    return sorted((told for one in world.said for told in _of(world, one)), key=lambda told: told[0])


def _of(world: World, one: Said) -> Iterator[tuple[int, dict[str, Any]]]:
    record = bluesky.record(world, one)
    if one.text:
        record["text"] = one.text
    yield micros(one.at), _frame(one, "create", record=record)
    if one.edited:
        yield micros(one.edited[0]), _frame(one, "update", record={**record, "text": one.edited[1]})
    if one.deleted:
        yield micros(one.deleted), _frame(one, "delete")


def _frame(one: Said, operation: str, **more: Any) -> dict[str, Any]:
    collection = bluesky.COLLECTIONS[one.kind]
    commit = {"rev": "1", "operation": operation, "collection": collection, "rkey": bluesky.key(one), **more}
    return {"did": bluesky.did(one.author), "kind": "commit", "commit": commit}


def micros(time: datetime) -> int:
    return int(time.timestamp() * 1e6)
