"""Acts for the tests of ties: short to write, and hostile ones for the properties."""

from hypothesis import strategies as st

from events import Activity, Direction
from scoring.intent import Kind
from scoring.ties.habits import DAY_MS, Habits, fold_habits
from scoring.ties.state import Act, Tie, fold_tie

START = 20_000 * DAY_MS
HOUR = 3_600_000
QUESTION, THANKS, STATEMENT, COMPLAINT = ("question",), ("thanks",), ("statement",), ("complaint",)


def theirs(day: float, intents: tuple[str, ...] = STATEMENT, conversation: int = 1, **more: object) -> Act:
    fields = {"trust": 1.0, "effort": 0.5, "addresses": True, "direction": Direction.INBOUND, **more}
    return Act(at=int(START + day * DAY_MS), intents=intents, conversation=conversation, **fields)  # type: ignore[arg-type]


def ours(day: float, intents: tuple[str, ...] = STATEMENT, conversation: int = 1, **more: object) -> Act:
    return theirs(day, intents, conversation, **{"direction": Direction.OUTBOUND, "answers": True, **more})


def folded(*acts: Act) -> Tie:
    tie: Tie | None = None
    for act in acts:
        tie = fold_tie(tie, act)
    assert tie is not None
    return tie


def friends(talks: int, every: float = 10.0) -> list[Act]:
    """Conversations in which they write first, the brand answers, and they write once more."""
    acts = []
    for talk in range(talks):
        day = talk * every
        acts += [theirs(day, conversation=talk + 1), ours(day + 0.1, conversation=talk + 1)]
        acts.append(theirs(day + 1.2, conversation=talk + 1, answers=True))
    return acts


anything = st.builds(
    Act,
    at=st.one_of(st.integers(START, START + 400 * DAY_MS), st.integers(-(2**70), 2**70)),
    direction=st.sampled_from(Direction),
    kind=st.sampled_from(Activity),
    trust=st.floats(),
    effort=st.floats(),
    intents=st.lists(st.sampled_from([kind.value for kind in Kind]), max_size=3).map(tuple),
    conversation=st.one_of(st.integers(0, 9), st.integers(0, 2**64)),
    loose=st.booleans(),
    answers=st.booleans(),
    addresses=st.booleans(),
    helps_third_person=st.booleans(),
    promises=st.booleans(),
    solved=st.booleans(),
)
habits = st.one_of(
    st.none(),
    st.builds(
        lambda at, n: fold_habits(Habits(at, n, n, n, n), at, gave=1.0), st.integers(0, 2**45), st.integers(0, 2**31)
    ),
)
