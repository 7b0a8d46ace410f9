CREATE TABLE IF NOT EXISTS campaign
(
    id String CODEC(ZSTD(1)) COMMENT 'name of the campaign',
    kind LowCardinality(String) COMMENT 'near-duplicate: one text; link, domain: one link or domain in whatever text',
    merged_into String CODEC(ZSTD(1)) COMMENT 'the campaign that this one turned out to be part of; nothing else is told of it then. Empty where it stands',
    log_odds Float64 CODEC(ZSTD(1)) COMMENT 'what membership adds to the log-odds of being genuine; 0: known, and no evidence of anything',
    accounts UInt64 CODEC(T64, ZSTD(1)) COMMENT 'different accounts',
    targets UInt64 CODEC(T64, ZSTD(1)) COMMENT 'different things or persons written to',
    interactions UInt64 CODEC(T64, ZSTD(1)) COMMENT 'acts',
    first_at DateTime64(3, 'UTC') CODEC(ZSTD(1)) COMMENT 'publication of the first act, which is the first of the examples, UTC; 1970 where it was merged',
    last_at DateTime64(3, 'UTC') CODEC(ZSTD(1)) COMMENT 'publication of the newest act, UTC; 1970 where it was merged',
    examples Array(String) CODEC(ZSTD(1)) COMMENT 'ids of the earliest acts, one per account',
    brands Array(LowCardinality(String)) CODEC(ZSTD(1)) COMMENT 'brands concerned',
    letters UInt64 CODEC(T64, ZSTD(1)) COMMENT 'letters of the median text',
    agreement Float64 CODEC(ZSTD(1)) COMMENT 'mean estimated Jaccard similarity of the text of an account to the nearest of another, 0..1',
    likeness Float64 CODEC(ZSTD(1)) COMMENT 'the same between the texts of any two accounts: low where a template is re-worded, 0..1',
    linked Float64 CODEC(ZSTD(1)) COMMENT 'share of its texts with a link, 0..1',
    domains UInt64 CODEC(T64, ZSTD(1)) COMMENT 'different domains in its links',
    repeaters Float64 CODEC(ZSTD(1)) COMMENT 'share of its accounts that wrote it to several targets, 0..1',
    busiest_hour UInt64 CODEC(T64, ZSTD(1)) COMMENT 'most accounts that joined within one hour',
    busiest_day UInt64 CODEC(T64, ZSTD(1)) COMMENT 'most accounts that joined within one day',
    busiest_week UInt64 CODEC(T64, ZSTD(1)) COMMENT 'most accounts that joined within one week',
    link String CODEC(ZSTD(1)) COMMENT 'the link or domain that makes a campaign of these kinds',
    version UInt64 CODEC(T64, ZSTD(1)) COMMENT 'version of the row as told, grows with the acts',
    source_partition UInt16 CODEC(ZSTD(1)) COMMENT 'Kafka partition of the message, the same for every message of an id',
    source_offset UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Kafka offset of the message, the highest is valid'
)
ENGINE = ReplacingMergeTree(source_offset)
ORDER BY id
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Campaigns as last told, also the old names of merged ones. Read it through the view campaigns'
