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

from events.topics import INTERACTIONS, LATE, WORKER_GROUP
from warehouse.lag import Group

log = structlog.get_logger(__name__)

STILL_SECONDS = {INTERACTIONS: 30.0, LATE: 600.0}  # a re-fold waits for the warehouse, which may be away
LOOK_EVERY = 1.0
EXIT_CODE = 70
ORPHANED_SECONDS = 15.0  # to stop in order


class Watchdog:
    """A pulse for each topic: a long re-fold must not hide that new acts stand still."""

    def __init__(self) -> None:
        self.moved = dict.fromkeys(STILL_SECONDS, time.monotonic())

    def progressed(self, topic: str) -> None:
        self.moved[topic] = time.monotonic()

    def still(self, now: float) -> list[str]:
        """Topics of which nothing was handled for too long; ``now`` in seconds of the monotonic clock."""
        return [topic for topic, most in STILL_SECONDS.items() if now - self.moved[topic] >= most]

    def start(self, app: Any, kafka: str) -> None:
        threading.Thread(target=self._watch, args=(app, kafka), name="watchdog", daemon=True).start()
        threading.Thread(target=end_with, args=(os.getppid(),), name="orphan watch", daemon=True).start()

    def _watch(self, app: Any, kafka: str) -> None:
        while True:
            time.sleep(LOOK_EVERY)
            for topic in self.still(time.monotonic()):
                if waiting := _waiting(app, kafka, topic):
                    log.error("work waits and nothing moves; ending to be started again", topic=topic, waiting=waiting)
                    os._exit(EXIT_CODE)
                self.progressed(topic)


def _waiting(app: Any, kafka: str, topic: str) -> int:
    """Messages on our own partitions; none when Kafka is away, which is not the worker's fault."""
    own = {part.partition for part in app.consumer.assignment() if part.topic == topic}
    try:
        with closing(Group(kafka, WORKER_GROUP)) as group:
            return group.behind([p for p in group.partitions([topic]) if p.partition in own])
    except KafkaError:
        return 0


def end_with(parent: int) -> None:
    """Return never: end this process some time after ``parent``."""
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY)
    time.sleep(ORPHANED_SECONDS)
    os._exit(EXIT_CODE)
