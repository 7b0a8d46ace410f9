"""One act of one account, in the words of ActivityStreams 2.0."""

import hashlib
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

Identifier = Annotated[str, Meta(min_length=1, max_length=1024)]
Platform = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_.-]*$", max_length=64)]
Count = Annotated[int, Meta(ge=0, le=2**62)]


class Activity(StrEnum):
    CREATE = "Create"
    ANNOUNCE = "Announce"
    LIKE = "Like"
    FOLLOW = "Follow"
    UPDATE = "Update"
    DELETE = "Delete"
    UNDO = "Undo"
    FLAG = "Flag"


class Actor(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Who acts. What the platform tells of the profile may be missing; missing is not zero."""

    id: Identifier
    name: str = ""
    created: datetime | None = None
    followers: Count | None = None
    following: Count | None = None
    posts: Count | None = None
    automated: bool | None = None


class Reference(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What is answered, and whose it is (empty where the platform does not say)."""

    id: str = ""
    actor: str = ""


class Interaction(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One event of the contract: one JSON object, the same in files, on the wire and in the generic webhook."""

    id: Identifier
    platform: Platform
    type: Activity
    published: datetime
    actor: Actor
    to: tuple[str, ...] = ()
    content: str = ""
    language: str = ""
    url: str = ""
    in_reply_to: Reference | None = None
    object: str = ""
    conversation: str = ""
    brands: tuple[str, ...] = ()

    @property
    def at(self) -> int:
        """Publication time in whole milliseconds since 1970, UTC (a time without a zone is read as UTC)."""
        return milliseconds(self.published)

    @property
    def order(self) -> tuple[int, int]:
        """The place of this act in the one order in which everything is folded: time, then a hash of the id."""
        return self.at, id_hash(self.id)


def milliseconds(time: datetime) -> int:
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    whole_seconds = int(aware.replace(microsecond=0).timestamp())
    return whole_seconds * 1000 + aware.microsecond // 1000


def from_milliseconds(at: int) -> datetime:
    return datetime.fromtimestamp(at // 1000, UTC).replace(microsecond=at % 1000 * 1000)


def id_hash(identifier: str) -> int:
    """A stable 63-bit hash: small enough for msgpack and for ClickHouse's Int64."""
    digest = hashlib.blake2b(identifier.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def schema() -> dict[str, object]:
    """JSON Schema (2020-12) of the contract, committed as ``events/interaction.schema.json``."""
    return msgspec.json.schema(Interaction)
