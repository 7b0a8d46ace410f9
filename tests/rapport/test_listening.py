"""All sources together: platforms fail and restart, the process that listens is killed, and every act is there once."""

import os
import random
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from events import Activity
from events.brands import Direction
from rapport import access
from rapport.config import load
from rapport.demo.live import BRAND, Live, live
from rapport.demo.platforms.world import Said
from rapport.up import pipeline
from tests.ingest.sources.contract import Told, expected
from tests.rapport.pipelines import Running

pytestmark = pytest.mark.engines

SECONDS = float(os.environ.get("RAPPORT_LISTENING_SECONDS", "120"))  # during which something is said
ACTS = int(SECONDS)  # on each platform
FAULTS = 0.08  # of the answers
KILLS = 5
AWAY = 15.0  # seconds for which no platform answers
LATEST = 150.0  # seconds until everything that was said has to be there
SMALL_BUDGET = """
[sources.poor]
kind = "hackernews"
budget = { limit = 2, per = "month" }
every_seconds = 2
"""
ARRIVED = """
SELECT id, type, direction, actor, published, in_reply_to, in_reply_to_actor, count() AS times
FROM interactions WHERE brand = %(brand)s AND type NOT IN ('Update', 'Delete') GROUP BY ALL
"""


def arrived(running: Running) -> dict[str, Told]:
    """What the warehouse has, each once, or the test fails."""
    with access.warehouse(running.config) as client:
        rows = client.execute(ARRIVED, {"brand": BRAND})
    assert {row[0] for row in rows if row[-1] != 1} == set()
    assert len({row[0] for row in rows}) == len(rows)
    return {
        key: Told(
            key, Activity(kind), Direction(direction), actor, published.replace(tzinfo=UTC), (to, whose) if to else None
        )
        for key, kind, direction, actor, published, to, whose, _ in rows
    }


def wanted(shown: Live, *, deleted: bool = False) -> dict[str, Told]:
    return {
        key: told
        for one in shown.platforms.values()
        for key, told in expected(one, shown.world, deleted=deleted).items()
    }


def trouble(running: Running, shown: Live) -> None:
    """Five kills at random moments, and once no platform answers for a while."""
    chance = random.Random(7)
    moments = sorted(chance.uniform(0.1, 0.9) * SECONDS for _ in range(KILLS))
    begin, gone = time.monotonic(), 0.4 * SECONDS
    for moment in moments:
        if gone < moment:
            time.sleep(max(0.0, begin + gone - time.monotonic()))
            shown.interrupt()
            time.sleep(AWAY)
            shown.serve()
            gone = 2 * SECONDS
        time.sleep(max(0.0, begin + moment - time.monotonic()))
        running.kill("ingest")


def last(shown: Live) -> Said:
    return shown.world.said[-1]


@pytest.mark.timeout(600)
def test_every_act_is_there_once(tmp_path: Path) -> None:
    """Each with its direction, its time and what it answers; and what could not be seen, when, is told."""
    with live(tmp_path, SECONDS, ACTS, faults=FAULTS, more=SMALL_BUDGET) as shown:
        config = load(shown.settings, tmp_path / "data")
        with pipeline(config, lambda line: None, listen=True) as (supervisor, found), supervisor.watching():
            running = Running(config, found)
            time.sleep(max(0.0, (shown.plan.begin - datetime.now(UTC)).total_seconds()))
            trouble(running, shown)
            time.sleep(max(0.0, (last(shown).at - datetime.now(UTC)).total_seconds()))
            deadline = time.monotonic() + LATEST
            while time.monotonic() < deadline:
                running.drain()
                got = arrived(running)
                if wanted(shown).keys() <= got.keys():
                    break
                time.sleep(1)
            asked = wanted(shown)
            missing = sorted(asked.keys() - got.keys())
            assert missing == []
            assert {key: (got[key], told) for key, told in asked.items() if got[key] != told} == {}
            assert got.keys() <= wanted(shown, deleted=True).keys()
            with access.warehouse(config) as client:
                told = client.execute(
                    "SELECT source, state, reason FROM source_status WHERE state IN ('gap', 'filled')"
                )
    heard = {source.partition(":")[0] for source, state, _ in told if state == "filled"}
    asked_for = {kind for kind in shown.plan.ports if kind != "jetstream"}
    assert asked_for <= heard, f"the outage of {asked_for - heard} is not told"
    assert [state for source, state, reason in told if source.startswith("poor:") and "budget" in reason] == ["gap"]
