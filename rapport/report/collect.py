"""What a report says, gathered from the warehouse as plain values."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from clickhouse_driver import Client

from events.interaction import milliseconds
from rapport import owed
from rapport.audit import Audit, audit
from scoring.combine import Weights
from warehouse import queries, shares

HOUR, DAY, WEEK = 3_600, 86_400, 604_800
ALL_TIME = 2**32 - 1  # as one step
MOST_DEBTS = 10_000
MOST_PEOPLE, MOST_OWED, MOST_CAMPAIGNS, MOST_DOUBTED = 300, 20, 20, 10

Row = dict[str, Any]


@dataclass(frozen=True)
class Report:
    """``total`` is of the whole time, ``None`` where nothing was heard; ``trend`` has every step of ``step`` seconds.

    A step of which a source saw nothing at all has no numbers, which is not the same as zero. ``debts`` are by person,
    in both directions, each with its ``reasons``.
    """

    brand: str
    since: datetime
    until: datetime
    step: int
    total: Row | None
    trend: list[Row]
    gaps: list[Row]
    classes: list[Row]
    changes: list[Row]
    people: list[Row]
    debts: dict[str, list[Row]]
    owed: list[Row]
    campaigns: list[Row]
    doubted: list[Row]
    audit: Audit


def collect(client: Client, brand: str, since: datetime, until: datetime, weights: Weights) -> Report:
    step = step_of(since, until)
    span = {"since": milliseconds(since), "until": milliseconds(until), "brand": brand}
    gaps = _asked(
        client,
        """
        WITH
            fromUnixTimestamp64Milli(%(since)s, 'UTC') AS first,
            fromUnixTimestamp64Milli(%(until)s, 'UTC') AS last
        SELECT source, since, coalesce(until, last) AS until, reason FROM source_status AS s
        WHERE state = 'gap' AND brand IN ('', %(brand)s) AND s.since < last AND coalesce(s.until, last) > first
        ORDER BY since, source
        """,
        **span,
    )
    total = shares.trends(client, since, until, brand, ALL_TIME, shares.TOGETHER).records()
    return Report(
        brand=brand,
        since=since,
        until=until,
        step=step,
        total=total[0] if total and total[0]["volume"] else None,
        trend=filled(
            shares.trends(client, since, until, brand, step, shares.TOGETHER).records(), gaps, since, until, step
        ),
        gaps=gaps,
        classes=_asked(
            client,
            "SELECT class, count() AS people FROM relationships_now WHERE brand = %(brand)s"
            " GROUP BY class ORDER BY people DESC, class",
            brand=brand,
        ),
        changes=shares.classes(client, since, until, brand, step).records(),
        people=_asked(
            client,
            "SELECT * FROM relationships_now WHERE brand = %(brand)s AND class != 'insufficient'"
            " ORDER BY realness DESC, person LIMIT %(most)s",
            brand=brand,
            most=MOST_PEOPLE,
        ),
        debts=_debts(client, brand),
        owed=owed.owed(client, brand, MOST_OWED, "us").records(),
        campaigns=queries.campaigns(client, brand, MOST_CAMPAIGNS).records(),
        doubted=_asked(
            client,
            """
            SELECT * FROM interactions
            WHERE brand = %(brand)s AND direction != 'outbound' AND verdict = 'spam'
                AND published >= fromUnixTimestamp64Milli(%(since)s, 'UTC')
                AND published < fromUnixTimestamp64Milli(%(until)s, 'UTC')
            ORDER BY trust, published DESC, id LIMIT 1 BY person LIMIT %(most)s
            """,
            most=MOST_DOUBTED,
            **span,
        ),
        audit=audit(client, brand, since, weights),
    )


def _debts(client: Client, brand: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in owed.with_reasons(queries.owed(client, brand, MOST_DEBTS)):
        found.setdefault(row["person"], []).append(row)
    return found


def step_of(since: datetime, until: datetime) -> int:
    """Seconds between the points of the trend: about fifty of them, never finer than an hour."""
    days = (until - since) / timedelta(days=1)
    return HOUR if days <= 3 else DAY if days <= 120 else WEEK


def filled(rows: list[Row], gaps: list[Row], since: datetime, until: datetime, step: int) -> list[Row]:
    """``rows`` with one for every step in which nothing was heard: zeros, or no numbers where nothing was seen."""
    known = {row["time"]: row for row in rows}
    at, found = _start(since, step), []
    while at < until:
        end = at + timedelta(seconds=step)
        unseen = any(gap["since"] <= at and gap["until"] >= end for gap in gaps)
        found.append(known.get(at) or {"time": at, "volume": None if unseen else 0})
        at = end
    return found


def _start(at: datetime, step: int) -> datetime:
    """The beginning of the step that ``at`` is in, as the warehouse counts them."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if step == WEEK:
        return midnight - timedelta(days=at.weekday())
    return midnight if step == DAY else at.replace(minute=0, second=0, microsecond=0)


def _asked(client: Client, sql: str, **parameters: object) -> list[Row]:
    return queries.ask(client, sql, **parameters).records()
