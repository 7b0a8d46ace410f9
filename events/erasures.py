"""Who was erased, known by keyed hashes alone: enough to recognise them when they come again."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b

from msgspec import Struct
from msgspec.structs import replace

from events.brands import Route
from events.interaction import Interaction, Reference

KEY_BYTES, DIGEST_BYTES = 32, 16


class Erasure(Struct, frozen=True, kw_only=True):
    """An account or an act that is not to come back: its blake2b under ``key``, both hexadecimal."""

    digest: str
    key: str
    at: datetime


class Erased:
    """The erased accounts and acts. All hashes have one key, unless two commands once began at the same moment."""

    def __init__(self) -> None:
        self._digests: dict[bytes, set[bytes]] = {}  # by key

    def __contains__(self, identifier: str) -> bool:
        return any(_digest(key, identifier) in known for key, known in self._digests.items())

    def __len__(self) -> int:
        return sum(map(len, self._digests.values()))

    def apply(self, erasure: Erasure) -> None:
        """Raises ``ValueError`` where it holds no hexadecimal numbers."""
        self._digests.setdefault(bytes.fromhex(erasure.key), set()).add(bytes.fromhex(erasure.digest))

    def erasure(self, identifier: str, at: datetime) -> Erasure:
        """What has to be told so that ``identifier`` stays away."""
        key = min(self._digests, default=None) or secrets.token_bytes(KEY_BYTES)
        erasure = Erasure(digest=_digest(key, identifier).hex(), key=key.hex(), at=at)
        self.apply(erasure)
        return erasure

    def left(self, interaction: Interaction, routes: Iterable[Route]) -> tuple[Route, ...]:
        """Those of ``routes`` that may be kept: none of what an erased account did, nor of what was said to one."""
        if not self._digests:
            return tuple(routes)
        if interaction.actor.id in self:
            return ()
        return tuple(route for route in routes if not (route.person and route.person in self))

    def unnamed(self, interaction: Interaction) -> Interaction:
        """``interaction`` without the accounts and acts that are erased; itself where it names none.

        A conversation that an erased act began keeps together under a keyed hash.
        """
        if not self._digests:
            return interaction
        answered, conversation = interaction.in_reply_to, interaction.conversation
        to = tuple(account for account in interaction.to if account not in self)
        erased = answered and any(name and name in self for name in (answered.actor, answered.id))
        began = conversation and (conversation in self or (erased and answered and conversation == answered.id))
        gone = bool(interaction.object) and interaction.object in self
        if len(to) == len(interaction.to) and not (erased or began or gone):
            return interaction
        return replace(
            interaction,
            to=to,
            in_reply_to=Reference() if erased else answered,
            conversation=f"erased:{_digest(min(self._digests), conversation).hex()}" if began else conversation,
            object="" if gone else interaction.object,
        )


def _digest(key: bytes, identifier: str) -> bytes:
    return blake2b(identifier.encode("utf-8", "surrogatepass"), key=key, digest_size=DIGEST_BYTES).digest()
