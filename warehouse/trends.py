"""Buckets of a minute, an hour and a day, each always equal to a recomputation from ``interaction FINAL``."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from clickhouse_driver import Client

from warehouse.client import insert, temporary
from warehouse.retention import COMPLETE, COMPLETE_MINUTES
from warehouse.rows import Bucket


class Grain(NamedTuple):
    """A width of buckets: the table that keeps them, its column of time, what gives a time its bucket, and from when on
    they can be computed."""

    table: str
    column: str
    start: str
    kept: str = COMPLETE


GRAINS = (
    Grain("trend_minute", "minute", "toStartOfMinute", COMPLETE_MINUTES),
    Grain("trend_hour", "hour", "toStartOfHour"),
    Grain("trend_day", "day", "toStartOfDay"),
)
NUMBERS = (
    *("volume", "trusted_volume", "people", "trusted_people"),
    *("genuine", "doubtful", "spam", "insufficient", "outbound"),
)

# The version is the server's time before the recomputation reads anything: of two sinks that recompute one bucket
# at once, the one that may have missed rows of the other has the lower version.
TOUCHED = """
CREATE TEMPORARY TABLE IF NOT EXISTS touched
(
    brand String,
    platform String,
    minute DateTime('UTC'),
    version UInt64 DEFAULT toUInt64(toUnixTimestamp64Nano(now64(9)))
)
ENGINE = Memory
"""
COMPUTED = """
SELECT
    brand,
    platform,
    time,
    countIf(audience) AS volume,
    sumIf(trust, audience) AS trusted_volume,
    uniqExactIf(person, audience) AS people,
    uniqExactIf(person, audience AND verdict = 'genuine') AS trusted_people,
    countIf(audience AND verdict = 'genuine') AS genuine,
    countIf(audience AND verdict = 'doubtful') AS doubtful,
    countIf(audience AND verdict = 'spam') AS spam,
    countIf(audience AND verdict = 'insufficient') AS insufficient,
    countIf(direction = 'outbound') AS outbound,
    max(version) AS version
FROM
(
    SELECT
        toString(brand) AS brand,
        toString(platform) AS platform,
        {start}(published) AS time,
        person,
        trust,
        toString(verdict) AS verdict,
        toString(direction) AS direction,
        direction IN ('inbound', 'peer') AS audience,
        toUInt64(0) AS version
    FROM interaction FINAL
    WHERE {where} AND counts
    {more}
)
GROUP BY brand, platform, time
"""
AT_ONCE = "do_not_merge_across_partitions_select_final = 1, max_partitions_per_insert_block = 1000"
IS_TOUCHED = """(interaction.brand, interaction.platform, {start}(published))
        IN (SELECT brand, platform, {start}(minute) FROM touched WHERE minute >= {kept})"""
# A bucket whose last row has gone gets its zeros.
ZEROS = """
    UNION ALL
    SELECT brand, platform, {start}(minute), '', 0, '', '', 0, version FROM touched WHERE minute >= {kept}"""
MONTHS = """
SELECT DISTINCT month FROM
(
    SELECT DISTINCT toYYYYMM(published) AS month FROM interaction
    UNION ALL SELECT DISTINCT toYYYYMM(minute) FROM trend_minute
    UNION ALL SELECT DISTINCT toYYYYMM(hour) FROM trend_hour
    UNION ALL SELECT DISTINCT toYYYYMM(day) FROM trend_day
)
ORDER BY month
"""
TOUCH_MONTH = """
INSERT INTO touched (brand, platform, minute)
SELECT DISTINCT brand, platform, toStartOfMinute(published) FROM interaction WHERE toYYYYMM(published) = %(month)s
UNION DISTINCT SELECT brand, platform, minute FROM trend_minute WHERE toYYYYMM(minute) = %(month)s
UNION DISTINCT SELECT brand, platform, hour FROM trend_hour WHERE toYYYYMM(hour) = %(month)s
UNION DISTINCT SELECT brand, platform, day FROM trend_day WHERE toYYYYMM(day) = %(month)s
"""
DIFFERENT = f"""
SELECT toString(brand), toString(platform), toDateTime(time, 'UTC')
FROM
(
    {COMPUTED}
    UNION ALL
    SELECT brand, platform, {{column}}, {", ".join(NUMBERS)}, version FROM {{table}} FINAL
    WHERE toYYYYMM({{column}}) = %(month)s AND {{column}} >= {{kept}} AND volume + outbound > 0
)
GROUP BY brand, platform, time
HAVING count() != 2 OR {" OR ".join(f"min({name}) != max({name})" for name in NUMBERS)}
ORDER BY ALL
"""  # noqa: S608 - the columns are constants of ours


class Difference(NamedTuple):
    """A bucket that does not say what the acts say; ``time`` is its start."""

    table: str
    brand: str
    platform: str
    time: datetime


def recompute(client: Client, buckets: Iterable[Bucket]) -> None:
    """Compute ``buckets``, and the hours and days they are in, anew.

    Raises ``ConnectionResetError`` where the connection was lost on the way.
    """
    with temporary(client, "touched", TOUCHED):
        insert(client, "touched", Bucket._fields, sorted(buckets))
        _recompute_touched(client)


def rebuild(client: Client) -> Iterator[tuple[int, int]]:
    """Compute every bucket anew, a month after the other; yields how many are done, and how many there are.

    May run beside a sink: whichever of the two began later wins.
    """
    months = [month for (month,) in client.execute(MONTHS)]
    for number, month in enumerate(months, 1):
        with temporary(client, "touched", TOUCHED):
            client.execute(TOUCH_MONTH, {"month": month})
            _recompute_touched(client)
        yield number, len(months)


def differences(client: Client) -> Iterator[Difference]:
    """The buckets that do not equal a recomputation now. While a sink runs, it may just be about to mend one."""
    for (month,) in client.execute(MONTHS):
        for grain in GRAINS:
            where = f"toYYYYMM(published) = %(month)s AND published >= {grain.kept}"
            sql = DIFFERENT.format(**grain._asdict(), where=where, more="")
            yield from (Difference(grain.table, *row) for row in client.execute(sql, {"month": month}))


def _recompute_touched(client: Client) -> None:
    for grain in GRAINS:
        start = {"start": grain.start, "kept": grain.kept}
        computed = COMPUTED.format(**start, where=IS_TOUCHED.format(**start), more=ZEROS.format(**start))
        client.execute(
            f"INSERT INTO {grain.table} (brand, platform, {grain.column}, {', '.join(NUMBERS)}, version)"
            f" {computed} SETTINGS {AT_ONCE}"
        )
