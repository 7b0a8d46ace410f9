"""The whole verdict on simulated audiences whose truth is known: ``python -m bench.science.simulator``

Scored as `rapport score` does, which equals the pipeline row by row, with campaigns as they stand in the end. Brands'
own acts are left out: nobody doubts them. A person's trust towards a brand is the mean of their acts'. Seeds 1 to 6
were looked at while the parts were made; these were not.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from msgspec import Struct

from bench.science import data
from bench.science.measures import against, calibration_error, mean, show
from events import Brands, Direction, Verdict
from rapport.demo.judge import auc
from rapport.demo.simulator import DEFAULT_DAYS, DEFAULT_PEOPLE, Simulation, simulate
from rapport.offline import TextReader, score
from scoring.content import load
from scoring.encoder import default

SEEDS = (101, 102, 103, 104, 105, 106)
END = datetime(2026, 11, 1, tzinfo=UTC)
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


def judged(simulation: Simulation, read_texts: TextReader) -> list[Judged]:
    """Every act of the audience, one entry per brand concerned."""
    rows, _ = score(simulation.interactions, Brands(simulation.brands), read_texts)
    return [
        Judged(row.brand, row.person, act.role, row.trust, row.verdict, act.genuine)
        for row in rows
        if row.direction is not Direction.OUTBOUND
        for act in [simulation.truth.acts[row.interaction.id]]
    ]


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
