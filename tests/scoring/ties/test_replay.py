"""A history becomes examples: what was known at each cut, and what came of it."""

from collections.abc import Iterable

import pytest

from events import Activity, Actor, Content, Direction, Interaction, Scored, Verdict
from events.interaction import from_milliseconds
from scoring.ties.habits import DAY_MS
from scoring.ties.realness import default_weights
from scoring.ties.replay import Example, cuts, replay

START = 20_000 * DAY_MS
WEIGHTS = default_weights()
HORIZON = WEIGHTS.horizon_days


def row(day: float, direction: Direction = Direction.INBOUND, **more: object) -> Scored:
    """Something said between ann and the shop (or, ``brand``, another one) so many days after the start."""
    kind = more.pop("type", Activity.CREATE)
    interaction = Interaction(
        id=f"x:{day}",
        platform="x",
        type=kind,  # type: ignore[arg-type]
        published=from_milliseconds(START + int(day * DAY_MS)),
        actor=Actor(id="x:shop" if direction is Direction.OUTBOUND else "x:ann"),
        to=("x:ann",) if direction is Direction.OUTBOUND else ("x:shop",),
        content="Good morning, and thank you for yesterday.",
        conversation=f"talk {int(day)}",
    )
    fields = {"brand": "shop", "person": "x:ann", "trust": 0.9, "confidence": 0.5, "verdict": Verdict.GENUINE, **more}
    content = Content(intents=("thanks",), effort=0.4)
    return Scored(interaction=interaction, direction=direction, effort=0.5, content=content, **fields)  # type: ignore[arg-type]


def ours(day: float, **more: object) -> Scored:
    return row(day, Direction.OUTBOUND, **more)


def at(*days: float) -> tuple[int, ...]:
    return tuple(START + int(day * DAY_MS) for day in days)


def outcomes(rows: Iterable[Scored], *days: float) -> list[bool]:
    return [example.mutual for example in replay(rows, at(*days), WEIGHTS)]


def test_cuts_are_a_horizon_apart_and_end_one_before_the_last_act() -> None:
    """Every outcome can be known, and long histories are not read to their beginning."""
    found = cuts(START, START + 100 * DAY_MS, 30.0)
    assert found == at(10, 40, 70)
    assert cuts(START, START + 29 * DAY_MS, 30.0) == ()
    assert len(cuts(0, START, 30.0)) == 24


def test_a_row_knows_nothing_of_what_comes_behind_its_cut() -> None:
    """Its numbers are those of the tie at that time, whatever follows."""
    past = [row(0), ours(1), row(20)]
    (alone,) = replay(past, at(25), WEIGHTS)
    (known, later) = replay([*past, ours(26), row(27)], at(25, 40), WEIGHTS)
    assert alone.features == known.features
    assert later.features != known.features
    assert (alone.mutual, known.mutual) == (False, True)


def test_both_have_to_speak_within_the_horizon() -> None:
    """One side alone is no two-way contact, and what comes after the horizon is too late."""
    assert outcomes([row(0), ours(6), row(7)], 5) == [True]
    assert outcomes([row(0), row(6), row(7)], 5) == [False]
    assert outcomes([row(0), ours(6), row(6 + HORIZON)], 5) == [False]


@pytest.mark.parametrize(
    "more", [{"trust": 0.2}, {"type": Activity.LIKE}, {"type": Activity.FOLLOW}, {"type": Activity.DELETE}]
)
def test_what_is_no_contact(more: dict[str, object]) -> None:
    """Spam, a like, a follow and a deletion, neither before the cut nor behind it."""
    assert outcomes([row(0, **more), ours(6)], 5) == []
    assert outcomes([row(0), ours(6), row(7, **more)], 5) == [False]


def test_nobody_is_asked_about_whom_silence_has_taken() -> None:
    """A tie has rows while the person spoke within the window."""
    days = [30.0 * month for month in range(1, 8)]
    assert len(outcomes([row(0)], *days)) == sum(day < WEIGHTS.window_days for day in days)


def test_each_brand_has_its_own_rows() -> None:
    """What is said to one brand is no contact with the other."""
    found = replay([row(0), row(1, brand="café"), ours(6), row(7)], at(5), WEIGHTS)
    assert {(example.brand, example.mutual) for example in found} == {("shop", True), ("café", False)}


def test_words_to_others_are_no_contact() -> None:
    """They are part of the tie all the same."""
    (example,) = replay([row(0), row(1, Direction.PEER), ours(6), row(7, Direction.PEER)], at(5), WEIGHTS)
    assert not example.mutual


def test_rows_are_what_realness_reads() -> None:
    """By the names of the weights: the fit and the deployed curve speak of the same numbers."""
    (example,) = replay([row(0), ours(1)], at(5), WEIGHTS)
    assert isinstance(example, Example)
    assert set(WEIGHTS.features) <= example.features.keys()
