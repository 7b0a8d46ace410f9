"""What happens now, in batches that come even when nothing happens."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def batches(events: AsyncIterator[T], most: int, seconds: float) -> AsyncGenerator[list[T], None]:
    """At most ``most`` of ``events`` together, and every ``seconds`` whatever there is. Ends, or fails, as they do.

    No more than one batch is read ahead: whoever is slow slows down the sender.
    """
    waiting: asyncio.Queue[T] = asyncio.Queue(most)

    async def read() -> None:
        async for event in events:
            await waiting.put(event)

    reading = asyncio.create_task(read())
    try:
        while not (reading.done() and waiting.empty()):
            batch: list[T] = []
            deadline = asyncio.get_running_loop().time() + seconds
            with suppress(TimeoutError):
                async with asyncio.timeout_at(deadline):
                    batch.append(await _next(waiting, reading))
            while len(batch) < most and not waiting.empty():
                batch.append(waiting.get_nowait())
            yield batch
        await reading
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await reading


async def _next(waiting: asyncio.Queue[T], reading: asyncio.Task[None]) -> T:
    """The next event. Raises ``TimeoutError`` when the reading ends before there is one."""
    getting = asyncio.ensure_future(waiting.get())
    try:
        await asyncio.wait({getting, reading}, return_when=asyncio.FIRST_COMPLETED)
        if not getting.done():
            raise TimeoutError
        return getting.result()
    finally:
        getting.cancel()
