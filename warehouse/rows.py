"""Events to table rows and back, without loss.

Scores are kept as whole ten-thousandths: scoring rounds them to four decimals, so they come back as they were.
Times are kept in milliseconds, and one without a zone is UTC.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from events import (
    Activity,
    Actor,
    Content,
    Correction,
    Direction,
    Evidence,
    Interaction,
    Invalid,
    Reference,
    Relationship,
    Scored,
    Verdict,
    decode,
    encode,
)
from events.interaction import from_milliseconds
from warehouse.columns import LAST_MINUTE_MS, SCALE, scaled, time_ms, unsigned

MINUTE_MS = 60_000

INTERACTION = (
    "id",
    "brand",
    "platform",
    "type",
    "direction",
    "published",
    "person",
    "actor",
    "actor_profile",
    "recipients",
    "content",
    "language",
    "url",
    "is_reply",
    "in_reply_to",
    "in_reply_to_actor",
    "object",
    "conversation",
    "brands",
    "trust",
    "confidence",
    "verdict",
    "reciprocity",
    "effort",
    "evidence",
    "reading",
    "revision",
    "intents",
    "source_partition",
    "source_offset",
)
WRITTEN_ONLY = 3  # columns at the end for SQL and for people; the reading holds the intents, too
# What `scored` reads, in its order; times as numbers, because the driver's own go through a float.
INTERACTION_READ = ", ".join(
    "toUnixTimestamp64Milli(published)" if column == "published" else column for column in INTERACTION[:-WRITTEN_ONLY]
)
RELATIONSHIP = (
    "brand",
    "person",
    "class",
    "realness",
    "balance",
    "reliability_ours",
    "reliability_theirs",
    "given",
    "received",
    "owed_by_us",
    "owed_by_them",
    "first_at",
    "last_at",
    "interactions",
    "lapses_at",
    "half_life_days",
    "trust",
    "reasons",
    "version",
)
CORRECTION = ("id", "verdict", "author", "reason", "at", "person")

NOTHING_READ = Content()

Row = tuple[Any, ...]


class Bucket(NamedTuple):
    """One row of the trend; ``minute`` in seconds since 1970."""

    brand: str
    platform: str
    minute: int


def interaction_row(record: Scored, partition: int, offset: int) -> Row:
    """The row of ``record``, scored message ``offset`` of ``partition``. Raises ``Invalid`` where it fits no column."""
    act = record.interaction
    answered = act.in_reply_to or Reference()
    return (
        act.id,
        record.brand,
        act.platform,
        act.type.value,
        record.direction.value,
        time_ms("published", act.published, LAST_MINUTE_MS),
        record.person,
        act.actor.id,
        _profile(act.actor),
        act.to,
        act.content,
        act.language,
        act.url,
        act.in_reply_to is not None,
        answered.id,
        answered.actor,
        act.object,
        act.conversation,
        act.brands,
        scaled("trust", record.trust),
        scaled("confidence", record.confidence),
        record.verdict.value,
        scaled("reciprocity", record.reciprocity),
        scaled("effort", record.effort),
        encode(record.evidence).decode() if record.evidence else "",
        encode(record.content).decode() if record.content != NOTHING_READ else "",
        unsigned("revision", record.revision),
        record.content.intents,
        partition,
        offset,
    )


def bucket_of(row: Row) -> Bucket:
    """Where the row of an interaction counts."""
    return Bucket(row[1], row[2], row[5] // MINUTE_MS * 60)


def scored(row: Sequence[Any]) -> Scored:
    """What ``interaction_row`` was made of, from the columns of ``INTERACTION_READ``."""
    values = dict(zip(INTERACTION, row, strict=False))
    return Scored(
        interaction=Interaction(
            id=values["id"],
            platform=values["platform"],
            type=Activity(values["type"]),
            published=from_milliseconds(values["published"]),
            actor=_actor(values["actor"], values["actor_profile"]),
            to=tuple(values["recipients"]),
            content=values["content"],
            language=values["language"],
            url=values["url"],
            in_reply_to=Reference(id=values["in_reply_to"], actor=values["in_reply_to_actor"])
            if values["is_reply"]
            else None,
            object=values["object"],
            conversation=values["conversation"],
            brands=tuple(values["brands"]),
        ),
        brand=values["brand"],
        person=values["person"],
        direction=Direction(values["direction"]),
        trust=values["trust"] / SCALE,
        confidence=values["confidence"] / SCALE,
        verdict=Verdict(values["verdict"]),
        reciprocity=values["reciprocity"] / SCALE,
        effort=values["effort"] / SCALE,
        evidence=decode(values["evidence"].encode(), tuple[Evidence, ...]) if values["evidence"] else (),
        content=decode(values["reading"].encode(), Content) if values["reading"] else NOTHING_READ,
        revision=values["revision"],
    )


def relationship_row(record: Relationship) -> Row:
    """The row of ``record``. Raises ``Invalid`` where it fits no column."""
    if record.half_life_days <= 0:
        raise Invalid("bad_value", f"half_life_days is {record.half_life_days}, not above 0")
    return (
        record.brand,
        record.person,
        record.class_.value,
        record.realness,
        record.balance,
        record.reliability_ours,
        record.reliability_theirs,
        record.given,
        record.received,
        record.owed_by_us,
        record.owed_by_them,
        time_ms("first_at", record.first_at),
        time_ms("last_at", record.last_at),
        record.interactions,
        time_ms("lapses_at", record.lapses_at),
        record.half_life_days,
        record.trust,
        record.reasons,
        unsigned("version", record.version),
    )


def correction_row(record: Correction) -> Row:
    """The row of ``record``. Raises ``Invalid`` where it fits no column."""
    return (
        record.id,
        record.verdict.value,
        record.author,
        record.reason,
        time_ms("at", record.at),
        record.person,
    )


def _profile(actor: Actor) -> str:
    profile = msgspec.to_builtins(actor)
    del profile["id"]
    return encode(profile).decode() if profile else ""


def _actor(identifier: str, profile: str) -> Actor:
    if not profile:
        return Actor(id=identifier)
    return msgspec.convert({**msgspec.json.decode(profile), "id": identifier}, Actor)
