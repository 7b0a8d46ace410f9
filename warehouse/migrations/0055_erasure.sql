CREATE TABLE IF NOT EXISTS erasure
(
    digest String COMMENT 'keyed hash of the account; the key is on the Kafka topic erasures alone',
    at DateTime64(3, 'UTC') COMMENT 'when it was asked for, UTC',
    author String COMMENT 'who erased',
    reason String COMMENT 'why, as they said',
    acts UInt64 COMMENT 'acts of the person that were erased'
)
ENGINE = ReplacingMergeTree
ORDER BY (digest, at)
COMMENT 'Whom rapport erase has erased: that it was done, not who it was'
