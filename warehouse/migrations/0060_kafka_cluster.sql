CREATE TABLE IF NOT EXISTS kafka_cluster
(
    id String COMMENT 'what the Kafka cluster calls itself',
    at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'when it first filled this warehouse, UTC'
)
ENGINE = ReplacingMergeTree
ORDER BY id
COMMENT 'The Kafka that fills this warehouse: versions of rows are built from its offsets, so no other one may'
