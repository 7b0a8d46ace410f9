"""All configured sources together, until it is time to end."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from events import Brands
from events.erasures import Erased
from ingest.budget import Budget, Meter
from ingest.change import Change
from ingest.client import Client, Hosts, hosts
from ingest.follow import Following, follow
from ingest.ledger import Ledger
from ingest.publish import Publishing
from ingest.source import Page, Setting, Source
from ingest.sources import read

FIRST_LOOK = timedelta(days=7)  # how far back a new source begins when nobody says


@dataclass(frozen=True)
class Listening:
    """``tables`` is ``[sources]`` of ``rapport.toml``; ``since`` holds for those that do not say their own."""

    tables: Mapping[str, Mapping[str, Any]]
    brands: Brands
    contact: str
    version: str
    since: datetime | None = None


async def listen(
    asked: Listening,
    publisher: Publishing,
    ledger: Ledger,
    stopping: asyncio.Event,
    *,
    counted: Callable[[str, Change, Page], None],
    ready: Callable[[], None] = lambda: None,
    erased: Callable[[], Erased] = Erased,
) -> None:
    """Follow every source until ``stopping``. Raises ``SettingsError``, ``SecretError``, ``PublishError``."""
    ledger.tidy(now())
    shared = Following(publisher, ledger, asked.brands, now, stopping, counted, erased)
    async with hosts(asked.contact, asked.version) as connections:
        followed = [
            asyncio.create_task(follow(one.source, one.since, one.every, shared, one.cannot), name=one.source.name)
            for one in made(asked, connections, ledger)
        ]
        ready()
        try:
            await asyncio.gather(*followed)
        finally:
            for task in followed:
                task.cancel()
            await asyncio.gather(*followed, return_exceptions=True)


@dataclass(frozen=True)
class Followed:
    """``source`` from ``since`` on, ``every`` so many seconds; what nobody can see of it."""

    source: Source
    since: datetime
    every: float
    cannot: str


def made(asked: Listening, connections: Hosts, ledger: Ledger) -> list[Followed]:
    """Every source. Raises ``SettingsError``, ``SecretError``."""
    found: list[Followed] = []
    for name, table in asked.tables.items():
        common, module, settings = read(name, table)
        begin = _utc(common.since or asked.since or now() - FIRST_LOOK)

        def meter(called: str, budget: Budget, owner: str = name) -> Meter:
            return Meter(f"{owner} {called}".strip(), budget, ledger, now)

        client = Client(connections, meter("", getattr(settings, "budget", UNLIMITED)), now)
        setting = Setting(name, client, asked.brands, now, ledger.published, ledger.stale, meter)
        every = common.every_seconds
        found += [
            Followed(source, begin, every or source.poll_every, module.CANNOT)
            for source in module.sources(settings, setting)
        ]
    return found


UNLIMITED = Budget(limit=float("inf"))


def now() -> datetime:
    return datetime.now(UTC)


def _utc(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
