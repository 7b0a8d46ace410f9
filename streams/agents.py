"""The Faust app and its agents: what Faust hands over is folded, new or late, and acknowledged when that is done."""

from collections.abc import Awaitable, Callable
from typing import Any

import faust

from events import Brands
from events.topics import INTERACTIONS, LATE, WORKER_GROUP
from streams.batch import Message
from streams.known import Memory
from streams.marks import Marks
from streams.people import People
from streams.refold import History
from streams.repair import Repair
from streams.sending import Sender
from streams.settings import TABLE, StreamSettings
from streams.state import newest_table
from streams.worker import TextReader, Worker

WITHIN = 0.1  # seconds that a batch waits for company
SEEK_AGAIN = 0.5  # seconds

Handle = Callable[[list[Message], dict[bytes, int]], Awaitable[None]]


def create_app(
    settings: StreamSettings,
    brands: Brands,
    history: History,
    read_texts: TextReader,
    progressed: Callable[[str], None] = lambda topic: None,
) -> faust.App:
    """``progressed`` is called with the topic after each batch: the pulse that a watchdog listens to."""
    app = faust.App(WORKER_GROUP, **settings.faust())
    torn: set[bytes] = set()
    newest = newest_table(faust.Table, torn)
    table = app.tables.add(newest(app, name=TABLE, partitions=settings.partitions, key_type=bytes, value_type=bytes))
    people, sender = People(app, table, settings), Sender(app)
    worker = Worker(people, sender, Memory(settings.kafka), brands, read_texts)
    repair = Repair(worker, torn, history, progressed)
    marks = Marks(app, table, settings.partitions)
    app.timer(SEEK_AGAIN)(marks.seek_missing)
    app.timer(SEEK_AGAIN)(repair.wish_for_torn)
    kinds = ((INTERACTIONS, worker.fold, settings.batch), (LATE, repair.late, settings.late_batch))
    for topic, handle, most in kinds:
        source = app.topic(topic, key_serializer="raw", value_serializer="raw", partitions=settings.partitions)
        agent = _agent(marks, topic, handle, most, progressed)
        app.agent(source, name=f"{WORKER_GROUP}.{topic}", concurrency=1)(agent)
    return app


def _agent(marks: Marks, topic: str, handle: Handle, most: int, progressed: Callable[[str], None]) -> Any:
    async def agent(stream: Any) -> None:
        async for events in stream.noack_take(most, within=WITHIN):
            fresh, done, reached = await marks.contiguous(topic, events)
            if fresh:
                marks.busy.add(topic)
                try:
                    await handle(fresh, reached)
                finally:
                    marks.busy.discard(topic)
                progressed(topic)
            for event in done:
                await stream.ack(event)

    return agent
