"""The Faust app and its agents: what Faust hands over goes to the worker, and is acknowledged when that is done."""

from collections.abc import Awaitable, Callable
from typing import Any

import faust

from events import Brands
from events.topics import INTERACTIONS, LATE, WORKER_GROUP
from streams.batch import Message
from streams.known import Memory
from streams.refold import History
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
    table = newest_table(faust.Table, torn)
    people = app.tables.add(table(app, name=TABLE, partitions=settings.partitions, key_type=bytes, value_type=bytes))
    worker = Worker(
        app,
        people,
        torn=torn,
        settings=settings,
        brands=brands,
        history=history,
        read_texts=read_texts,
        memory=Memory(settings.kafka),
        progressed=progressed,
    )
    app.timer(SEEK_AGAIN)(worker.seek_missing)
    app.timer(SEEK_AGAIN)(worker.wish_for_torn)
    kinds = ((INTERACTIONS, worker.fold, settings.batch), (LATE, worker.repair, settings.late_batch))
    for topic, handle, most in kinds:
        source = app.topic(topic, key_serializer="raw", value_serializer="raw", partitions=settings.partitions)
        agent = _agent(worker, topic, handle, most)
        app.agent(source, name=f"{WORKER_GROUP}.{topic}", concurrency=1)(agent)
    return app


def _agent(worker: Worker, topic: str, handle: Handle, most: int) -> Any:
    async def agent(stream: Any) -> None:
        async for events in stream.noack_take(most, within=WITHIN):
            fresh, done, marks = await worker.contiguous(topic, events)
            if fresh:
                worker.busy.add(topic)
                try:
                    await handle(fresh, marks)
                finally:
                    worker.busy.discard(topic)
                worker.progressed(topic)
            for event in done:
                await stream.ack(event)

    return agent
