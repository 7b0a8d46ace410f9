"""A budget is a hard stop, counted across restarts, and begins anew with its period."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.budget import Budget, Meter, Per, period
from ingest.errors import Throttled
from ingest.ledger import Ledger

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_what_would_go_over_the_limit_is_not_asked_for(tmp_path: Path) -> None:
    """Three units of ten are left: five are refused, three are not, and a new process knows it."""
    ledger = Ledger(tmp_path / "ledger")
    meter = Meter("x", Budget(limit=10), ledger, lambda: NOON)
    meter.spend(7)
    with pytest.raises(Throttled, match=r"the budget of x is used up: 7 of 10 per day are spent") as caught:
        meter.spend(5)
    assert caught.value.until == datetime(2026, 11, 2, tzinfo=UTC)
    ledger.close()
    again = Meter("x", Budget(limit=10), Ledger(tmp_path / "ledger"), lambda: NOON)
    again.spend(3)
    with pytest.raises(Throttled):
        again.spend(0.01)
    again.refund(1)
    again.spend(1)
    Meter("x", Budget(limit=10), Ledger(tmp_path / "ledger"), lambda: NOON + timedelta(days=1)).spend(10)


@pytest.mark.parametrize(
    ("budget", "begin", "end"),
    [
        (Budget(limit=1, per=Per.MINUTE), "2026-11-01T12:00:00+00:00", "2026-11-01T12:01:00+00:00"),
        (Budget(limit=1, per=Per.HOUR), "2026-11-01T12:00:00+00:00", "2026-11-01T13:00:00+00:00"),
        (Budget(limit=1), "2026-11-01T00:00:00+00:00", "2026-11-02T00:00:00+00:00"),
        (Budget(limit=1, per=Per.MONTH), "2026-11-01T00:00:00+00:00", "2026-12-01T00:00:00+00:00"),
        # The night in which the clocks go back there: the day has 25 hours.
        (Budget(limit=1, zone="America/Los_Angeles"), "2026-11-01T07:00:00+00:00", "2026-11-02T08:00:00+00:00"),
    ],
)
def test_a_period_begins_where_the_platform_counts(budget: Budget, begin: str, end: str) -> None:
    """Days and months begin at midnight of the zone, also when its clocks change."""
    assert [at.isoformat() for at in period(budget, NOON)] == [begin, end]
