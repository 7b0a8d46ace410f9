"""Ctrl-C and SIGTERM as a question that a loop can ask."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def until_stopped() -> Iterator[Callable[[], bool]]:
    """Yields a function that says whether to go on. A second Ctrl-C interrupts at once."""
    stopping = threading.Event()

    def stop(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: not stopping.is_set()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
