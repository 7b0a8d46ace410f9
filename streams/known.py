"""What every worker knows besides the acts, from topics read whole: campaigns, corrections, weights, who is whom, and
who was erased."""

import asyncio
from dataclasses import replace

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from events import Correction, Identity, Invalid, decode
from events.campaigns import decode_message
from events.erasures import Erased, Erasure
from events.topics import CAMPAIGNS, CORRECTIONS, ERASURES, IDENTITIES, WEIGHTS
from scoring.campaigns import Lookup
from scoring.combine import Weights
from scoring.fold import FITTED, Known
from scoring.identities import Identities
from scoring.testimony import of_correction
from scoring.ties.realness import Weights as Realness

TOPICS = (CAMPAIGNS, CORRECTIONS, ERASURES, IDENTITIES, WEIGHTS)
TRUST, RELATIONSHIPS = "trust", "relationships"  # the keys on the topic of weights
POLL_MS = 200
PAUSE = 0.02  # seconds

log = structlog.get_logger(__name__)


class Memory:
    def __init__(self, kafka: str) -> None:
        self.kafka = kafka
        self.lookup, self.corrections = Lookup(), dict[str, Correction]()
        self.identities, self.fitted, self.erased = Identities(), FITTED, Erased()
        self.applied: dict[TopicPartition, int] = {}
        self.starting = asyncio.Lock()
        self.consumer: AIOKafkaConsumer | None = None
        self.following: asyncio.Task[None] | None = None

    def known(self, identifier: str) -> Known:
        return Known(self.lookup.term(identifier), None, of_correction(self.corrections.get(identifier)))

    async def ready(self) -> None:
        """Return when everything that was known at the first call is known here. Raises what ended the reading."""
        async with self.starting:
            if self.following is None:
                await self._start()
                await self.caught_up()
        self._alive()

    async def caught_up(self) -> None:
        """Return when everything that is on the topics now is known here."""
        ends = await self.consumer.end_offsets(list(self.applied)) if self.consumer else {}
        while any(self.applied[part] < end for part, end in ends.items()):
            self._alive()
            await asyncio.sleep(PAUSE)

    async def _start(self) -> None:
        self.consumer = AIOKafkaConsumer(
            *TOPICS, bootstrap_servers=self.kafka, auto_offset_reset="earliest", enable_auto_commit=False
        )
        await self.consumer.start()
        self.applied = dict.fromkeys(self.consumer.assignment(), 0)
        if missing := set(TOPICS) - {part.topic for part in self.applied}:
            raise RuntimeError(f"topics are missing: {', '.join(sorted(missing))}; run: rapport migrate")
        self.following = asyncio.create_task(self._follow(self.consumer))

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            records = await consumer.getmany(timeout_ms=POLL_MS)
            for part, batch in records.items():
                for record in batch:
                    self.apply(part.topic, (record.key or b"").decode(errors="replace"), record.value)
            for part in self.applied:
                self.applied[part] = await consumer.position(part)

    def _alive(self) -> None:
        if self.following is not None and self.following.done():
            self.following.result()
            raise RuntimeError("the reading of campaigns and corrections has ended")

    def apply(self, topic: str, key: str, value: bytes | None) -> None:
        """One message; one that cannot be read is left to the sink, which stores it as a dead letter."""
        try:
            if topic == CAMPAIGNS and value:
                self.lookup.apply(decode_message(value))
            elif topic == CORRECTIONS:
                self._correct(key, value)
            elif topic == IDENTITIES and value:
                self.identities.apply(decode(value, Identity))
            elif topic == ERASURES and value:
                self.erased.apply(decode(value, Erasure))
            elif topic == WEIGHTS:
                self._fit(key, value)
        except Invalid as invalid:
            log.warning("a message cannot be read", topic=topic, reason=invalid.reason)

    def _fit(self, key: str, value: bytes | None) -> None:
        if key == TRUST:
            self.fitted = replace(self.fitted, trust=decode(value, Weights) if value else FITTED.trust)
        elif key == RELATIONSHIPS:
            self.fitted = replace(self.fitted, realness=decode(value, Realness) if value else FITTED.realness)

    def _correct(self, key: str, value: bytes | None) -> None:
        if value:
            correction = decode(value, Correction)
            self.corrections[correction.id] = correction
        else:
            self.corrections.pop(key, None)
