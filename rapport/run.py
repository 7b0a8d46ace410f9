"""What runs on a data folder: one owner at a time, found by everybody else through the folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from rapport.errors import UserError


class Run(Struct, frozen=True):
    """Where the engines of a running ``rapport up`` or ``rapport demo`` listen, and the pids of its processes."""

    kafka: str
    clickhouse: str
    pids: dict[str, int] = {}


@contextmanager
def owned(data: Path) -> Iterator[None]:
    """Hold the data folder. Raises ``UserError`` when it cannot be used or somebody else holds it."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / "lock").open("w")
    except OSError as error:
        raise UserError(f"{data}: {error.strerror}; choose another folder with --data") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UserError(f"{data} is in use by another rapport; stop it, or choose another --data") from error
        try:
            (data / "run.json").unlink(missing_ok=True)  # of one that was killed
            yield
        finally:
            (data / "run.json").unlink(missing_ok=True)


def write(data: Path, run: Run) -> None:
    fresh = data / "run.json.new"
    fresh.write_bytes(msgspec.json.encode(run))
    fresh.replace(data / "run.json")


def running(data: Path) -> Run | None:
    """The run that holds ``data`` now, if any; one that died without a word is not running.

    Raises ``UserError`` when it cannot be used yet, or no more.
    """
    try:
        with (data / "lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return None
    except BlockingIOError:
        pass
    except OSError:
        return None
    try:
        return msgspec.json.decode((data / "run.json").read_bytes(), type=Run)
    except (OSError, msgspec.DecodeError) as error:
        raise UserError(f"the rapport on {data} is starting or stopping; try again in a moment") from error


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
