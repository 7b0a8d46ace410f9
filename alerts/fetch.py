"""The rows that rules look at, from the warehouse, for any time of a period."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np

from alerts.facts import (
    DAY,
    HISTORY,
    UNSEEN,
    WAVE,
    Counts,
    Crowd,
    Debt,
    Facts,
    Heard,
    Joined,
    Letters,
    Own,
    Source,
    Tie,
)
from alerts.finding import platform_of
from alerts.queries import CROWD, HEARD, JOINED, LAG, LETTERS, REACTIONS, SOURCES, TIES
from events.interaction import from_milliseconds, milliseconds
from warehouse.client import Connection
from warehouse.queries import ask

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
LETTER_HOURS = 24


@dataclass(frozen=True)
class History:
    """Everything but ties and the brand's own acts from ``HISTORY`` before ``since`` to ``until``, in ``bucket``s."""

    begin: datetime
    bucket: timedelta
    heard: Mapping[str, Mapping[str, Counts]]
    crowd: Callable[[str, datetime, datetime], Crowd]
    joined: Sequence[Joined]
    sources: Sequence[tuple[Source, datetime | None]]
    letters: Mapping[str, Counts]
    lag: Mapping[tuple[str, int], int]

    def at(self, moment: datetime, ties: Sequence[Tie] = (), own: Sequence[Own] = ()) -> Facts:
        """What was known at ``moment``, a whole number of buckets after ``begin``."""
        end = round((moment - self.begin) / self.bucket)
        lag, lag_age = self._lag(end)
        return Facts(
            at=moment,
            heard={brand: Heard(self.bucket, end, platforms) for brand, platforms in self.heard.items()},
            crowd=self.crowd,
            joined=[act for act in self.joined if moment - WAVE <= act.at < moment],
            ties=ties,
            sources=self._sources(moment),
            own=own,
            letters=[Letters(reason, self._hours(counts, end)) for reason, counts in self.letters.items()],
            lag=lag,
            lag_age=lag_age,
        )

    def _sources(self, moment: datetime) -> list[Source]:
        newest: dict[tuple[str, str], Source] = {}
        for source, until in self.sources:
            if source.since < moment and (until is None or until > moment):
                newest[source.source, source.brand] = source
        return list(newest.values())

    def _hours(self, counts: Counts, end: int) -> list[int]:
        hour = round(HOUR / self.bucket)
        marks = np.clip(end - hour * np.arange(LETTER_HOURS + 1, -1, -1), 0, None)
        return [int(count) for count in np.diff(counts[marks])]

    def _lag(self, end: int) -> tuple[dict[str, int], timedelta]:
        """What was counted last within a day, and how long ago: the sink counts, and may be what stands still."""
        places = [place for _, place in self.lag if end - DAY / self.bucket <= place < end]
        if not places:
            return {}, timedelta()
        newest = max(places)
        counted = {consumer: count for (consumer, place), count in self.lag.items() if place == newest}
        return counted, (end - 1 - newest) * self.bucket


def fetch(client: Connection, since: datetime, until: datetime, bucket: timedelta) -> History:
    """For any time from ``since`` to ``until`` that is a whole number of buckets before ``until``."""
    begin = until - bucket * math.ceil((until - since + HISTORY + DAY) / bucket)
    buckets = round((until - begin) / bucket)
    times = {"since": _seconds(begin), "until": _seconds(until), "bucket": round(bucket / SECOND)}
    states = ask(client, SOURCES, until=times["until"]).rows
    heard: dict[str, dict[str, Counts]] = {}
    for brand, platform, place, *counts in ask(client, HEARD, **times).rows:
        platforms = heard.setdefault(brand, {})
        table = platforms.setdefault(platform, np.zeros((buckets + 1, 4)))
        table[place + 1, :UNSEEN] = counts
    for source, brand, state, begins, ends, _ in states:
        if state == "gap":
            first, last = ((at - times["since"]) / times["bucket"] for at in (begins, ends or times["until"]))
            for table in _tables(heard, brand, platform_of(source)):
                table[max(1, math.floor(first) + 1) : max(1, math.ceil(last) + 1), UNSEEN] = 1
    for platforms in heard.values():
        for table in platforms.values():
            np.cumsum(table, axis=0, out=table)
    lately = times | {"origin": times["since"], "since": _seconds(since - LETTER_HOURS * HOUR - 2 * HOUR)}
    joined = ask(client, JOINED, since=_seconds(since - WAVE), until=times["until"]).rows
    return History(
        begin=begin,
        bucket=bucket,
        heard=heard,
        crowd=lru_cache(maxsize=1024)(lambda brand, begins, ends: crowd(client, brand, begins, ends)),
        joined=[
            Joined(campaign, from_milliseconds(began), brand, person, from_milliseconds(at), identifier)
            for campaign, began, brand, person, at, identifier in joined
        ],
        sources=[
            (Source(source, brand, state, _time(begins), reason), _time(ends) if ends else None)
            for source, brand, state, begins, ends, reason in states
        ],
        letters=_letters(ask(client, LETTERS, **lately).rows, buckets),
        lag={(consumer, place): messages for consumer, place, messages in ask(client, LAG, **lately).rows},
    )


def crowd(client: Connection, brand: str, since: datetime, until: datetime) -> Crowd:
    window: dict[str, object] = {"brand": brand, "since": _seconds(since), "until": _seconds(until)}
    (counts,) = ask(client, CROWD, **window).rows
    (reactions,) = ask(client, REACTIONS, **window).rows
    return Crowd(*counts, *reactions)


def ties(client: Connection, at: datetime) -> list[Tie]:
    """As they stand at ``at``, no earlier than the newest act that is stored."""
    return [_tie(row) for row in ask(client, TIES, at=milliseconds(at)).records()]


def _tie(row: dict[str, Any]) -> Tie:
    times = {name: from_milliseconds(row[name]) for name in ("since", "first_at", "last_at")}
    debts = tuple(Debt(kind, from_milliseconds(since), asks) for kind, since, asks in row["debts"])
    return Tie(**row | times | {"reasons": tuple(row["reasons"]), "debts": debts})


def _tables(heard: Mapping[str, Mapping[str, Counts]], brand: str, platform: str) -> list[Counts]:
    """Those that a source is about; one without a brand is about all of them."""
    return [of[platform] for name, of in heard.items() if brand in ("", name) and platform in of]


def _letters(rows: Iterable[Sequence[object]], buckets: int) -> dict[str, Counts]:
    found: dict[str, Counts] = {}
    for reason, place, letters in rows:
        found.setdefault(str(reason), np.zeros(buckets + 1))[int(place) + 1] = letters  # type: ignore[call-overload]
    return {reason: np.cumsum(counts) for reason, counts in found.items()}


def _seconds(time: datetime) -> int:
    return milliseconds(time) // 1000


def _time(seconds: int) -> datetime:
    return from_milliseconds(seconds * 1000)
