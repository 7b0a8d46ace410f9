"""How much of what is heard is real, over time: of the volume, of the people and of the ties, beside the raw counts.

* Of the volume: the mean trust of the audience's acts. All acts of one person stand or fall together, so the variance
  is ``sum(n^2 m (1 - m)) / N^2`` over persons with ``n`` acts of mean trust ``m``.
* Of the people: the mean of ``m``, with the variance ``sum(m (1 - m)) / P^2``.
* Of the ties: those of class *real* at the end of the step, of all whose class is not *insufficient* (Wilson's
  interval). The class of a tie at a time is what its newest act before then left behind for that time, so that it is
  the same after any re-fold (of several acts within one millisecond, the one with the greatest id).

Intervals are of 90 %.
"""

from datetime import datetime

from clickhouse_driver import Client

from events.interaction import milliseconds
from warehouse.queries import Table, ask

Z90 = 1.6449

TRENDS = """
WITH
    person_step AS
    (
        SELECT
            brand, platform, {step} AS time, person,
            countIf(direction != 'outbound') AS acts,
            avgIf(trust, direction != 'outbound') AS mean,
            maxIf(verdict = 'genuine', direction != 'outbound') AS trusted,
            countIf(direction != 'outbound' AND verdict = 'spam') AS spam,
            countIf(direction = 'outbound') AS outbound
        FROM interactions
        WHERE (%(all)s OR brand = %(brand)s)
            AND published >= fromUnixTimestamp64Milli(%(since)s, 'UTC')
            AND published < fromUnixTimestamp64Milli(%(until)s, 'UTC')
        GROUP BY brand, platform, time, person
    ),
    step AS
    (
        SELECT
            brand, platform, time,
            sum(acts) AS volume,
            sumIf(acts * mean, acts > 0) AS trusted_volume,
            countIf(acts > 0) AS people,
            countIf(acts > 0 AND trusted) AS trusted_people,
            sum(spam) AS spam,
            sum(outbound) AS outbound,
            if(volume = 0, NULL, trusted_volume / volume) AS real_share,
            if(volume = 0, NULL, sqrt(sumIf(acts * acts * mean * (1 - mean), acts > 0)) / volume) AS real_deviation,
            if(people = 0, NULL, sumIf(mean, acts > 0) / people) AS people_share,
            if(people = 0, NULL, sqrt(sumIf(mean * (1 - mean), acts > 0)) / people) AS people_deviation
        FROM person_step
        GROUP BY brand, platform, time
    ),
    act AS
    (
        SELECT
            brand, person, published, arrayConcat([(published, toString(class))], later) AS phases,
            leadInFrame(published, 1, toDateTime64('2299-01-01', 3, 'UTC')) OVER (
                PARTITION BY brand, person ORDER BY published, id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
            ) AS next
        FROM interaction FINAL
        WHERE class != '' AND (%(all)s OR brand = %(brand)s)
            AND published < fromUnixTimestamp64Milli(%(until)s, 'UTC')
    ),
    change AS
    (
        SELECT brand, {step_of_change} AS bucket, sum(ties) AS ties, sum(reals) AS reals
        FROM
        (
            SELECT
                brand, arrayJoin(arrayZip(phases, arrayPushBack(arraySlice(phases, 2), (next, '')))) AS phase,
                arrayJoin([(phase.1.1, 1), (least(phase.2.1, next), -1)]) AS edge,
                edge.1 AS at,
                edge.2 * (phase.1.2 != 'insufficient') AS ties,
                edge.2 * (phase.1.2 = 'real') AS reals
            FROM act
            WHERE phase.1.1 < least(phase.2.1, next)
        )
        WHERE at < fromUnixTimestamp64Milli(%(until)s, 'UTC')
        GROUP BY brand, bucket
    ),
    tie AS
    (
        SELECT
            brand, bucket,
            sum(ties) OVER (PARTITION BY brand ORDER BY bucket) AS ties,
            sum(reals) OVER (PARTITION BY brand ORDER BY bucket) AS real_ties
        FROM change
    )
SELECT
    s.brand AS brand,
    s.platform AS platform,
    s.time AS time,
    s.volume AS volume,
    s.trusted_volume AS trusted_volume,
    s.people AS people,
    s.trusted_people AS trusted_people,
    s.spam AS spam,
    s.outbound AS outbound,
    s.real_share AS real_share,
    greatest(0, s.real_share - %(z)s * s.real_deviation) AS real_share_low,
    least(1, s.real_share + %(z)s * s.real_deviation) AS real_share_high,
    s.people_share AS people_share,
    greatest(0, s.people_share - %(z)s * s.people_deviation) AS people_share_low,
    least(1, s.people_share + %(z)s * s.people_deviation) AS people_share_high,
    t.ties AS ties,
    t.real_ties AS real_ties,
    if(ties = 0, NULL, real_ties / ties) AS ties_share,
    if(ties = 0, NULL, greatest(0, (ties_share + z2 / (2 * ties) - %(z)s * sqrt(ties_share * (1 - ties_share) / ties
        + z2 / (4 * ties * ties))) / (1 + z2 / ties))) AS ties_share_low,
    if(ties = 0, NULL, least(1, (ties_share + z2 / (2 * ties) + %(z)s * sqrt(ties_share * (1 - ties_share) / ties
        + z2 / (4 * ties * ties))) / (1 + z2 / ties))) AS ties_share_high
FROM (SELECT *, %(z)s * %(z)s AS z2 FROM step) AS s
ASOF LEFT JOIN tie AS t ON s.brand = t.brand AND s.time >= t.bucket
ORDER BY brand, platform, time
"""
STEP = """if(
    %(step)s = 604800,
    toDateTime(toMonday({at}, 'UTC'), 'UTC'),
    toStartOfInterval({at}, toIntervalSecond(%(step)s), 'UTC')
)"""


def trends(client: Client, since: datetime, until: datetime, brand: str | None = None, step: int = 60) -> Table:
    """Volume, people and ties per brand, platform and ``step`` seconds from ``since`` up to but without ``until``.

    Read from the acts themselves, because persons cannot be added up over minutes. Weeks begin on Monday. Ties are
    those of the brand on all platforms.
    """
    return ask(
        client,
        TRENDS.replace("{step}", STEP.replace("{at}", "published")).replace(
            "{step_of_change}", STEP.replace("{at}", "at")
        ),
        all=int(brand is None),
        brand=brand or "",
        step=step,
        since=milliseconds(since),
        until=milliseconds(until),
        z=Z90,
    )
