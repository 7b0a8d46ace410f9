"""Classes, the owed list and the real share on simulated audiences, against what is true of them.

Run: ``python -m bench.science.reciprocity_simulator``. Audiences are scored as `rapport score` does, which equals the
pipeline; beside it the same with the truth in the place of trust, which tells what the rules miss from what trust does.
The rules were made on seeds 1 to 6 and are judged on others.

*Real share*: of what the audience did for a brand in a simulated month, how much is genuine. Ours is the mean of trust,
and its interval takes all acts of a person to stand or fall together. With the truth's trust it is exact.
"""

import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from msgspec.structs import replace

from bench.science.data import Inputs, write
from events import Brands, DebtKind, Direction, Relationship, RelationshipClass, Scored
from events.interaction import milliseconds
from rapport.demo.simulator import DEFAULT_DAYS, DEFAULT_PEOPLE, Simulation, simulate
from rapport.demo.truth import Month
from rapport.model import text_reader
from rapport.offline import TextReader, score
from scoring.fold import Person, relationships
from scoring.ties.habits import DAY_MS
from scoring.ties.meeting import meet
from scoring.ties.owed import counts_at, ranking
from scoring.ties.reading import standing

SEEDS = (101, 102, 103, 104, 105)
END = datetime(2026, 11, 1, tzinfo=UTC)
FIRST = 20
NEAR = 0.03
Z90 = 1.6449
BARS = {"class macro F1": 0.85, "owed, precision at 20": 0.9, "months within 3 points": 1.0}
BOTH = (True, False)


@dataclass(frozen=True)
class Found:
    """One audience as it was scored."""

    simulation: Simulation
    rows: list[Scored]
    relationships: list[Relationship]

    @property
    def end(self) -> int:
        return milliseconds(self.simulation.truth.end)


@dataclass(frozen=True)
class Share:
    """The real share of one brand in one month with its 90 % interval, and what is true."""

    month: Month
    found: float
    low: float
    high: float

    @property
    def error(self) -> float:
        return self.found - self.month.real_share

    @property
    def covers(self) -> bool:
        return self.low <= self.month.real_share <= self.high


def main() -> None:
    reader = text_reader()
    found = [scored(simulate(seed, DEFAULT_DAYS, DEFAULT_PEOPLE, END), reader) for seed in SEEDS]
    columns = {"trust as scored": figures(found), "the truth's trust": figures([with_truth(one) for one in found])}
    print(f"{'':40s}" + "".join(f"{name:>20s}" for name in columns))
    for key in columns["trust as scored"]:
        values = [column[key] for column in columns.values()]
        bar = BARS.get(key)
        said = "" if bar is None else f"  bar {bar:.2f}  {'reached' if values[0] >= bar else 'MISSED'}"
        print(f"{key:40s}" + "".join(f"{value:20.4f}" for value in values) + said, flush=True)
    path = write("reciprocity_simulator", Inputs(), SEEDS[0], {"bars": BARS, "seeds": SEEDS, "found": columns})
    print(f"written: {path}", file=sys.stderr)


def scored(simulation: Simulation, read_texts: TextReader) -> Found:
    rows, told = score(simulation.interactions, Brands(simulation.brands), read_texts)
    return Found(simulation, rows, told)


def with_truth(found: Found) -> Found:
    """The same readings, folded with what is true of each act as its trust."""
    acts = found.simulation.truth.acts
    true = [replace(row, trust=float(acts[row.interaction.id].genuine)) for row in found.rows]
    return folded_anew(found, true)


def folded_anew(found: Found, rows: list[Scored]) -> Found:
    """What comes between brands and people when the acts are as ``rows`` say."""
    of_person: dict[str, list[Scored]] = defaultdict(list)
    for row in rows:
        of_person[row.person].append(row)
    told: list[Relationship] = []
    for key, acts in of_person.items():
        person = Person()
        for _, together in groupby(sorted(acts, key=lambda row: row.interaction.order), lambda row: row.interaction.id):
            habits, ties = meet(person.habits, person.ties, list(together))
            person = replace(person, habits=habits, ties=ties)
        told += relationships(key, person, sorted(person.ties))
    return Found(found.simulation, rows, told)


def figures(found: Sequence[Found]) -> dict[str, float]:
    per_class = f1_per_class(found)
    shares = [share for one in found for share in real_shares(one)]
    first = min(share.month.until for share in shares)
    later = [share for share in shares if share.month.until > first]
    return {
        "class macro F1": mean(per_class.values()),
        "lowest class macro F1 of a seed": min(mean(f1_per_class([one]).values()) for one in found),
        **{f"F1 {name}": value for name, value in per_class.items()},
        "owed, precision at 20": mean(precision(one, BOTH) for one in found),
        "lowest owed of a seed": min(precision(one, BOTH) for one in found),
        "of what we owe": mean(precision(one, (True,)) for one in found),
        "of what they owe (fewer than 20 each)": mean(precision(one, (False,)) for one in found),
        "months": float(len(shares)),
        "months within 3 points": mean(abs(share.error) <= NEAR for share in shares),
        "within 3 points after the first month": mean(abs(share.error) <= NEAR for share in later),
        "mean error, first month": mean(share.error for share in shares if share not in later),
        "mean error after the first month": mean(share.error for share in later),
        "largest error": max(abs(share.error) for share in shares),
        "largest error after the first month": max(abs(share.error) for share in later),
        "months whose interval has the truth": mean(share.covers for share in shares),
    }


def f1_per_class(found: Sequence[Found]) -> dict[str, float]:
    """Of every class that is true of somebody; ``found`` are counted together."""
    true, said, hit = Counter[str](), Counter[str](), Counter[str]()
    for one in found:
        told = {(tie.brand, tie.person): standing(tie, one.end).class_ for tie in one.relationships}
        for pair in one.simulation.truth.pairs:
            kind = told.get((pair.brand, pair.person), RelationshipClass.INSUFFICIENT)
            true[pair.class_.value] += 1
            said[kind.value] += 1
            hit[kind.value] += kind is pair.class_
    return {kind: 2.0 * hit[kind] / (true[kind] + said[kind]) for kind in sorted(true)}


def precision(found: Found, sides: tuple[bool, ...]) -> float:
    """Share of the first 20 debts (fewer where there are fewer) of the list over both brands that are true.

    True is: this brand, this person, this side owes a word. ``sides``: True for the brand's debts, False for theirs.
    """
    true = {(debt.brand, debt.person, debt.by) for debt in found.simulation.truth.owed}
    listed: list[tuple[float, tuple[str, str, str]]] = []
    for tie in found.relationships:
        realness = standing(tie, found.end).realness
        for debt in tie.debts:
            if debt.ours in sides and counts_at(debt, found.end):
                waited = (found.end - debt.since) / DAY_MS
                rank = ranking(tie.trust, realness, waited, promised=debt.kind is DebtKind.PROMISE)
                listed.append((-rank, (tie.brand, tie.person, "brand" if debt.ours else "person")))
    first = [debt in true for _, debt in sorted(listed)[:FIRST]]
    return mean(first) if first else 1.0


def real_shares(found: Found) -> list[Share]:
    months = {(month.brand, month.until): month for month in found.simulation.truth.months}
    ends = sorted({until for _, until in months})
    rows: dict[tuple[str, datetime], list[Scored]] = defaultdict(list)
    for row in found.rows:
        if row.direction is not Direction.OUTBOUND and row.brand:
            until = next(end for end in ends if row.interaction.published < end)
            rows[row.brand, until].append(row)
    return [Share(month, *real_share(rows[key])) for key, month in sorted(months.items())]


def real_share(rows: Sequence[Scored]) -> tuple[float, float, float]:
    """Of volume, with its 90 % interval: the variance is the sum over persons of ``n^2 m (1 - m)``, by all acts^2."""
    share = mean(row.trust for row in rows)
    means = [(len(trusts), mean(trusts)) for trusts in of_people(rows).values()]
    width = Z90 * math.sqrt(sum(n * n * mean * (1.0 - mean) for n, mean in means)) / len(rows)
    return share, max(0.0, share - width), min(1.0, share + width)


def of_people(rows: Iterable[Scored]) -> dict[str, list[float]]:
    """The trust of each person's acts."""
    of_person: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        of_person[row.person].append(row.trust)
    return of_person


def mean(values: Iterable[float]) -> float:
    known = list(values)
    return sum(known) / len(known)


if __name__ == "__main__":
    main()
