-- Ties come from class_history, which is a few changes per person, instead of from every act since the beginning.
CREATE OR REPLACE VIEW trends_of
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS WITH
    1.6449 AS z,
    {since:DateTime64(3, 'UTC')} AS from_time,
    {until:DateTime64(3, 'UTC')} AS to_time,
    if({step:UInt32} = 604800, toDateTime(toMonday(from_time, 'UTC'), 'UTC'), toStartOfInterval(from_time, toIntervalSecond({step:UInt32}), 'UTC')) AS first_step,
    change AS
    (
        -- What was before the time asked for is in the sums, and nobody asks when.
        SELECT
            brand,
            if(at < first_step, first_step - toIntervalSecond({step:UInt32}), if({step:UInt32} = 604800, toDateTime(toMonday(at, 'UTC'), 'UTC'), toStartOfInterval(at, toIntervalSecond({step:UInt32}), 'UTC'))) AS bucket,
            sum(toInt8(kind NOT IN ('', 'insufficient')) - toInt8(before NOT IN ('', 'insufficient'))) AS ties,
            sum(toInt8(kind = 'real') - toInt8(before = 'real')) AS reals
        FROM
        (
            SELECT brand, h.1 AS at, h.2 AS kind, h.3 AS before
            FROM class_history FINAL
            ARRAY JOIN arrayZip(begins, classes, arrayShiftRight(classes, 1, '')) AS h
            WHERE {brand:String} = '' OR brand = {brand:String}
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
COMMENT 'What trends says per minute, per steps of any length, with the shares of what is real and their 90 % intervals: trends_of(brand = ''acme'', platform = '''', step = 86400, since = ''2026-01-01 00:00:00'', until = ''2026-02-01 00:00:00''). An empty brand or platform means every one by itself, the platform * all of them together, each person once, with an empty platform in the rows; a step of 604800 seconds begins on Monday; times are text or Unix seconds, in UTC. Ties are those of the brand on all platforms';

CREATE OR REPLACE VIEW classes_of
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS WITH
    {since:DateTime64(3, 'UTC')} AS from_time,
    {until:DateTime64(3, 'UTC')} AS to_time,
    if({step:UInt32} = 604800, toDateTime(toMonday(from_time, 'UTC'), 'UTC'), toStartOfInterval(from_time, toIntervalSecond({step:UInt32}), 'UTC')) AS first_step,
    ['real', 'emerging', 'one_sided_them', 'one_sided_us', 'transactional', 'spam_driven', 'lapsed', 'insufficient'] AS names,
    change AS
    (
        -- What was before the time asked for is in the sums, and nobody asks when.
        SELECT
            if(at < first_step, first_step - toIntervalSecond({step:UInt32}), if({step:UInt32} = 604800, toDateTime(toMonday(at, 'UTC'), 'UTC'), toStartOfInterval(at, toIntervalSecond({step:UInt32}), 'UTC'))) AS bucket,
            edge.1 AS name,
            countIf(edge.2 > 0) AS gained,
            countIf(edge.2 < 0) AS lost
        FROM
        (
            SELECT h.1 AS at, arrayJoin([(toString(h.2), 1), (toString(h.3), -1)]) AS edge
            FROM class_history FINAL
            ARRAY JOIN arrayZip(begins, classes, arrayShiftRight(classes, 1, '')) AS h
            WHERE brand = {brand:String}
        )
        WHERE at < to_time AND name != ''
        GROUP BY bucket, name
    ),
    total AS
    (
        SELECT bucket, name, gained, lost, sum(toInt64(gained) - lost) OVER (PARTITION BY name ORDER BY bucket) AS people
        FROM change
    ),
    grid AS
    (
        SELECT
            arrayJoin(range(toUInt64(intDiv(dateDiff('second', first_step, to_time) + {step:UInt32} - 1, {step:UInt32})))) AS number,
            first_step + toIntervalSecond(number * {step:UInt32}) AS time,
            arrayJoin(names) AS class
    )
SELECT
    g.time AS time,
    g.class AS class,
    toInt64(t.people) AS people,
    if(t.bucket = g.time, t.gained, 0) AS gained,
    if(t.bucket = g.time, t.lost, 0) AS lost
FROM grid AS g
ASOF LEFT JOIN total AS t ON g.class = t.name AND g.time >= t.bucket
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'How many relationships of a brand are of which class at the end of each step, and how many became so or ceased to be: classes_of(brand = ''acme'', step = 86400, since = ''2026-01-01 00:00:00'', until = ''2026-02-01 00:00:00''). A step of 604800 seconds begins on Monday; times are text or Unix seconds, in UTC'
