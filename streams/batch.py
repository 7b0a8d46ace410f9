"""One batch of messages folded: a pure function from messages and states to what has to be sent and kept."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from events import Brands, Content, Interaction, Invalid, Relationship, Route, Scored, decode_interaction
from events.brands import by_person, by_platform
from events.erasures import Erased
from scoring.campaigns import Act
from scoring.changes import changes_something
from scoring.fold import FITTED, Fact, Fitted, Knowledge, Person, exposed_anew, fold, gifts, observed_act, relationships
from scoring.identities import Identities
from streams.state import Kept

NOBODY = Identities()
UNHEARD = timedelta(days=1)  # for which a worker may not have heard of a merge, clocks that differ included


@dataclass(frozen=True, slots=True)
class Message:
    """A message of ``interactions`` or ``late``. ``received`` is the broker's time, so that a replay judges alike."""

    partition: int
    offset: int
    key: bytes
    value: bytes
    routes: bytes | None
    received: datetime

    @property
    def place(self) -> tuple[int, int]:
        return self.partition, self.offset


@dataclass(frozen=True, slots=True)
class DeadLetter:
    message: Message
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Read:
    """A message that can be used. ``routes`` is ``None`` where the sender gave none and the key is not the person's."""

    message: Message
    interaction: Interaction
    routes: tuple[Route, ...] | None


@dataclass(frozen=True, slots=True)
class Folded:
    """What a batch comes to. ``states`` hold only what changed; ``late`` go to the re-fold, ``astray`` get a key.

    ``handed`` go to the re-fold of whose account it is now; ``elsewhere`` are persons to be folded again for it.
    ``forgotten`` are the keys of erased accounts.
    ``repeated`` are partition and offset of what a state includes already.
    """

    scored: list[Scored] = field(default_factory=list)
    relationships: list[Relationship] = field(default_factory=list)
    states: dict[bytes, Kept] = field(default_factory=dict)
    forgotten: list[bytes] = field(default_factory=list)
    late: list[Message] = field(default_factory=list)
    astray: list[tuple[bytes, Interaction, tuple[Route, ...]]] = field(default_factory=list)
    handed: list[tuple[str, Fact]] = field(default_factory=list)
    elsewhere: set[str] = field(default_factory=set)
    dead: list[DeadLetter] = field(default_factory=list)
    repeated: set[tuple[int, int]] = field(default_factory=set)


def read_batch(messages: Iterable[Message], brands: Brands) -> list[Read | DeadLetter]:
    """Each message decoded, or why it cannot be; in the order given."""
    found: list[Read | DeadLetter] = []
    for message in messages:
        try:
            found.append(Read(message, *read(message, brands)))
        except Invalid as invalid:
            found.append(DeadLetter(message, invalid.reason, invalid.detail))
    return found


def unerased(reads: Iterable[Read | DeadLetter], brands: Brands, erased: Erased) -> list[Read | DeadLetter]:
    """``reads`` without what erased accounts did and what was said to them, and without their names in the rest."""
    return list(reads) if not erased else [left for each in reads if (left := _unerased(each, brands, erased))]


def _unerased(each: Read | DeadLetter, brands: Brands, erased: Erased) -> Read | DeadLetter | None:
    if isinstance(each, DeadLetter):
        return None if each.message.key.decode(errors="replace") in erased else each
    routes = brands.routes(each.interaction) if each.routes is None else each.routes
    if not (left := erased.left(each.interaction, routes)):
        return None
    interaction = erased.unnamed(each.interaction)
    return each if interaction is each.interaction and left == routes else Read(each.message, interaction, left)


def fold_batch(
    reads: Iterable[Read | DeadLetter],
    contents: Mapping[str, Content],
    kept: Callable[[bytes], Kept],
    brands: Brands,
    *,
    knowledge: Knowledge,
    fitted: Fitted = FITTED,
    identities: Identities = NOBODY,
) -> Folded:
    """``reads`` must be in offset order per partition. ``contents`` are the readings by text; ``kept`` gives a person's
    state as of the batch before.

    What is left to the re-fold counts as included, too: the re-fold then speaks with a later version than anything that
    a worker may have said of this message before it died.
    """
    folded = Folded()
    changed: dict[bytes, set[str]] = {}
    for each in reads:
        if isinstance(each, DeadLetter):
            folded.dead.append(each)
            continue
        message, interaction = each.message, each.interaction
        routes = brands.routes(interaction) if each.routes is None else each.routes
        state = folded.states.get(message.key) or kept(message.key)
        if message.offset <= state.offset:
            folded.repeated.add(message.place)
            continue
        included = msgspec.structs.replace(state, offset=message.offset)
        groups = by_person(interaction, routes, identities.person)
        if groups.keys() != {name := message.key.decode()}:
            folded.astray.extend((key.encode(), interaction, group) for key, group in groups.items())
            if _newly_linked(message, {name, *by_person(interaction, routes)}, identities):
                folded.states[message.key] = included
                folded.elsewhere.add(name)
            continue
        # An act as new as the newest is that one: some worker died after it had stored it, and a re-fold came first.
        if state.person is None or _tells_of_the_past(each) or interaction.order <= state.person.order:
            folded.states[message.key] = included
            folded.late.append(message)
            continue
        fact = Fact(interaction, routes, contents[interaction.content])
        person, scored = fold(state.person, fact, knowledge(interaction.id), fitted, name)
        if person is state.person:
            folded.scored.extend(scored)
        elif exposed_anew(state.person, person):  # what came before is read again, and this act with it
            folded.states[message.key] = included
            folded.late.append(message)
        else:
            folded.scored.extend(msgspec.structs.replace(row, revision=state.revision) for row in scored)
            folded.states[message.key] = included.with_person(person)
            names = changed.setdefault(message.key, set())
            names.update(route.brand for route in routes)
            if person.told_with != state.person.told_with or gifts(person) != gifts(state.person):
                names.update(person.ties)  # what they give to anybody is told in every relationship of theirs
    for key, names in changed.items():
        state = folded.states[key]
        person = state.person or Person()  # it is never None here: only what was folded is in ``states``
        folded.relationships.extend(relationships(key.decode(), person, sorted(names), fitted, state.version))
    return folded


def _newly_linked(message: Message, accounts: Iterable[str], identities: Identities) -> bool:
    """Whether one who did not know yet whose accounts these are may have told a relationship of the message's key."""
    words = [word for account in accounts if (word := identities.newest(account))]
    return any(message.received < word.at + UNHEARD for word in words)


def _tells_of_the_past(read: Read) -> bool:
    """A removal, an edit or a deletion speaks of an act of its person that is folded already."""
    removes = by_platform(read.interaction) and read.message.key != read.interaction.actor.id.encode()
    return removes or changes_something(read.interaction)


def acts(reads: Iterable[Read | DeadLetter]) -> list[tuple[Message, Act]]:
    """What the campaign finder is to hear of, and what brought it."""
    routed = [
        (each.message, Fact(each.interaction, each.routes)) for each in reads if isinstance(each, Read) and each.routes
    ]
    return [(message, act) for message, fact in routed if (act := observed_act(fact))]


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
