CREATE VIEW IF NOT EXISTS trends
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    t.brand AS brand,
    t.platform AS platform,
    t.minute AS minute,
    t.volume AS volume,
    t.trusted_volume / 10000 AS trusted_volume,
    t.people AS people,
    t.trusted_people AS trusted_people,
    t.spam AS spam,
    t.genuine AS genuine,
    t.doubtful AS doubtful,
    t.insufficient AS insufficient,
    t.outbound AS outbound
FROM trend_minute AS t FINAL
WHERE t.volume + t.outbound > 0
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'Per brand, platform and minute: raw and trust-weighted volume of the audience'
