-- The class of a tie at any time without reading its acts: warehouse/classes.py says how it is kept. The acts that are
-- there already count at once.
CREATE TABLE IF NOT EXISTS act_class
(
    brand LowCardinality(String) COMMENT 'the brand',
    account String CODEC(ZSTD(1)) COMMENT 'the account on the audience side, which never changes for an act',
    published DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'when the act was published, UTC',
    id String CODEC(ZSTD(1)) COMMENT 'id of the act',
    person String CODEC(ZSTD(1)) COMMENT 'whose account it is, so far as this act knows',
    class LowCardinality(String) COMMENT 'class of the relationship from this act on; empty where it makes none',
    later Array(Tuple(begins_at DateTime64(3, 'UTC'), class LowCardinality(String))) CODEC(ZSTD(1)) COMMENT 'what the class becomes, and when, UTC, if nothing more happens',
    revision UInt64 CODEC(T64, ZSTD(1)) COMMENT 'version of the row, the highest is valid'
)
ENGINE = ReplacingMergeTree(revision)
PRIMARY KEY (brand, account)
ORDER BY (brand, account, published, id)
SETTINGS index_granularity = 128
COMMENT 'What each act of a brand left behind, by account: the part of interaction that class_history is computed from. It stays when acts expire';

CREATE TABLE IF NOT EXISTS account_person
(
    account String CODEC(ZSTD(1)) COMMENT 'an account',
    person String CODEC(ZSTD(1)) COMMENT 'another account, that it was or is a person with'
)
ENGINE = ReplacingMergeTree
ORDER BY (account, person)
COMMENT 'Every account whose acts ever counted for another one: where to look when accounts are merged or split';

CREATE TABLE IF NOT EXISTS class_history
(
    brand LowCardinality(String) COMMENT 'the brand',
    person String CODEC(ZSTD(1)) COMMENT 'the audience side',
    begins Array(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)) COMMENT 'when the class of the relationship became another one, UTC, in order; the last ones may lie ahead',
    classes Array(LowCardinality(String)) CODEC(ZSTD(1)) COMMENT 'and what it became',
    version UInt64 CODEC(Delta, ZSTD(1)) COMMENT 'server time in ns before the recomputation began, the highest is valid'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (brand, person)
SETTINGS index_granularity = 512
COMMENT 'Of which class each relationship was when, a recomputation from act_class FINAL. Read it through the views classes_of and trends_of';

INSERT INTO act_class (brand, account, published, id, person, class, later, revision)
SELECT brand, account, published, id, person, class, later, revision
FROM interaction
WHERE brand != '' AND person != '';

INSERT INTO account_person (account, person)
SELECT DISTINCT account, person FROM act_class WHERE account != person;

INSERT INTO class_history (brand, person, begins, classes, version)
WITH
    arraySort(groupArray((published, id, toString(class), later))) AS acts,
    arrayFlatten(arrayMap(
        (act, next) -> arrayFilter(phase -> phase.1 < next, arrayConcat([(act.1, act.3)], arrayMap(one -> (one.1, toString(one.2)), act.4))),
        acts, arrayShiftLeft(acts.1, 1, toDateTime64('2299-01-01', 3, 'UTC'))
    )) AS phases,
    arrayFilter((phase, next) -> phase.1 < next, phases, arrayShiftLeft(phases.1, 1, toDateTime64('2299-12-31', 3, 'UTC'))) AS held,
    arrayFilter((phase, before) -> phase.2 != before, held, arrayShiftRight(held.2, 1, '')) AS changes
SELECT brand, person, changes.1, changes.2, toUInt64(toUnixTimestamp64Nano(now64(9)))
FROM act_class FINAL
WHERE class != ''
GROUP BY brand, person
