"""What our settings make of Faust: its own queue says when it stops fetching."""

import asyncio

import pytest
from mode.utils.locks import Event
from mode.utils.queues import FlowControlQueue

from streams.settings import StreamSettings


@pytest.mark.parametrize("partitions", (1, 4, 12, 64))
def test_no_topic_can_fill_its_buffer_and_so_stop_the_others(partitions: int) -> None:
    """Faust stops fetching a partition at the first message over the mark, but hands over what it fetched with it."""
    settings = StreamSettings(kafka="localhost:1", datadir="nowhere", partitions=partitions).faust()

    async def buffer() -> FlowControlQueue[int]:
        return FlowControlQueue(settings["stream_buffer_maxsize"], flow_control=Event())

    queue = asyncio.run(buffer())
    fetched_after = settings["broker_max_poll_records"] * partitions
    assert queue.pressure_high_size + fetched_after <= queue.maxsize
    assert settings["broker_max_poll_records"] >= 1
