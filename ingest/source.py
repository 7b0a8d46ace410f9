"""What a connector is: something that pulls pages, oldest first, from a cursor."""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from events import Brands, Interaction
from ingest.budget import Budget, Meter
from ingest.client import Client
from ingest.dead import DeadLetter

Cursor = dict[str, Any]  # what JSON can hold; only its source knows what it means


@dataclass(frozen=True, slots=True)
class Edited:
    """An act as it reads since ``at``. Whoever has published it before publishes the change, anybody else the act."""

    interaction: Interaction
    at: datetime


@dataclass(frozen=True, slots=True)
class Removed:
    """The act ``id`` is gone, since ``at`` where the platform says so; its author took it back, or the platform did."""

    id: str
    at: datetime | None = None
    by_platform: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """What happened from ``since`` to ``until`` was not seen, and never will be."""

    since: datetime
    until: datetime
    reason: str


Item = Interaction | Edited | Removed | Gap | DeadLetter


def shown(item: Item) -> Interaction | None:
    """The act that ``item`` brings, as it reads now."""
    act = item.interaction if isinstance(item, Edited) else item
    return act if isinstance(act, Interaction) else None


@dataclass(frozen=True, slots=True)
class Page:
    """``cursor`` is where to go on once all ``items`` are in Kafka; everything until ``position`` has been read."""

    items: Sequence[Item]
    cursor: Cursor
    position: datetime


class Source(Protocol):
    """One thing that is listened to. It publishes nothing, logs nothing, and retries nothing: others do that for all.

    ``name`` is unique and stays the same for ever: it is the key of the cursor, and what ``source_status`` calls it.
    ``resumes`` says whether what happened while nobody listened can still be read from the cursor.
    """

    @property
    def name(self) -> str: ...

    @property
    def resumes(self) -> bool: ...

    @property
    def endless(self) -> bool:
        """Whether a pull goes on for as long as it can, and yields a page every few seconds even when nothing happens.

        Such a source knows no past, or little; another one of its platform brings it.
        """
        ...

    @property
    def poll_every(self) -> float:
        """Seconds from the end of one pull to the next."""
        ...

    def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        """What is new after ``cursor``; without one, all from ``since`` on. Ends when it has caught up.

        Raises what ``Client`` raises, and ``Malformed`` for an answer that cannot be read as a whole; whatever was
        yielded before stays valid. One item that cannot be read is a ``DeadLetter`` of its page.
        """
        ...


class Published(Protocol):
    """Which acts a source brought that were published since then, at most ``limit``; the longest unchecked first."""

    def __call__(self, source: str, since: datetime, limit: int) -> Sequence[str]: ...


class Stale(Protocol):
    """Which acts of a source were last seen before then, at most ``limit``; the oldest sight first."""

    def __call__(self, source: str, before: datetime, limit: int) -> Sequence[str]: ...


@dataclass(frozen=True)
class Setting:
    """What a connector makes its sources from: its name in ``[sources.NAME]``, and what all of them share."""

    name: str
    http: Client
    brands: Brands
    clock: Callable[[], datetime]
    published: Published
    stale: Stale
    meter: Callable[[str, Budget], Meter]  # another budget than that of ``http``, by a name of its own
