"""What was listened to, and what could not be seen."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class SourceState(StrEnum):
    LIVE = "live"
    GAP = "gap"
    FILLED = "filled"
    STOPPED = "stopped"


class SourceStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """From ``since`` to ``until`` (none: still) ``source`` was in ``state``, for ``brand`` (empty: for all).

    ``gap``: what happened then was not seen. ``filled``: it was not seen then, and read afterwards. ``at`` is when this
    is said; of several words about one ``source``, ``brand`` and ``since`` the newest is valid. Everything published
    until ``position`` has been read; ``last_event_at`` is the publication of the newest act it brought.
    """

    source: str
    state: SourceState
    since: datetime
    at: datetime
    brand: str = ""
    until: datetime | None = None
    reason: str = ""
    position: datetime | None = None
    last_event_at: datetime | None = None

    @property
    def key(self) -> str:
        return f"{self.source}\n{self.brand}\n{self.since.isoformat()}"
