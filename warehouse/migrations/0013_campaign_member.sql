CREATE TABLE IF NOT EXISTS campaign_member
(
    id String CODEC(ZSTD(1)) COMMENT 'id of the interaction',
    person String CODEC(ZSTD(1)) COMMENT 'the audience side; the actor where the brand speaks to nobody',
    campaigns Array(String) CODEC(ZSTD(1)) COMMENT 'names of the campaigns it is in, as they were called when this was told',
    source_partition UInt16 CODEC(ZSTD(1)) COMMENT 'Kafka partition of the message, the same for every message of an id',
    source_offset UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Kafka offset of the message, the highest is valid'
)
ENGINE = ReplacingMergeTree(source_offset)
ORDER BY id
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Which acts are in which campaigns. Read it through the view campaign_members'
