"""What a source may spend: calls, units or money in a period, counted across restarts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Protocol
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from ingest.errors import Throttled


class Per(StrEnum):
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


class Budget(Struct, frozen=True, forbid_unknown_fields=True):
    """At most ``limit`` in each ``per``; days and months begin at midnight in ``zone``."""

    limit: Annotated[float, Meta(ge=0)]
    per: Per = Per.DAY
    zone: str = "UTC"


class Spent(Protocol):
    """Where it is kept what was spent since a period began."""

    def spent(self, meter: str, period: datetime) -> float: ...

    def spend(self, meter: str, period: datetime, amount: float) -> None: ...


class Meter:
    """Spends from one budget, and stops hard: what would go over the limit is not asked for at all."""

    def __init__(self, name: str, budget: Budget, kept: Spent, clock: Callable[[], datetime]) -> None:
        self.name, self.budget, self._kept, self._clock = name, budget, kept, clock

    def spend(self, amount: float) -> None:
        """Take ``amount``. Raises ``Throttled`` until the next period when there is less."""
        begin, end = period(self.budget, self._clock())
        spent = self._kept.spent(self.name, begin)
        if spent + amount > self.budget.limit + 1e-9:
            told = f"{spent:g} of {self.budget.limit:g} per {self.budget.per} are spent"
            raise Throttled(f"the budget of {self.name} is used up: {told}", end)
        self._kept.spend(self.name, begin, amount)

    def refund(self, amount: float) -> None:
        """Give back what was taken and not used."""
        self._kept.spend(self.name, period(self.budget, self._clock())[0], -amount)


def period(budget: Budget, now: datetime) -> tuple[datetime, datetime]:
    """Begin and end, UTC, of the period of ``budget`` in which ``now`` lies."""
    local = now.astimezone(ZoneInfo(budget.zone))
    if budget.per is Per.MINUTE:
        begin = local.replace(second=0, microsecond=0)
        return begin.astimezone(UTC), begin.astimezone(UTC) + timedelta(minutes=1)
    if budget.per is Per.HOUR:
        begin = local.replace(minute=0, second=0, microsecond=0)
        return begin.astimezone(UTC), begin.astimezone(UTC) + timedelta(hours=1)
    begin = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if budget.per is Per.DAY:
        return begin.astimezone(UTC), (begin + timedelta(days=1)).astimezone(UTC)
    begin = begin.replace(day=1)
    return begin.astimezone(UTC), (begin + timedelta(days=32)).replace(day=1).astimezone(UTC)
