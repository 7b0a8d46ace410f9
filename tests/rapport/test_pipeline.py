"""File to Kafka to Faust to ClickHouse, on one running pipeline: what is stored is what `rapport score` says."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer

from events import Interaction, decode_interaction, encode
from events.topics import INTERACTIONS
from rapport import access, offline
from rapport.config import load
from rapport.demo import simulator
from rapport.embedded.clickhouse import ADMIN
from rapport.model import text_reader
from tests.rapport.pipelines import Running, disordered, plain, rapport, running
from warehouse.rows import RELATIONSHIP, relationship_row

EVENTS, SEED = 3_000, 3
END = datetime(2026, 11, 1, tzinfo=UTC)
SCORES = ("trust", "confidence", "verdict", "reciprocity", "effort", "direction", "person")

pytestmark = pytest.mark.engines


@dataclass(frozen=True)
class Loaded:
    """A running pipeline into which the simulated audience in ``file`` was ingested by the command."""

    pipeline: Running
    file: Path
    settings: Path
    said: str

    def rapport(self, *arguments: str | Path, given: bytes = b"") -> Any:
        return rapport(
            *arguments, "--config", self.settings, "--data", self.pipeline.config.data, given=given, seconds=240
        )

    def ask(self, query: str, **parameters: object) -> list[tuple[Any, ...]]:
        with access.warehouse(self.pipeline.config) as client:
            rows: list[tuple[Any, ...]] = client.execute(query, parameters)
        return rows


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """About 3,000 acts, many of them late, and a hundred lines twice."""
    folder = tmp_path_factory.mktemp("pipeline")
    simulator.write(simulator.simulate_events(SEED, EVENTS, END), folder)
    file, settings, chance = folder / simulator.INTERACTIONS, folder / simulator.BRANDS, random.Random(SEED)
    lines = disordered(file.read_bytes().splitlines(keepends=True), chance)
    file.write_bytes(b"".join([*lines, *chance.sample(lines, 100)]))
    with running(folder / "data", settings) as pipeline:
        done = rapport("ingest", "file", file, "--config", settings, "--data", pipeline.config.data)
        assert done.returncode == 0, done.stderr
        yield Loaded(pipeline, file, settings, done.stdout)


def acts(file: Path) -> list[Interaction]:
    return [decode_interaction(line, datetime.now(UTC)) for line in file.read_bytes().splitlines()]


def test_every_line_is_accounted_for(loaded: Loaded) -> None:
    """The command says how many were new and repeated, and as many ids are stored."""
    ids = {act.id for act in acts(loaded.file)}
    assert loaded.said == f"new {len(ids)}  repeated 100  dead-lettered 0\n"
    assert loaded.ask("SELECT uniqExact(id) FROM interactions") == [(len(ids),)]


def test_rows_equal_the_offline_score(loaded: Loaded) -> None:
    """For every id and brand, scores and evidence are those that `rapport score` prints for the file."""
    done = loaded.rapport("score", loaded.file)
    expected = {(row["id"], row["brand"]): row for row in map(json.loads, done.stdout.splitlines())}
    names = (*SCORES, "evidence")
    rows = loaded.ask(f"SELECT id, brand, {', '.join(names)} FROM interactions")
    stored = {(row[0], row[1]): dict(zip(names, row[2:], strict=True)) for row in rows}
    assert len(stored) == len(rows) > 0.8 * EVENTS
    assert stored.keys() == expected.keys()
    for key, row in stored.items():
        assert json.loads(row.pop("evidence") or "[]") == expected[key]["evidence"], key
        assert row == {name: expected[key][name] for name in SCORES}, key
    assert len({row["verdict"] for row in stored.values()}) > 1, "an audience of one kind proves little"


def test_relationships_equal_the_offline_fold(loaded: Loaded) -> None:
    """Every field of every relationship, as of its last act, is the one an ordered fold gives."""
    _, ties = offline.score(acts(loaded.file), load(loaded.settings, loaded.pipeline.config.data).brands, text_reader())
    wanted = {(tie.brand, tie.person): plain(relationship_row(tie)[:-1]) for tie in ties}
    stored = {(row[0], row[1]): plain(row) for row in loaded.pipeline.relationships()}
    assert stored.keys() == wanted.keys()
    for key, row in wanted.items():
        for name, is_now, should_be in zip(RELATIONSHIP, stored[key], row, strict=False):
            assert is_now == should_be, (key, name)


def test_relationships_now_are_those_of_score(loaded: Loaded) -> None:
    """`score --relationships` and the view agree about class, realness and what is owed at the time of asking."""
    done = loaded.rapport("score", loaded.file, "--relationships")
    expected = {(row["brand"], row["person"]): row for row in map(json.loads, done.stdout.splitlines())}
    names = ("class", "realness", "balance", "given", "received", "owed_by_us", "owed_by_them", "interactions")
    rows = loaded.ask(f"SELECT brand, person, {', '.join(names)} FROM relationships_now")
    assert {(brand, person) for brand, person, *_ in rows} == expected.keys()
    for brand, person, class_, *numbers in rows:
        wanted = expected[brand, person]
        assert class_ == wanted["class"]
        assert numbers == pytest.approx([wanted[name] for name in names[1:]], rel=1e-3, abs=1e-4)  # asked a bit later
    assert len({row[2] for row in rows}) > 2


def test_what_was_read_is_known(loaded: Loaded) -> None:
    """The file stands among the sources, with the time of the newest act that it brought."""
    sources = loaded.ask("SELECT source, state, reason, last_event_at FROM source_status")
    ((newest,),) = loaded.ask("SELECT max(published) FROM interactions")
    assert sources == [(f"file:{loaded.file.name}", "stopped", "read to the end", newest)]


def test_a_wrong_trend_is_found_and_mended(loaded: Loaded) -> None:
    """The doctor proves every bucket, names a wrong one with its cure, and the cure cures it."""

    def said() -> dict[str, Any]:
        done = loaded.rapport("doctor", "--deep", "--format", "json")
        checks = {check["part"]: check for check in json.loads(done.stdout)}
        assert done.returncode == int(not all(check["healthy"] for check in checks.values()))
        return dict(checks["trends"])

    before = said()
    assert before["healthy"], before
    with access.warehouse(loaded.pipeline.config, ADMIN) as client:
        client.execute(
            "INSERT INTO trend_day SELECT * REPLACE (volume + 1 AS volume, version + 1 AS version)"
            " FROM trend_day FINAL ORDER BY volume DESC LIMIT 1"
        )
    wrong = said()
    assert "do not say what the interactions say" in wrong["said"], wrong
    assert wrong["cure"] == "run: rapport rebuild"
    assert loaded.rapport("rebuild").returncode == 0
    assert said()["healthy"]


def test_a_report_is_written(loaded: Loaded, tmp_path: Path) -> None:
    """One file, whose name is the result; what stands in the way is one line that says what to do."""
    ((brand,),) = loaded.ask("SELECT brand FROM interactions WHERE brand != '' ORDER BY brand LIMIT 1")
    file, since = tmp_path / "october.html", f"{END - timedelta(days=40):%Y-%m-%dT%H:%M:%SZ}"
    done = loaded.rapport("report", "--brand", brand, "--since", since, "--until", f"{END:%Y-%m-%d}", "--out", file)
    assert (done.returncode, done.stdout) == (0, f"{file}\n"), done.stderr
    page = file.read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert "of the volume is real" in page
    for arguments, said in (
        (("--brand", "nobody"), "nothing is stored about nobody; name one with --brand"),
        (("--brand", brand, "--out", tmp_path / "no" / "file.html"), "choose another file with --out"),
        (("--brand", brand, "--since", "2026-01-02", "--until", "2026-01-01"), "is not before --until"),
    ):
        wrong = loaded.rapport("report", *arguments)
        assert (wrong.returncode, wrong.stdout) == (1, "")
        assert said in wrong.stderr
        assert len(wrong.stderr.splitlines()) == 1


def test_the_same_file_again_adds_nothing(loaded: Loaded) -> None:
    """The command finds every id known, publishes nothing, and no table changes."""
    before = loaded.pipeline.tables()
    done = loaded.rapport("ingest", "file", loaded.file)
    assert done.stdout == f"new 0  repeated {len(acts(loaded.file))}  dead-lettered 0\n"
    assert loaded.pipeline.tables() == before


def test_everything_published_again_changes_nothing(loaded: Loaded) -> None:
    """The whole file in Kafka a second time, and another text under some known ids: no table changes."""
    before = loaded.pipeline.tables()
    brands = load(loaded.settings, loaded.pipeline.config.data).brands
    altered = loaded.file.with_name("altered.jsonl")
    again = [json.loads(line) for line in loaded.file.read_bytes().splitlines()[::20]]
    altered.write_text("".join(json.dumps(act | {"content": "another text"}) + "\n" for act in again if act.get("to")))
    assert loaded.pipeline.feed(loaded.file, brands).new == len({act.id for act in acts(loaded.file)})
    loaded.pipeline.feed(altered, brands)
    loaded.pipeline.drain()
    assert loaded.pipeline.tables() == before


def line(number: int, **more: Any) -> bytes:
    act = {
        "id": f"sim:bad{number}",
        "platform": "sim",
        "type": "Create",
        "published": "2026-01-01T12:00:00Z",
        "actor": {"id": f"sim:odd{number}"},
        "content": "hello",
    }
    return json.dumps({name: value for name, value in (act | more).items() if value is not None}).encode()


BAD = [  # reason, line
    ("not_json", b'{"id": "sim:broken'),
    ("missing_field", line(1, published=None)),
    ("wrong_type", line(2, content=17)),
    ("not_utf8", line(3).replace(b"hello", b"\xff\xfe")),
    ("too_large", line(4, content="x" * 10_000_000)),
    ("bad_time", line(5, published="2190-01-01T00:00:00Z")),
    ("unknown_type", line(6, type="Poke")),
]


def test_bad_lines_stop_nothing(loaded: Loaded, tmp_path: Path) -> None:
    """Each kind is counted by its reason and kept with its origin; the lines around it arrive; --strict exits 1."""
    file = tmp_path / "bad.jsonl"
    good = [line(100 + number) for number in range(len(BAD) + 1)]
    file.write_bytes(
        b"\n".join([good[0], *(part for (_, bad), fine in zip(BAD, good[1:], strict=True) for part in (bad, fine))])
    )
    done = loaded.rapport("ingest", "file", file)
    assert (done.returncode, done.stdout) == (0, f"new {len(good)}  repeated 0  dead-lettered {len(BAD)}\n")
    counted = ", ".join(f"1 {reason}" for reason in sorted(reason for reason, _ in BAD))
    assert f"dead-lettered: {counted};" in done.stderr
    strict = loaded.rapport("ingest", "file", file, "--strict")
    assert (strict.returncode, strict.stdout) == (1, f"new 0  repeated {len(good)}  dead-lettered {len(BAD)}\n")

    kept = loaded.ask("SELECT origin, reason, bytes, body FROM dead_letters WHERE origin LIKE 'file:bad.jsonl:%%'")
    expected = {f"file:bad.jsonl:{2 * number + 2}": (reason, len(bad)) for number, (reason, bad) in enumerate(BAD)}
    assert {origin: (reason, size) for origin, reason, size, _ in kept} == expected
    assert len(kept) == len(BAD), "the second run is not counted again"
    assert all(len(body) <= 100_000 for *_, body in kept)
    assert loaded.ask("SELECT uniqExact(id) FROM interactions WHERE id LIKE 'sim:bad1__'") == [(len(good),)]


def test_what_a_foreign_producer_sends(loaded: Loaded) -> None:
    """Without routes the worker finds them, a wrong key is put right, an unreadable message keeps its offset."""
    brand = json.loads(
        loaded.rapport("sql", "SELECT min(brand) AS b FROM relationships_now", "--format", "json").stdout
    )
    sent = [
        decode_interaction(line(200 + n, actor={"id": "sim:foreign"}, brands=[brand[0]["b"]]), END) for n in range(4)
    ]
    with_key = [b"sim:foreign", b"somebody else", b"sim:foreign", b"\xc3\xa9"]
    producer = KafkaProducer(bootstrap_servers=loaded.pipeline.found.kafka)
    for act, key in zip(sent, with_key, strict=True):
        producer.send(INTERACTIONS, encode(act), key)
    dead = [
        (reason, producer.send(INTERACTIONS, value, key).get(30))
        for reason, value, key in (("not_json", b"{nonsense", b"sim:foreign"), ("bad_key", encode(sent[0]), None))
    ]
    producer.close()
    loaded.pipeline.drain()
    rows, ties = offline.score(sent, load(loaded.settings, loaded.pipeline.config.data).brands, text_reader())
    stored = loaded.ask(
        "SELECT id, brand, trust, reciprocity FROM interactions WHERE person = 'sim:foreign' ORDER BY id"
    )
    assert stored == [(row.interaction.id, row.brand, row.trust, row.reciprocity) for row in rows]
    assert loaded.ask("SELECT interactions FROM relationships_now WHERE person = 'sim:foreign'") == [
        (ties[0].interactions,)
    ]
    for reason, told in dead:
        origin = f"interactions:{told.partition}:{told.offset}"
        assert loaded.ask("SELECT reason FROM dead_letters WHERE origin = %(o)s", o=origin) == [(reason,)]
