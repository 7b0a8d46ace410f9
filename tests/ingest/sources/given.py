"""What the tests of connectors share: brands, a clock that can be set, and a source read to its end."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from events import Brand, Brands
from ingest.budget import Budget, Meter
from ingest.client import Client, hosts
from ingest.ledger import Ledger
from ingest.listen import UNLIMITED
from ingest.source import Cursor, Page, Setting, Source
from ingest.sources import read

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Clock:
    """Says what it was set to."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@asynccontextmanager
async def connected(
    table: Mapping[str, Any],
    path: Path,
    clock: Clock,
    *,
    brands: Brands = Brands([Brand("acme", frozenset(), ("acme",))]),  # noqa: B008 - it is never changed
    transport: httpx.AsyncBaseTransport | None = None,
    name: str = "test",
) -> AsyncIterator[list[Source]]:
    """The sources of one table of ``[sources]``, as ``ingest.listen`` makes them."""
    _, module, settings = read(name, table)
    ledger = Ledger(path / "ledger")

    def meter(called: str, budget: Budget) -> Meter:
        return Meter(f"{name} {called}".strip(), budget, ledger, clock)

    async with hosts("", "test", transport) as connections:
        client = Client(connections, meter("", getattr(settings, "budget", UNLIMITED)), clock)
        yield module.sources(settings, Setting(name, client, brands, clock, ledger.published, ledger.stale, meter))
    ledger.close()


async def pulled(source: Source, cursor: Cursor | None, since: datetime) -> list[Page]:
    return [page async for page in source.pull(cursor, since)]
