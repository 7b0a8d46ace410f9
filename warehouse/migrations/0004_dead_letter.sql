CREATE TABLE IF NOT EXISTS dead_letter
(
    origin String CODEC(ZSTD(1)) COMMENT 'file:NAME:LINE or TOPIC:PARTITION:OFFSET',
    reason LowCardinality(String) COMMENT 'why it could not be used, one word',
    detail String CODEC(ZSTD(1)) COMMENT 'why it could not be used, a sentence',
    at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'when it was put aside, UTC',
    bytes UInt64 CODEC(T64, ZSTD(1)) COMMENT 'original length',
    body String CODEC(ZSTD(3)) COMMENT 'the raw message, cut to 100 kB; not necessarily UTF-8'
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (origin, cityHash64(body))
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Messages that could not be used: once each, however often the same input comes again'
