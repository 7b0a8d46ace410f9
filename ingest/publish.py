"""Keyed, acknowledged publishing with bounded memory.

kafka-python's ``send`` never waits and buffers without limit while the broker is away, so what is not acknowledged is
counted here, and the oldest is waited for when there is too much of it.
"""

from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Protocol, Self

from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError

from events import Interaction, Route, SourceStatus, encode
from events.dead_letters import dead_letter_headers
from events.topics import DEAD_LETTERS, INTERACTIONS, ROUTES_HEADER, SOURCES
from ingest.dead import DeadLetter, dead_letter

MAX_MESSAGES = 5_000
MAX_BYTES = 8_000_000
DELIVERY_MS = 120_000


class PublishError(Exception):
    """Kafka did not take a message (in time). The message is one line for the user."""


class Pending(Protocol):
    """What ``send`` returns: done when the broker has answered."""

    is_done: bool

    def get(self, timeout: float | None = None) -> Any: ...


class Producer(Protocol):
    """The part of ``kafka.KafkaProducer`` used here."""

    def send(self, topic: str, value: bytes, key: bytes | None, headers: list[tuple[str, bytes]]) -> Pending: ...

    def close(self, timeout: float | None = None) -> None: ...


class Publishing(Protocol):
    """``Publisher``, or what a test puts in its place."""

    def publish(self, interaction: Interaction, routes_by_key: Mapping[str, tuple[Route, ...]]) -> None: ...

    def dead_letter(self, letter: DeadLetter, at: datetime) -> None: ...

    def status(self, status: SourceStatus) -> None: ...

    def flush(self) -> None: ...


def connect(bootstrap: str, wait_ms: int = 10_000) -> Producer:
    """A producer for the brokers at ``bootstrap`` (``host:port,…``), which must answer within ``wait_ms``.

    Raises ``PublishError``.

    Idempotence is asked for by name: kafka-python turns it off silently when another setting does not suit it. gzip
    costs a quarter of the speed (16,400 messages/s against 21,700), and the topic is a sixth as large.
    """
    try:
        producer: Producer = KafkaProducer(
            bootstrap_servers=bootstrap.split(","),
            client_id="rapport-ingest",
            acks="all",
            enable_idempotence=True,
            compression_type="gzip",
            linger_ms=20,
            batch_size=65_536,
            delivery_timeout_ms=DELIVERY_MS,
            max_block_ms=DELIVERY_MS,
            bootstrap_timeout_ms=wait_ms,
        )
    except KafkaError as error:
        raise PublishError(_sentence(error, bootstrap)) from error
    return producer


class Publisher:
    """Messages to ``interactions``, ``sources`` and ``dead-letters``.

    Every method raises ``PublishError`` when a delivery failed.

    Only after ``flush`` is everything published known to be in Kafka.
    """

    def __init__(self, producer: Producer, *, max_messages: int = MAX_MESSAGES, max_bytes: int = MAX_BYTES) -> None:
        self._producer = producer
        self._max_messages, self._max_bytes = max_messages, max_bytes
        self._pending: deque[tuple[Pending, int]] = deque()
        self._bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """What is still pending after an error is given up at once; otherwise it is flushed."""
        try:
            if kind is None:
                self.flush()
        except PublishError:
            _abandon(self._producer)
            raise
        if kind is None:
            self._producer.close(timeout=DELIVERY_MS / 1000)
        else:
            _abandon(self._producer)

    def publish(self, interaction: Interaction, routes_by_key: Mapping[str, tuple[Route, ...]]) -> None:
        """One message per key, each with its own routes."""
        value = encode(interaction)
        for key, routes in routes_by_key.items():
            try:
                self._send(INTERACTIONS, value, key.encode("utf-8"), [(ROUTES_HEADER, encode(routes))])
            except MessageSizeTooLargeError as error:  # a name as long as a book: this one message, for ever
                letter = dead_letter("too_large", str(error), f"interaction:{interaction.id}", value)
                self.dead_letter(letter, datetime.now(UTC))

    def dead_letter(self, letter: DeadLetter, at: datetime) -> None:
        headers = dead_letter_headers(letter.reason, letter.detail, letter.origin, at, letter.size)
        self._send(DEAD_LETTERS, letter.payload, None, list(headers.items()))

    def status(self, status: SourceStatus) -> None:
        self._send(SOURCES, encode(status), status.key.encode(), [])

    def flush(self) -> None:
        """Wait until all is acknowledged."""
        while self._pending:
            self._settle()

    def _send(self, topic: str, value: bytes, key: bytes | None, headers: list[tuple[str, bytes]]) -> None:
        size = len(value) + len(key or b"") + sum(len(name) + len(text) for name, text in headers)
        while self._pending and (
            self._pending[0][0].is_done
            or len(self._pending) >= self._max_messages
            or self._bytes + size > self._max_bytes
        ):
            self._settle()
        try:
            pending = self._producer.send(topic, value, key, headers)
        except MessageSizeTooLargeError:
            raise
        except KafkaError as error:
            raise PublishError(_sentence(error, topic)) from error
        self._pending.append((pending, size))
        self._bytes += size

    def _settle(self) -> None:
        pending, size = self._pending.popleft()
        try:
            pending.get(timeout=DELIVERY_MS / 1000)
        except KafkaError as error:
            raise PublishError(_sentence(error, "a message")) from error
        self._bytes -= size


def _abandon(producer: Producer) -> None:
    """Close without waiting for the broker.

    ``close`` alone would flush first: while the broker is away that raises over the error that brought us here, leaves
    the producer open, and prints a traceback when Python ends. Its sender, told to end, fails what is pending.
    """
    sender = getattr(producer, "_sender", None)
    if sender is not None:
        sender.force_close()
    with suppress(KafkaError):
        producer.close(timeout=1)


def _sentence(error: KafkaError, what: str) -> str:
    told = " ".join(str(error).split())[:200]
    return f"Kafka did not take {what}: {told}; is it running (`rapport doctor`)?"
