"""How many messages wait for whom: asked for by whoever waits, and kept as a series by the sink."""

import threading
from collections.abc import Iterable
from contextlib import closing

import structlog
from clickhouse_driver import Client
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

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
    SOURCES,
    WORKER_GROUP,
)
from warehouse.client import ClickHouse, connect, insert, passing

SUNK = (SCORED, RELATIONSHIPS, CAMPAIGNS, CORRECTIONS, IDENTITIES, SOURCES, DEAD_LETTERS)
CONSUMERS = (
    ("worker", WORKER_GROUP, (INTERACTIONS, LATE)),
    ("campaigns", CAMPAIGN_GROUP, (FINGERPRINTS,)),
    ("sink", SINK_GROUP, SUNK),
)
SECONDS = 10

log = structlog.get_logger(__name__)


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


def lag(kafka: str) -> dict[tuple[str, str], int]:
    """Messages that wait, by consumer and topic. Raises ``KafkaError``."""
    found = {}
    for consumer, name, topics in CONSUMERS:
        with closing(Group(kafka, name)) as group:
            found.update({(consumer, topic): group.behind(group.partitions([topic])) for topic in topics})
    return found


def keep(kafka: str, client: Client) -> None:
    """One row per consumer and topic; of several sinks within ``SECONDS`` one is kept."""
    ((now,),) = client.execute("SELECT toUnixTimestamp(now())")
    rows = [(now // SECONDS * SECONDS, *who, messages) for who, messages in lag(kafka).items()]
    insert(client, "lag", ("at", "consumer", "topic", "messages"), rows)


def watch(kafka: str, clickhouse: ClickHouse) -> None:
    """Keep the series from a thread that ends with the process. A service that is away leaves a hole in it."""
    threading.Thread(target=_watch, args=(kafka, clickhouse), name="lag", daemon=True).start()


def _watch(kafka: str, clickhouse: ClickHouse) -> None:
    client, waiting = connect(clickhouse), threading.Event()
    while not waiting.wait(SECONDS):
        try:
            keep(kafka, client)
        except Exception as error:
            if not (isinstance(error, KafkaError) or passing(error)):
                raise
            log.warning("lag not measured", error=str(error))
