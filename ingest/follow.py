"""One source, followed for as long as we run: pull, publish, save the cursor, say how far we are."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from events import Brands, SourceStatus
from events.brands import by_person
from events.erasures import Erased
from ingest.change import Change, Reader, ids
from ingest.errors import Refused, SourceError, Throttled
from ingest.ledger import Ledger
from ingest.publish import PublishError, Publishing
from ingest.source import Item, Page, Source, shown
from ingest.watch import Watch

log = structlog.get_logger(__name__)

LONGEST_PAUSE = 300.0  # seconds between two tries of a source that fails
REFUSED_PAUSE = 600.0  # where somebody has to mend something first
BEAT_SECONDS = 5.0
GRACE_SECONDS = 3.0
PAST = "#past"  # added to the name of a source whose time before its first pull is read, too


@dataclass
class Following:
    """What all sources share. ``stopping`` is set when it is time to end. ``erased`` blocks: it may ask Kafka."""

    publisher: Publishing
    ledger: Ledger
    brands: Brands
    clock: Callable[[], datetime]
    stopping: asyncio.Event
    counted: Callable[[str, Change, Page], None] = lambda source, change, page: None
    erased: Callable[[], Erased] = Erased
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def say(self, statuses: Iterable[SourceStatus]) -> None:
        """Return when Kafka has acknowledged them. Raises ``PublishError``."""
        if said := list(statuses):
            async with self.turn:
                await self.send(Change(), said)

    async def send(self, change: Change, said: Sequence[SourceStatus]) -> None:
        """The same of ``change``, too. For who has the ``turn``: one thread at a time uses a producer."""
        if change.acts or change.dead or said:
            await asyncio.to_thread(self._send, change, said, self.clock())

    def _send(self, change: Change, said: Sequence[SourceStatus], now: datetime) -> None:
        for act in change.acts:
            self.publisher.publish(act, by_person(act, self.brands.routes(act)))
        for letter in change.dead:
            self.publisher.dead_letter(letter, now)
        for status in said:
            self.publisher.status(status)
        self.publisher.flush()

    async def erased_now(self) -> Erased:
        async with self.asking:
            return await asyncio.to_thread(self.erased)

    async def sleep(self, seconds: float) -> None:
        """Until then, or until it is time to end."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)


def _is_gone(item: Item, brands: Brands, erased: Erased) -> bool:
    """Whether nothing of it may be kept: what an erased account did, and what was said to one."""
    act = shown(item)
    return bool(erased) and act is not None and not erased.left(act, brands.routes(act))


async def follow(source: Source, since: datetime, every: float, shared: Following, cannot: str = "") -> None:
    """Pull ``source``, ``every`` so many seconds, until ``shared.stopping``.

    What fails is tried again; only Kafka's and the ledger's faults are raised.

    Without a cursor it begins at ``since``. Where a cursor is there and ``since`` lies before what it has seen, that
    past is read beside it, once. ``cannot``: what nobody can see there.
    """
    ledger, now = shared.ledger, shared.clock()
    watch = Watch(source.name, source.resumes, ledger.heard(source.name), now, cannot)
    await shared.say(watch.begin(now))
    begun = ledger.place(source.name).since
    if begun is None:
        ledger.save(source.name, None, None, since)
    follower = Follower(source, source.name, begun or since, every, watch, shared)
    work = [follower.ever(), follower.beat()]
    if begun and since < begun and not source.endless:
        work.append(Follower(source, source.name + PAST, since, every, watch, shared).past())
    tasks = [asyncio.create_task(one) for one in work]
    try:
        await _until(shared.stopping, tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await shared.say(watch.end(shared.clock()))


async def _until(stopping: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
    """Until it is time to end, and then as long as a page may take; raises what a task raises."""
    told = asyncio.create_task(stopping.wait())
    waited: set[asyncio.Task[Any]] = {told, *tasks}
    try:
        while not told.done():
            done, waited = await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        done, _ = await asyncio.wait(waited, timeout=GRACE_SECONDS) if waited else (set(), set())
        for task in done:
            task.result()
    finally:
        told.cancel()


@dataclass(frozen=True)
class Follower:
    """Pulls ``source`` with the cursor that is kept under ``key``, from ``since`` on."""

    source: Source
    key: str
    since: datetime
    every: float
    watch: Watch
    shared: Following

    async def ever(self) -> None:
        pause = self.every
        while not self.shared.stopping.is_set():
            wait = await self._try()
            pause = self.every if wait is None else min(max(1.0, 2 * pause), LONGEST_PAUSE)
            await self.shared.sleep(wait or pause)

    async def past(self) -> None:
        """Once, with a cursor of its own, so that a kill does not begin it anew."""
        ledger, name = self.shared.ledger, self.source.name
        if ledger.place(self.key).since != self.since:
            ledger.save(self.key, None, None, self.since)
        while (wait := await self._try()) is not None and not self.shared.stopping.is_set():
            await self.shared.sleep(wait or LONGEST_PAUSE)
        if wait is None and not self.shared.stopping.is_set():
            with ledger.transaction():
                place = ledger.place(name)
                ledger.save(name, place.cursor, place.position, self.since)
                ledger.forget(self.key)

    async def beat(self) -> None:
        """Say that we listen, also when nothing happens."""
        while not self.shared.stopping.is_set():
            await self.shared.sleep(BEAT_SECONDS)
            now = self.shared.clock()
            if statuses := list(self.watch.beat(now)):
                self.shared.ledger.hear(self.source.name, self.watch.heard(now))
                await self.shared.say(statuses)

    async def _try(self) -> float | None:
        """Pull once. Nothing when that went well; else seconds to wait, 0 where nobody knows."""
        try:
            await self._catch_up()
        except Throttled as error:
            await self._failed(f"{error}; goes on at {error.until:%Y-%m-%d %H:%M:%S} UTC")
            return max(1.0, (error.until - self.shared.clock()).total_seconds())
        except SourceError as error:
            await self._failed(str(error))
            return REFUSED_PAUSE if isinstance(error, Refused) else 0.0
        except (PublishError, sqlite3.Error):
            raise
        except Exception as error:  # a fault of ours in one connector must not stop the others
            log.exception("a fault of rapport", source=self.source.name)
            await self._failed(f"a fault of rapport: {type(error).__name__}; see the log")
            return REFUSED_PAUSE
        return None

    async def _failed(self, reason: str) -> None:
        now = self.shared.clock()
        if statuses := list(self.watch.failed(reason, now)):
            log.warning("not read", source=self.source.name, reason=reason)
            self.shared.ledger.hear(self.source.name, self.watch.heard(now))
            await self.shared.say(statuses)

    async def _catch_up(self) -> None:
        cursor = self.shared.ledger.place(self.key).cursor
        async with aclosing(self.source.pull(cursor, self.since)) as pages:
            async for page in pages:
                await self._publish(page)
                if self.shared.stopping.is_set():
                    return
        if self._is_now:
            await self.shared.say(self.watch.caught_up(self.shared.clock()))

    async def _publish(self, page: Page) -> None:
        """Plan, publish, and only when Kafka has it: keep what it was, and where to go on.

        One page at a time of all sources: two may bring the same act.
        """
        ledger, name = self.shared.ledger, self.source.name
        erased = await self.shared.erased_now()
        async with self.shared.turn:
            now = self.shared.clock()
            reader = Reader(ledger.kept(ids(page.items)), self.shared.brands, ledger.noticed, now, name)
            change = reader.read(item for item in page.items if not _is_gone(item, self.shared.brands, erased))
            with ledger.transaction():
                ledger.plan(name, map(erased.unnamed, change.new), now)
            statuses = [self.watch.gap(gap, now) for gap in change.gaps]
            if self._is_now:
                newest = max((act.published for act in change.present), default=None)
                statuses += self.watch.page(page.position, newest, now)
            await self.shared.send(change, statuses)
            erased = await self.shared.erased_now()  # meanwhile: what is kept from here on stays
            present = [act for act in change.present if not _is_gone(act, self.shared.brands, erased)]
            with ledger.transaction():
                ledger.keep(name, map(erased.unnamed, present), now)
                ledger.removed(change.removed)
                ledger.save(self.key, page.cursor, page.position, self.since)
                ledger.hear(name, self.watch.heard(now))
        self.shared.counted(name, change, page)

    @property
    def _is_now(self) -> bool:
        return self.key == self.source.name
