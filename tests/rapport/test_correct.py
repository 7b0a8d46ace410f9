"""Corrections, refits and campaigns on one running pipeline: the past becomes what an offline run with them says."""

import json
import math
import random
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from kafka import KafkaProducer
from msgspec.structs import replace

from events import Activity, Correction, Direction, Evidence, Interaction, Scored, Verdict, encode
from events.topics import CORRECTIONS
from events.topics import WEIGHTS as WEIGHTS_TOPIC
from rapport import model, offline
from rapport.cli.read import SHOWN_CAMPAIGN
from rapport.config import load
from rapport.demo import simulator
from rapport.refit import What, recall
from rapport.wishes import tell
from scoring.combine import WEIGHTS, Weights
from scoring.fold import Fitted
from scoring.refit import REFITTED
from tests.rapport.pipelines import Running, rapport, running

EVENTS, SEED = 2_500, 2
END = datetime(2026, 11, 1, tzinfo=UTC)
LABELS = 220
WHY = "=I know <her>; it's\x1b[31m fine"

pytestmark = pytest.mark.engines


@dataclass(frozen=True)
class Loaded:
    """A running pipeline with a simulated audience in it, and how its tables were before anybody corrected."""

    pipeline: Running
    settings: Path
    simulation: simulator.Simulation
    plain: dict[str, list[tuple[Any, ...]]]

    def rapport(self, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        return rapport(*arguments, "--config", self.settings, "--data", self.pipeline.config.data, seconds=280)

    def offline(
        self, corrections: Mapping[str, Correction] | None = None, weights: Weights = WEIGHTS
    ) -> tuple[list[Scored], list[Any]]:
        brands = load(self.settings, self.pipeline.config.data).brands
        return offline.score(
            self.simulation.interactions,
            brands,
            model.text_reader(),
            corrections=corrections,
            fitted=Fitted(trust=weights),
        )

    def stored(self, table: str) -> list[dict[str, Any]]:
        names = self.pipeline.columns(table)
        return [dict(zip(names, row, strict=True)) for row in self.pipeline.tables()[table]]

    def differences(
        self, corrections: Mapping[str, Correction] | None = None, weights: Weights = WEIGHTS
    ) -> list[tuple[str, ...]]:
        """Rows and relationships that are stored otherwise than an offline run gives them, and brands whose trends do
        not add up to the rows."""
        rows, ties = self.offline(corrections, weights)
        expected: dict[tuple[str, ...], Any] = {
            (row.interaction.id, row.brand): (row.trust, row.verdict, row.reciprocity, row.evidence) for row in rows
        }
        expected |= {
            ("tie", tie.brand, tie.person): (tie.phases[0].class_, tie.curve.base, tie.given, tie.received, tie.trust)
            for tie in ties
        }
        found: dict[tuple[str, ...], Any] = {
            (row["id"], row["brand"]): (row["trust"], row["verdict"], row["reciprocity"], told(row["evidence"]))
            for row in self.stored("interactions")
        }
        found |= {
            ("tie", tie["brand"], tie["person"]): tuple(
                tie[name] for name in ("class", "realness_base", "given", "received", "trust")
            )
            for tie in self.stored("relationships")
        }
        for row in rows:
            if row.direction is not Direction.OUTBOUND:
                expected[row.brand,] = expected.get((row.brand,), 0) + round(row.trust * 10_000)
        for bucket in self.stored("trends"):
            if trusted := round(bucket["trusted_volume"] * 10_000):
                found[bucket["brand"],] = found.get((bucket["brand"],), 0) + trusted
        return [key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)]


def told(evidence: str) -> tuple[Evidence, ...]:
    return msgspec.json.decode(evidence or "[]", type=tuple[Evidence, ...])


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp("correct")
    simulation = simulator.simulate_events(SEED, EVENTS, END)
    simulator.write(simulation, folder)
    settings = folder / simulator.BRANDS
    with running(folder / "data", settings) as pipeline:
        done = rapport(
            "ingest", "file", folder / simulator.INTERACTIONS, "--config", settings, "--data", pipeline.config.data
        )
        assert done.returncode == 0, done.stderr
        yield Loaded(pipeline, settings, simulation, pipeline.tables())


def busiest(loaded: Loaded) -> Interaction:
    """The first words of the person who wrote most, taken for genuine."""
    brands = {account for brand in loaded.simulation.brands for account in brand.accounts}
    acts = [
        act
        for act in loaded.simulation.interactions
        if act.type is Activity.CREATE and act.actor.id not in brands and loaded.simulation.truth.acts[act.id].genuine
    ]
    (most, _), *_ = Counter(act.actor.id for act in acts).most_common(1)
    return next(act for act in acts if act.actor.id == most)


def test_a_correction_changes_the_past_and_is_taken_back(loaded: Loaded) -> None:
    """Everybody's rows, relationships and trends are those of an offline run with it; after undo, those of before."""
    act = busiest(loaded)
    done = loaded.rapport("correct", act.id, "spam", "--reason", WHY, "--author", "eve")
    assert (done.returncode, done.stderr) == (0, "")
    first, *_, last = done.stdout.splitlines()
    assert first.startswith(f"{act.id} for ")
    assert first.endswith(" -> spam (trust 0.00)")
    others = int(last.removesuffix(f" other rows of {act.actor.id} changed"))
    assert others > 3

    said = Correction(id=act.id, verdict=Verdict.SPAM, author="eve", reason=WHY, at=END)
    assert loaded.differences({act.id: said}) == []
    before, after = loaded.plain, loaded.pipeline.tables()
    assert before["trends"] != after["trends"]
    assert before["relationships"] != after["relationships"]
    id_ = loaded.pipeline.columns("interactions")["id"]
    changed = set(map(repr, after["interactions"])) - set(map(repr, before["interactions"]))
    assert len(changed) == others + sum(row[id_] == act.id for row in after["interactions"])
    assert "against it, odds ÷" in (shown := loaded.rapport("why", act.id).stdout)
    assert "somebody who looked at it said so (eve: =I know <her>; it's [31m fine)" in shown

    undone = loaded.rapport("correct", act.id, "undo")
    assert (undone.returncode, undone.stderr) == (0, "")
    assert f"{act.id} for " in undone.stdout
    assert undone.stdout.splitlines()[-1] == last
    assert loaded.pipeline.tables() == loaded.plain


def test_each_word_is_kept(loaded: Loaded) -> None:
    """Both are listed, the newest first and valid; the reason is as it was given, and harmless in a table."""
    act = busiest(loaded)
    assert loaded.rapport("correct", act.id, "genuine", "--reason", WHY).returncode == 0
    assert loaded.rapport("correct", act.id, "undo", "--reason", "wrong one").returncode == 0
    rows = json.loads(loaded.rapport("corrections", "--format", "json", "--limit", "2").stdout)
    assert [(row["id"], row["verdict"], row["reason"], row["valid"]) for row in rows] == [
        (act.id, "insufficient", "wrong one", True),
        (act.id, "genuine", WHY, False),
    ]
    assert {row["person"] for row in rows} == {act.actor.id}
    assert all(row["author"] for row in rows), "the user of the system where nobody is named"
    assert "'=I know" in loaded.rapport("corrections", "--format", "csv").stdout
    assert "\x1b" not in loaded.rapport("corrections").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["sim:nobody", "spam", "--reason", "x"], 1, "error: no interaction has the id sim:nobody"),
        (["ID", "spam", "--reason", "x" * 2_001], 1, "error: the reason has 2,001 characters; at most 2,000 are kept"),
        (["ID", "spam", "--reason", "x", "--author", "y" * 201], 1, "error: the author has 201 characters"),
        (["ID", "spam", "--reason", "\udcff"], 1, "error: the reason is not UTF-8 at character 1"),
        (["ID", "undo"], 1, "error: there is no correction of ID to undo"),
        (["ID", "spam"], 2, "say why"),
        (["ID", "doubtful", "--reason", "x"], 2, "'doubtful' is not one of"),
    ],
)
def test_refusals(loaded: Loaded, arguments: list[str], code: int, said: str) -> None:
    """What is wrong is said in a line, nothing is published, and no table changes."""
    act = loaded.simulation.interactions[0].id
    done = loaded.rapport("correct", *(argument.replace("ID", act) for argument in arguments))
    assert (done.returncode, done.stdout) == (code, "")
    assert said.replace("ID", act) in done.stderr
    assert code == 2 or len(done.stderr.splitlines()) == 1
    loaded.pipeline.drain()
    assert loaded.pipeline.tables() == loaded.plain


def test_no_wait(loaded: Loaded) -> None:
    """It returns before the tables have it; what it asked for comes all the same."""
    act = busiest(loaded)
    done = loaded.rapport("correct", act.id, "spam", "--reason", "no", "--no-wait")
    assert (done.returncode, done.stdout) == (0, "")
    assert "in the background" in done.stderr
    loaded.pipeline.drain()
    assert loaded.pipeline.tables()["interactions"] != loaded.plain["interactions"]
    assert loaded.rapport("correct", act.id, "undo").returncode == 0
    assert loaded.pipeline.tables() == loaded.plain


def test_campaigns(loaded: Loaded) -> None:
    """Those that say most come first; JSON is complete, the table short, and a brand has its own or is told why not."""
    rows = json.loads(loaded.rapport("campaigns", "--format", "json").stdout)
    assert {"campaign", "brand", "kind", "accounts", "targets", "log_odds", "example", "example_ids"} <= rows[0].keys()
    assert [row["log_odds"] for row in rows] == sorted(row["log_odds"] for row in rows)
    assert rows[0]["log_odds"] < -1
    table = loaded.rapport("campaigns").stdout.splitlines()
    assert table[0].split() == [*SHOWN_CAMPAIGN]
    assert len(table) == 1 + len(rows)
    assert f"÷{math.exp(-rows[0]['log_odds']):.1f}" in table[1]
    assert all(len(line) < 250 for line in table)
    of_brand = json.loads(loaded.rapport("campaigns", "--brand", rows[0]["brand"], "--format", "json").stdout)
    assert {row["brand"] for row in of_brand} == {rows[0]["brand"]}
    assert len(loaded.rapport("campaigns", "--limit", "1").stdout.splitlines()) == 2
    nothing = loaded.rapport("campaigns", "--brand", "nobody", "--format", "json")
    assert (nothing.returncode, nothing.stdout) == (0, "[]\n")
    assert nothing.stderr.startswith("no campaigns about nobody: no three accounts have posted nearly the same text")


def test_too_few_labels_are_refused(loaded: Loaded) -> None:
    """Nothing is taken, and what is missing is said."""
    done = loaded.rapport("refit")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("refused: too few labels: 20 more are needed to learn from")
    assert not (loaded.pipeline.config.data / model.TRUST_FILE).exists()
    assert loaded.pipeline.tables() == loaded.plain


def labelled(loaded: Loaded) -> dict[str, Correction]:
    """The truth on a sample of what people wrote, said one by one."""
    brands = {account for brand in loaded.simulation.brands for account in brand.accounts}
    acts = [act for act in loaded.simulation.interactions if act.content and act.actor.id not in brands]
    truth = loaded.simulation.truth.acts
    return {
        act.id: Correction(
            id=act.id,
            verdict=Verdict.GENUINE if truth[act.id].genuine else Verdict.SPAM,
            author="eve",
            reason="truth",
            at=END + timedelta(minutes=number),
            person=act.actor.id,
        )
        for number, act in enumerate(random.Random(SEED).sample(acts, LABELS))
    }


def test_refit(loaded: Loaded) -> None:
    """Labels make weights that are told, used for everybody's past and by `rapport score`, and can be taken back."""
    kafka, data = loaded.pipeline.found.kafka, loaded.pipeline.config.data
    file, said = data / model.TRUST_FILE, labelled(loaded)
    with closing(KafkaProducer(bootstrap_servers=kafka)) as producer:
        for correction in said.values():
            producer.send(CORRECTIONS, encode(correction), correction.id.encode())
    last = [*said.values()][-1]  # once more, after all others are there
    persons = {correction.person for correction in said.values()}
    tell(kafka, CORRECTIONS, last.id.encode(), encode(last), persons=persons)
    loaded.pipeline.drain()
    corrected = loaded.pipeline.tables()

    dry = loaded.rapport("refit", "--dry-run")
    assert (dry.returncode, dry.stderr) == (0, "")
    assert dry.stdout.splitlines()[-1] == "would be taken"
    assert not file.exists()
    assert recall(kafka).fitted.trust == WEIGHTS
    assert loaded.pipeline.tables() == corrected

    done = loaded.rapport("refit")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{LABELS} labels: ")
    assert f"taken: everything is scored with the new weights; they are in {file}" in done.stdout
    taken = recall(kafka).fitted.trust
    assert taken == model.fitted(data).trust != WEIGHTS
    for name in REFITTED:
        assert f"{getattr(taken, name):.3f}".rstrip("0").rstrip(".") in done.stdout
    assert loaded.pipeline.tables() != corrected
    assert loaded.differences(said, taken) == []

    undone = loaded.rapport("refit", "--undo")
    assert (undone.returncode, undone.stderr) == (0, "")
    assert recall(kafka).fitted.trust == WEIGHTS
    assert not file.exists()
    assert msgspec.json.decode(file.with_suffix(".previous.json").read_bytes(), type=Weights) == taken
    assert loaded.pipeline.tables() == corrected


def test_a_refit_that_was_interrupted_is_finished(loaded: Loaded) -> None:
    """Weights that were told, and then nobody was: the next refit has everybody scored with them."""
    kafka, data = loaded.pipeline.found.kafka, loaded.pipeline.config.data
    told_only = replace(WEIGHTS, bias=WEIGHTS.bias - 1.0)
    before = loaded.pipeline.tables()
    tell(kafka, WEIGHTS_TOPIC, What.TRUST.encode(), encode(told_only), persons=[])
    done = loaded.rapport("refit")
    assert done.returncode == 0, done.stderr
    assert done.stderr == "the last refit was not finished: everybody is scored anew with its weights\n"
    assert loaded.pipeline.tables() != before
    assert recall(kafka).fitted.trust == model.fitted(data).trust
    assert loaded.rapport("refit", "--undo").returncode == 0
    assert loaded.pipeline.tables() == before
