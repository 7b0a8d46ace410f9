"""``make bench-warehouse``: how fast the dashboards read, how fast the sink inserts, how much an interaction takes.

Ten million made-up interactions of fifty brands over a year, in an embedded ClickHouse. Every panel of every dashboard
is asked as the read-only user, over a week and over the year. Absolute numbers are of the machine and the moment.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from clickhouse_driver import Client

from bench import warehouse_size
from events import Brands
from grafana.boards import BOARDS
from grafana.macros import Range, expanded, interpolated
from rapport import access, offline
from rapport.config import Config
from rapport.demo import simulator
from rapport.embedded.clickhouse import ADMIN, READER, served
from rapport.model import text_reader
from warehouse import classes, trends
from warehouse.client import connect, insert
from warehouse.migrate import migrate
from warehouse.rows import INTERACTION, bucket_of, interaction_row

BRANDS, BRAND, PEOPLE, AT_ONCE = 50, "brand7", 20_000, 1_000_000
END = datetime(2027, 1, 1, tzinfo=UTC)
YEAR_MS = 365 * 86_400_000
WEEK, YEAR = timedelta(days=7), timedelta(days=365)
BARS = {WEEK: 0.2, YEAR: 1.0}  # seconds, of the 95th percentile
TIMES = 20
BATCH, BATCHES = 20_000, 12
MANY = 1_000_000_000
KINDS = "['insufficient', 'emerging', 'real', 'one_sided_them', 'transactional', 'spam_driven']"

ACTS = f"""
INSERT INTO interaction (
    id, brand, platform, type, direction, published, person, actor, content, is_reply, in_reply_to, in_reply_to_actor,
    conversation, recipients, trust, confidence, verdict, reciprocity, class, later, effort, intents, revision,
    source_partition, source_offset
)
WITH
    number + %(first)s AS n,
    cityHash64(n) AS h,
    toDateTime64('2026-01-01 00:00:00', 3, 'UTC') + toIntervalMillisecond(intDiv(n * {YEAR_MS}, %(rows)s)) AS at,
    h %% {BRANDS} AS b,
    toUInt32({PEOPLE} * pow((cityHash64(n, 1) %% 1000000) / 1e6, 2)) AS who,
    cityHash64(n, 2) %% 100 AS way,
    cityHash64(n, 3) %% 10000 AS score,
    {KINDS}[1 + cityHash64(who, b, intDiv(n, 3000000)) %% 6] AS kind
SELECT
    'mastodon:' || lower(hex(h)), 'brand' || toString(b), ['mastodon', 'youtube', 'bluesky'][1 + h %% 3], 'Create',
    if(way < 15, 'outbound', if(way < 70, 'inbound', 'peer')), at, 'mastodon:p' || toString(who),
    if(way < 15, 'mastodon:brand' || toString(b), 'mastodon:p' || toString(who)), 'text number ' || toString(h),
    way < 60, 'mastodon:' || lower(hex(cityHash64(n - {BRANDS}))),
    'mastodon:p' || toString(cityHash64(n, 4) %% {PEOPLE}),
    'mastodon:c' || toString(intDiv(n, 40)), ['mastodon:brand' || toString(b)], score, 8000,
    multiIf(score < 3000, 'spam', score < 6000, 'doubtful', 'genuine'), cityHash64(n, 5) %% 10000, kind,
    if(kind IN ('real', 'emerging'), [(at + toIntervalDay(60), 'lapsed')], []), cityHash64(n, 6) %% 10000,
    ['question'], n + 1, h %% 4, n
FROM numbers(least({AT_ONCE}, %(rows)s - %(first)s))
SETTINGS max_partitions_per_insert_block = 1000
"""  # noqa: S608 - numbers of ours
TIES = """
INSERT INTO relationship (
    brand, person, first_at, last_at, interactions, trust, balance, given, received, half_life_days, class,
    class_begins, class_names, class_reasons, realness_base, realness_fading, realness_silences, acts_ours,
    answers_ours,
    usual_minutes_ours, acts_theirs, answers_theirs, usual_minutes_theirs, debts, exchanges, promises_made, version
)
SELECT
    brand, person, min(published), max(published) AS newest, count(), avg(trust) / 10000, 0.5, 2, 4, 30,
    argMax(class, published), [newest], [argMax(class, published)], [['answers', 'is answered']], 0.5,
    [(0.5, 3, 30)], [(-0.5, 1, 1)], 5, [4, 2, 1, 0, 2, 1, 0, 0], 1440, 7, [1, 1, 0, 0, 0, 1, 0, 0], 1440,
    if(cityHash64(person) % 10 = 0, [(true, 'question', newest, 2)], []), 3, cityHash64(person, brand) % 2, 1
FROM interaction WHERE person != '' GROUP BY brand, person
"""
CAMPAIGNS = """
INSERT INTO campaign (id, kind, log_odds, accounts, targets, interactions, first_at, last_at, examples, brands, version)
SELECT 'c' || toString(number), 'near-duplicate', -(number % 3), 10, 5, 10, e.at, e.at + toIntervalDay(1), [e.id],
    [e.brand], 1
FROM numbers(1000) AS n
INNER JOIN (
    SELECT rowNumberInAllBlocks() AS place, id, published AS at, toString(brand) AS brand
    FROM interaction WHERE cityHash64(id) % 1000 = 0 LIMIT 1000
) AS e ON e.place = n.number
"""
MEMBERS = """
INSERT INTO campaign_member (id, person, campaigns)
SELECT id, person, ['c' || toString(cityHash64(id, 1) % 1000)] FROM interaction WHERE cityHash64(id) % 1000 < 3
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as (admin, reader):
        filled(admin, options.rows)
        slow = reading(reader, options.rows)
        ratios = inserting(admin)
        sizes = size(admin)
    figures = {"rows": options.rows, "slow": slow, "insert": ratios, "bytes": sizes}
    target = Path("artifacts") / "bench-warehouse.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


@contextmanager
def opened(data: Path) -> Iterator[tuple[Client, Client]]:
    """An empty warehouse, as the one who may do everything and as the one who may only read."""
    with served(data) as address:
        config = Config(data)
        migrate(access.clickhouse(config, address, ADMIN))
        clients = [connect(access.clickhouse(config, address, user)) for user in (ADMIN, READER)]
        yield clients[0], clients[1]
        for client in clients:
            client.disconnect()


def filled(client: Client, rows: int) -> None:
    begin = time.perf_counter()
    for first in range(0, rows, AT_ONCE):
        client.execute(ACTS, {"first": first, "rows": rows})
        print(f"\r{min(first + AT_ONCE, rows):,} of {rows:,} interactions", end="", file=sys.stderr, flush=True)
    for sql in (TIES, CAMPAIGNS, MEMBERS):
        client.execute(sql)
    for done, months in trends.rebuild(client):
        print(f"\rtrends of {done} of {months} months        ", end="", file=sys.stderr, flush=True)
    for done, steps in classes.rebuild(client):
        print(f"\rclasses, step {done} of {steps}        ", end="", file=sys.stderr, flush=True)
    print(f"\rmade in {time.perf_counter() - begin:.0f} s                        ", file=sys.stderr)


def reading(client: Client, rows: int) -> list[str]:
    """Prints the 95th percentile of every panel; returns those that are slower than their bar."""
    slow = []
    print(f"{'panel':<66} {'':>4} {'p50 ms':>8} {'p95 ms':>8} {'reads':>12} {'p95 at 1 B, s':>14}")
    for board in BOARDS:
        for panel in board.panels:
            for span, bar in BARS.items():
                step = max(60, round(span.total_seconds() / panel.points))
                named = interpolated(panel.sql, {"brand": BRAND, "platform": "*"})
                sql = expanded(named, Range(END - span, END, step))
                times = sorted(timed(lambda sql=sql: client.execute(sql)) for _ in range(TIMES))
                p95 = times[round(0.95 * TIMES) - 1]
                name, reads = f"{board.title}: {panel.title}", read_rows(client, sql)
                print(
                    f"{name[:66]:<66} {span.days:>3}d {statistics.median(times) * 1000:>8.0f} {p95 * 1000:>8.0f}"
                    f" {reads:>12,} {p95 * MANY / rows:>14.1f}{'  SLOW' if p95 > bar else ''}"
                )
                if p95 > bar:
                    slow.append(f"{name}, {span.days} days: {p95:.3f} s")
    print(f"{len(slow)} slower than {BARS[WEEK]} s at a week or {BARS[YEAR]} s at a year")
    return slow


def read_rows(client: Client, sql: str) -> int:
    """Rows in the granules that ClickHouse says it will read, of all tables; more rows read them in proportion."""
    return sum(row[3] for row in client.execute(f"EXPLAIN ESTIMATE {sql}"))


def inserting(client: Client) -> dict[str, float]:
    """Rows a second of the sink and of a bare driver with the same rows, in turn, as the ratio of the two medians."""
    simulation = simulator.simulate_events(5, BATCH, END)
    scored, _ = offline.score(simulation.interactions, Brands(simulation.brands), text_reader())
    rows = [interaction_row(record, 0, number) for number, record in enumerate(scored)][:BATCH]
    buckets = {bucket_of(row) for row in rows}
    for name in ("bare", "ours"):
        client.execute(f"CREATE TABLE {name} AS interaction")
    client.execute("CREATE TABLE bare_class AS act_class")
    bare = f"INSERT INTO bare ({', '.join(INTERACTION)}) VALUES"
    times: dict[str, list[float]] = {"bare driver": [], "sink": [], "and trends": [], "and classes": []}
    for number in range(BATCHES):
        columns = [list(column) for column in zip(*rows, strict=True)]  # anew: the driver changes what it is given
        times["bare driver"].append(timed(lambda columns=columns: client.execute(bare, columns, columnar=True)))
        times["sink"].append(timed(lambda number=number: insert(client, "ours", INTERACTION, rows, f"bench {number}")))
        times["and trends"].append(times["sink"][-1] + timed(lambda: trends.recompute(client, buckets)))
        times["and classes"].append(times["and trends"][-1] + timed(lambda: classes.store(client, rows)))
    medians = {name: statistics.median(each) for name, each in times.items()}
    for name, median in medians.items():
        share = medians["bare driver"] / median
        print(f"insert, {name:<20} {len(rows) / median:>10,.0f} rows/s {share:>7.0%} of the bare driver")
    return {name: len(rows) / median for name, median in medians.items()}


def size(client: Client) -> dict[str, float]:
    columns = ", ".join(classes.ACT_CLASS)
    client.execute(
        f"INSERT INTO bare_class ({columns}) SELECT {columns} FROM bare WHERE brand != '' AND person != ''"  # noqa: S608
    )
    found = warehouse_size.bytes_per_interaction(client, "bare", "bare_class")
    for kind, each in found.items():
        print(f"bytes per interaction, {kind:<36} {each:>8.1f}")
    return found


def timed(call: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


if __name__ == "__main__":
    sys.exit(main())
