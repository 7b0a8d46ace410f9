-- Written by the alerts process when an alert begins to fire and when it is resolved.
CREATE TABLE IF NOT EXISTS alert
(
    rule LowCardinality(String) COMMENT 'name of the rule',
    fingerprint FixedString(16) COMMENT 'hash of the labels, hexadecimal: the same thing at another time has the same one',
    starts_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'since when it is so, UTC',
    ends_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'when it was resolved, UTC; 1970: it fires still',
    brand LowCardinality(String) COMMENT 'the brand it is about; empty where it is about none',
    severity LowCardinality(String) COMMENT 'info, warning, critical',
    labels Map(LowCardinality(String), String) CODEC(ZSTD(1)) COMMENT 'all labels: which thing it is',
    summary String CODEC(ZSTD(3)) COMMENT 'what happened, one sentence; may hold names that strangers chose',
    certainty String CODEC(ZSTD(1)) COMMENT 'how sure that is, in words',
    evidence Array(String) CODEC(ZSTD(1)) COMMENT 'why, in words',
    value Float64 CODEC(ZSTD(1)) COMMENT 'what was measured when this was written, in the unit of the rule',
    threshold Float64 CODEC(ZSTD(1)) COMMENT 'from where on it fires, in the same unit',
    query String CODEC(ZSTD(1)) COMMENT 'SQL that shows it, for people to run',
    version UInt64 CODEC(T64, ZSTD(1)) COMMENT 'when this was written, ms since 1970, the highest is valid'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (starts_at, fingerprint)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Alerts, one row each time one fired. Read it through the view alerts';

CREATE VIEW IF NOT EXISTS alerts
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    toString(a.rule) AS rule,
    toString(a.brand) AS brand,
    toString(a.severity) AS severity,
    if(toUnixTimestamp64Milli(a.ends_at) = 0, 'firing', 'resolved') AS state,
    a.starts_at AS starts_at,
    if(toUnixTimestamp64Milli(a.ends_at) = 0, NULL, a.ends_at) AS ends_at,
    a.summary AS summary,
    a.certainty AS certainty,
    a.evidence AS evidence,
    a.value AS value,
    a.threshold AS threshold,
    a.labels AS labels,
    a.query AS query,
    toString(a.fingerprint) AS fingerprint
FROM alert AS a FINAL
COMMENT 'What the alert rules said, one row each time one fired, with its resolution';

ALTER TABLE alerts
    COMMENT COLUMN `rule` 'name of the rule',
    COMMENT COLUMN `brand` 'the brand it is about; empty where it is about none',
    COMMENT COLUMN `severity` 'info, warning, critical',
    COMMENT COLUMN `state` 'firing or resolved',
    COMMENT COLUMN `starts_at` 'since when it is so, UTC',
    COMMENT COLUMN `ends_at` 'when it was resolved, UTC; NULL: it fires still',
    COMMENT COLUMN `summary` 'what happened, one sentence; may hold names that strangers chose',
    COMMENT COLUMN `certainty` 'how sure that is, in words',
    COMMENT COLUMN `evidence` 'why, in words',
    COMMENT COLUMN `value` 'what was measured at the last change, in the unit of the rule',
    COMMENT COLUMN `threshold` 'from where on it fires, in the same unit',
    COMMENT COLUMN `labels` 'which thing it is: the rule, brand and severity, and perhaps a person, platform, source or campaign',
    COMMENT COLUMN `query` 'SQL that shows it, to be run with rapport sql',
    COMMENT COLUMN `fingerprint` 'hash of the labels, hexadecimal: the same thing at another time has the same one'
