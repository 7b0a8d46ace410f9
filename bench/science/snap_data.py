"""Who wrote to whom and when in three communities (SNAP), replayed through the deployed fold of ``scoring.ties``.

Every ordered pair (a, b) is a tie: ``b`` in the role of the brand, ``a`` in that of the person. A message has trust 1.
The files know no conversations: a pause of more than a thirtieth of the window starts a new one (three days at 90).
"""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bench.science.data import Inputs
from events import Direction
from scoring.ties.habits import DAY_MS, Habits, fold_habits
from scoring.ties.state import Act, Tie, fold_tie

TRAINED = 0.6  # of the cuts in time come before the first test cut
PAUSES = 30.0
HOLE_DAYS = 525  # email-Eu has a hole behind this day


@dataclass(frozen=True)
class Community:
    """``horizon``: days of the next window, ``step`` between cuts, ``window`` in which a pair must have had contact."""

    name: str
    file: str
    horizon: float
    step: float
    window: float


COMMUNITIES = (
    Community("CollegeMsg", "snap/CollegeMsg.txt.gz", 14, 7, 30),
    Community("email-Eu", "snap/email-Eu-core-temporal.txt.gz", 28, 14, 90),
    Community("MathOverflow", "snap/sx-mathoverflow.txt.gz", 90, 90, 365),
)
ANSWERS = "snap/sx-mathoverflow-a2q.txt.gz"  # who answered whose question; the main file holds the same messages
EFFORT_OF_A_MESSAGE, EFFORT_OF_AN_ANSWER = 0.3, 1.0


@dataclass(frozen=True)
class Contacts:
    """Messages in time order: from, to, time in ms."""

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    at: NDArray[np.int64]


@dataclass(frozen=True)
class Row:
    """One ordered pair at one cut: its state as of then, and what happened in the next window."""

    person: int
    brand: int
    tie: Tie
    brand_habits: Habits
    mutual: bool
    answered: bool
    helped: bool


@dataclass(frozen=True)
class Cut:
    at: int
    tested: bool
    rows: list[Row]


def contacts(inputs: Inputs, file: str) -> Contacts:
    text = gzip.decompress(_raw(inputs, file)).decode()
    table = np.array(text.split(), dtype=np.int64).reshape(-1, 3)
    table = table[table[:, 0] != table[:, 1]]
    if "email" in file:
        table = table[table[:, 2] <= HOLE_DAYS * 86_400]
    table = table[np.argsort(table[:, 2], kind="stable")]
    return Contacts(table[:, 0], table[:, 1], table[:, 2] * 1000)


def _raw(inputs: Inputs, file: str) -> bytes:
    return inputs.text(file, "latin-1").encode("latin-1")  # bytes to bytes: latin-1 keeps every one


def cuts(community: Community, found: Contacts) -> list[int]:
    """The times of ``b3``'s protocol, in ms: after a quarter of the span or a window, then one every step."""
    first, last = int(found.at[0]), int(found.at[-1])
    span = (last - first) / DAY_MS
    begin = max(community.window, 0.25 * span) if community.window < 0.6 * span else 0.3 * span
    end = last - community.horizon * DAY_MS + 1000
    return [int(at) for at in np.arange(first + begin * DAY_MS, end, community.step * DAY_MS)]


def replay(community: Community, inputs: Inputs) -> Iterator[Cut]:
    """Every cut in time order. Training cuts whose next window would reach into the test's are left out."""
    found = contacts(inputs, community.file)
    helps = _helps(inputs) if community.name == "MathOverflow" else set()
    times = cuts(community, found)
    first_tested = times[int(len(times) * TRAINED)]
    horizon, window = int(community.horizon * DAY_MS), int(community.window * DAY_MS)
    state = _State(community.window)
    messages = list(zip(found.source.tolist(), found.target.tolist(), found.at.tolist(), strict=True))
    place = 0
    for at in times:
        end = int(np.searchsorted(found.at, at, side="right"))
        for source, target, when in messages[place:end]:
            state.fold(source, target, when, helps=(source, target, when) in helps)
        place = end
        tested = at >= first_tested
        if not tested and at + horizon > first_tested:
            continue
        ahead = messages[place : int(np.searchsorted(found.at, at + horizon, side="right"))]
        coming = {message[:2] for message in ahead}
        helping = {message[:2] for message in ahead if message in helps}
        rows = [
            Row(
                person,
                brand,
                tie,
                state.habits[brand],
                mutual=(person, brand) in coming and (brand, person) in coming,
                answered=(brand, person) in coming,
                helped=(brand, person) in helping,
            )
            for (person, brand), tie in state.ties.items()
            if tie.theirs.at is not None and tie.theirs.at > at - window
        ]
        yield Cut(at, tested, rows)


class _State:
    def __init__(self, window: float) -> None:
        self.window = window
        self.ties: dict[tuple[int, int], Tie] = {}
        self.habits: dict[int, Habits] = {}
        self._talks: dict[tuple[int, int], tuple[int, int, int]] = {}

    def fold(self, source: int, target: int, at: int, *, helps: bool) -> None:
        pair = (min(source, target), max(source, target))
        talk, before, last = self._talks.get(pair, (1, at, source))
        talk += at - before > self.window * DAY_MS / PAUSES
        self._talks[pair] = (talk, at, source)
        act = Act(
            at,
            Direction.INBOUND,
            effort=EFFORT_OF_AN_ANSWER if helps else EFFORT_OF_A_MESSAGE,
            intents=("answer",) if helps else ("statement",),
            conversation=talk,
            answers=helps or last != source,
            addresses=True,
        )
        gave, helped, window = 1.0, float(helps), self.window
        mine = fold_habits(self.habits.get(source), at, gave=gave, helped=helped, window_days=window)
        yours = fold_habits(self.habits.get(target), at, got=gave, asked=helped, window_days=window)
        self.habits[source], self.habits[target] = mine, yours
        inbound, outbound = (source, target), (target, source)
        self.ties[inbound] = fold_tie(self.ties.get(inbound), act, mine, window)
        ours = replace(act, direction=Direction.OUTBOUND)
        self.ties[outbound] = fold_tie(self.ties.get(outbound), ours, yours, window)


def _helps(inputs: Inputs) -> set[tuple[int, int, int]]:
    found = contacts(inputs, ANSWERS)
    return set(zip(found.source.tolist(), found.target.tolist(), found.at.tolist(), strict=True))
