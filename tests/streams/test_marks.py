"""What Faust hands over is taken in only where it goes on from what was handled, or from the very beginning."""

import asyncio
from types import SimpleNamespace
from typing import Any

from faust.types import TP
from structlog.testing import capture_logs

from events.topics import LATE
from streams.marks import Marks
from streams.state import pack_mark

PART = TP(LATE, 0)


class Consumer:
    def __init__(self) -> None:
        self.sought: list[tuple[TP, int]] = []

    def assignment(self) -> set[TP]:
        return {PART}

    async def seek(self, part: TP, offset: int) -> None:
        self.sought.append((part, offset))

    async def earliest_offsets(self, *parts: TP) -> dict[TP, int]:
        """Retention has removed the first seven."""
        return dict.fromkeys(parts, 7)


def marks(mark: int | None) -> Any:
    """With one partition, handled up to ``mark``."""
    made = Marks(SimpleNamespace(consumer=Consumer()), {}, 1)
    if mark is not None:
        made.table[made.keys[LATE, 0]] = pack_mark(mark)
    return made


def handed(made: Any, *offsets: int) -> tuple[list[int], list[int]]:
    """Offsets taken as new, and offsets acknowledged."""
    events = [
        SimpleNamespace(
            message=SimpleNamespace(
                topic=LATE, partition=0, offset=offset, key=b"x:a", value=None, timestamp=0, headers=None
            ),
            headers={},
        )
        for offset in offsets
    ]
    with capture_logs():  # elsewhere a test may have closed what structlog prints to
        fresh, done, _ = asyncio.run(made.contiguous(LATE, events))
    return [message.offset for message in fresh], [event.message.offset for event in done]


def test_what_comes_next_is_taken_once() -> None:
    """A repeat is acknowledged and not folded again."""
    assert handed(marks(mark=8), 8, 9, 10) == ([9, 10], [8, 9, 10])


def test_a_jump_over_the_mark_is_not_taken() -> None:
    """What came too early stays unacknowledged, and the place to go back to is kept."""
    made = marks(mark=8)
    assert handed(made, 11, 12) == ([], [])
    assert made.missing == {PART: 9}


def test_a_partition_begins_at_its_first_message() -> None:
    """Nothing was handled yet: Faust may have skipped the beginning, as after a death."""
    made = marks(mark=None)
    assert handed(made, 9, 10) == ([], [])
    assert made.missing == {PART: 7}
    assert handed(made, 7, 8) == ([7, 8], [7, 8])
    assert made.missing == {}


def test_what_retention_removed_meanwhile_is_taken() -> None:
    """It has been read already; its partition begins behind it only since then."""
    assert handed(marks(mark=None), 5, 6) == ([5, 6], [5, 6])


def test_nothing_is_sought_while_a_batch_is_worked_on() -> None:
    """Each seek would only fill the queue with the same messages; when the batch is done it goes back."""
    made = marks(mark=8)
    handed(made, 11)
    made.busy.add(LATE)
    asyncio.run(made.seek_missing())
    assert made.app.consumer.sought == []
    made.busy.discard(LATE)
    for _ in range(2):
        asyncio.run(made.seek_missing())
    assert made.app.consumer.sought == [(PART, 9)] * 2
