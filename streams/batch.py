"""One batch of messages folded: a pure function from messages and states to what has to be sent and kept."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from events import Brands, Interaction, Invalid, Relationship, Route, Scored, decode_interaction
from events.brands import by_person
from scoring.fold import fold, relationships
from streams.state import Kept

KEPT_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Message:
    """A message of ``interactions`` or ``late``. ``received`` is the broker's time, so that a replay judges alike."""

    partition: int
    offset: int
    key: bytes
    value: bytes
    routes: bytes | None
    received: datetime


@dataclass(frozen=True, slots=True)
class DeadLetter:
    message: Message
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Folded:
    """What a batch comes to. ``states`` hold only what changed; ``late`` go to the re-fold, ``astray`` get a key."""

    scored: list[Scored] = field(default_factory=list)
    relationships: list[Relationship] = field(default_factory=list)
    states: dict[bytes, Kept] = field(default_factory=dict)
    late: list[Message] = field(default_factory=list)
    astray: list[tuple[bytes, Interaction, tuple[Route, ...]]] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)


def fold_batch(messages: Iterable[Message], kept: Callable[[bytes], Kept], brands: Brands) -> Folded:
    """Messages must be in offset order per partition. ``kept`` gives a person's state as of the batch before."""
    folded = Folded()
    changed: dict[bytes, set[str]] = {}
    for message in messages:
        try:
            interaction, routes = read(message, brands)
        except Invalid as invalid:
            folded.dead.append(DeadLetter(message, invalid.reason, invalid.detail))
            continue
        if routes is None:
            groups = by_person(interaction, brands.routes(interaction))
            folded.astray.extend((key.encode(), interaction, group) for key, group in groups.items())
            continue
        state = folded.states.get(message.key) or kept(message.key)
        if message.offset <= state.offset:
            continue
        person, scored = fold(state.person, interaction, routes)
        if person is state.person:
            folded.scored.extend(scored)
        elif interaction.order > state.person.order:
            folded.scored.extend(msgspec.structs.replace(row, revision=state.revision) for row in scored)
            folded.states[message.key] = state.with_person(person, offset=message.offset)
            changed.setdefault(message.key, set()).update(route.brand for route in routes)
        elif interaction.order < state.person.order:
            folded.late.append(message)
    for key, names in changed.items():
        state = folded.states[key]
        folded.relationships.extend(relationships(key.decode(), state.person, sorted(names), state.version))
    return folded


def read(message: Message, brands: Brands) -> tuple[Interaction, tuple[Route, ...] | None]:
    """The interaction and its routes; no routes where the sender gave none and the key is not the person's."""
    if not message.key or message.key.startswith(b"\x00"):
        raise Invalid("bad_key", "the Kafka key must be the id of the audience-side person")
    try:
        key = message.key.decode()
    except UnicodeDecodeError as error:
        raise Invalid("bad_key", str(error)) from error
    interaction = decode_interaction(message.value, message.received)
    if message.routes is not None:
        try:
            return interaction, msgspec.json.decode(message.routes, type=tuple[Route, ...])
        except msgspec.DecodeError as error:
            raise Invalid("bad_routes", str(error)) from error
    groups: Mapping[str, tuple[Route, ...]] = by_person(interaction, brands.routes(interaction))
    return interaction, groups[key] if set(groups) == {key} else None


def kept_bytes(letter: DeadLetter) -> bytes:
    """What a dead letter keeps of its message: Kafka must take it whatever the size of what it came from."""
    return letter.message.value[:KEPT_BYTES]


def headers_of(letter: DeadLetter, topic: str) -> dict[str, bytes]:
    message = letter.message
    return {
        "reason": letter.reason.encode(),
        "detail": letter.detail.encode("utf-8", "replace")[:1_000],
        "origin": f"{topic}:{message.partition}:{message.offset}".encode(),
        "at": message.received.astimezone(UTC).isoformat().encode(),
        "bytes": str(len(message.value)).encode(),
    }
