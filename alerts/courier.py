"""Takes messages from the outbox to one receiver: again until it took them, or nobody can be expected to wait.

Each receiver has a courier, a thread and a connection of its own, so that a slow or dead one holds up nobody else. One
that fails again and again is left alone for a while (a circuit breaker), and whatever it says of when to come back
holds for all of its messages.
"""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from alerts import outbox
from alerts.outcome import Delivered, Outcome, Permanent, Retry
from alerts.sender import Sender
from alerts.store import Store, opened

MOST_ATTEMPTS = 20  # with the waits below that is half a day
FIRST_WAIT, LONGEST_WAIT = 5.0, 3600.0  # seconds; each wait is twice the one before
LONGEST_PAUSE = 86_400.0  # that a receiver may ask for
TRIPS_AFTER, TRIPPED = 5, (30.0, 300.0)  # failures in a row; seconds of rest, twice as long each time
IDLE = 1.0

log = structlog.get_logger(__name__)


@dataclass
class Courier:
    """``chance`` is for the jitter: without it, all that failed together would come back together."""

    receiver: str
    sender: Sender
    chance: Callable[[float, float], float] = random.uniform
    failures: int = 0
    rests_until: datetime = field(default=datetime.min.replace(tzinfo=UTC))
    gone: bool = False

    def step(self, store: Store, now: Callable[[], datetime]) -> bool:
        """Try the next message, if one is due. Returns whether there was one."""
        if self.gone or now() < self.rests_until:
            return False
        delivery = outbox.next_due(store, self.receiver, now())
        if delivery is None:
            return False
        self._note(store, delivery, self._send(delivery), now())
        return True

    def run(self, folder: Path, stopping: threading.Event) -> None:
        """Until ``stopping``; what is being sent then is sent again at the next start."""
        with opened(folder) as store:
            while not stopping.is_set():
                if not self.step(store, lambda: datetime.now(UTC)):
                    stopping.wait(IDLE)

    def _send(self, delivery: outbox.Delivery) -> Outcome:
        try:
            return self.sender.send(delivery.notification)
        except Exception as error:  # a fault of ours: it must not take the other receivers along, nor lose the alert
            log.exception("alert not sent: a fault of ours", receiver=self.receiver, message=delivery.notification.id)
            return Retry(None, f"a fault of ours: {type(error).__name__}")

    def _note(self, store: Store, delivery: outbox.Delivery, outcome: Outcome, at: datetime) -> None:
        match outcome:
            case Delivered():
                self.failures = 0
                outbox.delivered(store, delivery.number, self.receiver, at)
            case Permanent(reason=reason, gone=gone):
                self.gone = gone
                outbox.failed(store, delivery.number, None, reason)
                log.error(
                    "alert not delivered", receiver=self.receiver, reason=reason, message=delivery.notification.id
                )
            case Retry(after=after, reason=reason):
                self.failures += 1
                self._rest(after, at)
                last = delivery.attempt + 1 >= MOST_ATTEMPTS
                wait = max(min(after or 0.0, LONGEST_PAUSE), self._wait(delivery.attempt))
                outbox.failed(store, delivery.number, None if last else at + timedelta(seconds=wait), reason)
                log.warning("alert not delivered yet", receiver=self.receiver, reason=reason, given_up=last)

    def _wait(self, attempt: int) -> float:
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0**attempt)
        return self.chance(longest / 2, longest)

    def _rest(self, after: float | None, at: datetime) -> None:
        seconds = min(after or 0.0, LONGEST_PAUSE)
        if self.failures >= TRIPS_AFTER:
            shortest, longest = TRIPPED
            seconds = max(seconds, min(longest, shortest * 2.0 ** (self.failures - TRIPS_AFTER)))
        self.rests_until = at + timedelta(seconds=seconds)
