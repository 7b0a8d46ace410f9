"""What rules look at: rows of the warehouse as they stand at one time, ``Facts.at``, and nothing later than it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

DAY = timedelta(days=1)
HISTORY = timedelta(days=56)  # eight of each weekday
WAVE = timedelta(days=3)  # within which acts of a campaign belong together
VOLUME, TRUSTED, SPAM, UNSEEN = range(4)

Counts = NDArray[np.float64]


@dataclass(frozen=True)
class Heard:
    """What was heard of one brand, by platform: cumulative counts per bucket, shape (buckets + 1, 4), oldest first.

    The columns are acts of the audience, their trust, those judged spam, and the share of the bucket that no source
    could see. ``end`` is the row at the time of the facts. A day is a whole number of buckets.
    """

    bucket: timedelta
    end: int
    platforms: Mapping[str, Counts]

    def sums(self, window: timedelta, ends: NDArray[np.int64], platform: str) -> Counts:
        """Counts of the windows that end at ``ends``, shape (ends, 4). Nothing is known before the first row."""
        counts = self.platforms[platform]
        begins = np.clip(ends - round(window / self.bucket), 0, None)
        found: Counts = counts[np.clip(ends, 0, None)] - counts[begins]
        return found

    def begins(self) -> int:
        """The bucket in which the brand was first heard of; ``end`` where it never was."""
        firsts = [int(np.argmax(counts[:, VOLUME] > 0)) - 1 for counts in self.platforms.values() if counts[-1, VOLUME]]
        return min(firsts, default=self.end)


@dataclass(frozen=True)
class Crowd:
    """Who is behind the acts of a window: in a weighing campaign (``coordinated``) or judged spam (``suspect``: both).

    ``reacting`` of the acts answer, like or share what the brand said itself within a week, most of them ``reacts_to``.
    """

    volume: int = 0
    people: int = 0
    coordinated: int = 0
    coordinated_accounts: int = 0
    suspect: int = 0
    suspect_accounts: int = 0
    reacts_to: str = ""
    reacting: int = 0


@dataclass(frozen=True)
class Joined:
    """One act about a brand that is in a campaign that weighs something. ``began``: when the campaign did."""

    campaign: str
    began: datetime
    brand: str
    person: str
    at: datetime
    id: str


@dataclass(frozen=True)
class Debt:
    kind: str
    since: datetime
    asks: int


@dataclass(frozen=True, kw_only=True)
class Tie:
    """A relationship. ``class_`` holds since ``since``; ``was`` and ``realness_then`` are right after the last act.

    ``started``: conversations and days in which the person spoke first; ``helped``: times they helped the brand or
    others; ``debts``: what the brand owes, and ``usual_minutes`` how soon it usually answers.
    """

    brand: str
    person: str
    class_: str
    since: datetime
    was: str
    realness: float
    realness_then: float
    first_at: datetime
    last_at: datetime
    trust: float
    exchanges: int
    started: int
    acts_ours: int
    acts_theirs: int
    helped: int
    usual_minutes: int
    reasons: tuple[str, ...]
    debts: tuple[Debt, ...]


@dataclass(frozen=True)
class Source:
    """A state of a source that holds; an empty brand means all of them."""

    source: str
    brand: str
    state: str
    since: datetime
    reason: str


@dataclass(frozen=True)
class Own:
    """The brand's own texts of the last week, judged as a stranger's. ``against`` says in words what speaks against."""

    brand: str
    texts: int
    mean_trust: float
    spam_share: float
    against: tuple[str, ...]


@dataclass(frozen=True)
class Letters:
    """Messages of one reason that could not be used, per hour, the newest last."""

    reason: str
    hours: Sequence[int]


@dataclass(frozen=True)
class Facts:
    """``crowd(brand, since, until)`` is asked for the few windows that need it.

    ``lag``: messages by consumer, as they were counted last, which is ``lag_age`` ago.
    """

    at: datetime
    heard: Mapping[str, Heard]
    crowd: Callable[[str, datetime, datetime], Crowd]
    joined: Sequence[Joined] = ()
    ties: Sequence[Tie] = ()
    sources: Sequence[Source] = ()
    own: Sequence[Own] = ()
    letters: Sequence[Letters] = ()
    lag: Mapping[str, int] | None = None
    lag_age: timedelta = timedelta()
