"""The ClickHouse child process: its folder, its death, its return."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from clickhouse_driver import Client

from rapport.embedded.clickhouse import ADMIN, credentials, prepare, served
from rapport.embedded.service import EmbeddedError, started

pytestmark = pytest.mark.engines


def admin(data: Path, address: str) -> Client:
    return Client("127.0.0.1", port=int(address.rpartition(":")[2]), user=ADMIN, password=credentials(data)[ADMIN])


def test_kill_9_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    """Killed three times in mid-load: every acknowledged row is there, tokens still work, the address stays."""
    engine = prepare(tmp_path)
    acknowledged = 0
    for kill in range(3):
        with started(engine.service) as process:
            client = admin(tmp_path, engine.address)
            client.execute(
                "CREATE TABLE IF NOT EXISTS t (n UInt64) ENGINE = MergeTree ORDER BY n"
                " SETTINGS non_replicated_deduplication_window = 1000"
            )
            for _ in range(20 + 7 * kill):
                rows = [(number,) for number in range(acknowledged, acknowledged + 100)]
                client.execute(
                    "INSERT INTO t VALUES", rows, settings={"insert_deduplication_token": f"t{acknowledged}"}
                )
                acknowledged += 100
            last = {"insert_deduplication_token": f"t{acknowledged - 100}"}
            process.send_signal(signal.SIGKILL)
            process.wait()
        with started(engine.service):
            client = admin(tmp_path, engine.address)
            client.execute("INSERT INTO t VALUES", [(10**9,)], settings=last)
            found = client.execute("SELECT count(), uniqExact(n), max(n) FROM t")
            assert found == [(acknowledged, acknowledged, acknowledged - 1)]
            client.disconnect()


def test_ready_in_time_and_stopped_cleanly(tmp_path: Path) -> None:
    """Ready in less than ten seconds; SIGTERM ends it with 0 and a quiet log."""
    began = time.monotonic()
    engine = prepare(tmp_path)
    with started(engine.service) as process:
        assert time.monotonic() - began < 10
        admin(tmp_path, engine.address).execute("SELECT 1")
    assert process.returncode == 0
    assert engine.service.log.read_text() == ""


def test_a_folder_has_one_owner(tmp_path: Path) -> None:
    """A second process on the same folder gets one line that says so."""
    with served(tmp_path), pytest.raises(EmbeddedError, match="in use by another process"), served(tmp_path):
        pass
    with served(tmp_path) as address:
        assert admin(tmp_path, address).execute("SELECT 1") == [(1,)]


def test_it_ends_with_the_command_it_serves(tmp_path: Path) -> None:
    """A command that is killed leaves no server behind that would hold the folder."""
    code = (
        "import sys, time, pathlib\nfrom rapport.embedded.clickhouse import served\n"
        "with served(pathlib.Path(sys.argv[1])) as address: print(address, flush=True); time.sleep(60)"
    )
    command = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert command.stdout
    address = command.stdout.readline().strip()
    assert admin(tmp_path, address).execute("SELECT 1") == [(1,)]
    command.kill()
    command.wait()
    command.stdout.close()
    due = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))).close()
        except ConnectionRefusedError:
            break
        assert time.monotonic() < due
        time.sleep(0.05)
    with served(tmp_path) as again:
        assert admin(tmp_path, again).execute("SELECT 1") == [(1,)]


def test_it_listens_on_this_machine_only(clickhouse_data: Path, clickhouse: object) -> None:
    """No address but 127.0.0.1 answers."""
    port = clickhouse.port  # type: ignore[attr-defined]
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", port), timeout=1)


def test_half_an_insert_of_a_killed_server_is_swept(tmp_path: Path) -> None:
    """Blocks that were waiting on disk when the server was killed do not stay there."""
    engine = prepare(tmp_path)
    spool = tmp_path / "clickhouse" / "spool"
    with started(engine.service):
        pass
    (spool / "old.native").write_bytes(os.urandom(100))
    with started(engine.service):
        assert list(spool.iterdir()) == []
