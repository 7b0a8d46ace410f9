"""The truth of the simulated audience: complete, justified by behaviour, and varied enough to measure against."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from events import Brands, Direction, RelationshipClass
from rapport.demo.simulator import DEFAULT_DAYS, DEFAULT_PEOPLE, Simulation, simulate
from rapport.demo.truth import FRESH_DAYS

END = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return simulate(11, DEFAULT_DAYS, DEFAULT_PEOPLE, END)


def test_truth_covers_every_act_and_every_pair(simulation: Simulation) -> None:
    """Whatever a scorer can be asked for has an answer, for acts and for (brand, person) pairs."""
    routes = [route for one in simulation.interactions for route in Brands(simulation.brands).routes(one)]
    truth = simulation.truth
    assert set(truth.acts) == {one.id for one in simulation.interactions}
    assert {(pair.brand, pair.person) for pair in truth.pairs} == {(r.brand, r.person) for r in routes if r.person}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_class_has_several_pairs(seed: int) -> None:
    """At the default size no class of relationship is too rare to be measured."""
    counts = Counter(pair.class_ for pair in simulate(seed, DEFAULT_DAYS, DEFAULT_PEOPLE, END).truth.pairs)
    assert set(counts) == set(RelationshipClass)
    assert min(counts.values()) >= 6


def test_classes_follow_behaviour_and_not_names(simulation: Simulation) -> None:
    """A fan whom the brand never answered is not real, and whoever is real was in exchange at least four times."""
    pairs = simulation.truth.pairs
    fans = [pair for pair in pairs if pair.role in ("loyal_fan", "helper")]
    assert any(pair.class_ is not RelationshipClass.REAL for pair in fans)
    assert all(pair.exchanges >= 4 for pair in pairs if pair.class_ is RelationshipClass.REAL)
    assert all(pair.class_ is not RelationshipClass.REAL for pair in pairs if pair.got == 0)
    assert all(not pair.genuine for pair in pairs if pair.class_ is RelationshipClass.SPAM_DRIVEN)


def test_months_add_up(simulation: Simulation) -> None:
    """The real share of each month is that of its inbound and peer acts."""
    volume: Counter[tuple[datetime, str]] = Counter()
    genuine: Counter[tuple[datetime, str]] = Counter()
    for one in simulation.interactions:
        for route in Brands(simulation.brands).routes(one):
            if route.direction is not Direction.OUTBOUND:
                back = (END - one.published - timedelta(milliseconds=1)) // timedelta(days=30)
                key = END - timedelta(days=30 * back), route.brand
                volume[key] += 1
                genuine[key] += simulation.truth.acts[one.id].genuine
    assert {(month.until, month.brand): month.volume for month in simulation.truth.months} == volume
    assert {(month.until, month.brand): month.genuine for month in simulation.truth.months} == genuine
    assert len(simulation.truth.months) == 2 * DEFAULT_DAYS // 30
    shares = [month.real_share for month in simulation.truth.months]
    assert min(shares) > 0.5 and max(shares) < 0.97 and max(shares) - min(shares) > 0.05


def test_owed_are_open_questions_and_promises(simulation: Simulation) -> None:
    """Each debt is recent, both sides have some, and the brand said nothing to that person after an open question."""
    truth, by_id = simulation.truth, {one.id: one for one in simulation.interactions}
    said = defaultdict(list)
    for one in simulation.interactions:
        for route in Brands(simulation.brands).routes(one):
            if route.direction is Direction.OUTBOUND and one.content:
                said[route.brand, route.person, one.conversation].append(one.order)
    kinds = Counter(debt.by for debt in truth.owed)
    assert kinds["brand"] >= 20 and kinds["person"] >= 1
    for debt in truth.owed:
        question = by_id[debt.id]
        assert debt.since >= END - timedelta(days=FRESH_DAYS)
        assert truth.acts[debt.id].genuine and truth.acts[debt.id].why == debt.kind
        if debt.by == "brand" and debt.kind != "brand_promise":
            later = said[debt.brand, debt.person, question.conversation]
            assert not any(order > question.order for order in later)


def test_promises_are_kept_and_broken(simulation: Simulation) -> None:
    """Both kinds occur, so that a promise keeper and a promise breaker can be told apart."""
    kept = Counter((promise.brand, promise.kept) for promise in simulation.truth.promises)
    assert {key[1] for key in kept} == {True, False}
    assert kept["acme", True] > kept["acme", False]


def test_some_people_have_two_accounts(simulation: Simulation) -> None:
    """The same human on two platforms is one identity, and the pair of both accounts counts what each alone misses."""
    truth = simulation.truth
    accounts = defaultdict(set)
    for account, human in truth.identities.items():
        accounts[human].add(account)
    twice = {human for human, own in accounts.items() if len(own) == 2}
    assert len(twice) >= 10
    assert {pair.person for pair in truth.people} <= twice
    alone = {(pair.brand, pair.person): pair.gave for pair in truth.pairs}
    for pair in truth.people:
        assert pair.gave == sum(alone.get((pair.brand, account), 0) for account in accounts[pair.person])


def test_planted_events_hold_the_acts_they_name(simulation: Simulation) -> None:
    """Waves are spam by several accounts, spikes are genuine, and each lies between its two times."""
    by_id = {one.id: one for one in simulation.interactions}
    assert {event.kind for event in simulation.truth.planted} == {"spam_wave", "genuine_spike", "outage", "pod_burst"}
    for event in simulation.truth.planted:
        assert all(event.at <= by_id[id_].published <= event.until for id_ in event.ids)
        genuine = {simulation.truth.acts[id_].genuine for id_ in event.ids}
        assert genuine <= {event.kind in ("genuine_spike", "outage")}
        if event.kind != "pod_burst":
            assert len({by_id[id_].actor.id for id_ in event.ids}) >= 5
