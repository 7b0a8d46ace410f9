"""All the invented platforms, each on a port of its own: ``python -m rapport.demo.platforms.serve PLAN``.

The world is made from the plan alone, so servers that are killed and started again go on with the same one.
"""

import asyncio
import random
import sys
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from msgspec import Struct

from rapport.demo.platforms.faults import Faulty
from rapport.demo.platforms.world import World, invented

HOST = "127.0.0.1"


class Plan(Struct, frozen=True):
    """``count`` acts a platform, one ``every`` so many seconds from ``begin``; a share ``faults`` of answers fails.

    ``ports`` by the kind of source.
    """

    begin: datetime
    count: int
    every: float
    word: str
    faults: float
    ports: dict[str, int]


def platform(kind: str) -> Any:
    """The module of an invented platform."""
    return import_module(f"rapport.demo.platforms.{kind}")


def world(plan: Plan) -> World:
    return invented(lambda: datetime.now(UTC), plan.begin, plan.count, timedelta(seconds=plan.every), plan.word)


def tables(plan: Plan) -> dict[str, dict[str, Any]]:
    """``[sources]`` that listens to what is served."""
    return {kind: platform(kind).table(f"http://{HOST}:{port}") for kind, port in plan.ports.items()}


def secrets(plan: Plan) -> dict[str, str]:
    """Environment in which the tables find their secrets; none of them opens anything."""
    return {name: value for kind in plan.ports for name, value in platform(kind).ENV.items()}


async def serve(plan: Plan) -> None:
    """Until cancelled."""
    shown, seed = world(plan), int(datetime.now(UTC).timestamp())
    servers = [
        uvicorn.Server(
            uvicorn.Config(
                Faulty(platform(kind).app(shown), plan.faults, random.Random(f"{seed} {kind}")),
                host=HOST,
                port=port,
                log_config=None,
                access_log=False,
                lifespan="off",
            )
        )
        for kind, port in plan.ports.items()
    ]
    await asyncio.gather(*(server.serve() for server in servers))


if __name__ == "__main__":
    asyncio.run(serve(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Plan)))
