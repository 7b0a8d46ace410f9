-- As before, without what was taken back and what is no contact.
CREATE OR REPLACE VIEW shares_of
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
            AND published >= from_time AND published < to_time AND counts
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
COMMENT 'What trends_of says of volume and people, without the ties: faster, since it reads no more than the time asked for. Its parameters are those of trends_of'
