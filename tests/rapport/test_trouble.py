"""What goes wrong on a user's machine: one line that says what, where and what to do, and nothing left behind."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from events.topics import Topic, topics
from rapport import cli, doctor, run
from rapport.config import Config
from rapport.embedded import jars, kafka
from rapport.errors import UserError
from tests.rapport.pipelines import COMMAND, rapport, running

READY_SECONDS = 10.0
STARTING = [["up"], ["demo"], ["ingest", "file", "acts.jsonl"]]
READING = [
    ["relationships"],
    ["trends"],
    ["sql", "SELECT 1"],
    ["why", "sim:1"],
    ["deadletters", "list"],
]
COMMANDS = [*STARTING, *READING, ["migrate"], ["doctor"], ["score", "acts.jsonl"]]
ACT = '{"id":"sim:1","platform":"sim","type":"Create","published":"2026-01-02T12:00:00Z","actor":{"id":"sim:a"}}\n'


@pytest.fixture(autouse=True)
def the_log_as_it_was() -> Iterator[None]:
    """A command run in this process has it write to a stream that is closed when it is done."""
    yield
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with one file to ingest."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "acts.jsonl").write_text(ACT)
    return tmp_path


def in_process(*arguments: str) -> tuple[int, str]:
    """Exit code and the line on stderr, by ``main`` in this process: quick, for what fails before anything starts."""
    result = CliRunner().invoke(cli.app, arguments)
    if result.exception is None or isinstance(result.exception, SystemExit):
        return result.exit_code, result.stderr
    line = cli.explained(result.exception)
    assert line, f"a traceback: {result.exception!r}"
    return 1, f"error: {line}\n"


def one_error(done: "subprocess.CompletedProcess[str]") -> str:
    """The only ``error:`` line; progress may stand before it."""
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("error: "))
    assert done.stderr.splitlines()[-1] == line
    return line


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[kafka\n", "rapport.toml: not valid TOML: .*line 1"),
        (b"\xff\xfe", "rapport.toml: not valid TOML: "),
        (b"[kafka]\nprot = 1\n", "unknown setting `prot` in kafka; see rapport.example.toml"),
        (b"[kafka]\nport = 'x'\n", "Expected `int.*` in kafka.port"),
        (b"[brands.acme]\naccounts = 'x'\n", "rapport.toml: Expected `array`.* in brands"),
    ],
    ids=["bad TOML", "not text", "unknown setting", "wrong type", "wrong brand"],
)
def test_broken_settings(folder: Path, command: list[str], content: bytes, said: str) -> None:
    """Every command names the file, the place in it and what is expected there."""
    (folder / "rapport.toml").write_bytes(content)
    code, line = in_process(*command)
    assert (code, line.count("\n")) == (1, 1)
    assert re.search(said, line), line


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_settings_that_are_not_there(command: list[str]) -> None:
    """A file named and not found is said; the default one may be missing."""
    assert in_process(*command, "--config", "none.toml") == (
        1,
        "error: none.toml: No such file or directory; name another file with --config\n",
    )


@pytest.mark.parametrize("command", [*READING, ["migrate"]], ids=" ".join)
def test_nothing_there_yet(command: list[str]) -> None:
    """Nothing runs and nothing is stored: what to start is said, and no folder is made by asking."""
    code, line = in_process(*command, "--data", "fresh")
    assert (code, line.count("\n")) == (1, 1)
    assert "run: rapport demo" in line or "start it with: rapport up --data fresh" in line
    assert not Path("fresh").exists()


@pytest.mark.parametrize("command", [["score"], ["ingest", "file"]], ids=" ".join)
def test_a_file_that_is_not_there(command: list[str]) -> None:
    """The file is named before anything is started for it."""
    assert in_process(*command, "missing.jsonl") == (1, "error: missing.jsonl: No such file or directory\n")


@pytest.mark.parametrize("command", STARTING, ids=" ".join)
def test_a_port_in_use(folder: Path, command: list[str]) -> None:
    """It is named with its cure, and the doctor says the same."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (folder / "rapport.toml").write_text(f"[clickhouse]\nport = {port}\n")
        line = one_error(rapport(*command))
        assert line.startswith(f"error: port {port} for ClickHouse is not free")
        assert line.endswith("stop what uses it or set another [clickhouse] port")
        check = found(doctor.examine(Config(folder / "data", Config(folder).file)), "configuration")
        assert check.healthy
        code, _ = in_process("doctor")
        assert code == 1


@pytest.mark.parametrize("command", STARTING, ids=" ".join)
def test_a_folder_in_use(folder: Path, command: list[str]) -> None:
    """Whoever starts or stops there now is waited for by hand, not fought."""
    with run.owned(folder / ".rapport"):
        line = one_error(rapport(*command))
    assert (
        "is in use by another rapport; stop it, or choose another --data" in line or "is starting or stopping" in line
    )


@pytest.mark.parametrize("command", [*READING, ["migrate"]], ids=" ".join)
def test_a_pipeline_that_is_not_up_yet(folder: Path, command: list[str]) -> None:
    """Between the lock and the addresses, commands say that it takes a moment."""
    with run.owned(folder / ".rapport"):
        code, line = in_process(*command)
        assert (code, line) == (
            1,
            "error: the rapport on .rapport is starting or stopping; try again in a moment\n",
        )
        assert in_process("doctor")[0] == 1


def test_a_killed_run_is_forgotten(folder: Path) -> None:
    """The addresses of one that died without a word are not taken for those of the next."""
    data = folder / ".rapport"
    data.mkdir()
    run.write(data, run.Run("127.0.0.1:1", "127.0.0.1:2"))
    assert run.running(data) is None
    with run.owned(data):
        assert not (data / "run.json").exists()


@pytest.mark.parametrize("command", STARTING, ids=" ".join)
def test_a_folder_that_cannot_be_made(command: list[str]) -> None:
    """A file where the folder should be; nothing is started."""
    line = one_error(rapport(*command, "--data", "acts.jsonl/data"))
    assert line.startswith("error: acts.jsonl/data")
    assert "Not a directory" in line
    code, _ = in_process("doctor", "--data", "acts.jsonl/data")
    assert code == 1


@pytest.fixture
def full(folder: Path) -> Iterator[Path]:
    """A disk of one megabyte, where this machine lets us mount one."""
    disk = folder / "full"
    disk.mkdir()
    mounted = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    (disk / "clickhouse").mkdir()
    yield disk
    subprocess.run(["/bin/umount", disk], check=True)


@pytest.mark.parametrize("command", [*STARTING[:2], READING[2]], ids=" ".join)
def test_a_full_disk(full: Path, command: list[str]) -> None:
    """How much is free, how much is needed and the way out."""
    if command == ["demo"]:  # the audience does not fit either
        (full / "filler").write_bytes(bytes(1_000_000))
    line = one_error(rapport(*command, "--data", full))
    assert line.endswith("make room or choose another --data")


def found(checks: Iterator[doctor.Check], part: str) -> doctor.Check:
    return next(check for check in checks if check.part == part)


def test_doctor_and_the_parts_of_python(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing chDB, Java and jars are named, each with the command that brings them."""
    config = Config(folder / "data")
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: None)  # type: ignore[attr-defined]
    monkeypatch.setattr(kafka, "JARS", folder / "nowhere")
    checks = {check.part: check for check in doctor.examine(config)}
    for part in ("embedded ClickHouse", "Java for the embedded Kafka", "Kafka's jars"):
        assert checks[part].cure == "run: make setup"
    assert "chdb is missing" in checks["embedded ClickHouse"].said
    assert jars.expected(), "there is a list to compare with"


def test_doctor_and_the_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk with too little room is sick before anything fails on it."""
    monkeypatch.setattr(doctor, "LEAST_FREE_BYTES", 10**18)
    check = found(doctor.examine(Config(folder / "data")), "data folder")
    assert "MB free" in check.said
    assert check.cure == "make room, or choose another --data"


def test_doctor_and_a_brand_without_accounts(folder: Path) -> None:
    """Reciprocity needs the brand's own acts, so the doctor asks for its accounts."""
    (folder / "rapport.toml").write_text('[brands.acme]\nmatch = ["acme"]\n')
    done = CliRunner().invoke(cli.app, ["doctor", "--format", "json"])
    check = next(check for check in json.loads(done.stdout) if check["part"] == "configuration")
    assert (done.exit_code, check["healthy"]) == (1, False)
    assert "add accounts" in check["cure"]


def test_doctor_and_servers_that_are_away(folder: Path) -> None:
    """Addresses that nobody answers at: said once each, with the setting to mend, and never 'ask the doctor'."""
    (folder / "rapport.toml").write_text('[kafka]\naddress = "127.0.0.1:1"\n[clickhouse]\naddress = "127.0.0.1:1"\n')
    done = rapport("doctor")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.count("SICK") == 2
    for engine in ("kafka", "clickhouse"):
        assert f"cure: start the {engine} at 127.0.0.1:1, or mend {engine}.address in rapport.toml" in done.stdout
    assert "rapport doctor" not in done.stdout
    for command in (["relationships"], ["migrate"], ["up"]):
        assert "ClickHouse does not answer: Connection refused (127.0.0.1:1)" in one_error(rapport(*command))


def processes(data: Path) -> dict[int, str]:
    """Command lines by pid of what runs on ``data``, but for ourselves."""
    running_now = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(data) in line:
                running_now[int(entry.name)] = line
    return running_now


def gone(data: Path, seconds: float = 25.0) -> dict[int, str]:
    """What is still there after ``seconds``; nothing, as soon as nothing is."""
    end = time.monotonic() + seconds
    while (left := processes(data)) and time.monotonic() < end:
        time.sleep(0.1)
    return left


def until(condition, seconds: float = 60.0) -> float:  # type: ignore[no-untyped-def] # a lambda
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, "waited in vain"
        time.sleep(0.05)
    return time.monotonic() - start


def all_up(data: Path) -> bool:
    try:
        now = run.running(data)
    except UserError:  # it is starting
        return False
    return now is not None and "sink" in now.pids


@pytest.mark.engines
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks into /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda number: number.name)
def test_up_leaves_nothing_behind(folder: Path, number: signal.Signals) -> None:
    """However `rapport up` ends, its children end; it is ready in time, and what runs twice is refused meanwhile."""
    data = folder / "data"
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen([COMMAND, "up", "--data", data], stdout=said, stderr=said)
        engines = until(lambda: "Kafka at" in (folder / "said").read_text())
        print(f"engines ready after {engines:.1f} s", end=", ")
        assert engines < READY_SECONDS
        print(f"all of it {until(lambda: 'running on' in (folder / 'said').read_text()):.1f} s later")
        assert len(processes(data)) >= 5, "ourselves, Kafka, ClickHouse, worker, sink"
        if number is signal.SIGTERM:
            assert "is in use by another rapport" in one_error(rapport("up", "--data", data))
            assert rapport("doctor", "--data", data).returncode == 0
        process.send_signal(number)
        code = process.wait(40)
    assert code == (-signal.SIGKILL if number is signal.SIGKILL else 0)
    assert gone(data) == {}
    text = (folder / "said").read_text()
    assert "Traceback" not in text
    assert text.endswith("stopping\n") or number is signal.SIGKILL


@pytest.mark.engines
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks into /proc")
@pytest.mark.parametrize(
    ("command", "number"),
    [(["demo"], signal.SIGTERM), (["ingest", "file", "-"], signal.SIGINT)],
    ids=["demo SIGTERM", "ingest SIGINT"],
)
def test_an_interrupted_run_leaves_nothing_behind(folder: Path, command: list[str], number: signal.Signals) -> None:
    """Stopped in the middle, it ends as a shell expects, and its children are gone."""
    data = folder / "data"
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen([COMMAND, *command, "--data", data], stdin=subprocess.PIPE, stdout=said, stderr=said)
        until(lambda: all_up(data))
        time.sleep(1)
        process.send_signal(number)
        try:
            code = process.wait(20)
        except subprocess.TimeoutExpired:  # kafka-python can swallow it; whoever asks again is heard
            process.send_signal(number)
            code = process.wait(5)
    assert code == 130
    assert gone(data) == {}
    text = (folder / "said").read_text()
    assert "Traceback" not in text


@pytest.mark.engines
def test_doctor_of_a_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dead process, messages that pile up and missing topics, each with its cure."""
    with running(folder / "data") as pipeline:
        config = pipeline.config
        assert all(check.healthy for check in doctor.examine(config))

        now = run.running(config.data)
        assert now is not None
        dead = subprocess.Popen([COMMAND, "--help"], stdout=subprocess.DEVNULL)
        dead.wait()
        sick = run.Run(now.kafka, now.clickhouse, now.pids | {"sink": dead.pid})
        assert doctor._running(config, sick).cure == f"sink died; see {config.data}/logs"

        monkeypatch.setattr(doctor, "lag", lambda kafka: {("sink", "scored"): 20_000, ("worker", "late"): 3})
        check = found(doctor.examine(config), "pipeline")
        assert (check.said, check.cure) == (
            "20,003 messages on their way",
            "slow or stuck: scored 20,000; see the logs of worker, campaigns and sink",
        )

        monkeypatch.setattr(doctor, "topics", lambda changelog: (*topics(changelog), Topic("brand-new")))
        assert found(doctor.examine(config), "kafka").cure == "run: rapport migrate"
