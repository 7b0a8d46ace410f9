"""A receiver's rate limit, kept before it has to complain."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Pace:
    """At most one in ``interval`` seconds. One thread uses it."""

    interval: float
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    next: float = field(default=float("-inf"))

    def wait(self) -> None:
        """Until the next one may be sent."""
        if (left := self.next - self.now()) > 0:
            self.sleep(left)
        self.next = max(self.next, self.now()) + self.interval
