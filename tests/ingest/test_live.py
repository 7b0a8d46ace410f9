"""Events of a stream in batches."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from ingest.live import batches


async def numbers(count: int, pause: float = 0.0) -> AsyncIterator[int]:
    for number in range(count):
        await asyncio.sleep(pause)
        yield number


def test_nothing_is_lost_and_no_batch_is_too_large() -> None:
    """Everything comes, in its order."""

    async def read() -> list[list[int]]:
        return [batch async for batch in batches(numbers(25), 10, 5.0)]

    found = asyncio.run(read())
    assert [number for batch in found for number in batch] == list(range(25))
    assert max(map(len, found)) <= 10


def test_a_batch_comes_when_nothing_happens() -> None:
    """An empty one, in time, so that it is known that the stream lives."""

    async def read() -> list[list[int]]:
        async with aclosing(batches(numbers(1, pause=30), 10, 0.01)) as all_of_them:
            return [await anext(all_of_them) for _ in range(3)]

    assert asyncio.run(read()) == [[], [], []]


def test_what_came_before_a_failure_is_given_out_first() -> None:
    """Then the failure."""

    async def broken() -> AsyncIterator[int]:
        yield 1
        raise ConnectionError("cut off")

    async def read(found: list[int]) -> None:
        async for batch in batches(broken(), 10, 1.0):
            found += batch

    found: list[int] = []
    with pytest.raises(ConnectionError):
        asyncio.run(read(found))
    assert found == [1]


def test_whoever_is_slow_slows_down_the_sender() -> None:
    """No more than two batches are read ahead, however long nobody asks."""
    given = 0

    async def counted() -> AsyncIterator[int]:
        nonlocal given
        async for number in numbers(1_000):
            given += 1
            yield number

    async def read() -> None:
        async with aclosing(batches(counted(), 10, 1.0)) as all_of_them:
            await anext(all_of_them)
            await asyncio.sleep(0.05)

    asyncio.run(read())
    assert given <= 22
