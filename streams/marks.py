"""Which messages come next: what Faust skips is gone back for, what it repeats is dropped."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from faust.types import TP

from events.topics import INTERACTIONS, LATE, ROUTES_HEADER
from streams.batch import Message
from streams.state import mark_key, unpack_mark

log = structlog.get_logger(__name__)


class Marks:
    """The last offset handled of each partition of each source, as the table of people holds them."""

    def __init__(self, app: Any, table: Any, partitions: int) -> None:
        self.app, self.table = app, table
        self.keys = {
            (topic, partition): mark_key(topic, partition, partitions)
            for topic in (INTERACTIONS, LATE)
            for partition in range(partitions)
        }
        self.missing: dict[TP, int] = {}  # where a partition has to go on, after Faust skipped something
        self.busy: set[str] = set()  # topics of which a batch is worked on

    async def contiguous(self, topic: str, events: Sequence[Any]) -> tuple[list[Message], list[Any], dict[bytes, int]]:
        """The messages that come next, the events to acknowledge, and the marks after them.

        A jump over the mark, or over the first message where there is no mark yet, means that Faust skipped something:
        ``seek_missing`` goes back, and what came too early is dropped.
        """
        firsts = await self._firsts({TP(topic, event.message.partition) for event in events})
        fresh: list[Message] = []
        done: list[Any] = []
        marks: dict[bytes, int] = {}
        for event in events:
            message = event.message
            key = self.keys[topic, message.partition]
            mark = marks.get(key, unpack_mark(self.table.get(key)))
            part = TP(topic, message.partition)
            due = firsts[part] if mark is None else mark + 1
            if message.offset > due:
                if part not in self.missing:
                    log.warning("offsets skipped; going back", topic=topic, partition=message.partition, to=due)
                self.missing[part] = due
                continue
            self.missing.pop(part, None)
            done.append(event)
            if mark is None or message.offset == due:  # retention may have moved the first message behind it by now
                marks[key] = message.offset
                fresh.append(_message(event))
        return fresh, done, marks

    async def _firsts(self, parts: set[TP]) -> dict[TP, int]:
        """Where those partitions begin of which nothing was handled yet."""
        unmarked = {part for part in parts if self.table.get(self.keys[part.topic, part.partition]) is None}
        return dict(await self.app.consumer.earliest_offsets(*unmarked)) if unmarked else {}

    async def seek_missing(self) -> None:
        """Go back to what was skipped; to be called again and again until it has come.

        One seek is not enough: records on their way while it happens move Faust's own reading position forward
        again, and it then drops what we went back for. While a batch of the topic is worked on nobody takes what
        would come: each seek would only put the same messages into the queue once more, and when it is full Faust
        hands over nothing of the other topics either.
        """
        for part, offset in list(self.missing.items()):
            if part.topic in self.busy:
                continue
            if part in self.app.consumer.assignment():
                await self.app.consumer.seek(part, offset)
            else:
                del self.missing[part]


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
