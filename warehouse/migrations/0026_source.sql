CREATE TABLE IF NOT EXISTS source
(
    source LowCardinality(String) COMMENT 'what is listened to, for example bluesky:search',
    brand LowCardinality(String) COMMENT 'for which brand; empty: for all of them',
    since DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'from when on the state holds, UTC; the key of the row, with source and brand',
    state LowCardinality(String) COMMENT 'live: listening; gap: what happened from since to until was not seen; stopped: nothing more is read',
    until DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'to when it held, UTC; 1970: it holds still',
    reason String CODEC(ZSTD(1)) COMMENT 'why, in words',
    last_event_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'publication of the newest act it brought, UTC; 1970: none yet',
    version UInt64 CODEC(T64, ZSTD(1)) COMMENT 'time at which this was said, ms since 1970, the highest is valid'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (source, brand, since)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'What was listened to, and what could not be seen. Read it through the view source_status';

CREATE VIEW IF NOT EXISTS source_status
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    toString(s.source) AS source,
    toString(s.brand) AS brand,
    toString(s.state) AS state,
    s.since AS since,
    if(toUnixTimestamp64Milli(s.until) = 0, NULL, s.until) AS until,
    s.reason AS reason,
    if(toUnixTimestamp64Milli(s.last_event_at) = 0, NULL, s.last_event_at) AS last_event_at
FROM source AS s FINAL
COMMENT 'What was listened to and since when, with every gap: what happened then was not seen, and no chart may pretend it was'
