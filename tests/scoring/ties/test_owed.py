"""What is open on both sides, when it counts, and what comes first."""

from hypothesis import given
from hypothesis import strategies as st

from events import Debt, DebtKind, Direction
from scoring.ties.habits import DAY_MS
from scoring.ties.owed import counts_at, debts, ranking
from scoring.ties.state import Act
from tests.scoring.ties.acts import COMPLAINT, HOUR, QUESTION, START, THANKS, anything, folded, ours, theirs

DAYS = st.floats(0.0, 45.0)
SHARE = st.floats(0.01, 1.0)


def test_asking_again_is_one_debt_that_waits_since_the_first_time() -> None:
    """Three questions in one conversation over fifteen days, none answered."""
    tie = folded(*(theirs(day, QUESTION) for day in (0, 8, 15)))
    assert debts(tie) == (Debt(True, DebtKind.QUESTION, START, 3),)


def test_our_open_question_is_theirs() -> None:
    """The brand asked back before it answered; their statement then is the details, and the brand's turn again."""
    asked = folded(theirs(0, QUESTION), ours(1, QUESTION))
    (debt,) = debts(asked)
    assert (debt.ours, debt.kind) == (False, DebtKind.OUR_QUESTION)
    told = folded(theirs(0, QUESTION), ours(1, QUESTION), theirs(2, answers=True))
    (debt,) = debts(told)
    assert (debt.ours, debt.kind) == (True, DebtKind.DETAILS)


def test_whether_it_helped_is_answered_by_any_word() -> None:
    """After an answer, the brand's "did it help?" makes no debt of their reply."""
    assert debts(folded(theirs(0, QUESTION), ours(1), ours(3, QUESTION), theirs(4, answers=True))) == ()


def test_thanks_and_solved_leave_nothing_open() -> None:
    """Also when the word goes to another customer who helped."""
    assert debts(folded(theirs(0, QUESTION), theirs(1, THANKS))) == ()
    assert debts(folded(theirs(0, QUESTION), theirs(1, direction=Direction.PEER, solved=True))) == ()


def test_the_oldest_comes_first_and_each_conversation_has_its_own() -> None:
    """A complaint there and a promise here, of one person."""
    tie = folded(theirs(3, COMPLAINT, 1), theirs(4, QUESTION, 2), ours(4.5, conversation=2, promises=True))
    assert [debt.kind for debt in debts(tie)] == [DebtKind.COMPLAINT, DebtKind.PROMISE]


def test_a_debt_counts_from_an_hour_to_half_a_window() -> None:
    """Of 90 days unless the community has another window."""
    debt = Debt(True, DebtKind.QUESTION, START, 1)
    assert not counts_at(debt, START + HOUR - 1)
    assert counts_at(debt, START + HOUR)
    assert counts_at(debt, START + 45 * DAY_MS)
    assert not counts_at(debt, START + 45 * DAY_MS + 1)
    assert not counts_at(debt, START + 16 * DAY_MS, window_days=30.0)


@given(SHARE, SHARE, DAYS)
def test_trust_realness_and_waiting_raise_the_rank(trust: float, realness: float, waited: float) -> None:
    """Each alone; a promise comes before a question of the same age."""
    score = ranking(trust, realness, waited + 0.1)
    assert ranking(trust / 2, realness, waited + 0.1) < score
    assert ranking(trust, realness / 2, waited + 0.1) < score
    assert ranking(trust, realness, waited) < score
    assert ranking(trust, realness, waited + 0.1, promised=True) > score > 0.0


@given(st.lists(anything, min_size=1, max_size=20))
def test_debts_are_told_of_anything(acts: list[Act]) -> None:
    """Promises are ours and our questions theirs, whatever was said in whatever order."""
    for debt in debts(folded(*acts)):
        assert debt.ours != (debt.kind is DebtKind.OUR_QUESTION)
