"""The fold: order-free over facts, total over texts, small on the wire."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import (
    Activity,
    Actor,
    Brand,
    Brands,
    Correction,
    Direction,
    Interaction,
    Reference,
    Relationship,
    RelationshipClass,
    Verdict,
)
from events.interaction import milliseconds
from scoring.campaigns import Campaign, Kind, campaign_evidence
from scoring.fold import FITTED, Fact, Known, Person, fold, fold_all, relationships
from scoring.testimony import of_correction
from scoring.ties.habits import DAY_MS
from scoring.ties.reading import Standing, standing
from scoring.ties.state import UNITS_A_DAY, WEIGHT
from tests.events.test_codec import interactions
from tests.scoring.readings import read

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
        to=(to,) if to else (),
        in_reply_to=Reference(id="m:0", actor=answered) if answered else None,
        **fields,
    )
    return fact(interaction)


def fact(interaction: Interaction) -> Fact:
    return Fact(interaction, BRANDS.routes(interaction), read(interaction.content))


def at_day(tie: Relationship, silent: int) -> Standing:
    return standing(tie, milliseconds(tie.last_at) + silent * DAY_MS)


def conversation(days: int, every: int = 1) -> list[Fact]:
    """A question and an answer on each of ``days`` days, one of ``every`` so many."""
    ask = [
        act(2 * d, content=f"how do I mount lamp number {d} on a wall of stone?", day=d * every) for d in range(days)
    ]
    answer = [
        act(2 * d + 1, "m:acme", "m:eve", d * every + 0.1, content=f"Use the two long screws of bag {d}, then press.")
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
    person, scored = fold_all(map(fact, acts))
    for row in scored:
        assert all(0.0 <= value <= 1.0 for value in (row.trust, row.confidence, row.reciprocity, row.effort))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(person), type=Person) == person


def test_a_conversation_becomes_a_real_relationship() -> None:
    """Days of contact in both directions make it real; half a year of silence makes it lapsed."""
    praise = [act(50 + n, content=f"your lamp lit evening {n} of ours", day=n * 8 + 4) for n in range(5)]
    person, _ = fold_all(conversation(6, every=8) + praise)
    (tie,) = relationships("m:eve", person, ["acme"])
    now = at_day(tie, 0)
    assert now.class_ is RelationshipClass.REAL
    assert now.owed_by_us == 0
    assert now.reliability_ours.probability >= 0.8
    later = at_day(tie, 240)
    assert later.class_ is RelationshipClass.LAPSED
    assert later.realness < now.realness / 3


def test_a_burst_of_a_thousand_acts_in_a_day_weighs_as_one() -> None:
    """What counts is days of contact; a burst buys nothing."""
    one, _ = fold_all([act(0, content="a fine lamp, and it has lasted for years")])
    many, _ = fold_all(
        act(n, content="a fine lamp, and it has lasted for years", day=n / 2_000, type=Activity.CREATE)
        for n in range(1_000)
    )
    assert many.ties["acme"].theirs.days <= WEIGHT
    assert many.ties["acme"].theirs.units <= UNITS_A_DAY * WEIGHT
    assert many.ties["acme"].theirs.gave <= one.ties["acme"].theirs.gave * UNITS_A_DAY


def test_one_sided_ties_say_whose_side() -> None:
    """They give and the brand is silent, or the brand pesters."""
    theirs, _ = fold_all(act(n, content=f"your lamp {n} lit our reading evening", day=n * 3) for n in range(5))
    ours, _ = fold_all(act(n, "m:acme", "m:eve", n * 3, content="Have you seen our lamps?") for n in range(5))
    for person, class_ in ((theirs, RelationshipClass.ONE_SIDED_THEM), (ours, RelationshipClass.ONE_SIDED_US)):
        (tie,) = relationships("m:eve", person, ["acme"])
        assert at_day(tie, 0).class_ is class_


def test_solicitation_is_spam_and_so_is_the_tie() -> None:
    """What the reading says decides, and the evidence adds up to it."""
    facts = [act(n, content=f"subscribe to my channel http://win{n}.example.com now", day=n) for n in range(4)]
    person, scored = fold_all(facts)
    assert [row.verdict for row in scored] == [Verdict.SPAM] * 4
    assert "solicitation" in {entry.signal for entry in scored[0].evidence}
    assert "reputation" in {entry.signal for entry in scored[-1].evidence}
    assert at_day(relationships("m:eve", person, ["acme"])[0], 0).class_ is RelationshipClass.SPAM_DRIVEN


def test_helping_another_customer_is_known_later() -> None:
    """Who answers people is no bot, whatever the profile lacks."""
    text = "hold the acme button on the left for five seconds, then it resets to lamp number {}"
    facts = [act(n, to="m:bob", answers="m:bob", content=text.format(n), day=n) for n in range(4)]
    assert facts[0].routes[0].direction is Direction.PEER
    _, rows = fold_all(facts)
    assert {row.verdict for row in rows} == {Verdict.GENUINE}
    assert any(entry.signal == "helps_others" and entry.weight > 0.3 for entry in rows[-1].evidence)


def test_a_campaign_weighs_on_the_act_and_not_on_the_account() -> None:
    """It may be found later, or taken back; what follows from the account's past must not depend on that."""
    facts = [act(n, content=f"a remark {n} about the acme lamp", day=n) for n in range(3)]
    campaign = Campaign(id="near-duplicate/1", kind=Kind.NEAR_DUPLICATE, version=1, log_odds=-3.0, accounts=5)
    term = campaign.log_odds, campaign_evidence(campaign)
    person, rows = fold_all(facts)
    marked, with_campaign = fold_all(facts, lambda identifier: Known(campaign=term if identifier == "m:1" else None))
    assert with_campaign[1].trust < rows[1].trust - 0.3
    assert (with_campaign[0], with_campaign[2].trust) == (rows[0], rows[2].trust)
    assert marked.actor == person.actor


@pytest.mark.parametrize(("verdict", "trust"), [(Verdict.SPAM, 0.0025), (Verdict.GENUINE, 0.9975)])
def test_a_correction_has_the_last_word_and_teaches(verdict: Verdict, trust: float) -> None:
    """Whatever the text looked like, and the acts after it are judged by what was said of it."""
    looks = "subscribe to my channel" if verdict is Verdict.GENUINE else "a remark about the acme lamp"
    facts = [act(n, content=f"{looks} {n}", day=n) for n in range(4)]
    said = of_correction(Correction(id="m:0", verdict=verdict, author="ann", reason="I know them", at=START))
    _, rows = fold_all(facts)
    _, corrected = fold_all(facts, lambda identifier: Known(correction=said if identifier == "m:0" else None))
    assert (corrected[0].trust, corrected[0].verdict) == (trust, verdict)
    assert corrected[0].confidence == pytest.approx(1.0, abs=0.001)
    (entry,) = (entry for entry in corrected[0].evidence if entry.signal == "correction")
    assert entry.detail == "ann: I know them"
    better = verdict is Verdict.GENUINE
    assert (corrected[1].trust > rows[1].trust) is better


def test_a_correction_is_taken_back() -> None:
    """Any verdict but genuine and spam means: as if nobody had said anything."""
    said = of_correction(Correction(id="m:0", verdict=Verdict.INSUFFICIENT, author="ann", reason="", at=START))
    assert said is None


@given(st.randoms(use_true_random=False))
def test_what_the_platform_removes_is_evidence_whenever_it_is_known(chance: random.Random) -> None:
    """The removal speaks of the act it names, and comes to its author's history whatever the order of arrival."""
    facts = [act(n, content=f"a remark {n} about the acme lamp", day=n) for n in range(3)]
    removal = act(9, actor="m", to="m:eve", object="m:1", type=Activity.DELETE, brands=("acme",), day=5)
    assert [route.person for route in removal.routes] == ["m:eve"]
    _, before = fold_all(facts)
    shuffled = [*facts, removal]
    chance.shuffle(shuffled)
    person, rows = fold_all(shuffled)
    assert "removed_by_platform" in {entry.signal for entry in rows[1].evidence}
    assert rows[1].trust < before[1].trust - 0.2
    assert rows[0] == before[0]
    assert person.ties["acme"].interactions == 3


def test_what_somebody_else_removes_says_nothing() -> None:
    """Anybody can report anything."""
    facts = [
        act(0, content="a remark about the acme lamp"),
        act(9, to="m:eve", object="m:0", type=Activity.FLAG, day=1),
    ]
    _, rows = fold_all(facts)
    assert "removed_by_platform" not in {entry.signal for entry in rows[0].evidence}


def test_the_first_fact_of_an_id_is_kept() -> None:
    """A refetch with another text does not rewrite what was folded."""
    first, second = act(0, content="is the lamp dimmable?"), act(0, content="subscribe to my channel")
    assert fold_all([first, second]) == fold_all([first])


def test_an_edit_or_a_report_is_no_contact() -> None:
    """It moves the order in which the person is folded, and is no part of a relationship."""
    for activity in (Activity.UPDATE, Activity.DELETE, Activity.UNDO, Activity.FLAG):
        edit = act(0, type=activity)
        person, (row,) = fold(Person(), edit, Known())
        assert person == Person(order=edit.interaction.order, told_with=FITTED.realness_id)
        assert row.reciprocity == 0.0


def test_a_tie_takes_at_most_256_bytes() -> None:
    """The state of a relationship of years is as small as a new one's."""
    person, _ = fold_all(conversation(400))
    assert len(msgspec.msgpack.encode(person.ties["acme"])) <= 256
