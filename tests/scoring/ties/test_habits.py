"""Beyond the default: the same act is a lot for one and usual for another."""

from hypothesis import given
from hypothesis import strategies as st

from scoring.ties.habits import DAY_MS, MOST_A_DAY, SUM, Habits, beyond, fold_habits


def used_to(effort: float) -> Habits:
    habits = None
    for day in range(30):
        habits = fold_habits(habits, day * DAY_MS, gave=1.0, effort=effort)
    assert habits is not None
    return habits


def test_beyond_is_measured_against_ones_own_usual_effort() -> None:
    """Half an effort is far beyond a liker's default and nothing for who always writes long answers."""
    assert beyond(0.5, used_to(0.05)) > 0.8
    assert beyond(0.5, used_to(0.9)) == 0.0


@given(st.lists(st.tuples(st.integers(-(2**60), 2**60), st.floats(), st.floats()), max_size=30), st.floats())
def test_habits_are_total_and_bounded(acts: list[tuple[int, float, float]], effort: float) -> None:
    """Whatever comes in, ``beyond`` is a share and the sums are not negative."""
    habits: Habits | None = None
    for at, amount, worth in acts:
        habits = fold_habits(habits, at, gave=amount, got=amount, effort=worth)
        assert min(habits.gave, habits.got, habits.variance) >= 0
    assert 0.0 <= beyond(effort, habits) <= 1.0


def test_a_burst_is_one_busy_day() -> None:
    """A thousand acts in a day count as twenty."""
    habits: Habits | None = None
    for second in range(1000):
        habits = fold_habits(habits, second * 1000, gave=1.0)
    assert habits is not None
    assert abs(habits.gave - MOST_A_DAY * SUM) <= SUM
