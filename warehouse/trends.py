"""Minute buckets, each always equal to a recomputation from ``interaction FINAL``."""

from collections.abc import Iterable

from clickhouse_driver import Client
from clickhouse_driver.errors import ErrorCodes, ServerException

from warehouse.client import insert
from warehouse.rows import Bucket

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

# The second half of the union gives a bucket whose last row has gone its zeros.
RECOMPUTE = """
INSERT INTO trend_minute (
    brand, platform, minute, volume, trusted_volume, people, trusted_people,
    genuine, doubtful, spam, insufficient, outbound, version
)
SELECT
    brand,
    platform,
    minute,
    countIf(audience),
    sumIf(trust, audience),
    uniqExactIf(person, audience),
    uniqExactIf(person, audience AND verdict = 'genuine'),
    countIf(audience AND verdict = 'genuine'),
    countIf(audience AND verdict = 'doubtful'),
    countIf(audience AND verdict = 'spam'),
    countIf(audience AND verdict = 'insufficient'),
    countIf(direction = 'outbound'),
    max(version)
FROM
(
    SELECT
        toString(brand) AS brand,
        toString(platform) AS platform,
        toStartOfMinute(published) AS minute,
        person,
        trust,
        toString(verdict) AS verdict,
        toString(direction) AS direction,
        direction IN ('inbound', 'peer') AS audience,
        toUInt64(0) AS version
    FROM interaction FINAL
    WHERE (interaction.brand, interaction.platform, toStartOfMinute(published))
        IN (SELECT brand, platform, minute FROM touched)
    UNION ALL
    SELECT brand, platform, minute, '', 0, '', '', 0, version FROM touched
)
GROUP BY brand, platform, minute
SETTINGS do_not_merge_across_partitions_select_final = 1, max_partitions_per_insert_block = 1000
"""


def recompute(client: Client, buckets: Iterable[Bucket]) -> None:
    """Compute ``buckets`` anew. Raises ``ConnectionResetError`` where the connection was lost on the way."""
    client.execute(TOUCHED)
    try:
        client.execute("TRUNCATE TABLE touched")
        insert(client, "touched", Bucket._fields, sorted(buckets))
        client.execute(RECOMPUTE)
    except ServerException as error:
        # A temporary table lives as long as its connection, and the driver reconnects without a word.
        if error.code == ErrorCodes.UNKNOWN_TABLE and "touched" in error.message:
            raise ConnectionResetError("connection lost during a recomputation") from error
        raise
