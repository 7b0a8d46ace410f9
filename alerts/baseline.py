"""What is usual: the same hour of the same weekday where history is long enough, else the same hour of every day.

A baseline is a median and a spread (1.4826 x the median absolute deviation, which is the standard deviation of normal
values), so that one earlier wave does not make the next one look usual. Times in which a source could not see are
neither usual nor compared.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from alerts.facts import DAY, HISTORY, UNSEEN, VOLUME, Counts, Heard

FEWEST_DAYS, FEWEST_WEEKS = 7, 6
MOST_UNSEEN = 0.05  # of a window
MAD_TO_DEVIATION = 1.4826  # of a normal distribution (Rousseeuw and Croux 1993)


@dataclass(frozen=True)
class Baseline:
    """``season`` says in words what it was taken from; ``samples`` are windows."""

    median: float
    spread: float
    samples: int
    season: str


def seen(heard: Heard, window: timedelta) -> list[str]:
    """The platforms that were seen during the window: what a gap hides must not look like a change."""
    end = np.array([heard.end])
    least = MOST_UNSEEN * (window / heard.bucket)
    return [name for name in heard.platforms if heard.sums(window, end, name)[0, UNSEEN] <= least]


def windows(heard: Heard, window: timedelta, platforms: list[str]) -> tuple[NDArray[np.int64], Counts]:
    """The same window on each earlier day that was seen: how many days ago, and its counts, shape (days, 4)."""
    days = np.arange(1, HISTORY // DAY + 1)
    ends = heard.end - days * round(DAY / heard.bucket)
    sums = [heard.sums(window, ends, name) for name in platforms]
    length = round(window / heard.bucket)
    usable = ends - length >= heard.begins()
    for each in sums:
        usable &= each[:, UNSEEN] <= MOST_UNSEEN * length
    total: Counts = np.sum(sums, axis=0) if sums else np.zeros((len(days), 4))
    return days[usable], total[usable]


def of_volume(heard: Heard, window: timedelta, platforms: list[str]) -> Baseline | None:
    """``None`` where too few days are known. Eight weekdays say little of a spread: it is never below that of days."""
    days, counts = windows(heard, window, platforms)
    values, weekly = counts[:, VOLUME], days % 7 == 0
    if len(days) < FEWEST_DAYS:
        return None
    of_days = _robust(values, "the same time of other days")
    if weekly.sum() < FEWEST_WEEKS:
        return of_days
    of_weeks = _robust(values[weekly], "the same time of the same weekday")
    return replace(of_weeks, spread=max(of_weeks.spread, of_days.spread))


def of_share(heard: Heard, window: timedelta, platforms: list[str], column: int, least: int) -> Baseline | None:
    """Of ``column`` among the volume, in windows of at least half of ``least`` acts; where these are few, in days.

    At the same hour of all days: a share follows the hour, and hardly the weekday. The spread is without what chance
    makes of so few acts (binomial): that depends on how many there are now.
    """
    for length in (window, DAY):
        _, counts = windows(heard, length, platforms)
        enough = counts[:, VOLUME] >= least / 2
        if enough.sum() >= FEWEST_DAYS:
            volume = counts[enough, VOLUME]
            usual = _robust(counts[enough, column] / volume, "the same time of other days")
            by_chance = usual.median * (1 - usual.median) / float(np.median(volume))
            return replace(usual, spread=float(np.sqrt(max(0.0, usual.spread**2 - by_chance))))
    return None


def _robust(values: Counts, season: str) -> Baseline:
    median = float(np.median(values))
    return Baseline(median, MAD_TO_DEVIATION * float(np.median(np.abs(values - median))), len(values), season)
