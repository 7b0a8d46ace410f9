"""The one process that sees every text: fingerprints in, campaigns out, and a wish to fold again whom they concern.

The order within a round is the guarantee: send the campaigns and await them, send the wishes and await them, commit.
A worker folds again only when it has read all campaigns, so a wish never finds the old ones. What a crash between the
two steps leaves unsaid is said at the next start, where all wishes are repeated if anything was not committed.

A fingerprint without a value takes its text out, another one with the same key puts it in its place. That is a rebuild
of all clusters, so it is not done more often than takes a tenth of the time.
"""

import math
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from itertools import groupby

import structlog
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import CommitFailedError, KafkaError

from events import Invalid, decode, encode
from events.campaigns import Campaign, Membership, Message, decode_message, topic_key
from events.topics import CAMPAIGN_GROUP, CAMPAIGNS, FINGERPRINTS
from scoring.campaigns import Clusters, Lookup, Member
from streams.whole import MOST, POLL_MS, read_whole
from streams.wishes import ACKNOWLEDGED_WITHIN, wish

SETTLE_EVERY = 2.0  # seconds: each telling makes people be folded again, so growth is told in steps
REST = 10.0  # times as long as the last rebuild took, until the next one

log = structlog.get_logger(__name__)


def run(kafka: str, running: Callable[[], bool], ready: Callable[[], None] = lambda: None) -> None:
    """Find campaigns until ``running`` says no. Raises ``KafkaError``: whoever started this starts it again.

    ``ready`` is called when Kafka answers; all that was there before is read after that.
    """
    consumer = _consumer(kafka)
    producer = KafkaProducer(bootstrap_servers=kafka, acks="all", linger_ms=5)
    with closing(consumer), closing(producer):
        finder = Finder(consumer, producer)
        ready()
        if finder.recall(running):
            finder.run(running)


class Finder:
    def __init__(self, consumer: KafkaConsumer, producer: KafkaProducer) -> None:
        self.consumer, self.producer = consumer, producer
        self.clusters, self.lookup = Clusters(), Lookup()
        self.parts = _partitions(consumer, FINGERPRINTS)
        self.unsettled_since: float | None = None
        self.rebuilt_at, self.rebuilding_took = -math.inf, 0.0
        self.dropped: set[str] = set()  # ids of which nothing may stay told

    def recall(self, running: Callable[[], bool]) -> bool:
        """What was told before, then all fingerprints; says whether it came to the end."""
        for records in read_whole(self.consumer, _partitions(self.consumer, CAMPAIGNS), running):
            self._recall_told(record.value for record in records if record.value)
        ends = self.consumer.end_offsets(self.parts)
        unsaid = any((self.consumer.committed(part) or 0) < end for part, end in ends.items())
        for records in read_whole(self.consumer, self.parts, running):
            self._hear(records)
        if not running():
            return False
        if self.clusters.waiting:
            self.clusters.rebuild()
        else:
            self.clusters.reclaim()
        self._settle(self.lookup.persons() if unsaid else set(), rebuilt=True)
        return True

    def run(self, running: Callable[[], bool]) -> None:
        while running():
            polled = self.consumer.poll(POLL_MS, max_records=MOST)
            records = [record for some in polled.values() for record in some]
            self._hear(records)
            if records and self.unsettled_since is None:
                self.unsettled_since = time.monotonic()
            if self.unsettled_since is not None and time.monotonic() - self.unsettled_since >= SETTLE_EVERY:
                self._settle(rebuilt=self._rebuilt())

    def _recall_told(self, values: Iterable[bytes]) -> None:
        for value in values:
            try:
                message = decode_message(value)
            except Invalid as invalid:
                log.warning("a message cannot be read", topic=CAMPAIGNS, reason=invalid.reason)
                continue
            self.lookup.apply(message)
            if isinstance(message, Campaign):
                self.clusters.recall(message)

    def _hear(self, records: Iterable[ConsumerRecord]) -> None:
        """In their order: what was taken back may be said again."""
        for dropping, some in groupby(records, key=lambda record: not record.value):
            if dropping:
                names = [record.key.decode(errors="replace") for record in some if record.key]
                self.clusters.drop(names)
                self.dropped.update(names)
            else:
                self.clusters.add(_members(record.value for record in some))

    def _rebuilt(self) -> bool:
        """Whether what waited for it is done."""
        if not self.clusters.waiting or time.monotonic() - self.rebuilt_at < REST * self.rebuilding_took:
            return False
        begun = time.monotonic()
        self.clusters.rebuild()
        self.rebuilt_at = time.monotonic()
        self.rebuilding_took = self.rebuilt_at - begun
        return True

    def _settle(self, concerned: Iterable[str] = (), *, rebuilt: bool) -> None:
        """Say what stands otherwise than it was told. ``rebuilt``: all that holds is said, and the rest taken back."""
        messages = self.clusters.settle()
        told = {message.id for message in messages if isinstance(message, Membership)}
        held = {member.id for member in self.clusters.held()} if rebuilt else set()
        self._say([*messages, *self.lookup.without(sorted((held | self.dropped) - told))], concerned)
        if not self.clusters.waiting:
            self.dropped.clear()
            self.unsettled_since = None
            self._commit()

    def _say(self, messages: Iterable[Message], concerned: Iterable[str] = ()) -> None:
        persons = set(concerned)
        sent = []
        for message in messages:
            if self.lookup.knows(message):
                continue
            persons |= self.lookup.apply(message)
            sent.append(self.producer.send(CAMPAIGNS, encode(message), topic_key(message).encode()))
        for future in sent:
            future.get(ACKNOWLEDGED_WITHIN)
        wish(self.producer, sorted(persons))

    def _commit(self) -> None:
        try:
            self.consumer.commit(timeout_ms=3_000)
        except KafkaError as error:  # then the wishes are repeated at the next start
            if not (error.retriable or isinstance(error, CommitFailedError)):
                raise
            log.warning("offsets not committed", error=str(error))


def _members(values: Iterable[bytes]) -> list[Member]:
    found = []
    for value in values:
        try:
            found.append(decode(value, Member))
        except Invalid as invalid:
            log.warning("a message cannot be read", topic=FINGERPRINTS, reason=invalid.reason)
    return found


def _partitions(consumer: KafkaConsumer, topic: str) -> list[TopicPartition]:
    numbers = consumer.partitions_for_topic(topic)
    if not numbers:
        raise RuntimeError(f"the topic {topic} is missing; run: rapport migrate")
    return [TopicPartition(topic, number) for number in sorted(numbers)]


def _consumer(kafka: str) -> KafkaConsumer:
    return KafkaConsumer(
        bootstrap_servers=kafka,
        client_id=CAMPAIGN_GROUP,
        group_id=CAMPAIGN_GROUP,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        allow_auto_create_topics=False,
        bootstrap_timeout_ms=30_000,
    )
