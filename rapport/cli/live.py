"""`rapport demo --live`: every kind of source at once, on platforms that are invented and fail now and then."""

import time
from datetime import UTC, datetime
from pathlib import Path

from clickhouse_driver import Client

from rapport import access, drained
from rapport.cli.options import say
from rapport.config import load
from rapport.demo.live import Live, live
from rapport.progress import progress
from rapport.up import pipeline

SECONDS, ACTS = 60.0, 60  # how long something is said, and how much on each platform
FAULTS = 0.05  # of the platforms' answers
SOURCES = "SELECT source, state, since, until, reason FROM source_status ORDER BY since"
AFTERWARDS = 70.0  # seconds until what was said last has been asked for: searches are behind by a minute


def run_live(data: Path) -> None:
    """A minute of it, in a folder of its own below ``data``."""
    folder = data / "live" / f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
    folder.mkdir(parents=True)
    with live(folder, SECONDS, ACTS, faults=FAULTS) as shown:
        config = load(shown.settings, folder)
        with pipeline(config, say, listen=True) as (supervisor, found), supervisor.watching():
            say(f"{len(shown.platforms)} invented platforms speak for {SECONDS:.0f} seconds, and fail now and then")
            _wait(shown)
            drained.wait(found.kafka)
            with access.warehouse(config) as client:
                print(_summary(client, shown))
    print(f"\nLook next (the data stay in {folder}, its sources in {shown.settings.name} there):")
    for command in ("relationships", "owed", f'sql "{SOURCES}"'):
        print(f"  rapport {command} --data {folder}")


def _wait(shown: Live) -> None:
    begin, end = shown.plan.begin.timestamp(), shown.world.said[-1].at.timestamp() + AFTERWARDS
    with progress("listening") as bar:
        while (now := time.time()) < end:
            bar(max(0, int(now - begin)), int(end - begin), "seconds")
            time.sleep(0.2)


def _summary(client: Client, shown: Live) -> str:
    """What each platform had to say, and what of it is stored; what was taken back may be, or not."""
    stored = {key for (key,) in client.execute("SELECT DISTINCT id FROM interactions")}
    changes = client.execute("SELECT object FROM interactions WHERE type IN ('Update', 'Delete')")
    lines = ["", "source           said   stored   edited or taken back"]
    for kind, platform in sorted(shown.platforms.items()):
        said = {platform.act(one) for one in shown.world.said if one.kind in platform.CARRIES and not one.deleted}
        changed = sum(key.startswith(f"{platform.act(shown.world.said[0]).partition(':')[0]}:") for (key,) in changes)
        lines.append(f"{kind:<14} {len(said):>6}   {len(said & stored):>6}   {changed:>20}")
    gaps = client.execute("SELECT state, count() FROM source_status WHERE state IN ('gap', 'filled') GROUP BY state")
    told = ", ".join(f"{count} {state}" for state, count in sorted(gaps)) or "none"
    return "\n".join([*lines, "", f"What could not be seen at the time: {told}"])
