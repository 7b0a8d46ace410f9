"""A person's state as the table keeps it: bytes that know which messages they include.

Faust alone loses and regresses table values when workers come and go; these versions, the marks and the seek in
``streams.marks`` make it exact (docs/design.md, "Exact tables").
"""

import struct
from typing import Any, NamedTuple

import msgspec
from kafka.partitioner import murmur2
from msgspec.structs import replace

from scoring.fold import Person

VERSION = struct.Struct(">qq")  # source offset included, number of re-folds
FORMAT = b"\x04"  # of a Person; another program's would be misread
TORN = b"\xff"  # in its place: the person has to be folded anew
REVISION_BITS = 20  # of a relationship's version; the rest is the source offset

_encoder = msgspec.msgpack.Encoder()
_people = msgspec.msgpack.Decoder(Person)


class Kept(msgspec.Struct, frozen=True):
    """``offset`` is the newest message of ``interactions`` folded in, or left to a re-fold, which ``revision`` counts.

    ``person`` is ``None`` where another version of this program kept it: the history has to be folded anew.
    """

    person: Person | None = Person()
    offset: int = -1
    revision: int = 0

    @property
    def version(self) -> int:
        """Grows with every change of the person, and is the same whenever the same change is made again."""
        return (self.offset + 1 << REVISION_BITS) + self.revision

    def with_person(self, person: Person, *, revision: int | None = None) -> "Kept":
        return replace(self, person=person, revision=self.revision if revision is None else revision)


def pack(kept: Kept) -> bytes:
    if kept.person is None:
        return _torn(kept.offset, kept.revision)
    return VERSION.pack(kept.offset, kept.revision) + FORMAT + _encoder.encode(kept.person)


def unpack(value: bytes | None) -> Kept:
    if not value:
        return Kept()
    offset, revision = VERSION.unpack_from(value)
    if value[VERSION.size : VERSION.size + 1] != FORMAT:
        return Kept(None, offset, revision)
    return Kept(_people.decode(value[VERSION.size + 1 :]), offset, revision)


def pack_mark(offset: int) -> bytes:
    return VERSION.pack(offset, 0)


def unpack_mark(value: bytes | None) -> int | None:
    return VERSION.unpack_from(value)[0] if value else None


def merged(known: bytes | None, value: bytes | None) -> bytes | None:
    """What holds after ``value`` was read from the changelog while ``known`` did: never an older one for a newer.

    Two workers that both believe a partition theirs write two stories of one person: one has the newer act, the other
    the later re-fold, or both call different values alike. Then neither is right, and nothing but the version is left.
    """
    if value is None or known is None:
        return value
    (offset, revision), (known_offset, known_revision) = VERSION.unpack_from(value), VERSION.unpack_from(known)
    if (offset, revision) == (known_offset, known_revision):
        return known if value == known else _torn(offset, revision)
    if offset >= known_offset and revision >= known_revision:
        return value
    if offset <= known_offset and revision <= known_revision:
        return known
    return _torn(max(offset, known_offset), max(revision, known_revision))


def _torn(offset: int, revision: int) -> bytes:
    return VERSION.pack(offset, revision) + TORN


def is_torn(value: bytes | None) -> bool:
    return value is not None and value[VERSION.size :] == TORN


def partition_of(key: bytes, partitions: int) -> int:
    """Kafka's default partitioner, the same in Java, kafka-python and aiokafka."""
    number: int = (murmur2(key) & 0x7FFFFFFF) % partitions
    return number


def mark_key(topic: str, partition: int, partitions: int) -> bytes:
    """A key that lies on ``partition``, so that the mark is written to the same log as the states it speaks of.

    It starts with a zero byte, which no person's key may.
    """
    candidates = (b"\x00%s:%d" % (topic.encode(), n) for n in range(100_000))
    return next(key for key in candidates if partition_of(key, partitions) == partition)


class Restored(NamedTuple):
    """What Faust's store reads of an event."""

    key: bytes
    value: bytes | None
    message: Any


def newest_table(base: Any, torn: set[bytes]) -> Any:
    """Faust's Table with a recovery that merges; ``torn`` gets the keys that it left without a state."""

    class Newest(base):  # type: ignore[misc]  # the one hook that Faust offers is a method to override
        def apply_changelog_batch(self, batch: Any) -> None:
            last: dict[bytes, Restored] = {}  # a batch may tell of a key more than once
            for event in batch:
                known = last[event.key].value if event.key in last else self.data.get(event.key)
                value = merged(known, event.value)
                last[event.key] = Restored(event.key, value, event.message)
                (torn.add if is_torn(value) else torn.discard)(event.key)
            super().apply_changelog_batch(last.values())

    return Newest
