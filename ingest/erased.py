"""Who was erased, as the topic says it: read whole, and read on before each page."""

from typing import Self

import structlog
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from events import Invalid, decode
from events.erasures import Erased, Erasure
from events.topics import ERASURES
from ingest.publish import PublishError

POLL_MS = 200

log = structlog.get_logger(__name__)


class ErasedReader:
    """One thread may use it at a time. Raises ``PublishError`` where Kafka does not answer or lacks the topic."""

    def __init__(self, kafka: str) -> None:
        self.erased = Erased()
        try:
            self._consumer = KafkaConsumer(bootstrap_servers=kafka.split(","), enable_auto_commit=False)
            numbers = self._consumer.partitions_for_topic(ERASURES)
            if not numbers:
                raise PublishError(f"the topic {ERASURES} is missing; run: rapport migrate")
            self._parts = [TopicPartition(ERASURES, number) for number in sorted(numbers)]
            self._consumer.assign(self._parts)
            self._consumer.seek_to_beginning(*self._parts)
        except KafkaError as error:
            raise PublishError(f"Kafka at {kafka} does not say who was erased: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close(autocommit=False)

    def caught_up(self) -> Erased:
        """Everybody who is erased now."""
        try:
            ends = self._consumer.end_offsets(self._parts)
            while any(self._consumer.position(part) < end for part, end in ends.items()):
                for records in self._consumer.poll(POLL_MS).values():
                    for record in records:
                        self._apply(record.value)
        except KafkaError as error:
            raise PublishError(f"Kafka does not say who was erased: {error}") from error
        return self.erased

    def _apply(self, value: bytes | None) -> None:
        try:
            if value:
                self.erased.apply(decode(value, Erasure))
        except (Invalid, ValueError) as error:
            log.warning("a message cannot be read", topic=ERASURES, reason=str(error))
