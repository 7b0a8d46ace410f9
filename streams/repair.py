"""Late acts, and whatever else is learned of the past: a person's whole history is folded again from the warehouse."""

import asyncio
import time
from collections.abc import Callable, Iterable

import structlog
from msgspec.structs import replace

from events import Brands, Invalid
from events.topics import LATE
from scoring.campaigns import Act
from scoring.fold import Fact
from streams.batch import Folded, Message, read
from streams.progress import SinkProgress
from streams.refold import History, facts_of, refold, reobserved, unerased_facts, whose
from streams.state import Kept
from streams.worker import Worker

log = structlog.get_logger(__name__)

QUIET, PATIENCE = 0.4, 5.0  # seconds without new acts, and that they are waited for at most
PERSONS_AT_ONCE = 100  # folded again: what arrives meanwhile must not wait for all of them


class Repair:
    """``torn`` are keys of whom recovery found two stories. ``progressed`` is called after each step."""

    def __init__(self, worker: Worker, torn: set[bytes], history: History, progressed: Callable[[str], None]) -> None:
        self.worker, self.torn, self.history, self.progressed = worker, torn, history, progressed
        self.people, self.sender, self.memory = worker.people, worker.sender, worker.memory
        self.progress: SinkProgress | None = None

    async def wish_for_torn(self) -> None:
        """Have those folded again of whom two workers kept different stories. A wish too many changes nothing."""
        if torn := sorted(self.torn):
            log.warning("two stories of the same people; folding them again", people=len(torn))
            await self.sender.wishes(torn)
            self.torn.difference_update(torn)

    async def late(self, messages: list[Message], marks: dict[bytes, int]) -> None:
        """Messages of ``late``: each person's history is folded again from the warehouse, with them in it.

        One without a value brings no act: something else is known of the person's past.
        """
        late: dict[bytes, list[Fact]] = {}
        partitions: dict[bytes, int] = {}
        for message in messages:
            facts = late.setdefault(message.key, [])
            partitions[message.key] = message.partition
            if message.value:
                facts.append(_late_fact(message, self.worker.brands))
        await self._give_way()
        while late:
            await self._repaired(late, {partitions[key] for key in late})
        await self.people.keep({}, marks)

    async def _give_way(self) -> None:
        """New acts first, for a while: each batch of a backlog has the same persons folded again."""
        begun = time.monotonic()
        while time.monotonic() < min(self.worker.folded_at + QUIET, begun + PATIENCE):
            await asyncio.sleep(QUIET / 4)

    async def _repaired(self, late: dict[bytes, list[Fact]], partitions: Iterable[int]) -> None:
        """Take out of ``late`` everybody who could be re-folded; who changed meanwhile stays for the next round."""
        before = {key: self.people.kept(key) for key in late}
        if self.progress is None:
            self.progress = await asyncio.to_thread(SinkProgress, self.people.settings.kafka)
        await asyncio.to_thread(self.progress.wait, partitions)
        await self.memory.ready()
        await self.memory.caught_up()
        keys = list(late)
        for start in range(0, len(keys), PERSONS_AT_ONCE):
            await self._refolded(keys[start : start + PERSONS_AT_ONCE], late, before)
            self.progressed(LATE)

    async def _refolded(self, keys: list[bytes], late: dict[bytes, list[Fact]], before: dict[bytes, Kept]) -> None:
        identities = self.memory.identities
        accounts = {key: identities.accounts(key.decode()) for key in keys}
        ever = {key: identities.ever(key.decode()) for key in keys}
        rows = await asyncio.to_thread(self.history.rows, sorted(set().union(*ever.values())))
        stored = {key: [row for one in accounts[key] for row in rows.get(one, [])] for key in keys}
        elsewhere = await asyncio.to_thread(self.history.accounts, [key.decode() for key in keys]) if identities else {}
        own = {key for key in keys if accounts[key][0] == key.decode()}  # of one that is another's nothing is its own
        facts = {key: facts_of(stored[key] if key in own else [], late[key]) for key in keys}
        contents = await self.worker.contents(
            {fact.interaction.content for found in facts.values() for fact in found if self._unread(fact)}
        )
        async with self.worker.changing:
            folded = Folded()
            observed: dict[str, Act | None] = {}
            unnamed: dict[str, Act | None] = {}
            erased = self.memory.erased
            for key in keys:
                kept, name = self.people.kept(key), key.decode()
                if _changed(before[key], kept) or identities.accounts(name) != accounts[key]:
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
                    retell=name in identities or bool(brought),
                    revision=max((row.revision for one in ever[key] for row in rows.get(one, [])), default=0),
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
            await self.sender.observed(unnamed)  # first: nothing tells any more once the rows are without the names
            await self.sender.folded(folded)
            await self.sender.observed(observed)
            await self.people.keep(folded.states, {}, folded.forgotten)

    def _unread(self, fact: Fact) -> bool:
        return fact.content.model != self.worker.read_texts.name


def _changed(before: Kept, now: Kept) -> bool:
    """Whether somebody else folded meanwhile; what was only left to a re-fold is in none yet."""
    return (before.person, before.revision) != (now.person, now.revision)


def _late_fact(message: Message, brands: Brands) -> Fact:
    try:
        interaction, routes = read(message, brands)
    except Invalid as invalid:  # it was readable when it was sent here
        raise RuntimeError(f"{LATE} holds an unreadable message: {invalid}") from invalid
    return Fact(interaction, routes or ())
