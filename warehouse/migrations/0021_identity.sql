CREATE TABLE IF NOT EXISTS identity
(
    account String CODEC(ZSTD(1)) COMMENT 'an account',
    person String CODEC(ZSTD(1)) COMMENT 'the account that stands for the person whose it is; itself: by itself again',
    author String CODEC(ZSTD(1)) COMMENT 'who says it',
    reason String CODEC(ZSTD(3)) COMMENT 'why',
    at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'when it was said, UTC; the newest word is valid'
)
ENGINE = ReplacingMergeTree(at)
ORDER BY account
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Which accounts are one person, as people say. Read it through the view identities'
