"""Lines and fakes that the tests of this package share."""

import json
from datetime import UTC, datetime
from typing import Any

from events import Interaction, Route
from ingest.dead import DeadLetter
from ingest.file import Report

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def line(number: int = 1, **more: Any) -> bytes:
    act = {
        "id": f"sim:{number}",
        "platform": "sim",
        "type": "Create",
        "published": "2026-01-01T12:00:00Z",
        "actor": {"id": f"sim:person{number}"},
    }
    return json.dumps(act | more).encode()


class Kept:
    """A publisher that keeps what it is given."""

    def __init__(self) -> None:
        self.published: list[tuple[Interaction, dict[str, tuple[Route, ...]]]] = []
        self.dead: list[DeadLetter] = []
        self.flushed = 0

    def publish(self, interaction: Interaction, routes_by_key: dict[str, tuple[Route, ...]]) -> None:
        self.published.append((interaction, routes_by_key))

    def dead_letter(self, letter: DeadLetter, at: datetime) -> None:
        self.dead.append(letter)

    def flush(self) -> None:
        self.flushed += 1


def silent(report: Report, done: int, total: int) -> None:
    """No progress."""
