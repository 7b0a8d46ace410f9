CREATE TABLE IF NOT EXISTS trend_minute
(
    brand LowCardinality(String) COMMENT 'the brand; empty for acts that concern no declared brand',
    platform LowCardinality(String) COMMENT 'where it happened',
    minute DateTime('UTC') CODEC(Delta, ZSTD(1)) COMMENT 'start of the minute, UTC',
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
PARTITION BY toYYYYMM(minute)
ORDER BY (brand, platform, minute)
COMMENT 'Minute buckets, each a recomputation from interaction FINAL. Read them through the view trends'
