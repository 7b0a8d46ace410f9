"""What both agents share: the order in which things are sent, kept and acknowledged, so that nothing is lost.

The order within a batch is the guarantee: send the outputs and await them, write the table and await that, acknowledge.
Why each rule is needed stands in docs/design.md, "Exact tables".
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog
from faust.types import TP
from msgspec.structs import replace

from events import Brands, Content, Invalid, Relationship, Route, Scored, encode
from events.dead_letters import KEPT_BYTES, dead_letter_headers
from events.topics import DEAD_LETTERS, FINGERPRINTS, INTERACTIONS, LATE, RELATIONSHIPS, ROUTES_HEADER, SCORED
from scoring.campaigns import Act, Member, observe
from scoring.fold import Fact
from streams.batch import DeadLetter, Folded, Message, Read, acts, fold_batch, read, read_batch, unerased
from streams.known import Memory
from streams.progress import SinkProgress
from streams.refold import History, facts_of, refold, reobserved, unerased_facts, whose
from streams.settings import StreamSettings
from streams.state import Kept, mark_key, pack, pack_mark, partition_of, unpack, unpack_mark

log = structlog.get_logger(__name__)

DEAD_IN_A_ROW = 1_000  # more than this is a bad deploy, not bad data
QUIET, PATIENCE = 0.4, 5.0  # seconds without new acts, and that they are waited for at most
PERSONS_AT_ONCE = 100  # folded again: what arrives meanwhile must not wait for all of them


class TextReader(Protocol):
    """``scoring.content.ContentModel``; ``name`` is that of its weights."""

    @property
    def name(self) -> str: ...
    def __call__(self, texts: Sequence[str]) -> list[Content]: ...


class Worker:
    """What both agents share: the table, one lock around every change of it, and the marks."""

    def __init__(
        self,
        app: Any,
        people: Any,
        *,
        torn: set[bytes],
        settings: StreamSettings,
        brands: Brands,
        history: History,
        read_texts: TextReader,
        memory: Memory,
        progressed: Callable[[str], None],
    ) -> None:
        self.app, self.people, self.settings, self.brands = app, people, settings, brands
        self.torn = torn  # keys of whom recovery found two stories
        self.history, self.read_texts, self.memory = history, read_texts, memory
        self.progressed = progressed
        self.folded_at = -math.inf  # when a batch of new acts was done; plus infinity while one is worked on
        self.marks = {
            (topic, partition): mark_key(topic, partition, settings.partitions)
            for topic in (INTERACTIONS, LATE)
            for partition in range(settings.partitions)
        }
        self.missing: dict[TP, int] = {}  # where a partition has to go on, after Faust skipped something
        self.busy: set[str] = set()  # topics of which a batch is worked on
        self.changing = asyncio.Lock()
        self.dead_in_a_row = 0
        self.dropped = 0  # acts of erased accounts
        self.progress: SinkProgress | None = None

    async def contiguous(self, topic: str, events: Sequence[Any]) -> tuple[list[Message], list[Any], dict[bytes, int]]:
        """The messages that come next, the events to acknowledge, and the marks after them.

        A jump over the mark, or over the first message where there is no mark yet, means that Faust skipped something:
        ``seek_missing`` goes back, and what came too early is dropped.
        """
        firsts = await self._firsts({TP(topic, event.message.partition) for event in events})
        fresh: list[Message] = []
        done: list[Any] = []
        marks: dict[bytes, int] = {}
        for event in events:
            message = event.message
            key = self.marks[topic, message.partition]
            mark = marks.get(key, unpack_mark(self.people.get(key)))
            part = TP(topic, message.partition)
            due = firsts[part] if mark is None else mark + 1
            if message.offset > due:
                if part not in self.missing:
                    log.warning("offsets skipped; going back", topic=topic, partition=message.partition, to=due)
                self.missing[part] = due
                continue
            self.missing.pop(part, None)
            done.append(event)
            if mark is None or message.offset == due:  # retention may have moved the first message behind it by now
                marks[key] = message.offset
                fresh.append(_message(event))
        return fresh, done, marks

    async def _firsts(self, parts: set[TP]) -> dict[TP, int]:
        """Where those partitions begin of which nothing was handled yet."""
        unmarked = {part for part in parts if self.people.get(self.marks[part.topic, part.partition]) is None}
        return dict(await self.app.consumer.earliest_offsets(*unmarked)) if unmarked else {}

    async def seek_missing(self) -> None:
        """Go back to what was skipped; to be called again and again until it has come.

        One seek is not enough: records on their way while it happens move Faust's own reading position forward
        again, and it then drops what we went back for. While a batch of the topic is worked on nobody takes what
        would come: each seek would only put the same messages into the queue once more, and when it is full Faust
        hands over nothing of the other topics either.
        """
        for part, offset in list(self.missing.items()):
            if part.topic in self.busy:
                continue
            if part in self.app.consumer.assignment():
                await self.app.consumer.seek(part, offset)
            else:
                del self.missing[part]

    async def wish_for_torn(self) -> None:
        """Have those folded again of whom two workers kept different stories. A wish too many changes nothing."""
        if torn := sorted(self.torn):
            log.warning("two stories of the same people; folding them again", people=len(torn))
            await _acknowledged(self._send(LATE, key, None, {}) for key in torn)
            self.torn.difference_update(torn)

    async def fold(self, messages: list[Message], marks: dict[bytes, int]) -> None:
        """Messages of ``interactions``."""
        self.folded_at = math.inf
        await self.memory.ready()
        reads = self._unerased(read_batch(messages, self.brands))
        contents = await self._contents({each.interaction.content for each in reads if isinstance(each, Read)})
        observed = acts(reads)
        members = await asyncio.to_thread(observe, [act for _, act in observed])
        async with self.changing:
            memory = self.memory
            reads = self._unerased(reads)  # again: whoever was erased meanwhile may be folded to nothing already
            left = {each.message.place for each in reads}
            folded = fold_batch(
                reads,
                contents,
                self.kept,
                self.brands,
                knowledge=memory.known,
                fitted=memory.fitted,
                person_of=memory.identities.person,
            )
            await self._send_folded(folded)
            await _acknowledged(
                self._member(member)
                for (message, _), member in zip(observed, members, strict=True)
                if member and message.place in left - folded.repeated
            )
            await self._send_late(folded.late)  # last: a re-fold may have to take back what the finder was told above
            await self._keep(folded.states, marks)
        self.folded_at = time.monotonic()
        all_dead = len(folded.dead) == len(messages)
        self.dead_in_a_row = self.dead_in_a_row + len(messages) if all_dead else 0
        if self.dead_in_a_row > DEAD_IN_A_ROW:
            raise RuntimeError(f"{self.dead_in_a_row} messages in a row cannot be read; see {DEAD_LETTERS}")

    def _unerased(self, reads: list[Read | DeadLetter]) -> list[Read | DeadLetter]:
        left = unerased(reads, self.brands, self.memory.erased)
        if len(left) < len(reads):
            self.dropped += len(reads) - len(left)
            log.warning("acts of erased accounts dropped", acts=len(reads) - len(left), since_start=self.dropped)
        return left

    async def repair(self, messages: list[Message], marks: dict[bytes, int]) -> None:
        """Messages of ``late``: each person's history is folded again from the warehouse, with them in it.

        One without a value brings no act: something else is known of the person's past.
        """
        late: dict[bytes, list[Fact]] = {}
        partitions: dict[bytes, int] = {}
        for message in messages:
            facts = late.setdefault(message.key, [])
            partitions[message.key] = message.partition
            if message.value:
                facts.append(_late_fact(message, self.brands))
        await self._give_way()
        while late:
            await self._repaired(late, {partitions[key] for key in late})
        await self._keep({}, marks)

    async def _give_way(self) -> None:
        """New acts first, for a while: each batch of a backlog has the same persons folded again."""
        begun = time.monotonic()
        while time.monotonic() < min(self.folded_at + QUIET, begun + PATIENCE):
            await asyncio.sleep(QUIET / 4)

    async def _repaired(self, late: dict[bytes, list[Fact]], partitions: Iterable[int]) -> None:
        """Take out of ``late`` everybody who could be re-folded; who changed meanwhile stays for the next round."""
        before = {key: self.kept(key).version for key in late}
        if self.progress is None:
            self.progress = await asyncio.to_thread(SinkProgress, self.settings.kafka)
        await asyncio.to_thread(self.progress.wait, partitions)
        await self.memory.ready()
        await self.memory.caught_up()
        keys = list(late)
        for start in range(0, len(keys), PERSONS_AT_ONCE):
            await self._refolded(keys[start : start + PERSONS_AT_ONCE], late, before)
            self.progressed(LATE)

    async def _refolded(self, keys: list[bytes], late: dict[bytes, list[Fact]], before: dict[bytes, int]) -> None:
        identities = self.memory.identities
        accounts = {key: identities.accounts(key.decode()) for key in keys}
        stored = await asyncio.to_thread(self._stored, keys, accounts)
        elsewhere = await asyncio.to_thread(self.history.accounts, [key.decode() for key in keys]) if identities else {}
        own = {key for key in keys if accounts[key][0] == key.decode()}  # of one that is another's nothing is its own
        facts = {key: facts_of(stored[key] if key in own else [], late[key]) for key in keys}
        contents = await self._contents(
            {fact.interaction.content for found in facts.values() for fact in found if self._unread(fact)}
        )
        async with self.changing:
            folded = Folded()
            observed: dict[str, Act | None] = {}
            unnamed: dict[str, Act | None] = {}
            erased = self.memory.erased
            for key in keys:
                kept, name = self.kept(key), key.decode()
                if kept.version != before[key] or identities.accounts(name) != accounts[key]:
                    continue
                brought = late.pop(key)
                allowed, acts_unnamed = unerased_facts(facts[key], erased)
                unnamed |= acts_unnamed
                mine, others = whose(name, allowed, identities.person)
                read_facts = [
                    replace(fact, content=contents[fact.interaction.content]) if self._unread(fact) else fact
                    for fact in mine
                ]
                result = refold(
                    name,
                    kept,
                    stored[key],
                    read_facts,
                    knowledge=self.memory.known,
                    fitted=self.memory.fitted,
                    retell=name in identities,
                )
                observed |= reobserved(read_facts, brought)
                if result:
                    folded.states[key] = result.kept
                    folded.scored.extend(result.scored)
                    folded.relationships.extend(result.relationships)
                if name in erased:
                    folded.states.pop(key, None)
                    folded.forgotten.append(key)
                folded.elsewhere.update({identities.person(one) for one in (name, *elsewhere.get(name, ()))} - {name})
                folded.handed.extend(others)
            await self._send_observed(unnamed)  # first: nothing tells any more once the rows are without the names
            await self._send_folded(folded)
            await self._send_observed(observed)
            await self._keep(folded.states, {}, folded.forgotten)

    def _stored(self, keys: list[bytes], accounts: dict[bytes, tuple[str, ...]]) -> dict[bytes, list[Scored]]:
        """What is stored of all accounts of each key's person."""
        found = self.history.rows(sorted({one for key in keys for one in accounts[key]}))
        return {key: [row for one in accounts[key] for row in found.get(one, [])] for key in keys}

    async def _contents(self, texts: Iterable[str]) -> dict[str, Content]:
        ordered = sorted(texts)
        return dict(zip(ordered, await asyncio.to_thread(self.read_texts, ordered), strict=True))

    def _unread(self, fact: Fact) -> bool:
        return fact.content.model != self.read_texts.name

    def kept(self, key: bytes) -> Kept:
        return unpack(self.people.get(key))

    async def _send_folded(self, folded: Folded) -> None:
        sends = [self._scored(row) for row in folded.scored]
        sends += [self._relationship(row) for row in folded.relationships]
        sends += [self._astray(*stray) for stray in folded.astray]
        sends += [self._handed(*each) for each in folded.handed]
        sends += [self._send(LATE, key.encode(), None, {}) for key in sorted(folded.elsewhere)]
        sends += [self._dead(letter) for letter in folded.dead]
        await _acknowledged(sends)

    async def _send_late(self, messages: Iterable[Message]) -> None:
        await _acknowledged(self._send(LATE, m.key, m.value, _routes_header(m.routes)) for m in messages)

    async def _send_observed(self, observed: dict[str, Act | None]) -> None:
        """What acts say now that were edited or taken back."""
        names = [name for name, act in observed.items() if act]
        found = await asyncio.to_thread(observe, [act for act in observed.values() if act])
        members = dict.fromkeys(observed) | dict(zip(names, found, strict=True))
        await _acknowledged(
            self._send(FINGERPRINTS, name.encode(), encode(member) if member else None, {})
            for name, member in members.items()
        )

    async def _keep(self, states: dict[bytes, Kept], marks: dict[bytes, int], forgotten: Iterable[bytes] = ()) -> None:
        """Into the table's changelog first, into memory when Kafka has it. Of ``forgotten`` nothing stays.

        Not by ``people[key] = …``: that hands the changelog to a buffer whose flush gives up after a tenth of a
        second, and the acknowledgement of the source could overtake it.
        """
        values: dict[bytes, bytes | None] = {key: pack(kept) for key, kept in states.items()}
        values |= dict.fromkeys(forgotten)
        values |= {key: pack_mark(offset) for key, offset in marks.items()}  # last: a mark speaks of what is written
        partitions = self.settings.partitions
        await _acknowledged(
            [
                self.app.producer.send(self.settings.changelog, key, value, partition_of(key, partitions), None, None)
                for key, value in values.items()
            ]
        )
        for key, value in values.items():
            if value is None:
                self.people.data.pop(key, None)
            else:
                self.people.data[key] = value

    def _scored(self, row: Scored) -> Awaitable[Awaitable[Any]]:
        return self._send(SCORED, (row.person or row.interaction.actor.id).encode(), encode(row), {})

    def _relationship(self, row: Relationship) -> Awaitable[Awaitable[Any]]:
        return self._send(RELATIONSHIPS, row.person.encode(), encode(row), {})

    def _member(self, member: Member) -> Awaitable[Awaitable[Any]]:
        return self._send(FINGERPRINTS, member.id.encode(), encode(member), {})

    def _astray(self, key: bytes, interaction: Any, routes: tuple[Route, ...]) -> Awaitable[Awaitable[Any]]:
        return self._send(INTERACTIONS, key, encode(interaction), _routes_header(encode(routes)))

    def _handed(self, key: str, fact: Fact) -> Awaitable[Awaitable[Any]]:
        return self._send(LATE, key.encode(), encode(fact.interaction), _routes_header(encode(fact.routes)))

    def _dead(self, letter: DeadLetter) -> Awaitable[Awaitable[Any]]:
        message, value = letter.message, letter.message.value
        origin = f"{INTERACTIONS}:{message.partition}:{message.offset}"
        headers = dead_letter_headers(letter.reason, letter.detail, origin, message.received, len(value))
        return self._send(DEAD_LETTERS, message.key, value[:KEPT_BYTES], headers)

    def _send(
        self, topic: str, key: bytes, value: bytes | None, headers: dict[str, bytes]
    ) -> Awaitable[Awaitable[Any]]:
        sent: Awaitable[Awaitable[Any]] = self.app.producer.send(topic, key, value, None, None, headers)
        return sent


async def _acknowledged(sends: Iterable[Awaitable[Awaitable[Any]]]) -> None:
    """Hand over in order, then wait until Kafka has all of it."""
    await asyncio.gather(*[await send for send in sends])


def _late_fact(message: Message, brands: Brands) -> Fact:
    try:
        interaction, routes = read(message, brands)
    except Invalid as invalid:  # it was readable when it was sent here
        raise RuntimeError(f"{LATE} holds an unreadable message: {invalid}") from invalid
    return Fact(interaction, routes or ())


def _message(event: Any) -> Message:
    message = event.message
    headers = dict(message.headers or {})
    received = datetime.fromtimestamp(message.timestamp, UTC)
    return Message(
        message.partition,
        message.offset,
        message.key or b"",
        message.value or b"",
        headers.get(ROUTES_HEADER),
        received,
    )


def _routes_header(routes: bytes | None) -> dict[str, bytes]:
    return {} if routes is None else {ROUTES_HEADER: routes}
