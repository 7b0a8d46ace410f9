CREATE VIEW IF NOT EXISTS classes_of
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS WITH
    {since:DateTime64(3, 'UTC')} AS from_time,
    {until:DateTime64(3, 'UTC')} AS to_time,
    if({step:UInt32} = 604800, toDateTime(toMonday(from_time, 'UTC'), 'UTC'), toStartOfInterval(from_time, toIntervalSecond({step:UInt32}), 'UTC')) AS first_step,
    ['real', 'emerging', 'one_sided_them', 'one_sided_us', 'transactional', 'spam_driven', 'lapsed', 'insufficient'] AS names,
    act AS
    (
        SELECT
            person, arrayConcat([(a.1.1, a.1.3)], a.1.4) AS phases, a.2 AS next
        FROM
        (
            SELECT person, arraySort(groupArray((published, id, toString(class), later))) AS acts
            FROM interaction FINAL
            WHERE class != '' AND brand = {brand:String} AND published < to_time
            GROUP BY person
        )
        -- What an act left behind holds until the next one; what ended before is in no number that is asked for.
        ARRAY JOIN arrayFilter(a -> a.2 >= first_step, arrayZip(acts, arrayPushBack(arrayPopFront(acts.1), toDateTime64('2299-01-01', 3, 'UTC')))) AS a
    ),
    stretch AS
    (
        SELECT
            person, phase.1.1 AS begins, least(phase.2.1, next) AS ends, phase.1.2 AS name,
            lagInFrame(name) OVER (PARTITION BY person ORDER BY begins ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS before,
            leadInFrame(name) OVER (PARTITION BY person ORDER BY begins ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS after
        FROM act
        ARRAY JOIN arrayZip(phases, arrayPushBack(arraySlice(phases, 2), (next, ''))) AS phase
        WHERE phase.1.1 < least(phase.2.1, next)
    ),
    change AS
    (
        SELECT
            if({step:UInt32} = 604800, toDateTime(toMonday(at, 'UTC'), 'UTC'), toStartOfInterval(at, toIntervalSecond({step:UInt32}), 'UTC')) AS bucket,
            name,
            countIf(sign > 0) AS gained,
            countIf(sign < 0) AS lost
        FROM
        (
            SELECT name, arrayJoin(arrayFilter(e -> e.3, [(begins, 1, before != name), (ends, -1, after != name)])) AS edge, edge.1 AS at, edge.2 AS sign
            FROM stretch
        )
        WHERE at < to_time
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
