CREATE TABLE IF NOT EXISTS lag
(
    at DateTime('UTC') CODEC(Delta, ZSTD(1)) COMMENT 'when it was measured, UTC',
    consumer LowCardinality(String) COMMENT 'who has to handle the messages: worker, campaigns or sink',
    topic LowCardinality(String) COMMENT 'the Kafka topic',
    messages UInt64 CODEC(T64, ZSTD(1)) COMMENT 'messages that wait'
)
ENGINE = ReplacingMergeTree
ORDER BY (consumer, topic, at)
TTL at + INTERVAL 30 DAY
COMMENT 'How many messages waited, measured by the sink. Read it through the view pipeline_lag';

CREATE VIEW IF NOT EXISTS pipeline_lag
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    l.at AS at,
    toString(l.consumer) AS consumer,
    toString(l.topic) AS topic,
    max(l.messages) AS messages
FROM lag AS l
GROUP BY at, consumer, topic
COMMENT 'How many messages of a topic waited for whom, about every ten seconds, for 30 days'
