"""Ends a worker that stands still while there is work: Faust can stop consuming after a broker outage, silently.

The supervisor (or the container's restart policy) starts it again, and the replay loses and doubles nothing. It also
ends a worker whose parent died: asked to stop while Kafka is away, Faust waits for it for ever.
"""

import os
import threading
import time
from contextlib import closing
from typing import Any

import structlog
from kafka.errors import KafkaError

from events.topics import INTERACTIONS, WORKER_GROUP
from warehouse.lag import Group

log = structlog.get_logger(__name__)

STILL_SECONDS = 30.0
LOOK_EVERY = 1.0
EXIT_CODE = 70
ORPHANED_SECONDS = 15.0  # to stop in order


class Watchdog:
    def __init__(self) -> None:
        self.moved = time.monotonic()

    def progressed(self) -> None:
        self.moved = time.monotonic()

    def start(self, app: Any, kafka: str) -> None:
        threading.Thread(target=self._watch, args=(app, kafka), name="watchdog", daemon=True).start()
        threading.Thread(target=end_with, args=(os.getppid(),), name="orphan watch", daemon=True).start()

    def _watch(self, app: Any, kafka: str) -> None:
        while True:
            time.sleep(LOOK_EVERY)
            if time.monotonic() - self.moved < STILL_SECONDS:
                continue
            if waiting := self._waiting(app, kafka):
                log.error("work waits and nothing moves; ending so as to be started again", waiting=waiting)
                os._exit(EXIT_CODE)
            self.progressed()

    def _waiting(self, app: Any, kafka: str) -> int:
        """Messages on our own partitions; none when Kafka is away, which is not the worker's fault."""
        own = {part.partition for part in app.consumer.assignment() if part.topic == INTERACTIONS}
        try:
            with closing(Group(kafka, WORKER_GROUP)) as group:
                return group.behind([p for p in group.partitions([INTERACTIONS]) if p.partition in own])
        except KafkaError:
            return 0


def end_with(parent: int) -> None:
    """Return never: end this process some time after ``parent``."""
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY)
    time.sleep(ORPHANED_SECONDS)
    os._exit(EXIT_CODE)
