"""The whole pipeline in a folder of its own, for the tests that need all of it."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from events import Brands
from ingest.file import Report, ingest_files
from ingest.publish import Publisher
from ingest.publish import connect as connect_kafka
from rapport import access, drained, run
from rapport.config import Config, load
from rapport.up import pipeline
from warehouse.rows import RELATIONSHIP

NOTHING_KNOWN: Callable[[Sequence[str]], set[str]] = lambda ids: set()  # noqa: E731 - a name for a default
TABLES = {
    "interactions": "SELECT * EXCEPT (revision) FROM interactions ORDER BY brand, published, id",
    "relationships": "SELECT * EXCEPT (version) FROM relationship FINAL WHERE interactions > 0 ORDER BY brand, person",
    "trends": "SELECT * FROM trends ORDER BY brand, platform, minute",
    "classes": "SELECT * EXCEPT (version) FROM class_history FINAL WHERE notEmpty(begins) ORDER BY brand, person",
    "campaigns": "SELECT * EXCEPT (version) FROM campaigns ORDER BY campaign, brand",
    "campaign members": (  # who once was told to be in one that weighs nothing any more may or may not be told so
        "SELECT campaign, id, person FROM campaign_members"
        " WHERE campaign IN (SELECT campaign FROM campaigns WHERE log_odds < 0) ORDER BY campaign, id"
    ),
    "dead letters": "SELECT reason, detail, origin, bytes, body FROM dead_letters ORDER BY origin, body",
}


AS_NUMBERS = {
    "first_at": "toUnixTimestamp64Milli(first_at)",
    "last_at": "toUnixTimestamp64Milli(last_at)",
    "class_begins": "arrayMap(at -> toUnixTimestamp64Milli(at), class_begins)",
    "debts": "arrayMap(d -> (d.1, d.2, toUnixTimestamp64Milli(d.3), d.4), debts)",
}
COMMAND = Path(sys.executable).with_name("rapport")


def rapport(*arguments: str | Path, given: bytes = b"", seconds: float = 120) -> subprocess.CompletedProcess[str]:
    """The command as a user runs it; what it prints is read as UTF-8."""
    command = [COMMAND, *map(str, arguments)]
    done = subprocess.run(command, input=given, capture_output=True, timeout=seconds, check=False)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def disordered(lines: list[bytes], chance: random.Random, reach: int = 200) -> list[bytes]:
    """Every fifth line changes places with one of the next ``reach``, so that many acts come late."""
    lines = list(lines)
    for number in range(0, len(lines) - reach, 5):
        other = number + chance.randrange(reach)
        lines[number], lines[other] = lines[other], lines[number]
    return lines


def plain(value: Any) -> Any:
    """Tuples as lists, all the way down, so that rows from wherever can be compared."""
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


@dataclass(frozen=True)
class Running:
    config: Config
    found: run.Run

    def feed(
        self,
        path: Path,
        brands: Brands,
        mapping: str | None = None,
        known: Callable[[Sequence[str]], set[str]] = NOTHING_KNOWN,
    ) -> Report:
        with Publisher(connect_kafka(self.found.kafka)) as publisher:
            return ingest_files(
                [path],
                brands,
                publisher,
                mapping=mapping,
                known=known,
                now=datetime.now(UTC),
                progress=lambda report, done, total: None,
            )

    def drain(self) -> None:
        drained.wait(self.found.kafka)

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        with access.warehouse(self.config) as client:
            return {name: client.execute(query) for name, query in TABLES.items()}

    def relationships(self) -> list[tuple[Any, ...]]:
        """The table's rows in the order of ``RELATIONSHIP``, without the version, times as ``relationship_row`` has."""
        shown = ", ".join(AS_NUMBERS.get(name, name) for name in RELATIONSHIP[:-1])
        with access.warehouse(self.config) as client:
            rows: list[tuple[Any, ...]] = client.execute(
                f"SELECT {shown} FROM relationship FINAL WHERE interactions > 0"
            )
        return rows

    def columns(self, table: str) -> dict[str, int]:
        """Place by name in the rows of ``tables``."""
        with access.warehouse(self.config) as client:
            _, named = client.execute(f"{TABLES[table]} LIMIT 0", with_column_types=True)
        return {name: place for place, (name, _) in enumerate(named)}

    def logs(self) -> list[Path]:
        return sorted((self.config.data / "logs").glob("*.log"))

    def kill(self, name: str) -> None:
        """SIGKILL, and return when the supervisor has started another."""
        now = run.running(self.config.data)
        assert now is not None
        before = now.pids[name]
        with contextlib.suppress(ProcessLookupError):  # it has just died of another one's death
            os.kill(before, signal.SIGKILL)
        for _ in range(600):
            now = run.running(self.config.data)
            if now and now.pids.get(name, before) != before:
                return
            time.sleep(0.05)
        raise AssertionError(f"{name} was not started again")


@contextmanager
def running(data: Path, settings: Path | None = None, workers: int = 1, alerts: bool = False) -> Iterator[Running]:
    """``settings`` is a ``rapport.toml``; without one everything has its default."""
    config = load(settings, data) if settings else Config(data)
    with pipeline(config, lambda line: None, workers, alerts=alerts) as (supervisor, found), supervisor.watching():
        yield Running(config, found)
