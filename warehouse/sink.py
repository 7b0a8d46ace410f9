"""Kafka to ClickHouse: poll, insert, commit, in that order, for ever.

Whatever stops it between the insert and the commit comes again and changes nothing: every table keeps one row per
key, and the trend is computed from those.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import stamina
import structlog
from clickhouse_driver import Client
from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import CommitFailedError, KafkaError

from events.topics import DEAD_LETTERS, SINK_GROUP
from warehouse import classes, trends
from warehouse.batch import DEAD_LETTER, Batch, Reader
from warehouse.campaigns import CAMPAIGN, MEMBER
from warehouse.client import ClickHouse, connect, insert, passing
from warehouse.lag import SUNK
from warehouse.rows import CORRECTION, IDENTITY, INTERACTION, RELATIONSHIP, SOURCE

IDLE_MS = 500
MAX_BATCH_BYTES = 32_000_000

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class SinkSettings:
    """``kafka`` is host:port, comma separated. A batch ends at ``batch_rows`` or ``batch_seconds`` after its start."""

    kafka: str
    clickhouse: ClickHouse
    batch_rows: int = 20_000
    batch_seconds: float = 0.3


class _StoppedError(Exception):
    """Asked to stop while waiting for a service to come back; the batch was not committed and will come again."""


def run(settings: SinkSettings, running: Callable[[], bool]) -> None:
    """Carry messages until ``running`` says no, then leave between two batches.

    Services that are away are waited for. Raises ``TooManyUnreadable``, and the errors of ClickHouse and Kafka that
    do not pass by waiting.
    """
    with ExitStack() as closing:
        client = connect(settings.clickhouse)
        closing.callback(client.disconnect)
        try:
            consumer = _until_done(lambda: _consumer(settings), running)
            closing.callback(consumer.close, autocommit=False, timeout_ms=5_000)
            producer = _until_done(lambda: KafkaProducer(bootstrap_servers=settings.kafka, acks="all"), running)
            closing.callback(producer.close, timeout=5)
            Sink(settings, consumer, producer, client, running).run()
        except _StoppedError:
            log.info("stopped while a service was away; what was not stored will come again")


class Sink:
    def __init__(
        self,
        settings: SinkSettings,
        consumer: KafkaConsumer,
        producer: KafkaProducer,
        client: Client,
        running: Callable[[], bool],
    ) -> None:
        self.settings, self.running = settings, running
        self.consumer, self.producer, self.client = consumer, producer, client
        self.reader = Reader()
        self.uncommitted = False

    def run(self) -> None:
        self.consumer.subscribe(SUNK)
        while self.running():
            batch = self.collect()
            if batch.messages:
                _until_done(partial(self.store, batch), self.running)
                self.uncommitted = True
            if self.uncommitted:
                self.commit()

    def collect(self) -> Batch:
        batch = Batch()
        deadline = time.monotonic() + IDLE_MS / 1000
        while (left := deadline - time.monotonic()) > 0 and self.running():
            empty = not batch.messages
            for records in self._poll(left, self.settings.batch_rows - batch.messages).values():
                self.reader.read(records, batch)
            if empty and batch.messages:
                deadline = time.monotonic() + self.settings.batch_seconds
            if batch.messages >= self.settings.batch_rows or batch.bytes >= MAX_BATCH_BYTES:
                break
        return batch

    def store(self, batch: Batch) -> None:
        if batch.interactions:
            insert(self.client, "interaction", INTERACTION, batch.interactions, batch.token)
            trends.recompute(self.client, batch.buckets())
            classes.store(self.client, batch.interactions)
        for table, columns, rows in (
            ("relationship", RELATIONSHIP, batch.relationships),
            ("campaign", CAMPAIGN, batch.campaigns),
            ("campaign_member", MEMBER, batch.members),
            ("correction", CORRECTION, batch.corrections),
            ("identity", IDENTITY, batch.identities),
            ("source", SOURCE, batch.sources),
            ("dead_letter", DEAD_LETTER, batch.dead_letters),
        ):
            if rows:
                insert(self.client, table, columns, rows, batch.token)
        sent = [self.producer.send(DEAD_LETTERS, body, key, headers) for key, body, headers in batch.unreadable]
        for future in sent:
            future.get(30)

    def commit(self) -> None:
        try:
            self.consumer.commit(timeout_ms=3_000)
            self.uncommitted = False
        except KafkaError as error:
            if not (error.retriable or isinstance(error, CommitFailedError)):
                raise
            # Either a later commit covers it, or another sink has the partition now and stores the same rows again.
            log.warning("offsets not committed", error=str(error))

    def _poll(self, seconds: float, most: int) -> dict[object, list[object]]:
        try:
            polled: dict[object, list[object]] = self.consumer.poll(int(seconds * 1000), max_records=most)
        except KafkaError as error:
            if not error.retriable:
                raise
            log.warning("nothing read from Kafka", error=str(error))
            time.sleep(min(seconds, 0.2))
            return {}
        return polled


def _consumer(settings: SinkSettings) -> KafkaConsumer:
    return KafkaConsumer(
        bootstrap_servers=settings.kafka,
        client_id=SINK_GROUP,
        group_id=SINK_GROUP,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        allow_auto_create_topics=False,
        bootstrap_timeout_ms=5_000,
        metadata_max_age_ms=10_000,  # a topic that migrate creates later is noticed soon
        reconnect_backoff_max_ms=1_000,
        session_timeout_ms=6_000,  # how long the partitions of a killed sink wait for another
        heartbeat_interval_ms=2_000,
        max_poll_interval_ms=600_000,  # ClickHouse may be away that long before the partitions are given to another
    )


def _until_done(call: Callable[[], T], running: Callable[[], bool]) -> T:
    """The result of ``call``, tried again as long as its errors pass by waiting."""
    for attempt in stamina.retry_context(on=_passes, attempts=None, timeout=None, wait_initial=0.2, wait_max=5.0):
        with attempt:
            if attempt.num > 1 and not running():
                raise _StoppedError
            return call()
    raise AssertionError("unlimited attempts ended")


def _passes(error: Exception) -> bool:
    return error.retriable if isinstance(error, KafkaError) else passing(error)
