"""Child processes: the checks before them, and the one line when one does not come up."""

import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from rapport.embedded import kafka
from rapport.embedded.clickhouse import ADMIN, READER, USERS_FILE, credentials, prepare
from rapport.embedded.service import EmbeddedError, Service, check_folder, check_port, spawn, started, stop, wait_ready


def service(tmp_path: Path, code: str, *, ready: bool = True, stop_seconds: float = 5) -> Service:
    command = [sys.executable, "-c", code]
    return Service("child", command, lambda: ready, tmp_path / "child.log", stop_seconds=stop_seconds)


def test_a_child_that_ends_while_starting_says_why(tmp_path: Path) -> None:
    """Its last line is in the message, and so is its log."""
    child = service(tmp_path, "import sys; sys.exit('no such luck')", ready=False)
    with pytest.raises(EmbeddedError, match=r"child ended while starting: no such luck \(log: .*child\.log\)"):
        wait_ready(child, spawn(child))


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    """The cure stands in the line, whatever stack trace surrounds the cause."""
    child = service(tmp_path, r"import sys; sys.exit('E: No space left on device\n\tat java.io.File')", ready=False)
    with pytest.raises(EmbeddedError, match="the disk is full; make room"):
        wait_ready(child, spawn(child))


def test_a_child_that_never_gets_ready(tmp_path: Path) -> None:
    """Waiting has an end."""
    child = service(tmp_path, "import time; time.sleep(60)", ready=False)
    process = spawn(child)
    with pytest.raises(EmbeddedError, match="not ready after"):
        wait_ready(child, process, seconds=0.2)
    stop(child, process)
    assert process.returncode == -signal.SIGTERM


def test_a_stuck_child_is_killed(tmp_path: Path) -> None:
    """SIGKILL comes after the time it has to stop."""
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    child = service(tmp_path, code, stop_seconds=0.3)
    with started(child) as process:
        while not child.log.read_text():
            time.sleep(0.01)
    assert process.returncode == -signal.SIGKILL


def test_taken_port() -> None:
    """A port in use is named with its cure."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(EmbeddedError, match=rf"port {port} for Kafka is not free .*\[kafka\] port"):
            check_port(port, "Kafka")


def test_folders_that_do_not_do(tmp_path: Path) -> None:
    """A file in the way and a name the engines would misread give one line each."""
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedError, match="cannot be written"):
        check_folder(tmp_path / "file" / "data")
    with pytest.raises(EmbeddedError, match="in its name"):
        check_folder(tmp_path / "what?")


def test_missing_jars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the set-up step the message names it."""
    monkeypatch.setattr(kafka, "JARS", tmp_path / "none")
    with pytest.raises(EmbeddedError, match="run: make setup"):
        kafka.prepare(tmp_path)


def test_missing_chdb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the message names the set-up step."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(EmbeddedError, match="run: make setup"):
        prepare(tmp_path)


def test_credentials_are_made_once_and_kept_private(tmp_path: Path) -> None:
    """Two users, long passwords, readable by the owner only, the same the next time."""
    made = credentials(tmp_path)
    assert set(made) == {ADMIN, READER}
    assert min(map(len, made.values())) >= 32
    assert os.stat(tmp_path / USERS_FILE).st_mode & 0o777 == 0o600  # noqa: PTH116
    assert credentials(tmp_path) == made
    assert [file.name for file in tmp_path.iterdir()] == [USERS_FILE]


def test_damaged_credentials(tmp_path: Path) -> None:
    """A file that is no list of users is named with its cure."""
    (tmp_path / USERS_FILE).write_text("{")
    with pytest.raises(EmbeddedError, match="is damaged; remove it"):
        credentials(tmp_path)
