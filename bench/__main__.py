"""``make bench``: how fast it is, as ratios measured side by side in one run.

Absolute numbers are of the machine and the moment; the ratio of the whole pipeline to scoring alone is what to watch.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from events import Brands
from ingest.file import ingest_files
from ingest.publish import Publisher
from ingest.publish import connect as connect_kafka
from rapport import drained, offline
from rapport.config import Config
from rapport.demo import simulator
from rapport.model import text_reader
from rapport.up import pipeline

EVENTS, SEED = 6_000, 5
T = TypeVar("T")


def timed(call: Callable[[], T]) -> tuple[T, float]:
    begin = time.perf_counter()
    result = call()
    return result, time.perf_counter() - begin


def main() -> int:
    simulation = simulator.simulate_events(SEED, EVENTS, datetime(2026, 11, 1, tzinfo=UTC))
    acts, brands = simulation.interactions, Brands(simulation.brands)
    _, scoring = timed(lambda: offline.score(acts, brands, text_reader()))
    alone = len(acts) / scoring
    figures = {
        "events": len(acts),
        "scoring alone, per s": alone,
        **in_the_pipeline(simulation, brands, alone),
    }
    for name, value in figures.items():
        print(f"{name:<40} {value:>12,.2f}")
    target = Path("artifacts") / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps({"seed": SEED, **figures}, indent=1) + "\n")
    return 0


def in_the_pipeline(simulation: simulator.Simulation, brands: Brands, alone: float) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        simulator.write(simulation, Path(folder) / "audience")
        begin = time.perf_counter()
        with pipeline(Config(Path(folder) / "data"), lambda line: None) as (supervisor, found), supervisor.watching():
            start = time.perf_counter() - begin
            begin = time.perf_counter()
            with Publisher(connect_kafka(found.kafka)) as publisher:
                ingest_files(
                    [Path(folder) / "audience" / simulator.INTERACTIONS],
                    brands,
                    publisher,
                    mapping=None,
                    known=lambda ids: set(),
                    now=datetime.now(UTC),
                    progress=lambda report, done, total: None,
                )
            drained.wait(found.kafka)
            through = len(simulation.interactions) / (time.perf_counter() - begin)
    return {"start to ready, s": start, "whole pipeline, per s": through, "pipeline to scoring alone": through / alone}


if __name__ == "__main__":
    sys.exit(main())
