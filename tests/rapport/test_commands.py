"""Every command as a user meets it: while a pipeline runs, and on its data folder when nothing runs."""

import csv
import io
import json
import resource
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from events import Brand
from rapport.cli import run
from rapport.config import BrandSection, Config, File
from rapport.demo import simulator
from tests.rapport.pipelines import COMMAND, rapport, running

COMMANDS = [
    [],
    *(["up"], ["demo"], ["ingest"], ["ingest", "file"], ["score"], ["relationships"], ["trends"], ["sql"], ["why"]),
    *(
        ["campaigns"],
        ["owed"],
        ["audit"],
        ["correct"],
        ["corrections"],
        ["merge"],
        ["split"],
        ["identities"],
        ["refit"],
    ),
    *(["migrate"], ["doctor"], ["deadletters"], ["deadletters", "list"]),
]
HELP_SECONDS, HELP_SECONDS_OF_A_COMMAND = 0.3, 0.5  # typer loads pydantic to read the options of a command
STATES = ("running", "at rest")
HOSTILE = '[bold red]=HYPERLINK("x")|\t\x1b[31m\u202eevil\r\n'
ACT = {"platform": "sim", "type": "Create", "published": "2026-01-02T12:00:00Z"}
ACTS = [
    ACT | {"id": "sim:1", "actor": {"id": "sim:ann"}, "to": ["sim:shop"], "content": "When do you open on Sunday?"},
    ACT
    | {"id": "sim:2", "actor": {"id": "sim:shop"}, "to": ["sim:ann"], "inReplyTo": {"id": "sim:1", "actor": "sim:ann"}}
    | {"content": "At ten, and there will be fresh bread for you.", "published": "2026-01-02T12:05:00Z"},
    ACT | {"id": "sim:3", "actor": {"id": "=cmd|calc"}, "to": ["sim:shop"], "content": "=1+1"},
    ACT | {"id": "sim:4", "actor": {"id": HOSTILE}, "to": ["sim:shop"], "content": HOSTILE, "url": HOSTILE},
]
BRANDS = '[brands.shop]\naccounts = ["sim:shop"]\n'

# Only the way to the data differs, and starting ClickHouse for each question takes two seconds.
AT_REST = (
    *("relationships json", "trends json", "trends of now", "sql insert", "why an act", "why a person", "doctor"),
    "correct nobody",
)

COLUMNS: dict[str, str] = json.loads((Path(__file__).parent / "columns.json").read_text())
Answers = dict[tuple[str, str], "subprocess.CompletedProcess[str]"]
QUESTIONS: dict[str, list[str]] = {
    "relationships json": ["relationships", "--brand", "shop", "--format", "json"],
    "relationships csv": ["relationships", "--format", "csv"],
    "relationships table": ["relationships"],
    "trends json": ["trends", "--since", "2026-01-01", "--until", "2026-01-03", "--format", "json"],
    "trends csv": ["trends", "--since", "2026-01-01", "--until", "2026-01-03", "--format", "csv"],
    "trends of now": ["trends"],
    "trends upside down": ["trends", "--since", "2026-02-01", "--until", "2026-01-01"],
    "sql json": ["sql", "SELECT id, published, trust FROM interactions ORDER BY id", "--format", "json"],
    "sql csv": ["sql", "SELECT id, person, content FROM interactions ORDER BY id", "--format", "csv"],
    "sql table": ["sql", "SELECT id, person, content FROM interactions ORDER BY id"],
    "sql insert": ["sql", "INSERT INTO interaction (id) VALUES ('x')"],
    "sql drop": ["sql", "SELECT 1; DROP TABLE interaction"],
    "sql nonsense": ["sql", "SELEKT"],
    "why an act": ["why", "sim:1"],
    "why a person": ["why", "sim:ann"],
    "why nobody": ["why", "sim:nobody"],
    "why json": ["why", "sim:1", "--format", "json"],
    "why hostile": ["why", "sim:4"],
    "why csv": ["why", "sim:1", "--format", "csv"],
    "why person csv": ["why", "sim:ann", "--format", "csv"],
    "campaigns": ["campaigns"],
    "campaigns csv": ["campaigns", "--format", "csv"],
    "owed csv": ["owed", "--format", "csv"],
    "audit csv": ["audit", "--brand", "shop", "--format", "csv"],
    "corrections": ["corrections", "--format", "json"],
    "correct nobody": ["correct", "sim:nobody", "spam", "--reason", "x"],
    "dead letters": ["deadletters", "list", "--format", "json"],
    "doctor": ["doctor", "--format", "json"],
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """What each question got in each state, on a folder with four acts and one dead letter."""
    folder = tmp_path_factory.mktemp("commands")
    file, settings, data = folder / "acts.jsonl", folder / "rapport.toml", folder / "data"
    file.write_text("".join(json.dumps(act) + "\n" for act in ACTS) + "{broken\n")
    settings.write_text(BRANDS)
    where = ("--config", settings, "--data", data)
    found: Answers = {}
    with running(data, settings):
        found["running", "ingest"] = rapport("ingest", "file", file, *where)
        found |= {("running", name): rapport(*question, *where) for name, question in QUESTIONS.items()}
    found |= {("at rest", name): rapport(*QUESTIONS[name], *where) for name in AT_REST}
    found["at rest", "correct"] = rapport("correct", "sim:1", "spam", "--reason", "no", "--no-wait", *where)
    return found | {("at rest", "corrections"): rapport(*QUESTIONS["corrections"], *where)}


def lines(text: str) -> list[str]:
    return text.splitlines()


def spent() -> float:
    """Processor time of the children so far, in seconds: unlike the clock it hardly depends on what else runs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help(command: list[str]) -> None:
    """Every command explains itself at once, on stdout, with exit code 0."""
    best = 9.0
    for _ in range(3):
        start = spent()
        done = subprocess.run([COMMAND, *command, "--help"], capture_output=True, text=True, check=False)
        best = min(best, spent() - start)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("Usage: rapport")
    assert best <= (HELP_SECONDS_OF_A_COMMAND if command else HELP_SECONDS)


@pytest.mark.parametrize(
    "arguments",
    [
        *(["--nonsense"], ["nonsense"], ["score"], ["sql"], ["why"], ["ingest", "file"]),
        *(["relationships", "--format", "xml"], ["relationships", "--limit", "0"], ["campaigns", "--limit", "0"]),
        *(["correct", "sim:1"], ["correct", "sim:1", "spam"], ["correct", "sim:1", "ham", "--reason", "x"]),
        *(["refit", "--dry-run", "--undo"], ["refit", "love"], ["owed", "--by", "nobody"], ["owed", "--limit", "0"]),
        *(["merge"], ["merge", "sim:1"], ["merge", "sim:1", "sim:2"], ["merge", "sim:1", "--declared"], ["split"]),
        ["trends", "--since", "yesterday-ish"],
    ],
    ids=" ".join,
)
def test_wrong_usage(arguments: list[str]) -> None:
    """Exit code 2, nothing on stdout, and what is wrong on stderr without a traceback."""
    done = rapport(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.engines
@pytest.mark.parametrize("state", STATES)
def test_relationships(answers: Answers, state: str) -> None:
    """JSON and CSV are complete and agree, the table shows the same people; all of it is on stdout."""
    done = answers[state, "relationships json"]
    assert (done.returncode, done.stderr) == (0, "")
    rows = json.loads(done.stdout)
    assert {"brand", "person", "class", "realness", "balance", "reliability_ours", "owed_by_us"} <= rows[0].keys()
    ann = next(row for row in rows if row["person"] == "sim:ann")
    assert (ann["brand"], ann["interactions"], ann["last_at"]) == ("shop", 2, "2026-01-02T12:05:00.000Z")
    table = list(csv.DictReader(io.StringIO(answers["running", "relationships csv"].stdout)))
    assert len(table) == len(rows) == 3
    assert table[0].keys() == rows[0].keys()
    shown = lines(answers["running", "relationships table"].stdout)
    assert len(shown) == 1 + len(rows)
    assert shown[0].split()[:3] == ["brand", "person", "class"]


@pytest.mark.engines
@pytest.mark.parametrize("state", STATES)
def test_trends(answers: Answers, state: str) -> None:
    """Volume by day; where nothing is in range, a hint says when the newest act was."""
    (row,) = json.loads(answers[state, "trends json"].stdout)
    assert (row["brand"], row["volume"], row["people"], row["outbound"]) == ("shop", 3, 3, 1)
    assert row["trusted_volume"] <= row["volume"]
    empty = answers[state, "trends of now"]
    assert empty.returncode == 0
    assert "the newest interaction is of 2026-01-02, see --since" in empty.stderr
    turned = answers["running", "trends upside down"]
    assert turned.returncode == 1
    assert lines(turned.stderr) == ["error: --since 2026-02-01 00:00 is not before --until 2026-01-01 00:00"]


@pytest.mark.engines
@pytest.mark.parametrize("question", COLUMNS)
def test_the_columns_that_programs_read(answers: Answers, question: str) -> None:
    """Who reads our CSV and JSON finds every column again, in its place; a new one comes at the end of its group."""
    header = answers["running", f"{question} csv"].stdout.splitlines()[0].split(",")
    assert header == COLUMNS[question].split()


@pytest.mark.engines
def test_sql_reads(answers: Answers) -> None:
    """Times are UTC with a Z, numbers are numbers."""
    rows = json.loads(answers["running", "sql json"].stdout)
    assert [row["id"] for row in rows] == ["sim:1", "sim:2", "sim:3", "sim:4"]
    assert rows[0]["published"] == "2026-01-02T12:00:00.000Z"
    assert 0 <= rows[0]["trust"] <= 1


@pytest.mark.engines
@pytest.mark.parametrize("state", STATES)
def test_refusals(answers: Answers, state: str) -> None:
    """One line on stderr, exit code 1, nothing on stdout."""
    for question in ("sql insert", "sql drop", "sql nonsense", "why nobody", "correct nobody"):
        if done := answers.get((state, question)):
            assert (done.returncode, done.stdout) == (1, "")
            assert len(lines(done.stderr)) == 1
            assert done.stderr.startswith("error: ")


@pytest.mark.engines
@pytest.mark.parametrize("state", STATES)
def test_why(answers: Answers, state: str) -> None:
    """Of an act and of a person, in words; JSON has what the words are made of."""
    act = answers[state, "why an act"]
    assert act.returncode == 0
    assert act.stdout.startswith("sim:1 for shop (inbound, 2026-01-02 12:00 UTC) ")
    assert "said: When do you open on Sunday?" in act.stdout
    person = answers[state, "why a person"].stdout
    assert person.startswith("sim:ann and shop: ")
    assert "2 interactions from 2026-01-02 to 2026-01-02" in person
    assert json.loads(answers["running", "why json"].stdout)[0]["id"] == "sim:1"


@pytest.mark.engines
@pytest.mark.parametrize("state", STATES)
def test_dead_letters(answers: Answers, state: str) -> None:
    """The broken line with its place, and the doctor counts it."""
    (letter,) = json.loads(answers["running", "dead letters"].stdout)
    assert (letter["reason"], letter["origin"], letter["body"]) == ("not_json", "file:acts.jsonl:5", "{broken")
    done = answers[state, "doctor"]
    checks = {check["part"]: check for check in json.loads(done.stdout)}
    assert done.returncode == 0, checks
    assert checks["clickhouse"]["said"] == "4 interactions, 1 dead letters"
    assert ("pipeline" in checks) is (state == "running")


@pytest.mark.engines
def test_nothing_to_list(answers: Answers) -> None:
    """An empty list says why it is empty, or how it comes to be longer."""
    assert lines(answers["running", "campaigns"].stderr) == [
        "no campaigns: no three accounts have posted nearly the same text, or the same link in such texts"
    ]
    none = answers["running", "corrections"]
    assert (none.returncode, none.stdout) == (0, "[]\n")
    assert none.stderr.startswith("no corrections yet; make one with: rapport correct ID ")


@pytest.mark.engines
def test_correct_when_nothing_runs(answers: Answers) -> None:
    """The pipeline is started for the command, which then waits whatever it was told, and what it said is kept."""
    done = answers["at rest", "correct"]
    assert done.returncode == 0, done.stderr
    assert lines(done.stderr)[0].startswith("nothing runs on ")
    assert lines(done.stderr)[-1] == "stopping"
    act, others = lines(done.stdout)
    assert act.startswith("sim:1 for shop: genuine (trust 0.")
    assert act.endswith(") -> spam (trust 0.00)")
    assert others == "1 other rows of sim:ann changed"
    (kept,) = json.loads(answers["at rest", "corrections"].stdout)
    assert (kept["id"], kept["verdict"], kept["reason"], kept["person"]) == ("sim:1", "spam", "no", "sim:ann")


@pytest.mark.engines
def test_what_strangers_wrote_stays_data(answers: Answers) -> None:
    """A formula is defused in CSV; control characters neither break a table nor reach the terminal."""
    rows = list(csv.DictReader(io.StringIO(answers["running", "sql csv"].stdout, newline="")))
    assert (rows[2]["person"], rows[2]["content"]) == ("'=cmd|calc", "'=1+1")
    assert rows[3]["content"] == HOSTILE
    for question in ("sql table", "relationships table", "why hostile"):
        shown = answers["running", question].stdout
        assert "[bold red]=HYPERLINK" in shown, "markup is shown, not obeyed"
        assert not set(shown) & set("\x1b\u202e\r\t")
    assert len(lines(answers["running", "sql table"].stdout)) == 1 + len(ACTS)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "rapport.toml").write_text(BRANDS)
    path = tmp_path / "acts.jsonl"
    path.write_text("".join(json.dumps(act) + "\n" for act in ACTS))
    yield path


@pytest.mark.parametrize(
    "command",
    [
        *(["correct", "sim:1", "spam", "--reason", "x"], ["refit"], ["refit", "relationships"], ["campaigns"]),
        *(["owed"], ["audit"], ["merge", "a", "b", "--reason", "x"], ["split", "a"], ["identities"]),
    ],
)
def test_an_empty_folder(tmp_path: Path, command: list[str]) -> None:
    """Where nothing is stored nothing is started; one line says how to begin."""
    done = rapport(*command, "--data", tmp_path / "data")
    assert (done.returncode, done.stdout) == (1, "")
    (said,) = lines(done.stderr)
    assert said.startswith(f"error: nothing is stored in {tmp_path / 'data'} yet; run: rapport demo")


def scored(*arguments: str | Path, given: bytes = b"") -> list[dict[str, Any]]:
    done = rapport("score", *arguments, given=given)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.split("\n")[:-1]]


def test_score(file: Path) -> None:
    """One JSON line per act in the order of the file, the same from standard input."""
    brands = ("--brands", file.with_name("rapport.toml"))
    rows = scored(file, *brands)
    assert [row["id"] for row in rows] == ["sim:1", "sim:2", "sim:3", "sim:4"]
    assert {"id", "trust", "confidence", "verdict", "evidence", "reciprocity"} <= rows[0].keys()
    assert rows[1]["reciprocity"] > 0, "it is answered"
    assert scored("-", *brands, given=file.read_bytes()) == rows
    assert scored(file, "--config", file.with_name("rapport.toml")) == rows


def test_score_relationships_as_of(file: Path) -> None:
    """As of a time, what came later is not known, and silence takes from what was."""
    asked = (file, "--brands", file.with_name("rapport.toml"), "--relationships", "--as-of")
    before = {row["person"]: row for row in scored(*asked, "2026-01-02T12:01:00")}
    after = {row["person"]: row for row in scored(*asked, "2026-01-02T12:10:00")}
    later = {row["person"]: row for row in scored(*asked, "2029-01-01")}
    assert (before["sim:ann"]["interactions"], after["sim:ann"]["interactions"]) == (1, 2)
    assert before["sim:ann"]["given"] == 0 < after["sim:ann"]["given"]
    assert later["sim:ann"]["given"] < 0.01 * after["sim:ann"]["given"]
    assert {"class", "realness", "balance", "reliability", "owed"} <= later["sim:ann"].keys()


def test_score_knows_whose_an_account_is(file: Path, tmp_path: Path) -> None:
    """The accounts that [people] declares are one person, with one relationship."""
    declared = tmp_path / "people.toml"
    declared.write_text(BRANDS + '[people]\n"sim:ann" = ["=cmd|calc"]\n', "utf-8")
    rows = scored(file, "--relationships", "--brands", declared)
    acts = {row["person"]: row["interactions"] for row in rows}
    assert acts["sim:ann"] == 3
    assert "=cmd|calc" not in acts


def test_whose_brands_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the file named, else those of the data set, else those of the settings."""
    named = tmp_path / "named.toml"
    named.write_text(BRANDS, "utf-8")
    ours = Config(tmp_path, File(brands={"ours": BrandSection()}))

    def chosen(path: Path | None, of_data_set: tuple[Brand, ...]) -> list[str]:
        monkeypatch.setattr("ingest.file.mapping_brands", lambda paths, mapping: of_data_set)
        return [brand.name for brand in run._brands(run._named(ours, path), path, ["a.csv"], "twcs")]

    theirs = (Brand("theirs"),)
    assert chosen(named, theirs) == ["shop"]
    assert chosen(None, theirs) == ["theirs"]
    assert chosen(None, ()) == ["ours"]


def test_score_says_what_it_left_out(file: Path) -> None:
    """Bad lines are counted on stderr, the rest is scored, --strict exits 1."""
    given = b"{broken\n" + file.read_bytes()
    done = rapport("score", "-", given=given)
    assert (done.returncode, done.stderr) == (0, "1 lines could not be used: 1 not_json\n")
    assert done.stdout.count("\n") == len(ACTS)
    assert rapport("score", "-", "--strict", given=given).returncode == 1


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    """`rapport score … | head -1` ends quietly."""
    simulator.write(simulator.simulate_events(1, 1_500, datetime(2026, 1, 1, tzinfo=UTC)), tmp_path)
    line = f"{COMMAND} score {tmp_path / simulator.INTERACTIONS} | head -1"
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
