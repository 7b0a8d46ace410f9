"""What the worker sends: each kind of message to its topic and key, handed over in order and awaited."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from events import Interaction, Relationship, Route, Scored, encode
from events.dead_letters import KEPT_BYTES, dead_letter_headers
from events.topics import DEAD_LETTERS, FINGERPRINTS, INTERACTIONS, LATE, RELATIONSHIPS, ROUTES_HEADER, SCORED
from scoring.campaigns import Act, Member, observe
from scoring.fold import Fact
from streams.batch import DeadLetter, Folded, Message

Sent = Awaitable[Awaitable[Any]]


@dataclass(frozen=True)
class Sender:
    """``app`` is a Faust app, whose producer is there once it runs. Each method returns when Kafka has everything."""

    app: Any

    async def folded(self, folded: Folded) -> None:
        sends = [self._scored(row) for row in folded.scored]
        sends += [self._relationship(row) for row in folded.relationships]
        sends += [self._astray(*stray) for stray in folded.astray]
        sends += [self._handed(*each) for each in folded.handed]
        sends += [self._wish(key.encode()) for key in sorted(folded.elsewhere)]
        sends += [self._dead(letter) for letter in folded.dead]
        await acknowledged(sends)

    async def members(self, members: Iterable[Member]) -> None:
        """What acts say, for the one who finds campaigns."""
        await acknowledged(self._send(FINGERPRINTS, member.id.encode(), encode(member), {}) for member in members)

    async def observed(self, observed: Mapping[str, Act | None]) -> None:
        """What acts say now that were edited or taken back."""
        names = [name for name, act in observed.items() if act]
        found = await asyncio.to_thread(observe, [act for act in observed.values() if act])
        members = dict.fromkeys(observed) | dict(zip(names, found, strict=True))
        await acknowledged(
            self._send(FINGERPRINTS, name.encode(), encode(member) if member else None, {})
            for name, member in members.items()
        )

    async def late(self, messages: Iterable[Message]) -> None:
        await acknowledged(self._send(LATE, m.key, m.value, _routes_header(m.routes)) for m in messages)

    async def wishes(self, keys: Iterable[bytes]) -> None:
        """Have these folded again. A wish too many changes nothing."""
        await acknowledged(self._wish(key) for key in keys)

    def _scored(self, row: Scored) -> Sent:
        return self._send(SCORED, (row.person or row.interaction.actor.id).encode(), encode(row), {})

    def _relationship(self, row: Relationship) -> Sent:
        return self._send(RELATIONSHIPS, row.person.encode(), encode(row), {})

    def _astray(self, key: bytes, interaction: Interaction, routes: tuple[Route, ...]) -> Sent:
        return self._send(INTERACTIONS, key, encode(interaction), _routes_header(encode(routes)))

    def _handed(self, key: str, fact: Fact) -> Sent:
        return self._send(LATE, key.encode(), encode(fact.interaction), _routes_header(encode(fact.routes)))

    def _wish(self, key: bytes) -> Sent:
        return self._send(LATE, key, None, {})

    def _dead(self, letter: DeadLetter) -> Sent:
        message, value = letter.message, letter.message.value
        origin = f"{INTERACTIONS}:{message.partition}:{message.offset}"
        headers = dead_letter_headers(letter.reason, letter.detail, origin, message.received, len(value))
        return self._send(DEAD_LETTERS, message.key, value[:KEPT_BYTES], headers)

    def _send(self, topic: str, key: bytes, value: bytes | None, headers: dict[str, bytes]) -> Sent:
        sent: Sent = self.app.producer.send(topic, key, value, None, None, headers)
        return sent


async def acknowledged(sends: Iterable[Sent]) -> None:
    """Hand over in order, then wait until Kafka has all of it."""
    await asyncio.gather(*[await send for send in sends])


def _routes_header(routes: bytes | None) -> dict[str, bytes]:
    return {} if routes is None else {ROUTES_HEADER: routes}
