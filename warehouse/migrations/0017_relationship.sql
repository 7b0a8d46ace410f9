-- Computed anew from the acts whenever needed, so nothing of the old table is carried over.
DROP VIEW IF EXISTS relationships_now;

DROP TABLE IF EXISTS relationship;

CREATE TABLE IF NOT EXISTS relationship
(
    brand LowCardinality(String) COMMENT 'the brand',
    person String CODEC(ZSTD(1)) COMMENT 'the audience side',
    first_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'first act, UTC',
    last_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'newest act, UTC',
    interactions UInt64 CODEC(T64, ZSTD(1)) COMMENT 'acts folded so far; 0: there is no such relationship any more',
    trust Float64 CODEC(ZSTD(1)) COMMENT 'mean trust of the acts of the person, 0..1',
    balance Float64 CODEC(ZSTD(1)) COMMENT 'share of the smaller side, 0..1',
    given Float64 CODEC(ZSTD(1)) COMMENT 'decayed effort x trust from the brand to the person, as of last_at',
    received Float64 CODEC(ZSTD(1)) COMMENT 'decayed effort x trust from the person to the brand, as of last_at',
    half_life_days Float64 CODEC(ZSTD(1)) COMMENT 'days of silence that halve given and received; a third of the window',
    class LowCardinality(String) COMMENT 'class right after last_at',
    reasons Array(String) CODEC(ZSTD(1)) COMMENT 'why this class, in words',
    class_begins Array(DateTime64(3, 'UTC')) CODEC(ZSTD(1)) COMMENT 'from when on each class holds if nothing more happens, UTC',
    class_names Array(LowCardinality(String)) CODEC(ZSTD(1)) COMMENT 'the classes that begin then',
    class_reasons Array(Array(String)) CODEC(ZSTD(1)) COMMENT 'and why, in words',
    realness_base Float64 CODEC(ZSTD(1)) COMMENT 'log-odds of two-way contact to come, without what moves in silence',
    realness_fading Array(Tuple(weight Float64, amount Float64, half_life_days Float64)) CODEC(ZSTD(1)) COMMENT 'what fades: weight x ln(1 + amount x 2^(-silence / half-life))',
    realness_silences Array(Tuple(weight Float64, offset_days Float64, scale_days Float64)) CODEC(ZSTD(1)) COMMENT 'what grows: weight x ln(1 + (offset + silence) / scale)',
    acts_ours UInt64 CODEC(T64, ZSTD(1)) COMMENT 'acts of the brand',
    answers_ours Array(UInt8) CODEC(ZSTD(1)) COMMENT 'life table of how the brand answers: of the waits, how many got into the first hour, day, three days, week; then how many were answered in each',
    open_since_ours Array(Int64) CODEC(ZSTD(1)) COMMENT 'minutes since 1970 from which what the brand left open waits',
    usual_minutes_ours UInt32 CODEC(T64, ZSTD(1)) COMMENT 'minutes within which the brand usually answers',
    first_ours UInt32 CODEC(T64, ZSTD(1)) COMMENT 'times the brand spoke first',
    unasked_ours UInt32 CODEC(T64, ZSTD(1)) COMMENT 'times the brand gave unasked',
    thanks_ours UInt32 CODEC(T64, ZSTD(1)) COMMENT 'times the brand said thanks',
    help_ours UInt32 CODEC(T64, ZSTD(1)) COMMENT 'times the brand helped',
    credit_ours UInt32 CODEC(T64, ZSTD(1)) COMMENT 'times the brand recommended or shared the other',
    acts_theirs UInt64 CODEC(T64, ZSTD(1)) COMMENT 'acts of the person',
    answers_theirs Array(UInt8) CODEC(ZSTD(1)) COMMENT 'life table of how the person answers: of the waits, how many got into the first hour, day, three days, week; then how many were answered in each',
    open_since_theirs Array(Int64) CODEC(ZSTD(1)) COMMENT 'minutes since 1970 from which what the person left open waits',
    usual_minutes_theirs UInt32 CODEC(T64, ZSTD(1)) COMMENT 'minutes within which the person usually answers',
    first_theirs UInt32 CODEC(T64, ZSTD(1)) COMMENT 'times the person spoke first',
    unasked_theirs UInt32 CODEC(T64, ZSTD(1)) COMMENT 'times the person gave unasked',
    thanks_theirs UInt32 CODEC(T64, ZSTD(1)) COMMENT 'times the person said thanks',
    help_theirs UInt32 CODEC(T64, ZSTD(1)) COMMENT 'times the person helped',
    credit_theirs UInt32 CODEC(T64, ZSTD(1)) COMMENT 'times the person recommended or shared the other',
    debts Array(Tuple(ours Bool, kind LowCardinality(String), since DateTime64(3, 'UTC'), asks UInt16)) CODEC(ZSTD(1)) COMMENT 'what waits for a word: whether the brand owes it, what it is, since when, UTC, and how often it was asked',
    exchanges UInt32 CODEC(T64, ZSTD(1)) COMMENT 'conversations in which both spoke',
    promises_made UInt32 CODEC(T64, ZSTD(1)) COMMENT 'promises of the brand to come back',
    promises_kept UInt32 CODEC(T64, ZSTD(1)) COMMENT 'those it kept',
    promised_at Array(Int64) CODEC(ZSTD(1)) COMMENT 'minutes since 1970 of those that are open',
    person_answers UInt32 CODEC(T64, ZSTD(1)) COMMENT 'times the person answered, towards anybody',
    person_fixes UInt32 CODEC(T64, ZSTD(1)) COMMENT 'times the person fixed something, towards anybody',
    person_recommendations UInt32 CODEC(T64, ZSTD(1)) COMMENT 'times the person recommended, towards anybody',
    person_introductions UInt32 CODEC(T64, ZSTD(1)) COMMENT 'times the person introduced somebody',
    person_third_persons UInt32 CODEC(T64, ZSTD(1)) COMMENT 'times the person helped a third person',
    version UInt64 CODEC(T64, ZSTD(1)) COMMENT 'version of the row, the highest is valid'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (brand, person)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One (brand, person) right after last_at, with all that is needed to read it later. Read it through the view relationships_now'
