"""Classes and the owed list on the simulated audience, against what is true of it; the trust of an act is the truth's.

Run: ``python -m bench.science.reciprocity_simulator``. The rules were made on seeds 1 to 6 and are
judged on others. Real share is left out: with the truth's trust it is exact.
"""

import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.science.data import Inputs, write
from events import Brands, Content, DebtKind, Direction, RelationshipClass
from events.interaction import milliseconds
from rapport.demo.simulator import DEFAULT_DAYS, DEFAULT_PEOPLE, Simulation, simulate
from scoring.effort import effort
from scoring.ties.acts import act_of
from scoring.ties.classes import classify
from scoring.ties.habits import DAY_MS, Habits, fold_habits
from scoring.ties.owed import counts_at, debts, ranking
from scoring.ties.realness import default_weights, realness
from scoring.ties.state import CONTACT, Tie, fold_tie

SEEDS = (101, 102, 103, 104, 105)
END = datetime(2026, 11, 1, tzinfo=UTC)
FIRST = 20
BARS = {"class macro F1": 0.85, "owed, precision at 20": 0.9}
BOTH = (True, False)


@dataclass(frozen=True)
class Found:
    simulation: Simulation
    ties: dict[tuple[str, str], Tie]

    @property
    def end(self) -> int:
        return milliseconds(self.simulation.truth.end)


def main() -> None:
    found = [fold(simulate(seed, DEFAULT_DAYS, DEFAULT_PEOPLE, END)) for seed in SEEDS]
    per_class = f1_per_class(found)
    figures = {
        "class macro F1": sum(per_class.values()) / len(per_class),
        "owed, precision at 20": sum(precision(one, BOTH) for one in found) / len(found),
        "of what we owe": sum(precision(one, (True,)) for one in found) / len(found),
        "of what they owe (fewer than 20 each)": sum(precision(one, (False,)) for one in found) / len(found),
        "lowest class macro F1 of a seed": min(_mean(f1_per_class([one])) for one in found),
        "lowest owed of a seed": min(precision(one, BOTH) for one in found),
        **{f"F1 {name}": value for name, value in per_class.items()},
    }
    for key, value in figures.items():
        bar = BARS.get(key)
        said = "" if bar is None else f"bar {bar:.2f}  {'reached' if value >= bar else 'MISSED'}"
        print(f"{key:40s} {value:7.4f}  {said}", flush=True)
    path = write("reciprocity_simulator", Inputs(), SEEDS[0], {"bars": BARS, "seeds": SEEDS, "found": figures})
    print(f"written: {path}", file=sys.stderr)


def fold(simulation: Simulation) -> Found:
    brands = Brands(simulation.brands)
    ties: dict[tuple[str, str], Tie] = {}
    habits: dict[str, Habits] = {}
    for interaction in simulation.interactions:
        if interaction.type not in CONTACT:
            continue
        trust = float(simulation.truth.acts[interaction.id].genuine)
        for route in brands.routes(interaction):
            if not route.person:
                continue
            act = act_of(interaction, route, trust, effort(interaction, route.direction, Content()))
            ours = route.direction is Direction.OUTBOUND
            sent, received = (0.0, trust) if ours else (trust, 0.0)
            habits[route.person] = fold_habits(habits.get(route.person), act.at, gave=sent, got=received)
            key = (route.brand, route.person)
            ties[key] = fold_tie(ties.get(key), act, habits[route.person])
    return Found(simulation, ties)


def f1_per_class(found: list[Found]) -> dict[str, float]:
    """Of every class that is true of somebody."""
    pairs: Counter[tuple[RelationshipClass, RelationshipClass]] = Counter()
    for one in found:
        for pair in one.simulation.truth.pairs:
            tie = one.ties.get((pair.brand, pair.person))
            said = classify(tie, one.end)[0] if tie else RelationshipClass.INSUFFICIENT
            pairs[pair.class_, said] += 1
    true, said = Counter[RelationshipClass](), Counter[RelationshipClass]()
    for (is_, was_said), count in pairs.items():
        true[is_] += count
        said[was_said] += count
    return {kind.value: 2.0 * pairs[kind, kind] / (true[kind] + said[kind]) for kind in RelationshipClass if true[kind]}


def precision(found: Found, sides: tuple[bool, ...]) -> float:
    """Share of the first 20 debts (fewer where there are fewer) of the list over both brands that are true.

    True is: this brand, this person, this side owes a word. ``sides``: True for the brand's debts, False for theirs.
    """
    true = {(debt.brand, debt.person, debt.by) for debt in found.simulation.truth.owed}
    listed: list[tuple[float, tuple[str, str], bool]] = []
    for key, tie in found.ties.items():
        real = realness(tie, found.end, default_weights())
        for debt in debts(tie):
            if debt.ours in sides and counts_at(debt, found.end):
                waited = (found.end - debt.since) / DAY_MS
                score = ranking(tie.mean_trust, real, waited, promised=debt.kind is DebtKind.PROMISE)
                listed.append((-score, key, debt.ours))
    first = [(*key, "brand" if ours else "person") in true for _, key, ours in sorted(listed)[:FIRST]]
    return sum(first) / len(first) if first else 1.0


def _mean(values: dict[str, float]) -> float:
    return sum(values.values()) / len(values)


if __name__ == "__main__":
    main()
