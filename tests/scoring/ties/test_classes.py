"""Each class by an example, and the clock: what is said in advance is what is found later."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import RelationshipClass
from scoring.ties.classes import classify, timeline
from scoring.ties.habits import DAY_MS
from scoring.ties.state import Act, Tie, fold_tie
from tests.scoring.ties.acts import QUESTION, START, anything, folded, friends, ours, theirs

TWICE = [act for talk in (1, 2) for act in (theirs(talk, conversation=talk), ours(talk + 0.1, conversation=talk))]


@pytest.mark.parametrize(
    ("acts", "after", "expected"),
    [
        ([theirs(day, conversation=day, trust=0.1) for day in range(9)], 0, RelationshipClass.SPAM_DRIVEN),
        ([theirs(0)], 0, RelationshipClass.INSUFFICIENT),
        ([ours(day, conversation=day, answers=False) for day in range(5)], 0, RelationshipClass.ONE_SIDED_US),
        ([theirs(day, conversation=day) for day in range(5)], 0, RelationshipClass.ONE_SIDED_THEM),
        (
            [act for t in (1, 2, 3) for act in (theirs(t, QUESTION, t), ours(t + 0.1, conversation=t))],
            0,
            RelationshipClass.TRANSACTIONAL,
        ),
        (friends(6), 5, RelationshipClass.REAL),
        (friends(6), 100, RelationshipClass.LAPSED),
        (TWICE, 5, RelationshipClass.EMERGING),
        (TWICE, 50, RelationshipClass.TRANSACTIONAL),
    ],
)
def test_an_example_of_each(acts: list[Act], after: int, expected: RelationshipClass) -> None:
    """The class some days after the last act, always with reasons in words."""
    tie = folded(*acts)
    class_, reasons = classify(tie, tie.last_at + after * DAY_MS)
    assert class_ is expected
    assert all(reasons)


@settings(max_examples=100, deadline=None)
@given(st.lists(anything, min_size=1, max_size=25), st.integers(0, 400 * DAY_MS))
def test_the_timeline_foretells_what_is_found_later(acts: list[Act], silence: int) -> None:
    """For any past: the last period that has begun has the class found at that time."""
    tie: Tie | None = None
    for act in acts:
        tie = fold_tie(tie, act)
    assert tie is not None
    line = timeline(tie)
    at = tie.last_at + silence
    assert [period for period in line if period.begins_at <= at][-1].class_ is classify(tie, at)[0]
    assert line[0].begins_at == tie.last_at
    assert len(line) <= 3


def test_a_silent_relationship_lapses_with_no_new_event() -> None:
    """Sixty days after their last word, to the millisecond."""
    tie = folded(*friends(6))
    lapse = timeline(tie)[-1]
    assert lapse.class_ is RelationshipClass.LAPSED
    assert lapse.begins_at == tie.theirs.at + 60 * DAY_MS if tie.theirs.at else False
    assert classify(tie, lapse.begins_at - 1)[0] is RelationshipClass.REAL
    assert lapse.begins_at > START
