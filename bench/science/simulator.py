"""The whole verdict on simulated audiences whose truth is known: ``python -m bench.science.simulator``

Text, account and campaign come together as in the pipeline, campaigns as they stand in the end. Brands' own acts are
left out: nobody doubts them. A person's trust towards a brand is the mean of their acts'. Seeds 1 to 6 were looked at
while the parts were made; these were not.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from msgspec import Struct

from bench.science import data
from bench.science.measures import against, calibration_error, mean, show
from events import Brands, Content, Direction, Interaction, Verdict
from events.brands import by_person
from rapport.demo.judge import auc
from rapport.demo.simulator import DEFAULT_DAYS, DEFAULT_PEOPLE, Simulation, simulate
from scoring.actor import Actor, actor_confidence, actor_log_odds, fold_actor
from scoring.campaigns import Act, Clusters, Lookup, observe
from scoring.combine import combine
from scoring.content import ContentModel, load
from scoring.encoder import default

SEEDS = (101, 102, 103, 104, 105, 106)
END = datetime(2026, 11, 1, tzinfo=UTC)
BATCH = 1_000
HORIZON_DAYS = 3_650
BARS = {"auc_act": 0.97, "auc_person": 0.95}
FALSE_ALARMS = {"spam": 0.02}
WATCHED = ("helper", "quiet_helper", "newcomer")


class Judged(Struct, frozen=True):
    """One act of a person for one brand, with what is true of it."""

    brand: str
    person: str
    role: str
    trust: float
    verdict: Verdict
    genuine: bool


def judged(simulation: Simulation, model: ContentModel) -> list[Judged]:
    """Every act of the audience, one entry per brand concerned."""
    brands = Brands(simulation.brands)
    facts = defaultdict(list)
    said = []
    for interaction in simulation.interactions:
        for key, routes in by_person(interaction, brands.routes(interaction)).items():
            facts[key].append((interaction, routes))
            if all(route.direction is not Direction.OUTBOUND for route in routes):
                said.append(Act(interaction, key, routes[0].brand))
    contents, lookup = _read(simulation.interactions, model), _campaigns(said)
    rows = []
    for known in facts.values():
        state = Actor()
        for interaction, routes in known:
            before, content, term = state, contents[interaction.content], lookup.term(interaction.id)
            past = actor_log_odds(before, interaction)
            for route in routes:
                posterior = combine(content, past).trust
                if route.person and state is before:
                    state = fold_actor(before, interaction, route.direction, posterior, past[1])
                if route.direction is not Direction.OUTBOUND:
                    judgement = combine(content, past, term, actor_confidence(before))
                    act = simulation.truth.acts[interaction.id]
                    rows.append(
                        Judged(route.brand, route.person, act.role, judgement.trust, judgement.verdict, act.genuine)
                    )
    return rows


def figures(rows: Sequence[Judged], simulation: Simulation) -> dict[str, float]:
    of_person: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows:
        of_person[row.brand, row.person].append(row.trust)
    genuine = {(pair.brand, pair.person): pair.genuine for pair in simulation.truth.pairs}
    spam = np.array([not row.genuine for row in rows])
    probability = np.array([1.0 - row.trust for row in rows])
    return {
        "acts": float(len(rows)),
        "auc_act": auc((row.trust, row.genuine) for row in rows),
        "auc_person": auc((float(np.mean(trusts)), genuine[pair]) for pair, trusts in of_person.items()),
        "brier": float(np.mean((probability - spam) ** 2)),
        "ece": calibration_error(spam, probability),
    }


def by_role(rows: Sequence[Judged]) -> dict[str, dict[str, float]]:
    """Shares of the verdicts. What a promoter asks in earnest counts under their role, too."""
    found: dict[str, list[Judged]] = defaultdict(list)
    for row in rows:
        found[row.role].append(row)
    return {role: _shares(found[role]) for role in sorted(found)}


def _shares(rows: Sequence[Judged]) -> dict[str, float]:
    verdicts = Counter(row.verdict for row in rows)
    return {
        "acts": float(len(rows)),
        **{verdict.value: verdicts[verdict] / len(rows) for verdict in Verdict},
        "mean_trust": float(np.mean([row.trust for row in rows])),
    }


def _read(interactions: Sequence[Interaction], model: ContentModel) -> dict[str, Content]:
    texts = list(dict.fromkeys(interaction.content for interaction in interactions))
    batches = [texts[begin : begin + BATCH] for begin in range(0, len(texts), BATCH)]
    return {text: content for batch in batches for text, content in zip(batch, model(batch), strict=True)}


def _campaigns(acts: Sequence[Act]) -> Lookup:
    clusters, lookup = Clusters(HORIZON_DAYS), Lookup()
    for begin in range(0, len(acts), BATCH):
        clusters.add(member for member in observe(acts[begin : begin + BATCH]) if member)
    for message in clusters.settle():
        lookup.apply(message)
    return lookup


if __name__ == "__main__":
    inputs, model = data.Inputs(), load(default())
    audiences, everybody = {}, []
    for seed in SEEDS:
        simulation = simulate(seed, DEFAULT_DAYS, DEFAULT_PEOPLE, END)
        rows = judged(simulation, model)
        audiences[f"seed {seed}"] = figures(rows, simulation)
        everybody += rows
    audiences["mean"] = mean(list(audiences.values()))
    roles = by_role(everybody)
    show("simulated audiences", audiences)
    show("verdicts by role", roles)
    against(audiences["mean"], BARS)
    for role in WATCHED:
        print(role)
        against(roles[role], FALSE_ALARMS)
    print(data.write("simulator", inputs, SEEDS[0], {"seeds": SEEDS, "audiences": audiences, "roles": roles}))
