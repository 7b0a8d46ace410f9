"""Child processes: started in order, started again with growing pauses, stopped in reverse."""

import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest

from rapport import supervisor
from rapport.embedded.service import EmbeddedError, Service
from rapport.supervisor import Supervisor

SLEEPS = "import time; time.sleep(60)"
TELLS = """
import signal, sys, time
def stop(*_):
    open({book!r}, "a").write("stop {name}\\n")
    sys.exit()
signal.signal(signal.SIGTERM, stop)
open({book!r}, "a").write("start {name}\\n")
time.sleep(60)
"""


def service(folder: Path, name: str, code: str = SLEEPS) -> Service:
    return Service(name, [sys.executable, "-S", "-c", code], lambda: True, folder / f"{name}.log", stop_seconds=5)


def test_started_in_order_and_stopped_in_reverse(tmp_path: Path) -> None:
    """Each is started when the one before is ready, and outlives those that were started after it."""
    book = tmp_path / "book"
    book.touch()

    def telling(name: str) -> Service:
        code = TELLS.format(book=str(book), name=name)
        ready = lambda: f"start {name}" in book.read_text()  # noqa: E731 - bound to this name
        return Service(name, [sys.executable, "-S", "-c", code], ready, tmp_path / f"{name}.log", stop_seconds=5)

    whole = Supervisor()
    whole.start([telling("kafka"), telling("worker"), telling("sink")])
    processes = [child.process for child in whole.children]
    whole.stop()
    assert book.read_text().split("\n")[:-1] == [
        *("start kafka", "start worker", "start sink"),
        *("stop sink", "stop worker", "stop kafka"),
    ]
    assert all(process.returncode == 0 for process in processes)


def test_pauses_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What dies at once again and again is started after 0.05, 0.1, 0.2 … seconds, and never later than the longest."""
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE", 0.4)
    monkeypatch.setattr(supervisor, "POLL", 0.01)
    whole, starts = Supervisor(), list[float]()
    whole.changed = lambda pids: starts.append(time.monotonic())
    whole.start([service(tmp_path, "brief", "raise SystemExit(3)")])
    whole.children[0].pause = supervisor.FIRST_PAUSE
    end = time.monotonic() + 20
    whole.watch(lambda: len(starts) < 7 and time.monotonic() < end)
    whole.stop()
    pauses = [after - before for before, after in pairwise(starts)]
    expected = [0.05, 0.1, 0.2, 0.4, 0.4, 0.4]
    assert len(pauses) == len(expected)
    assert all(pause >= least for pause, least in zip(pauses, expected, strict=True)), pauses


def test_only_who_died_is_started_again(tmp_path: Path) -> None:
    """The others keep their pids, and whoever wants to know is told the new one."""
    told: list[dict[str, int]] = []
    whole = Supervisor(changed=told.append)
    whole.start([service(tmp_path, "steady"), service(tmp_path, "frail")])
    with whole.watching():
        before = told[-1]
        whole.children[1].process.kill()
        end = time.monotonic() + 10
        while told[-1] == before and time.monotonic() < end:
            time.sleep(0.02)
        # It must also outlive the thread that started it: Linux ends a child with its parent's thread.
    time.sleep(0.3)
    assert told[-1]["steady"] == before["steady"]
    assert told[-1]["frail"] != before["frail"]
    assert [child.process.poll() for child in whole.children] == [None, None]
    whole.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "supervisor" and thread.join(5)]


def test_one_that_never_gets_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting ends with one line that names it and its log, and what was started is stopped with the rest."""
    monkeypatch.setattr("rapport.supervisor.wait_ready", lambda service, process: impatient(service, process, 0.2))
    whole = Supervisor()
    never = Service("never", [sys.executable, "-S", "-c", SLEEPS], lambda: False, tmp_path / "never.log")
    with pytest.raises(EmbeddedError, match=rf"never is not ready after 0 s; see {tmp_path}/never\.log"):
        whole.start([service(tmp_path, "first"), never, service(tmp_path, "not reached")])
    processes = [child.process for child in whole.children]
    assert [child.service.name for child in whole.children] == ["first", "never"]
    whole.stop()
    assert all(process.returncode is not None for process in processes)


impatient = supervisor.wait_ready
