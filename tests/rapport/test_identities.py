"""Merge and split on a running pipeline: the past becomes what an offline run with them says, and again what it was."""

import json
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from events import Direction, Identity, Relationship, Scored
from rapport import access, model, offline
from rapport.config import load
from rapport.demo import simulator
from tests.rapport.pipelines import Running, rapport, running

EVENTS, SEED = 2_500, 2
END = datetime(2026, 11, 1, tzinfo=UTC)
WHY = "=Same <voice>\x1b[31m"
TABLES = {
    "acts": "SELECT * EXCEPT (revision) FROM interactions ORDER BY brand, published, id",
    "ties": "SELECT * EXCEPT (version) FROM relationship FINAL WHERE interactions > 0 ORDER BY brand, person",
    "trends": "SELECT * FROM trends ORDER BY brand, platform, minute",
    "classes": "SELECT * EXCEPT (version) FROM class_history FINAL WHERE notEmpty(begins) ORDER BY brand, person",
}

pytestmark = pytest.mark.engines

Tables = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Loaded:
    """A running pipeline with a simulated audience in it, and three accounts of it that have relationships."""

    pipeline: Running
    settings: Path
    simulation: simulator.Simulation
    plain: Tables
    accounts: tuple[str, str, str]

    def rapport(self, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        return rapport(*arguments, "--config", self.settings, "--data", self.pipeline.config.data, seconds=280)

    def asked(self, query: str) -> list[dict[str, Any]]:
        with access.warehouse(self.pipeline.config) as client:
            rows, columns = client.execute(query, with_column_types=True)
        return [dict(zip((name for name, _ in columns), row, strict=True)) for row in rows]

    def tables(self) -> Tables:
        return tables(self.pipeline)

    def differences(self, links: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
        """Acts and relationships that are stored otherwise than an offline run with ``links`` gives them."""
        said = [Identity(account=account, person=person, author="eve", at=END) for account, person in links]
        rows, ties = score(self.simulation, self.settings, said)
        expected: dict[tuple[str, ...], Any] = {(row.interaction.id, row.brand): of_act(row) for row in rows}
        expected |= {("tie", tie.brand, tie.person): of_tie(tie) for tie in ties}
        found: dict[tuple[str, ...], Any] = {
            (row["id"], row["brand"]): tuple(row[name] for name in ACT) for row in self.asked(TABLES["acts"])
        }
        found |= {
            ("tie", row["brand"], row["person"]): tuple(row[name] for name in TIE) for row in self.asked(TABLES["ties"])
        }
        return [key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)]


ACT = ("person", "trust", "verdict", "reciprocity", "class")
TIE = ("interactions", "given", "received", "trust", "exchanges", "class", "help_theirs")


def of_act(row: Scored) -> tuple[Any, ...]:
    return row.person, row.trust, row.verdict, row.reciprocity, row.phases[0].class_ if row.phases else ""


def of_tie(tie: Relationship) -> tuple[Any, ...]:
    numbers = (tie.interactions, tie.given, tie.received, tie.trust, tie.exchanges)
    return (*numbers, tie.phases[0].class_, tie.theirs.help)


def score(
    simulation: simulator.Simulation, settings: Path, identities: Iterable[Identity] = ()
) -> tuple[list[Scored], list[Relationship]]:
    brands = load(settings, settings.parent).brands
    return offline.score(simulation.interactions, brands, model.text_reader(), identities=identities)


def tables(pipeline: Running) -> Tables:
    with access.warehouse(pipeline.config) as client:
        return {name: client.execute(query) for name, query in TABLES.items()}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp("identities")
    simulation = simulator.simulate_events(SEED, EVENTS, END)
    simulator.write(simulation, folder)
    settings = folder / simulator.BRANDS
    rows, _ = score(simulation, settings)
    wrote = Counter(row.person for row in rows if row.brand and row.direction is Direction.INBOUND and row.trust > 0.5)
    first, second, third = (person for person, _ in wrote.most_common(3))
    with running(folder / "data", settings) as pipeline:
        done = rapport(
            "ingest", "file", folder / simulator.INTERACTIONS, "--config", settings, "--data", pipeline.config.data
        )
        assert done.returncode == 0, done.stderr
        yield Loaded(pipeline, settings, simulation, tables(pipeline), (first, second, third))


def test_what_cannot_be_merged(loaded: Loaded) -> None:
    """One line each, and nothing is told."""
    ann, ben, _ = loaded.accounts
    shop = min(account for brand in loaded.simulation.brands for account in brand.accounts)
    for arguments, said in (
        (("merge", "x:nobody", ann, "--reason", "x"), "nobody knows the account x:nobody"),
        (("merge", ann, "x:nobody", "--reason", "x"), "nobody knows the account x:nobody"),
        (("merge", shop, ann, "--reason", "x"), "a brand is nobody's other account"),
        (("merge", ann, shop, "--reason", "x"), "a brand is nobody's other account"),
        (("merge", ann, ann, "--reason", "x"), "the same account"),
        (("merge", ann, ben, "--reason", "x" * 2_001), "the reason has 2,001 characters"),
        (("merge", "--declared"), "declares nobody"),
        (("split", ann), "is not merged into anybody"),
    ):
        done = loaded.rapport(*arguments)
        assert (done.returncode, done.stdout) == (1, ""), arguments
        (line,) = done.stderr.splitlines()
        assert line.startswith("error: ")
        assert said in line
    assert loaded.rapport("identities", "--format", "json").stdout.strip() == "[]"


def test_a_merge_makes_one_person_of_two_and_a_split_takes_it_back(loaded: Loaded) -> None:
    """After each step the tables are those of an offline run; after the last split they are those of before."""
    ann, ben, cem = loaded.accounts
    done = loaded.rapport("merge", ben, ann, "--reason", WHY, "--author", "eve")
    assert (done.returncode, done.stderr) == (0, "")
    shown = done.stdout.splitlines()
    assert shown[0] == f"{ben} is {ann}, too"
    told = [(line.split()[0], line.split()[2]) for line in shown[2:]]
    assert {person for state, person in told if state == "was"} == {ann, ben}
    assert {person for state, person in told if state == "is"} == {ann}
    assert loaded.differences([(ben, ann)]) == []

    again = loaded.rapport("merge", ben, ann, "--reason", "x")
    assert again.stderr == f"error: {ben} is merged into {ann} already\n"
    assert "in a circle" in loaded.rapport("merge", ann, ben, "--reason", "x").stderr
    assert f"also writes as {ben}" in loaded.rapport("why", ben).stdout
    (row,) = json.loads(loaded.rapport("identities", "--format", "json").stdout)
    assert (row["account"], row["person"], row["author"], row["reason"]) == (ben, ann, "eve", WHY)
    assert "\x1b" not in loaded.rapport("identities").stdout

    assert loaded.rapport("merge", cem, ben, "--reason", "a chain").returncode == 0
    assert loaded.differences([(ben, ann), (cem, ben)]) == []
    assert loaded.rapport("split", ben).returncode == 0
    assert loaded.differences([(cem, ben)]) == []
    undone = loaded.rapport("split", cem, "--reason", "I was wrong")
    assert undone.stdout.splitlines()[0] == f"{cem} is by itself again"
    assert loaded.tables() == loaded.plain
    assert loaded.rapport("identities", "--format", "json").stdout.strip() == "[]"


def test_declared_people_are_merged_once(loaded: Loaded) -> None:
    """What the settings say is in force after one run, and another one has nothing to do."""
    ann, ben, _ = loaded.accounts
    settings = loaded.settings.with_name("people.toml")
    settings.write_text(f"{loaded.settings.read_text()}\n[people]\n{json.dumps(ann)} = [{json.dumps(ben)}]\n")
    where = ("--config", settings, "--data", loaded.pipeline.config.data)
    first = rapport("merge", "--declared", *where, seconds=280)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.splitlines()[0] == f"{ben} is {ann}, too"
    assert loaded.differences([(ben, ann)]) == []
    second = rapport("merge", "--declared", *where)
    assert (second.returncode, second.stdout) == (0, "everything that is declared is in force\n")
    assert loaded.rapport("split", ben).returncode == 0
    assert loaded.tables() == loaded.plain
