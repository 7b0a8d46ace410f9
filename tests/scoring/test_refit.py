"""New weights are taken only where labels of the newest time and of other persons say that they are better."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
import pytest
from msgspec.structs import replace
from sklearn.metrics import roc_auc_score

from events import Activity, Actor, Brands, Correction, Direction, Evidence, Interaction, Route, Verdict
from events.brands import by_person
from rapport.demo import simulator
from scoring.campaigns import Clusters, Lookup, observe
from scoring.combine import WEIGHTS, Weights
from scoring.fold import Fact, Fitted, Known, Person, fold, fold_all, observed_act, ordered
from scoring.refit import (
    ENOUGH,
    HELD_BACK,
    PRIOR_SD,
    REFITTED,
    Example,
    Label,
    Refit,
    auc,
    examples,
    fit,
    refit,
    split,
)
from scoring.testimony import of_correction
from tests.scoring.readings import read

END = datetime(2026, 11, 1, tzinfo=UTC)
Labels = dict[str, dict[str, Label]]  # by person and id


@dataclass(frozen=True)
class World:
    """A simulated audience, read and with its campaigns, and what is true of each act."""

    facts: dict[str, list[Fact]]
    lookup: Lookup
    genuine: dict[str, bool]

    def known(self, identifier: str) -> Known:
        return Known(self.lookup.term(identifier))

    def acts(self) -> dict[str, str]:
        """Person by id, of what people wrote."""
        return {
            fact.interaction.id: key
            for key, facts in sorted(self.facts.items())
            for fact in facts
            if fact.interaction.content and fact.interaction.actor.id == key
        }

    def labels(self, count: int, seed: int, genuine: dict[str, bool] | None = None) -> Labels:
        """``count`` acts in random order, by default with the truth."""
        persons = self.acts()
        said: Labels = {}
        for number, identifier in enumerate(Random(seed).sample(sorted(persons), count)):
            label = Label(identifier, (genuine or self.genuine)[identifier], number)
            said.setdefault(persons[identifier], {})[identifier] = label
        return said

    def refit(self, labels: Labels, weights: Weights) -> Refit:
        def replay(given: Weights) -> list[Example]:
            return [
                example
                for key, said in labels.items()
                for example in examples(key, self.facts[key], said, self.known, given)
            ]

        return refit(replay, weights)


@pytest.fixture(scope="module")
def world() -> World:
    simulation = simulator.simulate_events(2, 4_000, END)
    brands, clusters, lookup = Brands(simulation.brands), Clusters(), Lookup()
    facts: dict[str, list[Fact]] = {}
    for one in simulation.interactions:
        for key, routes in by_person(one, brands.routes(one)).items():
            facts.setdefault(key, []).append(Fact(one, routes, read(one.content)))
    observed = [act for own in facts.values() for fact in own if (act := observed_act(fact))]
    clusters.add(member for member in observe(observed) if member)
    for message in clusters.settle():
        lookup.apply(message)
    return World(facts, lookup, {identifier: act.genuine for identifier, act in simulation.truth.acts.items()})


def loss(some: Sequence[Example], weights: Weights) -> float:
    """What ``fit`` makes least."""
    odds = [weights.bias + weights.content * e.content + weights.actor * e.actor + weights.campaign * e.campaign
            + e.given for e in some]  # fmt: skip
    missed = sum(math.log1p(math.exp(-z if e.label.genuine else z)) for z, e in zip(odds, some, strict=True))
    away = [float((getattr(weights, n) - getattr(WEIGHTS, n)) / sd) for n, sd in zip(REFITTED, PRIOR_SD, strict=True)]
    return missed + sum(distance * distance for distance in away) / 2


@pytest.mark.parametrize("weights", [WEIGHTS, replace(WEIGHTS, bias=-1.0, content=0.5, actor=1.7, campaign=1.3)])
def test_the_terms_are_those_of_combine(world: World, weights: Weights) -> None:
    """For every act of everybody, the linear sum at the weights of the replay is the trust that the fold gives, as long
    as nothing of what comes later is known."""
    seen = in_campaign = 0
    for key, facts in world.facts.items():
        said = {fact.interaction.id: Label(fact.interaction.id, True, 0) for fact in facts}
        person, trust = Person(), {}
        for fact, known in ordered(facts, world.known):
            person, rows = fold(person, fact, known, Fitted(trust=weights))
            trust.update({row.interaction.id: row.trust for row in rows})
        for example in examples(key, facts, said, world.known, weights):
            expected = 1.0 / (1.0 + math.exp(-example.log_odds(weights)))
            assert expected == pytest.approx(trust[example.label.id], abs=6e-5)
            seen, in_campaign = seen + 1, in_campaign + (example.campaign < 0)
    assert seen > 2_000 < len(world.genuine)
    assert in_campaign > 50, "a world without campaigns proves little"


def test_an_act_is_judged_without_its_own_label() -> None:
    """A correction does not reach the example of its own act, and reaches that of the person's later one."""
    acts = [
        Interaction(
            id=identifier,
            platform="x",
            type=Activity.CREATE,
            published=END + timedelta(days=day),
            actor=Actor(id="x:ann"),
            content=f"The zip of the blue bag broke on day {day}, what can I do?",
        )
        for day, identifier in enumerate(("x:1", "x:2"))
    ]
    facts = [Fact(act, (Route("shop", Direction.INBOUND, "x:ann"),), read(act.content)) for act in acts]
    said = {act.id: Label(act.id, False, 0) for act in acts}

    def corrected(*ids: str) -> list[Example]:
        def knowledge(identifier: str) -> Known:
            spam = Correction(id=identifier, verdict=Verdict.SPAM, author="eve", reason="", at=END)
            return Known(correction=of_correction(spam) if identifier in ids else None)

        return examples("x:ann", facts, said, knowledge, WEIGHTS)

    plain = corrected()
    assert corrected("x:2") == plain
    assert corrected("x:1")[0] == plain[0]
    assert corrected("x:1")[1].actor < plain[1].actor


def test_what_is_given_has_no_weight(world: World) -> None:
    """A platform's removal counts as it is, and stays out of the three terms."""
    key, identifier = next((key, identifier) for identifier, key in world.acts().items())
    said = {identifier: Label(identifier, True, 0)}
    (plain,) = examples(key, world.facts[key], said, world.known, WEIGHTS)

    def removed(other: str) -> Known:
        return Known(
            world.known(other).campaign, Evidence("removed_by_platform", -2.5) if other == identifier else None
        )

    (reported,) = examples(key, world.facts[key], said, removed, WEIGHTS)
    assert reported == replace(plain, given=-2.5)


def test_brands_teach_nothing(world: World) -> None:
    """What a declared account says is no example: its trust is not read from it."""
    facts = [(key, fact) for key, own in world.facts.items() for fact in own if fact.routes[0].direction == "outbound"]
    for key, fact in facts[:20]:
        said = {fact.interaction.id: Label(fact.interaction.id, True, 0)}
        assert examples(key, world.facts[key], said, world.known, WEIGHTS) == []


@pytest.mark.parametrize(
    "old",
    [replace(WEIGHTS, bias=-1.5), replace(WEIGHTS, campaign=0.0), replace(WEIGHTS, content=3.0, bias=3.0)],
    ids=["base rate", "campaign", "content"],
)
def test_what_is_off_is_put_right(world: World, old: Weights) -> None:
    """With weights that do not fit the world, true labels give better ones, and only the four are changed."""
    found = world.refit(world.labels(300, seed=2), old)
    assert found.refusal == ""
    assert found.fitted == found.weights != old
    assert found.old and found.new
    assert found.new.log_loss < 0.8 * found.old.log_loss
    assert found.better >= 0.9
    off = [name for name in REFITTED if getattr(old, name) != getattr(WEIGHTS, name)]
    for name in off:
        before, after = (abs(getattr(each, name) - getattr(WEIGHTS, name)) for each in (old, found.weights))
        assert after < before, name
    assert replace(found.weights, **{name: getattr(old, name) for name in REFITTED}) == old


@pytest.mark.parametrize("seed", range(1, 5))
def test_labels_at_random_are_refused(world: World, seed: int) -> None:
    """They would be fitted best by weights that believe nothing."""
    chance = Random(seed)
    found = world.refit(
        world.labels(300, seed, {identifier: chance.random() < 0.5 for identifier in world.genuine}), WEIGHTS
    )
    assert found.weights == WEIGHTS
    assert found.refusal.startswith("the labels hardly agree")


def test_mistakes_alone_are_refused(world: World) -> None:
    """Labels that always say the opposite of the score are not taken for the world."""
    opposite: dict[str, bool] = {}
    for facts in world.facts.values():
        opposite |= {row.interaction.id: row.trust < 0.6 for row in fold_all(facts, world.known)[1]}
    found = world.refit(world.labels(300, 1, opposite), WEIGHTS)
    assert found.weights == WEIGHTS
    assert "confirm also acts that are judged rightly" in found.refusal


def test_a_gain_by_chance_is_refused(world: World) -> None:
    """Labels drawn from the very probabilities that the weights give leave nothing to win."""
    won = 0
    for seed in range(3):
        chance = Random(seed)
        drawn: dict[str, bool] = {}
        for facts in world.facts.values():
            drawn |= {row.interaction.id: chance.random() < row.trust for row in fold_all(facts, world.known)[1]}
        won += not world.refit(world.labels(300, seed, drawn), WEIGHTS).refusal
    assert won == 0


def test_too_few_labels(world: World) -> None:
    """Nothing is fitted, and what is missing is said for each side."""
    none = world.refit({}, WEIGHTS)
    assert none.refusal.startswith(f"too few labels: {ENOUGH} more are needed to learn from (there are 0 genuine")
    assert "; 20 more are needed held back" in none.refusal
    few = world.refit(world.labels(25, seed=3), WEIGHTS)
    assert few.refusal.startswith("too few labels: ")
    assert (few.weights, few.fitted, few.new) == (WEIGHTS, None, None)
    genuine = dict.fromkeys(world.genuine, True)
    assert "10 more" not in (one_kind := world.refit(world.labels(300, 3, genuine), WEIGHTS).refusal)
    assert "5 more are needed to learn from" in one_kind
    assert "and 0 spam" in one_kind


def an_example(person: str, at: int, genuine: bool = True, **terms: float) -> Example:
    return Example(
        person,
        Label(f"x:{at}", genuine, at),
        terms.get("content", 0.0),
        terms.get("actor", 0.0),
        terms.get("campaign", 0.0),
        0.0,
    )


@pytest.mark.parametrize("people", [1, 3, 20, 1_000])
def test_nobody_is_on_both_sides(people: int) -> None:
    """And what is held back is newer than all that is learnt from."""
    chance = Random(people)
    ordered = [an_example(f"x:{chance.randrange(people)}", at) for at in range(400)]
    learnt, held = split(ordered)
    assert not {e.person for e in learnt} & {e.person for e in held}
    assert max((e.label.at for e in learnt), default=0) < min((e.label.at for e in held), default=400)
    if people == 1_000:
        assert len(learnt) + len(held) > 0.8 * len(ordered)
        assert len(held) == pytest.approx(HELD_BACK * len(ordered), rel=0.25)


def test_the_fit_is_the_least_loss(world: World) -> None:
    """No weight can be moved without loss, and the order of the labels does not matter."""
    some = [
        example
        for key, said in world.labels(300, seed=5).items()
        for example in examples(key, world.facts[key], said, world.known, WEIGHTS)
    ]
    found = fit(some, WEIGHTS)
    assert fit(some[::-1], WEIGHTS) == found
    for name in REFITTED:
        for step in (-1e-3, 1e-3):
            moved = replace(found, **{name: getattr(found, name) + step})
            assert loss(some, moved) > loss(some, found)


def test_no_weight_turns_round() -> None:
    """Where the labels say that campaigns speak for an act, campaigns count nothing."""
    some = [an_example(f"x:{n}", n, n % 4 > 0, campaign=-3.0 * (n % 4 > 0), content=float(n % 2)) for n in range(200)]
    assert fit(some, WEIGHTS).campaign == 0.0


def test_nothing_learnt_nothing_changed() -> None:
    """Without evidence the prior is all there is."""
    assert fit([replace(an_example("x:1", 1), given=12.0)], WEIGHTS) == WEIGHTS


def test_auc() -> None:
    """The same as scikit-learn's, with ties."""
    chance = np.random.default_rng(1)
    genuine = (chance.random(300) < 0.7).astype(float)
    odds = np.round(chance.normal(size=300) + genuine, 1)
    assert auc(odds, genuine) == pytest.approx(roc_auc_score(genuine, odds))
