-- The acts that are there already count at once; from then on the sink keeps it.
CREATE TABLE IF NOT EXISTS trend_hour
(
    brand LowCardinality(String) COMMENT 'the brand; empty for acts that concern no declared brand',
    platform LowCardinality(String) COMMENT 'where it happened',
    hour DateTime('UTC') CODEC(Delta, ZSTD(1)) COMMENT 'start of the hour, UTC',
    volume UInt64 CODEC(T64, ZSTD(1)) COMMENT 'acts of the audience: inbound and peer',
    trusted_volume UInt64 CODEC(T64, ZSTD(1)) COMMENT 'their trust x 10000, summed',
    people UInt64 CODEC(T64, ZSTD(1)) COMMENT 'different persons behind the volume',
    trusted_people UInt64 CODEC(T64, ZSTD(1)) COMMENT 'persons with at least one act judged genuine',
    genuine UInt64 CODEC(T64, ZSTD(1)) COMMENT 'acts of the audience judged genuine',
    doubtful UInt64 CODEC(T64, ZSTD(1)) COMMENT 'acts of the audience judged doubtful',
    spam UInt64 CODEC(T64, ZSTD(1)) COMMENT 'acts of the audience judged spam',
    insufficient UInt64 CODEC(T64, ZSTD(1)) COMMENT 'acts of the audience with too little to judge by',
    outbound UInt64 CODEC(T64, ZSTD(1)) COMMENT 'acts of the brand',
    version UInt64 CODEC(Delta, ZSTD(1)) COMMENT 'server time in ns before the recomputation began, the highest is valid'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(hour)
ORDER BY (brand, platform, hour)
COMMENT 'Hour buckets, each a recomputation from interaction FINAL. Read them through the view trends_hour';

INSERT INTO trend_hour (brand, platform, hour, volume, trusted_volume, people, trusted_people, genuine, doubtful, spam, insufficient, outbound, version)
SELECT
    brand,
    platform,
    toStartOfHour(published) AS hour,
    countIf(direction != 'outbound'),
    sumIf(trust, direction != 'outbound'),
    uniqExactIf(person, direction != 'outbound'),
    uniqExactIf(person, direction != 'outbound' AND verdict = 'genuine'),
    countIf(direction != 'outbound' AND verdict = 'genuine'),
    countIf(direction != 'outbound' AND verdict = 'doubtful'),
    countIf(direction != 'outbound' AND verdict = 'spam'),
    countIf(direction != 'outbound' AND verdict = 'insufficient'),
    countIf(direction = 'outbound'),
    toUInt64(toUnixTimestamp64Nano(now64(9)))
FROM interaction FINAL
GROUP BY brand, platform, hour
SETTINGS do_not_merge_across_partitions_select_final = 1, max_partitions_per_insert_block = 1000;

CREATE VIEW IF NOT EXISTS trends_hour
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    t.brand AS brand,
    t.platform AS platform,
    t.hour AS hour,
    t.volume AS volume,
    t.trusted_volume / 10000 AS trusted_volume,
    t.people AS people,
    t.trusted_people AS trusted_people,
    t.spam AS spam,
    t.genuine AS genuine,
    t.doubtful AS doubtful,
    t.insufficient AS insufficient,
    t.outbound AS outbound
FROM trend_hour AS t FINAL
WHERE t.volume + t.outbound > 0
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'Per brand, platform and hour: raw and trust-weighted volume of the audience, each person counted once'
