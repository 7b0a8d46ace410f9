"""What one round of the sink carries: Kafka messages as table rows, and the messages that cannot be read."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from events import Correction, Identity, Invalid, Relationship, Scored, SourceStatus, decode
from events.campaigns import Campaign, decode_message
from events.dead_letters import KEPT_BYTES, dead_letter_headers
from events.interaction import milliseconds
from events.topics import CAMPAIGNS, CORRECTIONS, DEAD_LETTERS, IDENTITIES, RELATIONSHIPS, SCORED, SOURCES
from warehouse.campaigns import campaign_row, member_row
from warehouse.rows import (
    Bucket,
    Row,
    bucket_of,
    correction_row,
    identity_row,
    interaction_row,
    relationship_row,
    source_row,
)

DEAD_LETTER = ("origin", "reason", "detail", "at", "bytes", "body")
MOST_UNREADABLE = 100  # in a row; more mean that a program is wrong, not a message


class TooManyUnreadable(Exception):  # noqa: N818 - it stops the sink, and its text is for people
    """So many messages in a row cannot be read that going on would only move the topic into the dead letters."""


class Unreadable(NamedTuple):
    key: bytes | None
    body: bytes
    headers: list[tuple[str, bytes]]


@dataclass
class Batch:
    """Rows per table in the order of their arrival, ``messages`` and ``bytes`` that they came in."""

    interactions: list[Row] = field(default_factory=list)
    relationships: list[Row] = field(default_factory=list)
    campaigns: list[Row] = field(default_factory=list)
    members: list[Row] = field(default_factory=list)
    corrections: list[Row] = field(default_factory=list)
    identities: list[Row] = field(default_factory=list)
    sources: list[Row] = field(default_factory=list)
    dead_letters: list[Row] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    messages: int = 0
    bytes: int = 0
    _digest: Any = field(default_factory=lambda: blake2b(digest_size=16))

    @property
    def token(self) -> str:
        """Names what is in the batch: where it came from, and the bytes, since offsets begin anew with a new Kafka."""
        return str(self._digest.hexdigest())

    def buckets(self) -> set[Bucket]:
        return {bucket_of(row) for row in self.interactions}

    def count(self, record: Any) -> None:
        value = record.value or b""
        self.messages += 1
        self.bytes += len(value)
        self._digest.update(f"{record.topic}:{record.partition}:{record.offset}:{len(value)}\n".encode())
        self._digest.update(value)


class Reader:
    """Adds Kafka records to batches, and remembers over batches how many in a row were unreadable."""

    def __init__(self) -> None:
        self.in_a_row = 0

    def read(self, records: Iterable[Any], batch: Batch) -> None:
        """Raise ``TooManyUnreadable`` where waiting for a readable message has become pointless."""
        for record in records:
            batch.count(record)
            if record.topic == DEAD_LETTERS:
                batch.dead_letters.append(dead_letter_row(record))
                continue
            try:
                self._row(record, batch)
                self.in_a_row = 0
            except Invalid as invalid:
                self.in_a_row += 1
                if self.in_a_row > MOST_UNREADABLE:
                    raise TooManyUnreadable(
                        f"more than {MOST_UNREADABLE} messages in a row cannot be read, the last one at"
                        f" {_origin(record)}: {invalid.reason}; is the sink older than the worker?"
                    ) from invalid
                batch.unreadable.append(_unreadable(record, invalid))

    def _row(self, record: Any, batch: Batch) -> None:
        value = record.value or b""
        if record.topic == SCORED:
            batch.interactions.append(interaction_row(decode(value, Scored), record.partition, record.offset))
        elif record.topic == RELATIONSHIPS:
            batch.relationships.append(relationship_row(decode(value, Relationship)))
        elif not value:  # a tombstone: the topics below are compacted
            return
        elif record.topic == CAMPAIGNS:
            message = decode_message(value)
            if isinstance(message, Campaign):
                batch.campaigns.append(campaign_row(message, record.partition, record.offset))
            else:
                batch.members.append(member_row(message, record.partition, record.offset))
        elif record.topic == CORRECTIONS:
            batch.corrections.append(correction_row(decode(value, Correction)))
        elif record.topic == IDENTITIES:
            batch.identities.append(identity_row(decode(value, Identity)))
        elif record.topic == SOURCES:
            batch.sources.append(source_row(decode(value, SourceStatus)))


def dead_letter_row(record: Any) -> Row:
    """Any message is a dead letter: what its headers do not say is taken from the message itself."""
    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers or ()}
    body = record.value or b""
    return (
        headers.get("origin") or _origin(record),
        headers.get("reason", "unknown"),
        headers.get("detail", ""),
        _iso_milliseconds(headers.get("at", ""), record.timestamp),
        int(length) if (length := headers.get("bytes", "")).isascii() and length.isdecimal() else len(body),
        body[:KEPT_BYTES],
    )


def _unreadable(record: Any, invalid: Invalid) -> Unreadable:
    body = record.value or b""
    headers = dead_letter_headers(invalid.reason, invalid.detail, _origin(record), datetime.now(UTC), len(body))
    return Unreadable(record.key, body[:KEPT_BYTES], list(headers.items()))


def _origin(record: Any) -> str:
    return f"{record.topic}:{record.partition}:{record.offset}"


def _iso_milliseconds(text: str, fallback: int) -> int:
    try:
        return max(milliseconds(datetime.fromisoformat(text)), 0)
    except (ValueError, OverflowError):
        return max(fallback, 0)
