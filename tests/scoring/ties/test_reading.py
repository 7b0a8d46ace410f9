"""What is told of a tie is enough to read it at any later time."""

from dataclasses import replace
from datetime import datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import Gifts, Relationship, encode
from events.interaction import milliseconds
from scoring.ties.classes import classify
from scoring.ties.habits import DAY_MS
from scoring.ties.reading import Standing, relationship, standing
from scoring.ties.realness import default_weights, realness
from scoring.ties.state import Act, Tie, fold_tie
from tests.scoring.ties.acts import QUESTION, anything, folded, friends, ours, theirs

LAST_MS = milliseconds(datetime(2250, 1, 1))
ASIDE = folded(*friends(6), theirs(70, QUESTION, 8), ours(71, conversation=9, promises=True), theirs(75, QUESTION, 10))


def told(tie: Tie) -> Relationship:
    return relationship("acme", "m:eve", tie, default_weights(), gifts=Gifts(answers=2), version=7)


@settings(max_examples=80, deadline=None)
@given(st.lists(anything, min_size=1, max_size=20), st.integers(0, 500 * DAY_MS))
def test_what_stands_at_a_time_is_the_tie_at_that_time(acts: list[Act], silence: int) -> None:
    """Realness and class are those of the state itself, also after a way over the wire."""
    tie: Tie | None = None
    for act in acts:
        tie = fold_tie(tie, replace(act, at=min(max(act.at, 0), LAST_MS)))
    assert tie is not None
    now = tie.last_at + silence
    sent = msgspec.json.decode(encode(told(tie)), type=Relationship)
    assert sent == told(tie)
    found = standing(sent, now)
    assert found.realness == pytest.approx(realness(tie, now, default_weights()), abs=1e-12)
    assert found.class_ is classify(tie, now)[0]
    assert 0 <= found.promises_broken <= tie.promises


def test_silence_moves_what_stands() -> None:
    """Given and received halve in thirty days, debts begin to count after an hour and end after half a window."""
    at = ASIDE.last_at

    def after(days: float) -> Standing:
        return standing(told(ASIDE), at + int(days * DAY_MS))

    assert after(30).given == pytest.approx(after(0).given / 2)
    assert after(30).received == pytest.approx(after(0).received / 2)
    assert [after(days).owed_by_us for days in (0, 0.5, 39, 60)] == [2, 3, 3, 0]
    assert after(3).reliability_ours.probability < after(0).reliability_ours.probability
    assert after(-5) == after(0)
