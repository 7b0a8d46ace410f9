-- People cannot be added up over minutes, so this reads the acts; warehouse/shares.py says what it computes.
CREATE VIEW IF NOT EXISTS shares_of
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS WITH
    1.6449 AS z,
    {since:DateTime64(3, 'UTC')} AS from_time,
    {until:DateTime64(3, 'UTC')} AS to_time,
    person_step AS
    (
        SELECT
            brand, person,
            if({platform:String} = '*', '', platform) AS place,
            if({step:UInt32} = 604800, toDateTime(toMonday(published, 'UTC'), 'UTC'), toStartOfInterval(published, toIntervalSecond({step:UInt32}), 'UTC')) AS time,
            countIf(direction != 'outbound') AS acts,
            avgIf(trust / 10000, direction != 'outbound') AS mean,
            maxIf(verdict = 'genuine', direction != 'outbound') AS trusted,
            countIf(direction != 'outbound' AND verdict = 'spam') AS spam,
            countIf(direction = 'outbound') AS outbound
        FROM interaction FINAL
        WHERE ({brand:String} = '' OR brand = {brand:String}) AND ({platform:String} IN ('', '*') OR platform = {platform:String})
            AND published >= from_time AND published < to_time
        GROUP BY brand, place, time, person
    ),
    step AS
    (
        SELECT
            brand, place, time,
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
        GROUP BY brand, place, time
    )
SELECT
    toString(s.brand) AS brand,
    toString(s.place) AS platform,
    s.time AS time,
    s.volume AS volume,
    s.trusted_volume AS trusted_volume,
    s.people AS people,
    s.trusted_people AS trusted_people,
    s.spam AS spam,
    s.outbound AS outbound,
    s.real_share AS real_share,
    greatest(0, s.real_share - z * s.real_deviation) AS real_share_low,
    least(1, s.real_share + z * s.real_deviation) AS real_share_high,
    s.people_share AS people_share,
    greatest(0, s.people_share - z * s.people_deviation) AS people_share_low,
    least(1, s.people_share + z * s.people_deviation) AS people_share_high
FROM step AS s
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'What trends_of says of volume and people, without the ties: faster, since it reads no more than the time asked for. Its parameters are those of trends_of';

CREATE VIEW IF NOT EXISTS trends_of
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS WITH
    1.6449 AS z,
    {since:DateTime64(3, 'UTC')} AS from_time,
    {until:DateTime64(3, 'UTC')} AS to_time,
    act AS
    (
        SELECT
            brand, arrayConcat([(a.1.1, a.1.3)], a.1.4) AS phases, a.2 AS next
        FROM
        (
            SELECT brand, arraySort(groupArray((published, id, toString(class), later))) AS acts
            FROM interaction FINAL
            WHERE class != '' AND ({brand:String} = '' OR brand = {brand:String}) AND published < to_time
            GROUP BY brand, person
        )
        -- What an act left behind holds until the next one; what ended before is in no number that is asked for.
        ARRAY JOIN arrayFilter(a -> a.2 >= from_time, arrayZip(acts, arrayPushBack(arrayPopFront(acts.1), toDateTime64('2299-01-01', 3, 'UTC')))) AS a
    ),
    change AS
    (
        SELECT
            brand,
            if({step:UInt32} = 604800, toDateTime(toMonday(at, 'UTC'), 'UTC'), toStartOfInterval(at, toIntervalSecond({step:UInt32}), 'UTC')) AS bucket,
            sum(ties) AS ties,
            sum(reals) AS reals
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
        WHERE at < to_time
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
    s.real_share_low AS real_share_low,
    s.real_share_high AS real_share_high,
    s.people_share AS people_share,
    s.people_share_low AS people_share_low,
    s.people_share_high AS people_share_high,
    t.ties AS ties,
    t.real_ties AS real_ties,
    if(t.ties = 0, NULL, t.real_ties / t.ties) AS ties_share,
    if(t.ties = 0, NULL, greatest(0, (ties_share + z * z / (2 * t.ties) - z * sqrt(ties_share * (1 - ties_share) / t.ties + z * z / (4 * t.ties * t.ties))) / (1 + z * z / t.ties))) AS ties_share_low,
    if(t.ties = 0, NULL, least(1, (ties_share + z * z / (2 * t.ties) + z * sqrt(ties_share * (1 - ties_share) / t.ties + z * z / (4 * t.ties * t.ties))) / (1 + z * z / t.ties))) AS ties_share_high
FROM shares_of(brand = {brand:String}, platform = {platform:String}, step = {step:UInt32}, since = {since:DateTime64(3, 'UTC')}, until = {until:DateTime64(3, 'UTC')}) AS s
ASOF LEFT JOIN tie AS t ON s.brand = t.brand AND s.time >= t.bucket
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'What trends says per minute, per steps of any length, with the shares of what is real and their 90 % intervals: trends_of(brand = ''acme'', platform = '''', step = 86400, since = ''2026-01-01 00:00:00'', until = ''2026-02-01 00:00:00''). An empty brand or platform means every one by itself, the platform * all of them together, each person once, with an empty platform in the rows; a step of 604800 seconds begins on Monday; times are text or Unix seconds, in UTC. Ties are those of the brand on all platforms'
