"""Events to table rows and back, without loss.

Scores are kept as whole ten-thousandths: scoring rounds them to four decimals, so they come back as they were.
Times are kept in milliseconds, and one without a zone is UTC.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from events import (
    Activity,
    Actor,
    Conduct,
    Content,
    Correction,
    Direction,
    Evidence,
    Identity,
    Interaction,
    Invalid,
    Phase,
    Reference,
    Relationship,
    RelationshipClass,
    Scored,
    SourceStatus,
    Verdict,
    decode,
    encode,
)
from events.interaction import from_milliseconds
from warehouse.columns import LAST_MINUTE_MS, SCALE, SIGNED_64, UNSIGNED_8, UNSIGNED_32, scaled, time_ms, unsigned

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
    "account",
    "class",
    "later",
    "edited_by",
    "withdrawn_by",
    "revision",
    "intents",
    "source_partition",
    "source_offset",
)
WRITTEN_ONLY = 3  # columns at the end for SQL and for people; the reading holds the intents, too
# What `scored` reads, in its order; times as numbers, because the driver's own go through a float.
AS_NUMBERS = {
    "published": "toUnixTimestamp64Milli(published)",
    "later": "arrayMap(one -> (toUnixTimestamp64Milli(one.1), one.2), later)",
}
INTERACTION_READ = ", ".join(AS_NUMBERS.get(column, column) for column in INTERACTION[:-WRITTEN_ONLY])
SIDE = ("acts", "answers", "open_since", "usual_minutes", "first", "unasked", "thanks", "help", "credit")
RELATIONSHIP = (
    "brand",
    "person",
    "first_at",
    "last_at",
    "interactions",
    "trust",
    "balance",
    "given",
    "received",
    "half_life_days",
    "class",
    "reasons",
    "class_begins",
    "class_names",
    "class_reasons",
    "realness_base",
    "realness_fading",
    "realness_silences",
    *(f"{name}_ours" for name in SIDE),
    *(f"{name}_theirs" for name in SIDE),
    "debts",
    "exchanges",
    "promises_made",
    "promises_kept",
    "promised_at",
    "person_answers",
    "person_fixes",
    "person_recommendations",
    "person_introductions",
    "person_third_persons",
    "version",
)
CORRECTION = ("id", "verdict", "author", "reason", "at", "person")
IDENTITY = ("account", "person", "author", "reason", "at")
SOURCE = ("source", "brand", "since", "state", "until", "reason", "position", "last_event_at", "version")

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
        account_of(record),
        record.phases[0].class_.value if record.phases else "",
        [(time_ms("later", _time(phase.begins_at)), phase.class_.value) for phase in record.phases[1:]],
        record.edited_by,
        record.withdrawn_by,
        unsigned("revision", record.revision),
        record.content.intents,
        partition,
        offset,
    )


def account_of(record: Scored) -> str:
    """The account on the audience side, the actor's where the brand speaks to nobody: what a row is looked up by."""
    return record.account or record.person or record.interaction.actor.id


def bucket_of(row: Row) -> Bucket:
    """Where the row of an interaction counts."""
    return Bucket(row[1], row[2], row[5] // MINUTE_MS * 60)


def scored(row: Sequence[Any]) -> Scored:
    """What ``interaction_row`` was made of, from the columns of ``INTERACTION_READ``."""
    values = dict(zip(INTERACTION, row, strict=False))
    key = values["person"] or values["actor"]
    phases = ((values["published"], values["class"]), *values["later"]) if values["class"] else ()
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
        account=values["account"] if values["account"] != key else "",
        direction=Direction(values["direction"]),
        trust=values["trust"] / SCALE,
        confidence=values["confidence"] / SCALE,
        verdict=Verdict(values["verdict"]),
        reciprocity=values["reciprocity"] / SCALE,
        effort=values["effort"] / SCALE,
        phases=tuple(Phase(begins_at, RelationshipClass(name)) for begins_at, name in phases),
        evidence=decode(values["evidence"].encode(), tuple[Evidence, ...]) if values["evidence"] else (),
        content=decode(values["reading"].encode(), Content) if values["reading"] else NOTHING_READ,
        edited_by=values["edited_by"],
        withdrawn_by=values["withdrawn_by"],
        revision=values["revision"],
    )


def relationship_row(record: Relationship) -> Row:
    """The row of ``record``. Raises ``Invalid`` where it fits no column."""
    if record.interactions and not (record.half_life_days > 0 and record.phases):
        raise Invalid("bad_value", "a relationship needs half_life_days above 0, and a class")
    phases = [
        (time_ms("class_begins", _time(phase.begins_at)), phase.class_.value, phase.reasons) for phase in record.phases
    ]
    return (
        record.brand,
        record.person,
        time_ms("first_at", record.first_at),
        time_ms("last_at", record.last_at),
        unsigned("interactions", record.interactions),
        record.trust,
        record.balance,
        record.given,
        record.received,
        record.half_life_days,
        phases[0][1] if phases else "",
        phases[0][2] if phases else (),
        [begins for begins, _, _ in phases],
        [name for _, name, _ in phases],
        [reasons for _, _, reasons in phases],
        record.curve.base,
        record.curve.fading,
        record.curve.silences,
        *_conduct(record.ours),
        *_conduct(record.theirs),
        [(debt.ours, debt.kind.value, time_ms("since", _time(debt.since)), debt.asks) for debt in record.debts],
        unsigned("exchanges", record.exchanges, UNSIGNED_32),
        unsigned("promises_made", record.promises_made, UNSIGNED_32),
        unsigned("promises_kept", record.promises_kept, UNSIGNED_32),
        [unsigned("promised_at", minute, SIGNED_64) for minute in record.promised_at],
        *(unsigned(name, getattr(record.gifts, name), UNSIGNED_32) for name in record.gifts.__struct_fields__),
        unsigned("version", record.version),
    )


def identity_row(record: Identity) -> Row:
    """The row of ``record``. Raises ``Invalid`` where it fits no column."""
    return (record.account, record.person, record.author, record.reason, time_ms("at", record.at))


def source_row(record: SourceStatus) -> Row:
    """The row of ``record``. Raises ``Invalid`` where it fits no column."""
    return (
        record.source,
        record.brand,
        time_ms("since", record.since),
        record.state.value,
        time_ms("until", record.until) if record.until else 0,
        record.reason,
        time_ms("position", record.position) if record.position else 0,
        time_ms("last_event_at", record.last_event_at) if record.last_event_at else 0,
        time_ms("at", record.at),
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


def _conduct(side: Conduct) -> Row:
    return (
        unsigned("acts", side.acts),
        [unsigned("answers", count, UNSIGNED_8) for count in side.answers],
        [unsigned("open_since", minute, SIGNED_64) for minute in side.open_since],
        *(unsigned(name, getattr(side, name), UNSIGNED_32) for name in SIDE[3:]),
    )


def _time(at: int) -> datetime:
    try:
        return from_milliseconds(at)
    except (OverflowError, ValueError) as error:
        raise Invalid("bad_time", f"{at} ms: {error}") from error
