"""The fold: order-free over facts, total over texts, small on the wire."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from events import Activity, Actor, Brand, Brands, Direction, Interaction, Reference, RelationshipClass, Verdict
from scoring.fold import Fact, Person, fold, fold_all, relationships
from scoring.reciprocity import at_time
from tests.events.test_codec import interactions

START = datetime(2026, 1, 1, tzinfo=UTC)
BRANDS = Brands([Brand("acme", frozenset({"m:acme"}), ("acme",))])


def act(number: int, actor: str = "m:eve", to: str = "m:acme", day: float = 0, **fields: Any) -> Fact:
    answered = fields.pop("answers", None)
    interaction = Interaction(
        id=f"m:{number}",
        platform="m",
        type=fields.pop("type", Activity.CREATE),
        published=START + timedelta(days=day),
        actor=Actor(id=actor, automated=fields.pop("automated", None)),
        to=(to,),
        in_reply_to=Reference(id="m:0", actor=answered) if answered else None,
        **fields,
    )
    return interaction, BRANDS.routes(interaction)


def conversation(days: int) -> list[Fact]:
    """A question and an answer on each of ``days`` days."""
    ask = [act(2 * d, content=f"how do I mount lamp number {d} on a wall of stone?", day=d) for d in range(days)]
    answer = [
        act(2 * d + 1, "m:acme", "m:eve", d + 0.1, content=f"Use the two long screws of bag {d}, then press.")
        for d in range(days)
    ]
    return ask + answer


@given(st.randoms(use_true_random=False))
def test_any_order_and_duplication_comes_to_the_same(chance: random.Random) -> None:
    """What is kept depends on the facts alone."""
    facts = conversation(4)
    shuffled = facts + chance.sample(facts, 3)
    chance.shuffle(shuffled)
    assert fold_all(shuffled) == fold_all(facts)


@given(st.lists(interactions, max_size=8, unique_by=lambda interaction: interaction.id))
def test_never_raises_and_stays_in_range(acts: list[Interaction]) -> None:
    """Any text, any activity: every number is within 0..1 and every state can be written and read."""
    person, scored = fold_all((interaction, BRANDS.routes(interaction)) for interaction in acts)
    for row in scored:
        assert all(0.0 <= value <= 1.0 for value in (row.trust, row.confidence, row.reciprocity, row.effort))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(person), type=Person) == person


def test_a_conversation_becomes_a_real_relationship() -> None:
    """Days of contact in both directions make it real; half a year of silence makes it lapsed."""
    person, _ = fold_all(conversation(6))
    (tie,) = relationships("m:eve", person, ["acme"])
    assert tie.class_ is RelationshipClass.REAL
    assert tie.owed_by_us == 0
    assert tie.reliability_ours >= 0.8
    later = at_time(tie, int((START + timedelta(days=190)).timestamp() * 1000))
    assert later.class_ is RelationshipClass.LAPSED
    assert later.realness < tie.realness / 3


def test_a_burst_of_a_thousand_acts_in_a_day_weighs_as_one() -> None:
    """What counts is days of contact; a burst buys nothing."""
    one, _ = fold_all([act(0, content="a fine lamp, and it has lasted for years")])
    many, _ = fold_all(
        act(n, content="a fine lamp, and it has lasted for years", day=n / 2_000, type=Activity.CREATE)
        for n in range(1_000)
    )
    assert many.ties["acme"].days_received == 1
    assert many.ties["acme"].received <= one.ties["acme"].received * 1.5


def test_one_sided_ties_say_whose_side() -> None:
    """They give and the brand is silent, or the brand pesters."""
    theirs, _ = fold_all(act(n, content=f"your lamp {n} lit our reading evening", day=n * 3) for n in range(5))
    ours, _ = fold_all(act(n, "m:acme", "m:eve", n * 3, content="Have you seen our lamps?") for n in range(5))
    assert relationships("m:eve", theirs, ["acme"])[0].class_ is RelationshipClass.ONE_SIDED_THEM
    assert relationships("m:eve", theirs, ["acme"])[0].owed_by_us == 5
    assert relationships("m:eve", ours, ["acme"])[0].class_ is RelationshipClass.ONE_SIDED_US


def test_solicitation_with_a_link_is_spam_and_so_is_the_tie() -> None:
    """The rules name what they saw."""
    facts = [act(n, content=f"subscribe to my channel http://win{n}.example.com now", day=n) for n in range(4)]
    person, scored = fold_all(facts)
    assert [row.verdict for row in scored] == [Verdict.SPAM] * 4
    assert {"link", "solicitation"} <= {entry.signal for entry in scored[0].evidence}
    assert relationships("m:eve", person, ["acme"])[0].class_ is RelationshipClass.SPAM_DRIVEN


def test_helping_another_customer_outweighs_a_bare_profile() -> None:
    """A newcomer who answers people is no bot."""
    fact = act(0, to="m:bob", answers="m:bob", content="hold the acme button for five seconds, then it resets")
    assert fact[1][0].direction is Direction.PEER
    _, (row,) = fold_all([fact])
    assert row.verdict is Verdict.GENUINE
    assert any(entry.signal == "answers_a_person" for entry in row.evidence)


def test_the_first_fact_of_an_id_is_kept() -> None:
    """A refetch with another text does not rewrite what was folded."""
    first, second = act(0, content="is the lamp dimmable?"), act(0, content="subscribe to my channel")
    assert fold_all([first, second]) == fold_all([first])


def test_an_edit_or_a_report_is_no_contact() -> None:
    """Only acts of contact change a person's state."""
    for activity in (Activity.UPDATE, Activity.DELETE, Activity.UNDO, Activity.FLAG):
        person, (row,) = fold(Person(), *act(0, type=activity))
        assert person == Person()
        assert row.reciprocity == 0.0


def test_a_tie_takes_at_most_256_bytes() -> None:
    """The state of a relationship of years is as small as a new one's."""
    person, _ = fold_all(conversation(400))
    assert len(msgspec.msgpack.encode(person.ties["acme"])) <= 256
