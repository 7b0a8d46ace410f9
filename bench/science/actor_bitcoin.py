"""Features of Bitcoin OTC raters, held in O(1) per account and edge and read before each rating.

The ideas are those of ``scoring.actor``, for a world without texts: a Beta reputation with forgetting, agreement with
others (fairness and goodness, Kumar et al. 2016, in streaming form), rhythm, distinct targets, repetition.
"""

import math
from collections import defaultdict
from dataclasses import dataclass, field

from bench.science.data import Inputs
from scoring.actor import burstiness

RATINGS, LABELS = "rev2/soc-sign-bitcoinotc.csv", "rev2/otc_gt.csv"
DAY = 86_400.0
FORGETTING = 0.9
FAIR, GOOD = 0.9, 0.1  # before anything is known, as in the published baseline

Rating = tuple[int, int, float, float]  # rater, rated, rating in -1..1, seconds since 1970


def ratings(inputs: Inputs) -> list[Rating]:
    """All ratings by time; those of one second stay in file order."""
    rows = inputs.rows(RATINGS)
    found = [
        (int(row["Source"]), int(row["Target"]), int(row["Weight"]) / 10.0, float(row["Timestamp"])) for row in rows
    ]
    return sorted(found, key=lambda rating: rating[3])


def labels(inputs: Inputs) -> dict[int, bool]:
    """Account id to fraud; 136 benign, 180 fraud."""
    lines = (line.split(",") for line in inputs.text(LABELS).split())
    return {int(account): int(label) < 0 for account, label in lines}


@dataclass
class Giver:
    """What an account gave."""

    count: float = 0.0
    total: float = 0.0
    squares: float = 0.0
    negative: float = 0.0
    extreme: float = 0.0
    ones: float = 0.0
    genuine: float = 0.0  # recent, with forgetting
    spam: float = 0.0
    recent_mass: float = 0.0
    recent_negative: float = 0.0
    recent_rating: float = 0.0
    deviation: float = 0.0
    signed: float = 0.0
    judged: float = 0.0  # ratings of somebody whom others had rated
    judged_deviation: float = 0.0
    strangers: float = 0.0
    goodness: float = 0.0
    popularity: float = 0.0
    fairness: float = 0.0
    same: float = 0.0
    last: float = 9.0
    first_at: float = 0.0
    last_at: float = 0.0
    gaps: float = 0.0
    gap_mean: float = 0.0
    gap_squares: float = 0.0
    log_gap: float = 0.0
    quick: float = 0.0
    days: float = 0.0

    def fair(self) -> float:
        return (self.fairness + 2.0 * FAIR) / (self.count + 2.0)

    def features(self) -> list[float]:
        """Of ratings given, and of whom they were given to: nothing anybody said of this account."""
        n = max(self.count, 1.0)
        mean = self.total / n
        return [
            math.log1p(self.count),
            self.total / (self.count + 1.0),
            math.sqrt(max(0.0, self.squares / n - mean * mean)),
            self.negative / (self.count + 1.0),
            self.extreme / (self.count + 1.0),
            self.ones / (self.count + 1.0),
            math.log((self.genuine + 1.0) / (self.spam + 1.0)),
            self.fair(),
            self.signed / (self.count + 1.0),
            (self.judged_deviation + 0.2) / (self.judged + 2.0),
            self.strangers / (self.count + 1.0),
            self.goodness / (self.count + 1.0),
            self.popularity / (self.count + 1.0),
            self.same / (self.count + 1.0),
            burstiness(self.gaps, self.gap_mean, self.gap_squares / max(self.gaps, 1.0)),
            self.log_gap / self.gaps if self.gaps else math.log1p(365 * DAY),
            self.quick / (self.gaps + 1.0),
            math.log1p(self.days),
            math.log1p((self.last_at - self.first_at) / DAY),
        ]


@dataclass
class Taker:
    """What was said of an account."""

    count: float = 0.0
    positive: float = 0.0
    negative: float = 0.0
    weighted: float = 0.0
    weight: float = 0.0
    recent: float = 0.0
    recent_mass: float = 0.0
    recent_negative: float = 0.0
    worst: float = 0.0
    last_at: float = 0.0
    first_at: float = 0.0

    def good(self) -> float:
        return (self.weighted + GOOD) / (self.weight + 1.0)

    def features(self, at: float) -> list[float]:
        return [
            math.log1p(self.positive),
            math.log1p(self.negative),
            (self.positive + 1.0) / (self.count + 2.0),
            self.good(),
            (self.recent + 0.1 * GOOD) / (self.recent_mass + 0.1),
            self.recent_negative / (self.recent_mass + 0.5),
            self.worst,
            math.log1p((at - self.last_at) / DAY) if self.count else 9.0,
            math.log1p((at - self.first_at) / DAY) if self.count else 0.0,
        ]


@dataclass
class Market:
    """Every account's state, and the last rating of each pair. One rating is read, then folded in."""

    givers: defaultdict[int, Giver] = field(default_factory=lambda: defaultdict(Giver))
    takers: defaultdict[int, Taker] = field(default_factory=lambda: defaultdict(Taker))
    pairs: dict[tuple[int, int], float] = field(default_factory=dict)

    def features(self, rater: int, rated: int, at: float) -> list[float]:
        """Before the rating: both accounts in both roles, what the rated said of the rater, and the rater's pace."""
        giver, other = self.givers[rater], self.givers[rated]
        back = self.pairs.get((rated, rater))
        return [
            *giver.features(),
            giver.recent_negative / (giver.recent_mass + 0.5),
            giver.recent_rating / (giver.recent_mass + 0.5),
            giver.last if giver.count else 0.2,
            math.log1p((at - giver.last_at) / DAY) if giver.count else 9.0,
            math.log1p((at - giver.first_at) / DAY) if giver.count else 0.0,
            *self.takers[rated].features(at),
            *self.takers[rater].features(at),
            other.fair(),
            other.negative / (other.count + 1.0),
            math.log1p(other.count),
            back or 0.0,
            float(back is not None),
            float(back is not None and back < 0),
            self.takers[rated].good() * giver.fair(),
        ]

    def fold(self, rater: int, rated: int, rating: float, at: float) -> None:
        giver, taker = self.givers[rater], self.takers[rated]
        good, fair = taker.good(), giver.fair()
        self._give(giver, taker, rating, good, at)
        taker.first_at = taker.first_at if taker.count else at
        taker.last_at = at
        taker.count += 1
        taker.positive += rating > 0
        taker.negative += rating < 0
        taker.weighted += fair * rating
        taker.weight += 1.0
        taker.recent = taker.recent * FORGETTING + rating
        taker.recent_mass = taker.recent_mass * FORGETTING + 1.0
        taker.recent_negative = taker.recent_negative * FORGETTING + (rating < 0)
        taker.worst = min(taker.worst, rating)
        self.pairs[rater, rated] = rating

    @staticmethod
    def _give(giver: Giver, taker: Taker, rating: float, good: float, at: float) -> None:
        agreement = 1.0 - abs(rating - good) / 2.0
        if giver.count:
            gap = at - giver.last_at
            giver.gaps += 1
            before, giver.gap_mean = giver.gap_mean, giver.gap_mean + (gap - giver.gap_mean) / giver.gaps
            giver.gap_squares += (gap - before) * (gap - giver.gap_mean)
            giver.log_gap += math.log1p(gap)
            giver.quick += gap < 60
            giver.days += at // DAY != giver.last_at // DAY
        else:
            giver.first_at, giver.days = at, 1.0
        giver.last_at = at
        giver.same += giver.last == rating
        giver.last = rating
        giver.count += 1
        giver.total += rating
        giver.squares += rating * rating
        giver.negative += rating < 0
        giver.extreme += abs(rating) == 1.0
        giver.ones += rating == 0.1
        giver.genuine = giver.genuine * FORGETTING + agreement
        giver.spam = giver.spam * FORGETTING + 1.0 - agreement
        giver.recent_mass = giver.recent_mass * FORGETTING + 1.0
        giver.recent_negative = giver.recent_negative * FORGETTING + (rating < 0)
        giver.recent_rating = giver.recent_rating * FORGETTING + rating
        giver.fairness += agreement
        giver.signed += rating - good
        giver.strangers += taker.count == 0
        if taker.count:
            giver.judged += 1
            giver.judged_deviation += abs(rating - good) / 2.0
        giver.goodness += good
        giver.popularity += math.log1p(taker.count)
