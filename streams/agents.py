"""The Faust agents: glue around ``fold_batch`` and ``refold`` that loses nothing and counts nothing twice.

The order within a batch is the guarantee: send the outputs and await them, write the table and await that, acknowledge.
Why each rule is needed stands in docs/design.md, "Exact tables".
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import faust
import structlog
from faust.types import TP

from events import Brands, Invalid, Relationship, Route, Scored, encode
from events.topics import DEAD_LETTERS, INTERACTIONS, LATE, RELATIONSHIPS, ROUTES_HEADER, SCORED, WORKER_GROUP
from scoring.fold import Fact
from streams.batch import DeadLetter, Folded, Message, fold_batch, headers_of, kept_bytes, read
from streams.progress import SinkProgress
from streams.refold import History, refold
from streams.settings import TABLE, StreamSettings
from streams.state import Kept, mark_key, newest_table, pack, pack_mark, partition_of, unpack, unpack_mark

log = structlog.get_logger(__name__)

DEAD_IN_A_ROW = 1_000  # more than this is a bad deploy, not bad data
WITHIN = 0.1  # seconds that a batch waits for company
SEEK_AGAIN = 0.5  # seconds

Handle = Callable[[list[Message], dict[bytes, int]], Awaitable[None]]


def create_app(
    settings: StreamSettings, brands: Brands, history: History, progressed: Callable[[], None] = lambda: None
) -> faust.App:
    """``progressed`` is called after each batch: the pulse that a watchdog listens to."""
    app = faust.App(WORKER_GROUP, **settings.faust())
    people = app.tables.add(
        newest_table(faust.Table)(app, name=TABLE, partitions=settings.partitions, key_type=bytes, value_type=bytes)
    )
    worker = Worker(app, people, settings, brands, history)
    app.timer(SEEK_AGAIN)(worker.seek_missing)
    for topic, handle in ((INTERACTIONS, worker.fold), (LATE, worker.repair)):
        source = app.topic(topic, key_serializer="raw", value_serializer="raw", partitions=settings.partitions)
        agent = _agent(worker, topic, handle, progressed)
        app.agent(source, name=f"{WORKER_GROUP}.{topic}", concurrency=1)(agent)
    return app


def _agent(worker: "Worker", topic: str, handle: Handle, progressed: Callable[[], None]) -> Any:
    async def agent(stream: Any) -> None:
        async for events in stream.noack_take(worker.settings.batch, within=WITHIN):
            fresh, done, marks = worker.contiguous(topic, events)
            if fresh:
                await handle(fresh, marks)
                progressed()
            for event in done:
                await stream.ack(event)

    return agent


class Worker:
    """What both agents share: the table, one lock around every change of it, and the marks."""

    def __init__(self, app: faust.App, people: Any, settings: StreamSettings, brands: Brands, history: History) -> None:
        self.app, self.people, self.settings, self.brands, self.history = app, people, settings, brands, history
        self.marks = {
            (topic, partition): mark_key(topic, partition, settings.partitions)
            for topic in (INTERACTIONS, LATE)
            for partition in range(settings.partitions)
        }
        self.missing: dict[TP, int] = {}  # where a partition has to go on, after Faust skipped something
        self.changing = asyncio.Lock()
        self.dead_in_a_row = 0
        self.progress: SinkProgress | None = None

    def contiguous(self, topic: str, events: Sequence[Any]) -> tuple[list[Message], list[Any], dict[bytes, int]]:
        """The messages that come next, the events to acknowledge, and the marks after them.

        A jump over the mark means that Faust skipped something: ``seek_missing`` goes back, and what came too early
        is dropped.
        """
        fresh: list[Message] = []
        done: list[Any] = []
        marks: dict[bytes, int] = {}
        for event in events:
            message = event.message
            key = self.marks[topic, message.partition]
            mark = marks.get(key, unpack_mark(self.people.get(key)))
            if mark is not None and message.offset > mark + 1:
                if TP(topic, message.partition) not in self.missing:
                    log.warning("offsets skipped; going back", topic=topic, partition=message.partition, to=mark + 1)
                self.missing[TP(topic, message.partition)] = mark + 1
                continue
            self.missing.pop(TP(topic, message.partition), None)
            done.append(event)
            if mark is None or message.offset == mark + 1:
                marks[key] = message.offset
                fresh.append(_message(event))
        return fresh, done, marks

    async def seek_missing(self) -> None:
        """Go back to what was skipped; to be called again and again until it has come.

        One seek is not enough: records on their way while it happens move Faust's own reading position forward
        again, and it then drops what we went back for.
        """
        for part, offset in list(self.missing.items()):
            if part in self.app.consumer.assignment():
                await self.app.consumer.seek(part, offset)
            else:
                del self.missing[part]

    async def fold(self, messages: list[Message], marks: dict[bytes, int]) -> None:
        """Messages of ``interactions``."""
        async with self.changing:
            folded = fold_batch(messages, self.kept, self.brands)
            await self._send_folded(folded)
            await self._keep(folded.states, marks)
        all_dead = len(folded.dead) == len(messages)
        self.dead_in_a_row = self.dead_in_a_row + len(messages) if all_dead else 0
        if self.dead_in_a_row > DEAD_IN_A_ROW:
            raise RuntimeError(f"{self.dead_in_a_row} messages in a row cannot be read; see {DEAD_LETTERS}")

    async def repair(self, messages: list[Message], marks: dict[bytes, int]) -> None:
        """Messages of ``late``: each person's history is folded again from the warehouse, with them in it."""
        late: dict[bytes, list[Fact]] = {}
        partitions: dict[bytes, int] = {}
        for message in messages:
            try:
                interaction, routes = read(message, self.brands)
            except Invalid as invalid:  # it was readable when it was sent here
                raise RuntimeError(f"{LATE} holds an unreadable message: {invalid}") from invalid
            late.setdefault(message.key, []).append((interaction, routes or ()))
            partitions[message.key] = message.partition
        while late:
            await self._repaired(late, {partitions[key] for key in late})
        await self._keep({}, marks)

    async def _repaired(self, late: dict[bytes, list[Fact]], partitions: Iterable[int]) -> None:
        """Take out of ``late`` everybody who could be re-folded; who changed meanwhile stays for the next round."""
        before = {key: self.kept(key).version for key in late}
        if self.progress is None:
            self.progress = await asyncio.to_thread(SinkProgress, self.settings.kafka)
        await asyncio.to_thread(self.progress.wait, partitions)
        stored = await asyncio.to_thread(self.history, [key.decode() for key in late])
        async with self.changing:
            unchanged = [key for key in late if self.kept(key).version == before[key]]
            folded = Folded()
            for key in unchanged:
                facts = late.pop(key)
                if result := refold(key.decode(), self.kept(key), stored.get(key.decode(), []), facts):
                    folded.states[key] = result.kept
                    folded.scored.extend(result.scored)
                    folded.relationships.extend(result.relationships)
            await self._send_folded(folded)
            await self._keep(folded.states, {})

    def kept(self, key: bytes) -> Kept:
        return unpack(self.people.get(key))

    async def _send_folded(self, folded: Folded) -> None:
        sends = [self._scored(row) for row in folded.scored]
        sends += [self._relationship(row) for row in folded.relationships]
        sends += [self._send(LATE, m.key, m.value, _routes_header(m.routes)) for m in folded.late]
        sends += [self._astray(*stray) for stray in folded.astray]
        sends += [self._dead(letter) for letter in folded.dead]
        await _acknowledged(sends)

    async def _keep(self, states: dict[bytes, Kept], marks: dict[bytes, int]) -> None:
        """Into the table's changelog first, into memory when Kafka has it.

        Not by ``people[key] = …``: that hands the changelog to a buffer whose flush gives up after a tenth of a
        second, and the acknowledgement of the source could overtake it.
        """
        values = {key: pack(kept) for key, kept in states.items()}
        values |= {key: pack_mark(offset) for key, offset in marks.items()}  # last: a mark speaks of what is written
        partitions = self.settings.partitions
        await _acknowledged(
            [
                self.app.producer.send(self.settings.changelog, key, value, partition_of(key, partitions), None, None)
                for key, value in values.items()
            ]
        )
        for key, value in values.items():
            self.people.data[key] = value

    def _scored(self, row: Scored) -> Awaitable[Awaitable[Any]]:
        return self._send(SCORED, (row.person or row.interaction.actor.id).encode(), encode(row), {})

    def _relationship(self, row: Relationship) -> Awaitable[Awaitable[Any]]:
        return self._send(RELATIONSHIPS, row.person.encode(), encode(row), {})

    def _astray(self, key: bytes, interaction: Any, routes: tuple[Route, ...]) -> Awaitable[Awaitable[Any]]:
        return self._send(INTERACTIONS, key, encode(interaction), _routes_header(encode(routes)))

    def _dead(self, letter: DeadLetter) -> Awaitable[Awaitable[Any]]:
        return self._send(DEAD_LETTERS, letter.message.key, kept_bytes(letter), headers_of(letter, INTERACTIONS))

    def _send(self, topic: str, key: bytes, value: bytes, headers: dict[str, bytes]) -> Awaitable[Awaitable[Any]]:
        sent: Awaitable[Awaitable[Any]] = self.app.producer.send(topic, key, value, None, None, headers)
        return sent


async def _acknowledged(sends: Iterable[Awaitable[Awaitable[Any]]]) -> None:
    """Hand over in order, then wait until Kafka has all of it."""
    await asyncio.gather(*[await send for send in sends])


def _message(event: Any) -> Message:
    message = event.message
    headers = dict(message.headers or {})
    received = datetime.fromtimestamp(message.timestamp, UTC)
    return Message(
        message.partition,
        message.offset,
        message.key or b"",
        message.value or b"",
        headers.get(ROUTES_HEADER),
        received,
    )


def _routes_header(routes: bytes | None) -> dict[str, bytes]:
    return {} if routes is None else {ROUTES_HEADER: routes}
