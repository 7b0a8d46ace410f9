"""The wish that somebody be folded again: a message without a value on the topic ``late``."""

from collections.abc import Iterable

from kafka import KafkaProducer

from events.topics import LATE

ACKNOWLEDGED_WITHIN = 30.0  # seconds


def wish(producer: KafkaProducer, persons: Iterable[str]) -> None:
    """``persons`` are Kafka keys. Returns when Kafka has all of it; raises ``KafkaError``."""
    send(producer, LATE, ((person, None) for person in persons))


def send(producer: KafkaProducer, topic: str, messages: Iterable[tuple[str, bytes | None]]) -> None:
    """``messages`` are keys and values. Returns when Kafka has all of it; raises ``KafkaError``."""
    for pending in [producer.send(topic, value, key.encode()) for key, value in messages]:
        pending.get(ACKNOWLEDGED_WITHIN)
