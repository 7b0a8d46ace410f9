"""What is open on both sides, ranked, with reasons people can read."""

from events import Direction
from scoring.ties.habits import DAY_MS
from scoring.ties.owed import owed
from tests.scoring.ties.acts import QUESTION, THANKS, folded, friends, ours, theirs


def test_the_third_question_without_an_answer_says_so() -> None:
    """Asked three times in one conversation over twenty days, by somebody who helped others."""
    helped = [theirs(day, ("answer",), 50 + day, helps_third_person=True, direction=Direction.PEER) for day in range(4)]
    tie = folded(*helped, *(theirs(10 + day, QUESTION) for day in (0, 8, 15)))
    (debt,) = owed(tie, 0.4, tie.last_at + 5 * DAY_MS)
    assert debt.ours
    assert debt.reasons == ("3 asked in 20 days, none answered", "they helped 4 times")


def test_our_open_question_is_theirs() -> None:
    """The brand asked back before it answered; their statement then is the details, and the brand's turn again."""
    asked = folded(theirs(0, QUESTION), ours(1, QUESTION))
    (debt,) = owed(asked, 0.4, asked.last_at + DAY_MS)
    assert (debt.ours, debt.kind) == (False, "our question")
    told = folded(theirs(0, QUESTION), ours(1, QUESTION), theirs(2, answers=True))
    (debt,) = owed(told, 0.4, told.last_at + DAY_MS)
    assert (debt.ours, debt.kind) == (True, "details we asked for")


def test_whether_it_helped_is_answered_by_any_word() -> None:
    """After an answer, the brand's "did it help?" makes no debt of their reply."""
    tie = folded(theirs(0, QUESTION), ours(1), ours(3, QUESTION), theirs(4, answers=True))
    assert owed(tie, 0.4, tie.last_at + DAY_MS) == ()


def test_thanks_and_solved_leave_nothing_open() -> None:
    """Also when the word goes to another customer who helped."""
    assert owed(folded(theirs(0, QUESTION), theirs(1, THANKS)), 0.4, 10**15) == ()
    told = folded(theirs(0, QUESTION), theirs(1, direction=Direction.PEER, solved=True))
    assert owed(told, 0.4, told.last_at + DAY_MS) == ()


def test_a_promise_comes_first_and_old_debts_fall_out() -> None:
    """A promise outranks a question of the same age; after 45 days nobody waits any more."""
    question, promise = folded(theirs(0, QUESTION), theirs(1)), folded(theirs(0, QUESTION), ours(0.01, promises=True))
    at = question.last_at + 10 * DAY_MS
    assert owed(promise, 0.4, at)[0].score > owed(question, 0.4, at)[0].score
    assert owed(question, 0.4, at + 40 * DAY_MS) == ()


def test_relationship_trust_and_waiting_raise_the_rank() -> None:
    """Each alone."""
    tie, doubtful = folded(*friends(3), theirs(40, QUESTION, 9)), folded(theirs(40, QUESTION, 9, trust=0.5))
    at = tie.last_at + 3 * DAY_MS
    score = owed(tie, 0.4, at)[0].score
    assert owed(tie, 0.8, at)[0].score > score
    assert owed(tie, 0.4, at + DAY_MS)[0].score > score
    assert owed(doubtful, 0.4, at)[0].score < score
