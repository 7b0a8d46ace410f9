CREATE TABLE IF NOT EXISTS interaction
(
    id String CODEC(ZSTD(1)) COMMENT 'platform:native id, the same on every refetch',
    brand LowCardinality(String) COMMENT 'the brand this row is about; empty where the act concerns no declared brand',
    platform LowCardinality(String) COMMENT 'where it happened',
    type LowCardinality(String) COMMENT 'ActivityStreams 2.0 activity: Create, Announce, Like, Follow, Update, Delete, Undo, Flag',
    direction LowCardinality(String) COMMENT 'inbound: to or about the brand; outbound: by the brand; peer: from one person to another',
    published DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'when it was published, UTC; never changes for an id',
    person String CODEC(ZSTD(1)) COMMENT 'the audience side; empty where the brand speaks to nobody',
    actor String CODEC(ZSTD(1)) COMMENT 'id of the account that acts',
    actor_profile String CODEC(ZSTD(3)) COMMENT 'the rest of the actor as the platform told it, JSON; empty where it told nothing',
    recipients Array(String) CODEC(ZSTD(1)) COMMENT 'ids of the accounts addressed',
    content String CODEC(ZSTD(3)) COMMENT 'text, as written by a stranger',
    language LowCardinality(String) COMMENT 'language tag, empty where unknown',
    url String CODEC(ZSTD(3)) COMMENT 'where it can be seen',
    is_reply Bool CODEC(ZSTD(1)) COMMENT 'whether it answers something, even where the platform does not say what',
    in_reply_to String CODEC(ZSTD(1)) COMMENT 'id of what is answered',
    in_reply_to_actor String CODEC(ZSTD(1)) COMMENT 'whose it is that is answered',
    object String CODEC(ZSTD(1)) COMMENT 'id of what is liked, shared, edited or deleted',
    conversation String CODEC(ZSTD(1)) COMMENT 'id of the conversation',
    brands Array(String) CODEC(ZSTD(1)) COMMENT 'brands named by the source',
    trust UInt16 CODEC(T64, ZSTD(1)) COMMENT 'probability of a genuine act x 10000',
    confidence UInt16 CODEC(T64, ZSTD(1)) COMMENT 'confidence of the score x 10000',
    verdict LowCardinality(String) COMMENT 'genuine, doubtful, spam, insufficient',
    reciprocity UInt16 CODEC(T64, ZSTD(1)) COMMENT 'two-way strength of the relationship at that time x 10000',
    effort UInt16 CODEC(T64, ZSTD(1)) COMMENT 'effort behind the act x 10000',
    evidence String CODEC(ZSTD(3)) COMMENT 'reasons of the score, JSON: signal, weight in log-odds, ids, detail',
    revision UInt64 CODEC(T64, ZSTD(1)) COMMENT 'version of the row, the highest is valid',
    source_partition UInt16 CODEC(ZSTD(1)) COMMENT 'Kafka partition of the scored message',
    source_offset UInt64 CODEC(Delta, ZSTD(1)) COMMENT 'Kafka offset of the scored message',
    INDEX by_id id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_person person TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_key if(empty(person), actor, person) TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(published)
ORDER BY (brand, published, id)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One act as one brand sees it, with its scores: one row per (id, brand), the highest revision is valid. Read it through the view interactions'
