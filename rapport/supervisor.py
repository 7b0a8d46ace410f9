"""Child processes in order: each started when the one before is ready, restarted when it dies, stopped in reverse."""

import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog

from rapport.embedded.service import Service, spawn, stop, wait_ready

log = structlog.get_logger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 15.0
HEALTHY_AFTER = 30.0  # seconds after which a death is a first one again
POLL = 0.1


@dataclass
class Child:
    service: Service
    process: subprocess.Popen[bytes]
    started: float
    pause: float = FIRST_PAUSE
    due: float | None = None


@dataclass
class Supervisor:
    """``changed`` is called with the pids by name whenever a child was started."""

    changed: Callable[[dict[str, int]], None] = lambda pids: None
    children: list[Child] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def start(self, services: Sequence[Service]) -> None:
        """Start each and wait until it is ready. Raises ``EmbeddedError`` when one is not."""
        for service in services:
            child = Child(service, spawn(service), time.monotonic())
            self.children.append(child)
            wait_ready(service, child.process)
            self.report()

    def watch(self, running: Callable[[], bool]) -> None:
        """Restart who dies, with growing pauses, until ``running()`` is false."""
        while running():
            for child in self.children:
                self._look_after(child)
            time.sleep(POLL)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look after the children in the background while something else is done."""
        done, idle = threading.Event(), threading.Event()

        def look_after() -> None:
            try:
                self.watch(lambda: not done.is_set())
            finally:
                idle.set()
            self.stopped.wait()  # Linux ties a child to the thread that started it, and would end it too early

        threading.Thread(target=look_after, name="supervisor", daemon=True).start()
        try:
            yield
        finally:
            done.set()
            idle.wait()

    def stop(self) -> None:
        for child in reversed(self.children):
            stop(child.service, child.process)
        self.children.clear()
        self.stopped.set()

    def _look_after(self, child: Child) -> None:
        code = child.process.poll()
        if code is None:
            return
        now = time.monotonic()
        if child.due is None:
            child.pause = FIRST_PAUSE if now - child.started > HEALTHY_AFTER else child.pause
            child.due = now + child.pause
            log.warning(
                "process ended; starting it again", process=child.service.name, code=code, log=str(child.service.log)
            )
        if now >= child.due:
            child.process, child.started, child.due = spawn(child.service), now, None
            child.pause = min(child.pause * 2, LONGEST_PAUSE)
            self.report()

    def report(self) -> None:
        """Tell ``changed`` who runs."""
        self.changed({child.service.name: child.process.pid for child in self.children})
