"""Realness learnt from a community's own past: taken by everybody, and by `rapport score`, and taken back."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import pytest

from events import Relationship, Scored
from rapport import access, model, offline
from rapport.config import load
from rapport.demo import simulator
from rapport.embedded.clickhouse import ADMIN
from rapport.refit import What, recall
from rapport.refit_relationships import learn
from scoring.fold import FITTED, Fitted
from scoring.ties.habits import DAY_MS
from scoring.ties.realness import Weights
from scoring.ties.refit import refit_realness
from scoring.ties.replay import cuts, replay
from tests.rapport.pipelines import Running, rapport, running

EVENTS, SEED = 3_500, 2
END = datetime(2026, 11, 1, tzinfo=UTC)
TIES = """
    SELECT brand, person, class, realness_base, realness_fading, realness_silences
    FROM relationship FINAL WHERE interactions > 0 ORDER BY brand, person
"""

pytestmark = pytest.mark.engines


@dataclass(frozen=True)
class Loaded:
    pipeline: Running
    settings: Path
    simulation: simulator.Simulation

    def rapport(self, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        return rapport(*arguments, "--config", self.settings, "--data", self.pipeline.config.data, seconds=280)

    def ties(self) -> list[tuple[Any, ...]]:
        with access.warehouse(self.pipeline.config) as client:
            rows: list[tuple[Any, ...]] = client.execute(TIES)
        return rows

    def offline(self, fitted: Fitted = FITTED) -> tuple[list[Scored], list[Relationship]]:
        brands = load(self.settings, self.pipeline.config.data).brands
        return offline.score(self.simulation.interactions, brands, model.text_reader(), fitted=fitted)

    @property
    def realness(self) -> Weights:
        """In use."""
        return recall(access.kafka(self.pipeline.config)).fitted.realness


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp("refit")
    simulation = simulator.simulate_events(SEED, EVENTS, END)
    simulator.write(simulation, folder)
    settings = folder / simulator.BRANDS
    with running(folder / "data", settings) as pipeline:
        done = rapport(
            "ingest", "file", folder / simulator.INTERACTIONS, "--config", settings, "--data", pipeline.config.data
        )
        assert done.returncode == 0, done.stderr
        yield Loaded(pipeline, settings, simulation)


def told(ties: list[Relationship]) -> list[tuple[Any, ...]]:
    return [
        (tie.brand, tie.person, tie.phases[0].class_, tie.curve.base, [*tie.curve.fading], [*tie.curve.silences])
        for tie in ties
    ]


def test_the_warehouse_teaches_what_the_acts_do(loaded: Loaded) -> None:
    """The stored rows of everybody give the rows and the decision that an offline run gives."""
    acts, _ = loaded.offline()
    of_brands = [row.interaction.at for row in acts if row.brand]
    moments = cuts(min(of_brands), max(of_brands), FITTED.realness.horizon_days)
    ordered = sorted(acts, key=lambda row: (row.person or row.interaction.actor.id, row.interaction.order, row.brand))
    examples = [
        example
        for _, rows in groupby(ordered, key=lambda row: row.person or row.interaction.actor.id)
        for example in replay(rows, moments, FITTED.realness)
    ]
    columns = zip(*((each.features, each.mutual, each.at / DAY_MS) for each in examples), strict=True)
    expected = refit_realness(*map(list, columns), FITTED.realness)  # type: ignore[arg-type]
    with access.warehouse(loaded.pipeline.config, ADMIN) as client:
        memory = recall(access.kafka(loaded.pipeline.config))
        found = learn(client, memory)
    assert (found.cuts, found.rows, found.mutual) == (
        len(moments),
        len(examples),
        sum(each.mutual for each in examples),
    )
    assert (found.refit.replaced, found.refit.loss_before) == (True, pytest.approx(expected.loss_before))
    assert found.refit.loss_after == pytest.approx(expected.loss_after)


def test_taken_and_taken_back(loaded: Loaded) -> None:
    """New weights are told, used for every relationship and by `rapport score`; undo brings back what was."""
    data, plain = loaded.pipeline.config.data, loaded.ties()
    file = data / model.REALNESS_FILE
    dry = loaded.rapport("refit", "relationships", "--dry-run")
    assert (dry.returncode, dry.stderr) == (0, "")
    assert dry.stdout.splitlines()[-1] == "would be taken"
    assert (loaded.ties(), file.exists()) == (plain, False)

    done = loaded.rapport("refit", "relationships")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].endswith(f"they are in {file}")
    taken = loaded.realness
    assert taken == model.fitted(data).realness != FITTED.realness
    assert loaded.ties() != plain
    _, ties = loaded.offline(Fitted(realness=taken))
    assert loaded.ties() == told(ties)

    acts = loaded.settings.with_name(simulator.INTERACTIONS)
    scored = loaded.rapport("score", acts, "--relationships", "--as-of", END.isoformat())
    line = json.loads(scored.stdout.splitlines()[0])
    assert line["realness"] == offline.relationship_line(ties[0], int(END.timestamp() * 1000))["realness"]

    undone = loaded.rapport("refit", "relationships", "--undo")
    assert undone.stdout == "taken back: the weights are those that came with this version\n"
    assert (loaded.ties(), loaded.realness, file.exists()) == (plain, FITTED.realness, False)
    kept = data / "realness.previous.json"
    assert msgspec.json.decode(kept.read_bytes(), type=Weights) == taken


def test_one_refit_leaves_the_other_alone(loaded: Loaded) -> None:
    """The keys of the topic are what the command takes."""
    assert [what.value for what in What] == ["trust", "relationships"]
    assert "labels" in loaded.rapport("refit", "--dry-run").stdout
    assert loaded.rapport("refit", "nonsense").returncode == 2
