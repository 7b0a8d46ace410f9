"""The fold of a tie: small, total, bounded by day, and blind to the order of what comes at once."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from events import Activity, Direction
from scoring.ties.habits import DAY_MS, Habits
from scoring.ties.realness import default_weights, realness
from scoring.ties.state import TURNS_A_DAY, UNITS_A_DAY, Act, Side, Tie, fold_tie
from scoring.ties.threads import THEIR_ASKS, Thread
from tests.scoring.ties.acts import (
    COMPLAINT,
    HOUR,
    QUESTION,
    START,
    THANKS,
    anything,
    folded,
    friends,
    habits,
    ours,
    theirs,
)

U7, U16, U32 = 127, 65_535, 2**32 - 1
full_thread = Thread(U16, U32, U32, 100, 100, 100, 100, U7, 5, U7)
full_side = Side(2**48, U32, U32, U32, U32, U32, U32, 100, 3, U16, U7, U7, U7, U16, (U7,) * 8)


def test_the_largest_state_fits_on_the_wire() -> None:
    """Every field at its cap at once takes at most 256 bytes of msgpack."""
    tie = Tie(
        -(2**48), full_side, full_side, U32, 4, -32_767, U32, U16, U16, U16, U7, U7, (U32,) * 3, (full_thread,) * 4
    )
    assert len(msgspec.msgpack.encode(tie)) <= 256


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(anything, habits), max_size=60))
def test_any_acts_give_a_small_state_that_survives_the_wire(acts: list[tuple[Act, Habits | None]]) -> None:
    """The fold is total, never outgrows 256 bytes, and decodes to itself; realness stays a probability."""
    tie: Tie | None = (
        Tie(START, full_side, full_side, trust=U32, threads=(full_thread,)) if len(acts) % 3 == 0 else None
    )
    for act, known in acts:
        tie = fold_tie(tie, act, known)
        wire = msgspec.msgpack.encode(tie)
        assert len(wire) <= 256
        assert msgspec.msgpack.decode(wire, type=Tie) == tie
        assert 0.0 <= realness(tie, act.at, default_weights()) <= 1.0


@given(
    st.lists(st.tuples(st.sampled_from([1, 2, 3]), st.integers(0, 10), st.booleans()), min_size=1, max_size=8),
    st.randoms(),
)
def test_what_one_side_does_at_once_may_come_in_any_order(acts: list[tuple[int, int, bool]], random: object) -> None:
    """Sums, units and days of acts of one side at one millisecond, in at most three conversations, do not see it."""
    made = [
        theirs(1.0, conversation=talk, trust=trust / 10, kind=Activity.LIKE if like else Activity.CREATE)
        for talk, trust, like in acts
    ]
    shuffled = sorted(made, key=lambda _: random.random())  # type: ignore[attr-defined]
    one, other = folded(*made).theirs, folded(*shuffled).theirs
    assert (one.fast, one.slow, one.gave, one.units, one.days) == (
        other.fast,
        other.slow,
        other.gave,
        other.units,
        other.days,
    )


def test_a_thousand_acts_in_a_day_move_realness_by_less_than_three_hundredths_more_than_one_act() -> None:
    """A stranger and a friend alike, in one conversation or in a thousand: a burst is one good day."""
    for past in ([], friends(1), friends(5), friends(20)):
        day = 300.0
        once = folded(*past, theirs(day, conversation=900))
        same = folded(*past, *(theirs(day + i / 2000, conversation=900) for i in range(1000)))
        many = folded(*past, *(theirs(day + i / 2000, conversation=900 + i) for i in range(1000)))
        at = int(START + (day + 1) * DAY_MS)
        one = realness(once, at, default_weights())
        assert abs(realness(same, at, default_weights()) - one) < 0.03
        assert abs(realness(many, at, default_weights()) - one) < 0.03
        assert many.theirs.units <= once.theirs.units + 100 * (UNITS_A_DAY - 1)


def test_a_spammer_buys_nothing() -> None:
    """A hundred days of writing, trusted at .05, stay a tenth as real as three messages of a person."""
    spam = folded(*(theirs(day, conversation=day, trust=0.05) for day in range(100)))
    person = folded(*(theirs(97 + day, conversation=day) for day in range(3)))
    at = START + 100 * DAY_MS
    assert realness(spam, at, default_weights()) * 10 < realness(person, at, default_weights())


def test_talking_all_day_is_a_few_turns() -> None:
    """What goes back and forth a hundred times in an hour is no more than a few times."""
    chat = [act for i in range(100) for act in (theirs(i / 5000), ours((i + 0.5) / 5000))]
    assert folded(*chat).turns == 100 * TURNS_A_DAY


def test_sums_halve_with_their_half_lives() -> None:
    """Thirty days at the default window halve the slow sum once and the fast one four times."""
    tie = folded(theirs(0), ours(30))
    assert tie.theirs.slow == 5_000
    assert tie.theirs.fast == 625
    assert tie.theirs.gave == 2_500


def test_likes_weigh_next_to_nothing() -> None:
    """Twenty likes on twenty days are one contact."""
    liked = folded(*(theirs(day, conversation=day, kind=Activity.LIKE) for day in range(20)))
    assert liked.theirs.units == folded(theirs(0)).theirs.units


def test_a_question_waits_until_we_answer_in_its_conversation() -> None:
    """A word elsewhere is no answer, and how long it took is kept."""
    asked = folded(theirs(0, QUESTION, 1), ours(1, conversation=2))
    assert [thread.open in THEIR_ASKS for thread in asked.threads] == [True, False]
    answered = fold_tie(asked, ours(2, conversation=1))
    assert not any(thread.open for thread in answered.threads)
    assert answered.ours.answers == (1, 1, 1, 0, 0, 0, 1, 0)


def test_thanks_settle_without_an_answer_and_are_not_dropped() -> None:
    """What they no longer need counts as having waited, unanswered, for the intervals it outlasted."""
    tie = folded(theirs(0, COMPLAINT), theirs(0.5, THANKS))
    assert tie.threads[0].open == 0
    assert tie.ours.answers == (1, 0, 0, 0, 0, 0, 0, 0)


def test_a_question_that_is_forgotten_for_want_of_room_is_censored() -> None:
    """The fifth conversation pushes the first out; its wait of four days stays in the life table."""
    tie = folded(*(theirs(day, QUESTION, day + 1) for day in range(5)))
    assert len(tie.threads) == 4
    assert tie.ours.answers == (1, 1, 1, 0, 0, 0, 0, 0)


def test_a_promise_is_kept_by_the_next_word() -> None:
    """Made, then kept; a second promise meanwhile is the same one."""
    tie = folded(theirs(0, COMPLAINT), ours(1, promises=True), ours(2, promises=True), ours(3))
    assert (tie.promises, tie.kept) == (1, 1)


def test_spam_makes_no_debt_and_no_exchange() -> None:
    """What is judged spam asks in vain."""
    tie = folded(theirs(0, QUESTION, trust=0.1))
    assert tie.threads[0].open == 0
    assert folded(theirs(0, trust=0.1), ours(1, answers=False)).exchanges == 0


def test_help_among_peers_is_given_and_is_no_turn() -> None:
    """Helping another customer counts as theirs, and asks nothing of the brand."""
    tie = folded(ours(0, answers=False), theirs(1, ("answer",), 2, direction=Direction.PEER, helps_third_person=True))
    assert (tie.theirs.help, tie.theirs.free, tie.turns) == (1, 1, 0)


def test_an_act_that_is_late_counts_as_of_the_last_one() -> None:
    """Time never runs backwards, whatever comes in."""
    tie = folded(theirs(10), ours(2))
    assert tie.last_at == START + 10 * DAY_MS
    assert tie.ours.slow == 10_000
    assert HOUR * 24 == DAY_MS
