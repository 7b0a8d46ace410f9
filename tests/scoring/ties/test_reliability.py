"""Reliability of a side: what waits counts, what is unknown is said to be unknown."""

from scoring.ties.reliability import open_since, reliability
from scoring.ties.threads import EDGES, NO_ANSWERS, Table, record
from tests.scoring.ties.acts import QUESTION, folded, theirs

DAY = 1_440


def after(*waits: tuple[int, bool]) -> Table:
    table = NO_ANSWERS
    for minutes, answered in waits:
        table = record(table, minutes, answered=answered)
    return table


def test_nothing_known_is_said() -> None:
    """Fewer than three waits with a known end are insufficient, with a wide interval."""
    found = reliability(NO_ANSWERS)
    assert found.insufficient
    assert found.high - found.low > 0.5


def test_who_answers_within_the_hour_is_reliable() -> None:
    """Ten quick answers: near one, within an hour, and the interval says how sure."""
    found = reliability(after(*[(10, True)] * 10))
    assert found.within_minutes == 60
    assert found.probability > 0.85
    assert found.low < found.probability < found.high


def test_the_unanswered_are_not_dropped() -> None:
    """Eight answered of ten, two never: about eight tenths, not one."""
    found = reliability(after(*[(10, True)] * 8, *[(60 * DAY, False)] * 2))
    assert 0.65 < found.probability < 0.85


def test_what_waits_lowers_reliability_while_it_waits() -> None:
    """An open question counts in each interval it has outlasted, with no new event."""
    table = after(*[(10, True)] * 5)
    values = [reliability(table, (0, 0, 0), minute).probability for minute in (0, 30, 90)]
    assert values[0] == values[1] > values[2]


def test_what_is_lost_from_sight_early_says_nothing_of_later() -> None:
    """Censored after two days: it outlasted an hour and a day, and nothing is known of three."""
    assert after((2 * DAY, False)) == (1, 1, 0, 0, 0, 0, 0, 0)


def test_slow_but_sure_has_its_own_usual_time() -> None:
    """Who always answers after two days is asked about three days."""
    found = reliability(after(*[(2 * DAY, True)] * 6))
    assert found.within_minutes == EDGES[2]
    assert found.probability > 0.75


def test_counts_stay_in_one_byte_and_forget() -> None:
    """A thousand answers keep the table small, and a bad year afterwards is seen."""
    table = after(*[(10, True)] * 1000)
    assert max(table) < 128
    before = reliability(table).probability
    assert reliability(after(*[(10, True)] * 1000, *[(60 * DAY, False)] * 100)).probability < before / 2


def test_whose_wait_it_is() -> None:
    """An open question of theirs waits for us and not for them."""
    threads = folded(theirs(0, QUESTION)).threads
    assert len(open_since(threads, ours=True)) == 1
    assert open_since(threads, ours=False) == ()
