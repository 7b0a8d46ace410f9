"""New acts: the order in which things are sent, kept and acknowledged, so that nothing is lost.

The order within a batch is the guarantee: send the outputs and await them, write the table and await that, acknowledge.
Why each rule is needed stands in docs/design.md, "Exact tables".
"""

import asyncio
import math
import time
from collections.abc import Iterable, Sequence
from typing import Protocol

import structlog

from events import Brands, Content
from events.topics import DEAD_LETTERS
from scoring.campaigns import observe
from streams.batch import DeadLetter, Message, Read, acts, fold_batch, read_batch, unerased
from streams.known import Memory
from streams.people import People
from streams.sending import Sender

log = structlog.get_logger(__name__)

DEAD_IN_A_ROW = 1_000  # more than this is a bad deploy, not bad data


class TextReader(Protocol):
    """``scoring.content.ContentModel``; ``name`` is that of its weights."""

    @property
    def name(self) -> str: ...
    def __call__(self, texts: Sequence[str]) -> list[Content]: ...


class Worker:
    """Folds what is new. ``changing`` is held around every change of ``people``, by the re-fold, too."""

    def __init__(self, people: People, sender: Sender, memory: Memory, brands: Brands, read_texts: TextReader) -> None:
        self.people, self.sender, self.memory = people, sender, memory
        self.brands, self.read_texts = brands, read_texts
        self.changing = asyncio.Lock()
        self.folded_at = -math.inf  # when a batch was done; plus infinity while one is worked on
        self.dead_in_a_row = 0
        self.dropped = 0  # acts of erased accounts

    async def fold(self, messages: list[Message], marks: dict[bytes, int]) -> None:
        """Messages of ``interactions``."""
        self.folded_at = math.inf
        await self.memory.ready()
        reads = self._unerased(read_batch(messages, self.brands))
        contents = await self.contents({each.interaction.content for each in reads if isinstance(each, Read)})
        observed = acts(reads)
        members = await asyncio.to_thread(observe, [act for _, act in observed])
        async with self.changing:
            memory = self.memory
            reads = self._unerased(reads)  # again: whoever was erased meanwhile may be folded to nothing already
            left = {each.message.place for each in reads}
            folded = fold_batch(
                reads,
                contents,
                self.people.kept,
                self.brands,
                knowledge=memory.known,
                fitted=memory.fitted,
                identities=memory.identities,
            )
            await self.sender.folded(folded)
            await self.sender.members(
                member
                for (message, _), member in zip(observed, members, strict=True)
                if member and message.place in left - folded.repeated
            )
            await self.sender.late(folded.late)  # last: a re-fold may have to take back what the finder was told above
            await self.people.keep(folded.states, marks)
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

    async def contents(self, texts: Iterable[str]) -> dict[str, Content]:
        ordered = sorted(texts)
        return dict(zip(ordered, await asyncio.to_thread(self.read_texts, ordered), strict=True))
