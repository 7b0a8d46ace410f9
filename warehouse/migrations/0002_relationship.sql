CREATE TABLE IF NOT EXISTS relationship
(
    brand LowCardinality(String) COMMENT 'the brand',
    person String CODEC(ZSTD(1)) COMMENT 'the audience side',
    class LowCardinality(String) COMMENT 'class right after last_at; it is lapsed from lapses_at on',
    realness Float64 CODEC(ZSTD(1)) COMMENT 'probability of two-way contact to come, 0..1, as of last_at',
    balance Float64 CODEC(ZSTD(1)) COMMENT 'share of the smaller side, 0..1',
    reliability_ours Float64 CODEC(ZSTD(1)) COMMENT 'how reliably the brand answers, 0..1',
    reliability_theirs Float64 CODEC(ZSTD(1)) COMMENT 'how reliably the person answers, 0..1',
    given Float64 CODEC(ZSTD(1)) COMMENT 'decayed effort x trust from the brand to the person, as of last_at',
    received Float64 CODEC(ZSTD(1)) COMMENT 'decayed effort x trust from the person to the brand, as of last_at',
    owed_by_us Int64 CODEC(T64, ZSTD(1)) COMMENT 'acts of the person that wait for an answer of the brand',
    owed_by_them Int64 CODEC(T64, ZSTD(1)) COMMENT 'acts of the brand that wait for an answer of the person',
    first_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'first act, UTC',
    last_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'newest act, UTC',
    interactions Int64 CODEC(T64, ZSTD(1)) COMMENT 'acts folded so far',
    lapses_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'from then on the class is lapsed, UTC',
    half_life_days Float64 CODEC(ZSTD(1)) COMMENT 'days of silence that halve realness, given and received',
    trust Float64 CODEC(ZSTD(1)) COMMENT 'trust in the person, 0..1',
    reasons Array(String) CODEC(ZSTD(1)) COMMENT 'why this class, in words',
    version UInt64 CODEC(T64, ZSTD(1)) COMMENT 'version of the row, the highest is valid'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (brand, person)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One (brand, person) as it stands right after last_at. Read it through the view relationships_now'
