"""Whether everything sent into the pipeline has come out at its end."""

import time
from collections.abc import Callable, Iterable
from contextlib import closing

from kafka import KafkaConsumer, TopicPartition

from events.topics import (
    CAMPAIGN_GROUP,
    CAMPAIGNS,
    CORRECTIONS,
    DEAD_LETTERS,
    FINGERPRINTS,
    IDENTITIES,
    INTERACTIONS,
    LATE,
    RELATIONSHIPS,
    SCORED,
    SINK_GROUP,
    WORKER_GROUP,
)

# In the order of the flow: when a stage is empty, all that it will send to the next is there.
STAGES = (
    (WORKER_GROUP, (INTERACTIONS,)),
    (WORKER_GROUP, (INTERACTIONS,)),  # an act without a key goes round once
    (CAMPAIGN_GROUP, (FINGERPRINTS,)),
    (WORKER_GROUP, (INTERACTIONS, LATE)),
    (SINK_GROUP, (SCORED, RELATIONSHIPS, CAMPAIGNS, CORRECTIONS, IDENTITIES, DEAD_LETTERS)),
)
PAUSE = 0.2


class Group:
    """What a consumer group has still to read. One thread may use it at a time."""

    def __init__(self, kafka: str, group: str) -> None:
        self.consumer = KafkaConsumer(bootstrap_servers=kafka, group_id=group, enable_auto_commit=False)

    def close(self) -> None:
        self.consumer.close()

    def partitions(self, topics: Iterable[str]) -> list[TopicPartition]:
        return [
            TopicPartition(topic, number)
            for topic in topics
            for number in self.consumer.partitions_for_topic(topic) or ()
        ]

    def behind(self, partitions: list[TopicPartition]) -> int:
        """Messages not yet acknowledged; those that retention has removed count no more."""
        ends, starts = self.consumer.end_offsets(partitions), self.consumer.beginning_offsets(partitions)
        return sum(max(0, ends[part] - max(self.consumer.committed(part) or 0, starts[part])) for part in partitions)


def lag(kafka: str) -> dict[str, int]:
    """Messages on their way, by topic."""
    found = {}
    for name, topics in STAGES[2:]:
        with closing(Group(kafka, name)) as group:
            found.update({topic: group.behind(group.partitions([topic])) for topic in topics})
    return found


def wait(kafka: str, progress: Callable[[int], None] = lambda left: None) -> None:
    """Return when nothing is on its way any more. ``progress`` gets the number of messages the stage has left."""
    for name, topics in STAGES:
        with closing(Group(kafka, name)) as group:
            partitions = group.partitions(topics)
            while left := group.behind(partitions):
                progress(left)
                time.sleep(PAUSE)
    progress(0)
