"""ClickHouse as a child process: chDB behind its native protocol, on 127.0.0.1, with users of our own.

Run as ``python -m rapport.embedded.clickhouse --data DIR --port PORT --users FILE``. chDB allows one process per
folder, so the commands of a user reach a running one through its port, or serve the folder themselves (``served``).
"""

import argparse
import contextlib
import fcntl
import importlib.util
import json
import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from clickhouse_driver import Client
from clickhouse_driver.errors import Error as DriverError

from rapport.embedded.service import (
    EmbeddedError,
    Engine,
    Service,
    answers,
    check_folder,
    check_port,
    free_port,
    started,
)

ADMIN, READER = "rapport", "reader"
USERS_FILE = "clickhouse-users.json"
STOP_SECONDS = 20.0
READY_SECONDS = 2


def credentials(data: Path) -> dict[str, str]:
    """Password by user name, made up the first time and kept in ``data``, readable by its owner only.

    ``ADMIN`` may do everything, ``READER`` only read. Raises EmbeddedError.
    """
    file = data / USERS_FILE
    try:
        if not file.exists():
            fresh = data / f"{USERS_FILE}.{os.getpid()}"
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
                json.dump({name: secrets.token_urlsafe(24) for name in (ADMIN, READER)}, opened)
            with contextlib.suppress(FileExistsError):  # somebody else was first; theirs holds
                os.link(fresh, file)
            fresh.unlink()
        found = json.loads(file.read_text())
        return {name: str(found[name]) for name in (ADMIN, READER)}
    except OSError as error:
        raise EmbeddedError(f"{file}: {error.strerror}; choose another --data") from error
    except (ValueError, KeyError, TypeError) as error:
        raise EmbeddedError(f"{file} is damaged; remove it and new passwords are made") from error


def prepare(data: Path, port: int | None = None) -> Engine:
    """ClickHouse over ``data/clickhouse``, listening on ``port`` or on a free one. Raises EmbeddedError."""
    if importlib.util.find_spec("chdb") is None:
        raise EmbeddedError("embedded ClickHouse needs the extra packages of rapport[embedded]; run: make setup")
    data = data.resolve()
    check_folder(data / "clickhouse")
    password = credentials(data)[READER]
    port = port or free_port()
    check_port(port, "ClickHouse")
    arguments = ["--data", str(data / "clickhouse"), "--port", str(port), "--users", str(data / USERS_FILE)]
    service = Service(
        name="clickhouse",
        command=[sys.executable, "-P", "-m", "rapport.embedded.clickhouse", *arguments],
        ready=lambda: ready(port, password),
        log=data / "clickhouse.log",
        env={"TZ": "UTC"},
        stop_seconds=STOP_SECONDS,
    )
    return Engine(service, f"127.0.0.1:{port}")


def ready(port: int, password: str, user: str = READER) -> bool:
    if not answers(port):
        return False
    client = Client(
        "127.0.0.1",
        port=port,
        user=user,
        password=password,
        connect_timeout=READY_SECONDS,
        send_receive_timeout=READY_SECONDS,
    )
    try:
        return bool(client.execute("SELECT 1") == [(1,)])
    except (DriverError, OSError, EOFError):
        return False
    finally:
        client.disconnect()


@contextmanager
def served(data: Path) -> Iterator[str]:
    """The address of ``data`` while nothing else serves it; a process of its own that ends with this one."""
    engine = prepare(data)
    service = replace(engine.service, command=[*engine.service.command, "--end-with-stdin"])
    with started(service):
        yield engine.address


def main() -> int:
    """The child process. One line and exit code 1 for what a user can mend."""
    from rapport.embedded.native.engine import EngineError  # noqa: PLC0415 - loads chDB, which parents never do
    from rapport.embedded.native.server import Server  # noqa: PLC0415
    from rapport.embedded.native.session import User  # noqa: PLC0415

    parser = argparse.ArgumentParser(prog="rapport.embedded.clickhouse")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--users", type=Path, required=True)
    parser.add_argument("--end-with-stdin", action="store_true")
    options = parser.parse_args()

    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    try:
        passwords = credentials(options.users.parent)
        users = [User(ADMIN, passwords[ADMIN]), User(READER, passwords[READER], read_only=True)]
        nowhere = options.data / "empty"  # chDB takes table names for files of the working folder
        nowhere.mkdir(parents=True, exist_ok=True)
        os.chdir(nowhere)
        owned = _owned(options.data)
        server = Server(options.data, options.port, users)
    except (EmbeddedError, EngineError, OSError) as error:
        print(_explained(error, options), file=sys.stderr)
        return 1
    if options.end_with_stdin:
        threading.Thread(target=_end_with_stdin, args=(done,), daemon=True).start()
    done.wait()
    server.close()
    owned.close()
    return 0


def _owned(folder: Path) -> TextIO:
    """Hold ``folder`` until the file is closed: chDB would say of a second process only that it did not start."""
    lock = (folder / "gateway.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise EmbeddedError(f"{folder} is in use by another process; stop it or choose another --data") from None
    return lock


def _end_with_stdin(done: threading.Event) -> None:
    while os.read(0, 1024):  # not sys.stdin, whose lock would hold up the end of the process
        pass
    done.set()


def _explained(error: Exception, options: argparse.Namespace) -> str:
    text = " ".join(str(error).split())
    if "No space left" in text:
        return f"the disk of {options.data} is full; make room or choose another --data"
    if isinstance(error, OSError):
        return f"cannot listen on port {options.port} or use {options.data}: {error.strerror}"
    return text[:300]


if __name__ == "__main__":
    sys.exit(main())
