"""Topics read whole: from the first message to the last there is at the start of the reading."""

from collections.abc import Callable, Iterator, Sequence

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

POLL_MS = 200
MOST = 2_000  # records a poll


def read_whole(
    consumer: KafkaConsumer, parts: Sequence[TopicPartition], running: Callable[[], bool] = lambda: True
) -> Iterator[list[ConsumerRecord]]:
    """What each poll brings, in the order of each partition, while ``running`` says so.

    ``consumer`` is assigned to ``parts`` and stands behind their last message afterwards.
    """
    consumer.assign(parts)
    consumer.seek_to_beginning(*parts)
    ends = consumer.end_offsets(parts)
    while running() and any(consumer.position(part) < end for part, end in ends.items()):
        if records := [record for some in consumer.poll(POLL_MS, max_records=MOST).values() for record in some]:
            yield records
