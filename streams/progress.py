"""How far the sink has come, so that a re-fold reads a warehouse that holds everything sent before it."""

import time
from collections.abc import Iterable

from kafka import KafkaConsumer, TopicPartition

from events.topics import SCORED, SINK_GROUP

PAUSE = 0.05


class SinkProgress:
    """Blocking: call it in a thread, one call at a time."""

    def __init__(self, kafka: str) -> None:
        self.consumer = KafkaConsumer(bootstrap_servers=kafka, group_id=SINK_GROUP, enable_auto_commit=False)

    def wait(self, partitions: Iterable[int]) -> None:
        """Until the sink has stored everything that ``scored`` holds now on ``partitions``."""
        behind = self.consumer.end_offsets([TopicPartition(SCORED, partition) for partition in partitions])
        while behind := {part: end for part, end in behind.items() if (self.consumer.committed(part) or 0) < end}:
            time.sleep(PAUSE)
