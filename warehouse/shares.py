"""How much of what is heard is real, over time: of the volume, of the people and of the ties, beside the raw counts.

* Of the volume: the mean trust of the audience's acts. All acts of one person stand or fall together, so the variance
  is ``sum(n^2 m (1 - m)) / N^2`` over persons with ``n`` acts of mean trust ``m``.
* Of the people: the mean of ``m``, with the variance ``sum(m (1 - m)) / P^2``.
* Of the ties: those of class *real* at the end of the step, of all whose class is not *insufficient* (Wilson's
  interval). The class of a tie at a time is what its newest act before then left behind for that time, so that it is
  the same after any re-fold (of several acts within one millisecond, the one with the greatest id).

Intervals are of 90 %.
"""

from datetime import UTC, datetime

from clickhouse_driver import Client

from warehouse.queries import Table, ask

TOGETHER = "*"  # the platform that stands for all of them, each person counted once

# Times go as text: a value of ClickHouse's own would be written in the server's zone and read in UTC.
TRENDS = """
SELECT * FROM trends_of(
    brand = %(brand)s, platform = %(platform)s, step = %(step)s, since = %(since)s, until = %(until)s
)
ORDER BY brand, platform, time
"""
CLASSES = """
SELECT * FROM classes_of(brand = %(brand)s, step = %(step)s, since = %(since)s, until = %(until)s) ORDER BY time, class
"""


def trends(  # noqa: PLR0917 - what a trend is of
    client: Client, since: datetime, until: datetime, brand: str | None = None, step: int = 60, platform: str = ""
) -> Table:
    """Volume, people and ties per brand, platform and ``step`` seconds from ``since`` up to but without ``until``.

    Read from the acts themselves, because persons cannot be added up over minutes. Weeks begin on Monday. Ties are
    those of the brand on all platforms. No brand and no platform mean every one by itself.
    """
    return ask(client, TRENDS, brand=brand or "", platform=platform, step=step, since=_text(since), until=_text(until))


def classes(client: Client, since: datetime, until: datetime, brand: str, step: int) -> Table:
    """How many relationships of ``brand`` are of which class at the end of each step, gained and lost within it."""
    return ask(client, CLASSES, brand=brand, step=step, since=_text(since), until=_text(until))


def _text(time: datetime) -> str:
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "milliseconds")
