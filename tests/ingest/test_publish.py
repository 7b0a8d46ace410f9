"""Publishing is keyed, acknowledged and bounded in memory."""

import uuid
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaTimeoutError, MessageSizeTooLargeError

from events import Brand, Brands, Route, decode, decode_interaction
from events.brands import by_person
from events.dead_letters import KEPT_BYTES
from events.topics import DEAD_LETTERS, INTERACTIONS, ROUTES_HEADER
from ingest.dead import dead_letter
from ingest.publish import Publisher, PublishError, connect
from tests.ingest.given import NOW, line

Headers = list[tuple[str, bytes]]


class Future:
    """Not done until someone waits for it, as while the broker is slow."""

    def __init__(self, producer: "Fake") -> None:
        self.is_done, self.producer = False, producer

    def get(self, timeout: float | None = None) -> Any:
        if self.producer.error:
            raise self.producer.error
        self.is_done = True
        self.producer.unacknowledged -= 1


class Fake:
    """A producer that keeps what it is sent, and counts what was not acknowledged at its worst."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes, bytes | None, Headers]] = []
        self.error: Exception | None = None
        self.limit = 1_000_000
        self.unacknowledged = self.worst = 0
        self.closed: float | None = None

    def send(self, topic: str, value: bytes, key: bytes | None, headers: Headers) -> Future:
        if len(value) + len(key or b"") > self.limit:
            raise MessageSizeTooLargeError("1 is larger than 0")
        self.sent.append((topic, value, key, headers))
        self.unacknowledged += 1
        self.worst = max(self.worst, self.unacknowledged)
        return Future(self)

    def close(self, timeout: float | None = None) -> None:
        self.closed = timeout
        if self.error:
            raise self.error


def send(publisher: Publisher, number: int = 1, declared: tuple[Brand, ...] = (), **more: Any) -> None:
    interaction = decode_interaction(line(number, **more), NOW)
    publisher.publish(interaction, by_person(interaction, Brands(declared).routes(interaction)))


def test_one_message_per_person() -> None:
    """Two brands concerned by one act give one message per audience-side person, each with its routes."""
    fake = Fake()
    acme, rival = Brand("acme", frozenset({"sim:acme"})), Brand("rival", frozenset({"sim:rival"}))
    with Publisher(fake) as publisher:
        send(publisher, 1, (acme, rival), actor={"id": "sim:acme"}, to=["sim:ann"], brands=["rival"])
    found = {key: decode(dict(headers)[ROUTES_HEADER], tuple[Route, ...]) for _, _, key, headers in fake.sent}
    assert {topic for topic, *_ in fake.sent} == {INTERACTIONS}
    assert {key: [route.brand for route in routes] for key, routes in found.items()} == {
        b"sim:ann": ["acme"],
        b"sim:acme": ["rival"],
    }
    assert fake.unacknowledged == 0
    assert fake.closed


def test_window_of_messages_and_bytes() -> None:
    """What is not acknowledged never passes the window, in messages nor in bytes."""
    many, large = Fake(), Fake()
    with Publisher(many, max_messages=50) as publisher:
        for number in range(500):
            send(publisher, number)
    with Publisher(large, max_bytes=100_000) as publisher:
        for number in range(100):
            send(publisher, number, content="x" * 20_000)
    assert (many.worst, len(many.sent)) == (50, 500)
    assert (large.worst, len(large.sent)) == (4, 100)


def test_a_message_larger_than_the_window_passes() -> None:
    """One message above the window in bytes is sent alone instead of waiting for ever."""
    fake = Fake()
    with Publisher(fake, max_bytes=10) as publisher:
        send(publisher, 1)
        send(publisher, 2)
    assert (fake.worst, len(fake.sent)) == (1, 2)


def test_memory_is_flat_while_the_broker_is_away() -> None:
    """With a broker that never answers, publishing stops at the window and raises instead of buffering."""
    fake = Fake()
    fake.error = KafkaTimeoutError("batch of 9 messages\nexpired")
    publisher = Publisher(fake, max_messages=100)
    with pytest.raises(PublishError) as caught:
        for number in range(10_000):
            send(publisher, number)
    assert fake.worst == len(fake.sent) == 100
    assert "\n" not in str(caught.value)
    assert "rapport doctor" in str(caught.value)


def test_flush_raises_for_a_failed_delivery() -> None:
    """A delivery that failed is an error at the latest when flushing, and what closing says does not hide it."""
    fake = Fake()
    with pytest.raises(PublishError), Publisher(fake) as publisher:
        send(publisher)
        fake.error = KafkaTimeoutError("expired")
    assert fake.closed == 1


def test_a_key_that_does_not_fit_is_a_dead_letter() -> None:
    """A message too large for Kafka concerns this one message only."""
    fake = Fake()
    fake.limit = 150_000
    with Publisher(fake) as publisher:
        send(publisher, 1, content="x" * 200_000)
        send(publisher, 2)
    (topic, value, _, headers), (other, *_) = fake.sent
    assert (topic, len(value), other) == (DEAD_LETTERS, KEPT_BYTES, INTERACTIONS)
    assert dict(headers)["reason"] == b"too_large"


def test_dead_letter_headers() -> None:
    """A dead letter carries why, where from, when and how long it was, whatever its file is called."""
    fake = Fake()
    letter = dead_letter("not_json", "caf\udce9", "file:\udcff.jsonl:3", b"x" * 200_000)
    with Publisher(fake) as publisher:
        publisher.dead_letter(letter, datetime(2026, 1, 1, tzinfo=UTC))
    ((topic, value, key, headers),) = fake.sent
    assert (topic, len(value), key) == (DEAD_LETTERS, KEPT_BYTES, None)
    assert dict(headers) == {
        "reason": b"not_json",
        "detail": rb"caf\udce9",
        "origin": rb"file:\udcff.jsonl:3",
        "at": b"2026-01-01T00:00:00+00:00",
        "bytes": b"200000",
    }


def test_nobody_listens() -> None:
    """An address where no broker is gives one line."""
    with pytest.raises(PublishError, match=r"127\.0\.0\.1:1\b.*rapport doctor"):
        connect("127.0.0.1:1", wait_ms=500)


@pytest.mark.engines
def test_real_kafka_gives_back_what_was_published(kafka: str) -> None:
    """Through a real broker every message arrives once, and one person stays on one partition."""
    run = uuid.uuid4().hex
    consumer = KafkaConsumer(bootstrap_servers=kafka, consumer_timeout_ms=10_000)
    consumer.assign([TopicPartition(INTERACTIONS, number) for number in consumer.partitions_for_topic(INTERACTIONS)])
    consumer.seek_to_end()
    for partition in consumer.assignment():
        consumer.position(partition)  # where the end is must be known before anything is published
    with Publisher(connect(kafka), max_messages=100) as publisher:
        for number in range(1_000):
            send(publisher, number, id=f"sim:{run}:{number}", actor={"id": f"sim:{run}:{number % 7}"})
    ours = (record for record in consumer if run.encode() in record.value)
    found = list(islice(ours, 1_000))
    consumer.close()
    assert len({decode_interaction(record.value, NOW).id for record in found}) == 1_000
    assert len({(record.key, record.partition) for record in found}) == 7
