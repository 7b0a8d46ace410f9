CREATE TABLE IF NOT EXISTS correction
(
    id String CODEC(ZSTD(1)) COMMENT 'id of the interaction',
    verdict LowCardinality(String) COMMENT 'what the author says it is',
    author String CODEC(ZSTD(1)) COMMENT 'who says it',
    reason String CODEC(ZSTD(1)) COMMENT 'why',
    at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'when, UTC',
    person String CODEC(ZSTD(1)) COMMENT 'the audience side of the interaction'
)
ENGINE = ReplacingMergeTree
ORDER BY (id, at, author)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'What people say of a score, each word of it kept'
