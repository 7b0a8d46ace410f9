"""``make chaos``: two workers come and go under load, and every number in every table stays exact.

Every nine seconds one of them is stopped with SIGTERM or SIGKILL, in turn, ten times; each is started again at once.
What the tables then hold is compared with an offline fold of the same file.
"""

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from events import Brands
from rapport import offline, run
from rapport.demo import simulator
from rapport.model import text_reader
from tests.rapport.pipelines import Running, plain, running
from warehouse.rows import relationship_row

WORKERS = ("worker-1", "worker-2")
RATE = 1_000  # events a second
CHUNK = 2_000  # what ingest asks about at once
SEED = 11
HEALED = ("offsets skipped", "two stories of the same people", "nothing moves")  # in the workers' logs


def disturb(pipeline: Running, times: int, every: float) -> None:
    for turn in range(times):
        time.sleep(every)
        found = run.running(pipeline.config.data)
        assert found is not None
        victim, kind = WORKERS[turn % 2], (signal.SIGTERM, signal.SIGKILL)[turn // 2 % 2]
        print(f"{datetime.now(UTC):%H:%M:%S} {kind.name} to {victim}", flush=True)
        os.kill(found.pids[victim], kind)


def differences(pipeline: Running, simulation: simulator.Simulation) -> list[str]:
    """What the tables say otherwise than an offline fold; nothing when all is well."""
    rows, ties = offline.score(simulation.interactions, Brands(simulation.brands), text_reader())
    tables = pipeline.tables()
    columns = pipeline.columns("interactions")
    stored = {
        (row[columns["id"]], row[columns["brand"]]): tuple(
            row[columns[name]] for name in ("trust", "confidence", "verdict", "reciprocity", "effort")
        )
        for row in tables["interactions"]
    }
    expected = {
        (row.interaction.id, row.brand): (row.trust, row.confidence, row.verdict, row.reciprocity, row.effort)
        for row in rows
    }
    known = {(row[0], row[1]): plain(row) for row in pipeline.relationships()}
    wanted = {(tie.brand, tie.person): plain(relationship_row(tie)[:-1]) for tie in ties}
    found = [
        f"interaction {key}: {stored.get(key)} for {row}" for key, row in expected.items() if stored.get(key) != row
    ]
    found += [f"relationship {key}: {known.get(key)} for {tie}" for key, tie in wanted.items() if known.get(key) != tie]
    found += [
        f"{key} should not be there" for key in (stored.keys() - expected.keys()) | (known.keys() - wanted.keys())
    ]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--every", type=float, default=9.0)
    options = parser.parse_args()
    events = int((options.times + 1) * options.every * RATE)
    print(f"simulating {events:,} events", flush=True)
    simulation = simulator.simulate_events(SEED, events, datetime(2026, 11, 1, tzinfo=UTC))

    def paced(ids: Sequence[str]) -> set[str]:
        time.sleep(CHUNK / RATE)
        return set()

    with tempfile.TemporaryDirectory() as folder:
        simulator.write(simulation, Path(folder) / "audience")
        with running(Path(folder) / "data", workers=2) as pipeline:
            disturber = threading.Thread(target=disturb, args=(pipeline, options.times, options.every))
            disturber.start()
            pipeline.feed(Path(folder) / "audience" / simulator.INTERACTIONS, Brands(simulation.brands), known=paced)
            disturber.join()
            print("waiting until all is stored", flush=True)
            pipeline.drain()
            found = differences(pipeline, simulation)
            told = "".join(log.read_text(errors="replace") for log in pipeline.logs() if log.exists())
    for line in found[:20]:
        print(line)
    healed = ", ".join(f"{told.count(event)} times: {event}" for event in HEALED)
    print(f"{len(simulation.interactions):,} events; {healed}; {len(found)} differences")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
