"""kill -9 of every process at random moments changes no number in any table."""

import random
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from events import Brands
from rapport.demo import simulator
from tests.rapport.pipelines import Running, disordered, running

EVENTS, SEED = 20_000, 7
VICTIMS = ("worker", "campaigns", "sink", "kafka", "clickhouse")
KILLS_EACH = 3
SECONDS_PER_CHUNK = 3.0  # the feed is slowed down, so that every kill meets work on its way
BAD_LINES = b'{"id": "x"}\n{broken\n\xff\xfe\n'


@pytest.fixture(scope="module")
def audience(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Brands]:
    """20,000 interactions, every fifth line moved to where it comes late, and a few lines nobody can read."""
    folder = tmp_path_factory.mktemp("audience")
    simulation = simulator.simulate_events(SEED, EVENTS, datetime(2026, 11, 1, tzinfo=UTC))
    simulator.write(simulation, folder)
    path = folder / simulator.INTERACTIONS
    lines = disordered(path.read_bytes().splitlines(keepends=True), random.Random(SEED))
    path.write_bytes(b"".join(lines) + BAD_LINES)
    return path, Brands(simulation.brands)


def slow(ids: Sequence[str]) -> set[str]:
    time.sleep(SECONDS_PER_CHUNK)
    return set()


def kill_at_random(pipeline: Running, problems: list[BaseException]) -> None:
    chance = random.Random(SEED)
    victims = [victim for victim in VICTIMS for _ in range(KILLS_EACH)]
    chance.shuffle(victims)
    try:
        for victim in victims:
            time.sleep(chance.uniform(0.5, 3.5))
            pipeline.kill(victim)
    except BaseException as problem:  # the main thread must hear of it, whatever it is
        problems.append(problem)


def difference(found: Sequence[object], expected: Sequence[object]) -> str:
    """For the eye: thousands of rows are long, and pytest shows the first one that stands elsewhere."""
    extra = [row for row in found if row not in expected]
    missing = [row for row in expected if row not in found]
    return f"{len(extra)} are not as expected, the first are {extra[:3]}; {len(missing)} are missing: {missing[:3]}"


@pytest.mark.engines
@pytest.mark.timeout(900)
def test_fifteen_kills_change_nothing(audience: tuple[Path, Brands], tmp_path: Path) -> None:
    """Each process and each engine is killed three times; every table equals an undisturbed run's."""
    path, brands = audience
    with running(tmp_path / "undisturbed") as pipeline:
        report = pipeline.feed(path, brands)
        pipeline.drain()
        expected = pipeline.tables()
    assert len(expected["interactions"]) == report.new > 0.9 * EVENTS
    assert len(expected["dead letters"]) == 3

    problems: list[BaseException] = []
    with running(tmp_path / "disturbed") as pipeline:
        killer = threading.Thread(target=kill_at_random, args=(pipeline, problems))
        killer.start()
        pipeline.feed(path, brands, known=slow)
        killer.join()
        pipeline.drain()
        tables = pipeline.tables()
    assert not problems
    for name, rows in expected.items():
        assert tables[name] == rows, f"{name} differ: {difference(tables[name], rows)}"
