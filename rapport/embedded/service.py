"""A child process as a supervisor needs it, and the checks both engines make before they start."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

LEAST_FREE_BYTES = 200_000_000
READY_SECONDS = 60.0
POLL_SECONDS = 0.05


class EmbeddedError(Exception):
    """What keeps an embedded engine from running: one line that says what is wrong and what to do."""


@dataclass(frozen=True)
class Service:
    """How to run one child process.

    ``env`` is added to the environment; ``ready()`` makes one real request, answers within about two seconds and never
    raises; ``log`` receives what the process writes; SIGTERM stops it in ``stop_seconds`` unless it is stuck.
    """

    name: str
    command: Sequence[str]
    ready: Callable[[], bool]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    stop_seconds: float = 20.0


@dataclass(frozen=True)
class Engine:
    """A service and the ``host:port`` its clients use."""

    service: Service
    address: str


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def check_port(port: int, what: str) -> None:
    """Raises EmbeddedError where ``port`` is taken on 127.0.0.1."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise EmbeddedError(
            f"port {port} for {what} is not free ({error.strerror});"
            f" stop what uses it or set another [{what.lower()}] port"
        ) from error


def check_folder(folder: Path) -> None:
    """Make ``folder``; raises EmbeddedError where it cannot hold an engine's data."""
    if any(mark in str(folder) for mark in "?*{},\n"):  # chDB takes them for options or patterns, Kafka for lists
        raise EmbeddedError(
            f"{folder}: the engines take no folder with ? * {{ }} or , in its name; choose another --data"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".write-{os.getpid()}"
        probe.write_bytes(b"x")
        probe.unlink()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise EmbeddedError(f"{folder} cannot be written ({error.strerror}); choose another --data") from error
    if free < LEAST_FREE_BYTES:
        raise EmbeddedError(
            f"{folder} has {free >> 20} MB free and the engines need {LEAST_FREE_BYTES >> 20} MB;"
            " make room or choose another --data"
        )


def answers(port: int) -> bool:
    """Something listens on ``port``: asked before the clients, which write to the log when nothing does."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.5).close()
    except OSError:
        return False
    return True


# The child asks the kernel for SIGTERM when its parent dies without a word, then becomes the service.
TIED = (
    "import ctypes, os, sys; parent = int(sys.argv[1]); ctypes.CDLL(None).prctl(1, 15);"
    " os.getppid() == parent or sys.exit(1); os.execv(sys.argv[2], sys.argv[2:])"
)


def tied(command: Sequence[str]) -> list[str]:
    """``command`` so that it does not outlive us: an orphan would keep the data folder and the ports."""
    if sys.platform != "linux":
        return list(command)
    return [sys.executable, "-I", "-S", "-c", TIED, str(os.getpid()), *command]


def spawn(service: Service, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    service.log.parent.mkdir(parents=True, exist_ok=True)
    with service.log.open("ab") as log:
        return subprocess.Popen(
            tied(service.command),
            stdin=stdin,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **service.env},
            start_new_session=True,  # Ctrl-C is for the parent, which stops its children in order
        )


def wait_ready(service: Service, process: subprocess.Popen[bytes], seconds: float = READY_SECONDS) -> None:
    """Raises EmbeddedError when the process ends or is not ready in time; it is left as it is."""
    due = time.monotonic() + seconds
    while not service.ready():
        if process.poll() is not None:
            raise EmbeddedError(f"{service.name} ended while starting: {_last_words(service.log)} (log: {service.log})")
        if time.monotonic() > due:
            raise EmbeddedError(f"{service.name} is not ready after {seconds:.0f} s; see {service.log}")
        time.sleep(POLL_SECONDS)


def stop(service: Service, process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, and SIGKILL for what is still there after ``stop_seconds``."""
    process.terminate()
    try:
        process.wait(service.stop_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def started(service: Service) -> Iterator[subprocess.Popen[bytes]]:
    """The service, ready; stopped at the end, and by itself when this process dies and it watches its stdin."""
    process = spawn(service, subprocess.PIPE)
    try:
        wait_ready(service, process)
        yield process
    finally:
        stop(service, process)
        if process.stdin:
            with contextlib.suppress(OSError):
                process.stdin.close()


def _last_words(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 20_000))
        lines = file.read().decode(errors="replace").strip().splitlines()
    for words, cure in (
        ("No space left", "the disk is full; make room or choose another --data"),
        ("Address already in use", "its port is taken; stop what uses it or set another port"),
        ("Failed to acquire lock", "its data folder is in use by another Kafka; stop that one"),
    ):
        if any(words in line for line in lines[-60:]):
            return cure
    said = [line for line in lines if not line.startswith(("\tat ", "WARNING:"))]
    return said[-1][:300] if said else "it said nothing"
