"""What is stored is enough: Python and SQL read the same numbers at any later time."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.ties.classes import classify
from scoring.ties.habits import DAY_MS, fold_habits
from scoring.ties.reading import Reading, at_time, read
from scoring.ties.realness import default_weights, realness
from scoring.ties.reliability import A, B
from scoring.ties.state import Act, Tie, fold_tie
from scoring.ties.threads import EDGES
from tests.scoring.ties.acts import QUESTION, anything, folded, friends, ours, theirs

ASIDE = folded(*friends(6), theirs(70, QUESTION, 8), ours(71, conversation=9, promises=True), theirs(75, QUESTION, 10))


@settings(max_examples=80, deadline=None)
@given(st.lists(anything, min_size=1, max_size=20), st.integers(0, 500 * DAY_MS))
def test_a_reading_at_a_time_is_the_tie_at_that_time(acts: list[Act], silence: int) -> None:
    """Realness and class of the stored row are those of the state itself; reading twice changes nothing."""
    tie: Tie | None = None
    for act in acts:
        tie = fold_tie(tie, act)
    assert tie is not None
    now = tie.last_at + silence
    row = at_time(read(tie, default_weights()), now)
    assert row.realness == pytest.approx(realness(tie, now, default_weights()), abs=1e-12)
    assert row.class_ is classify(tie, now)[0]
    again = at_time(at_time(read(tie, default_weights()), tie.last_at + silence // 2), now)
    assert again.given == pytest.approx(row.given)
    assert again.realness == row.realness


@pytest.mark.engines
@pytest.mark.parametrize("days", [0.0, 0.5, 3.0, 20.0, 59.9, 60.1, 400.0])
def test_sql_reads_the_same_numbers(days: float) -> None:
    """The expressions of the docstring, evaluated by ClickHouse itself, within 1e-6."""
    import chdb

    for tie in (ASIDE, folded(theirs(0)), with_habits()):
        row = read(tie, default_weights())
        now = tie.last_at + int(days * DAY_MS)
        found = json.loads(chdb.query(sql(row, now), "JSONEachRow").bytes())
        expected = at_time(row, now)
        assert found["realness"] == pytest.approx(expected.realness, abs=1e-6)
        assert found["given"] == pytest.approx(expected.given, abs=1e-6)
        assert found["received"] == pytest.approx(expected.received, abs=1e-6)
        assert found["class"] == expected.class_.value
        assert found["reliability"] == pytest.approx(expected.reliability_ours.probability, abs=1e-6)


def with_habits() -> Tie:
    tie, habits = None, None
    for act in friends(8):
        habits = fold_habits(habits, act.at, gave=1.0, got=0.5)
        tie = fold_tie(tie, act, habits)
    assert tie is not None
    return tie


def sql(row: Reading, now: int) -> str:
    usual = EDGES.index(row.reliability_ours.within_minutes) + 1
    reached, answered = list(row.answers_ours[:4]), list(row.answers_ours[4:])

    def column(terms: tuple[tuple[float, float, float], ...], place: int) -> str:
        return f"CAST({[term[place] for term in terms]}, 'Array(Float64)')"

    fading = ", ".join(column(row.realness_fading, place) for place in range(3))
    silences = ", ".join(column(row.realness_silences, place) for place in range(3))
    return f"""
    WITH greatest(0, {now} - {row.last_at}) / 86400000 AS s,
         CAST({list(row.open_since_ours)}, 'Array(Int64)') AS open_since,
         arrayMap(
           (e, r, a) -> (greatest(r, a) + arrayCount(o -> intDiv({now}, 60000) - o >= e, open_since), a),
           {list(EDGES[:usual])}, {reached[:usual]}, {answered[:usual]}) AS intervals
    SELECT {row.trust!r} / (1 + exp(-({row.realness_base!r}
             + arraySum((w, x, h) -> w * log1p(x * exp2(-s / h)), {fading})
             + arraySum((w, o, c) -> w * log1p((o + s) / c), {silences})))) AS realness,
           {row.given!r} * exp2(-s / {row.half_life_days}) AS given,
           {row.received!r} * exp2(-s / {row.half_life_days}) AS received,
           {[kind.value for kind in row.class_names]}[
             arrayLastIndex(b -> b <= {now}, {list(row.class_begins)})] AS class,
           1 - arrayProduct(i -> ({B} + i.1 - i.2) / ({A + B} + i.1), intervals) AS reliability
    """
