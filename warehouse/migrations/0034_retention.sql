-- What trends are made of may go before them: from when on everything is there has to be known, also after a setting is taken back.
CREATE TABLE IF NOT EXISTS retention
(
    at DateTime64(3, 'UTC') COMMENT 'when it was set, UTC',
    score_days UInt32 COMMENT 'days that acts with their scores are kept; 0: for ever',
    minute_days UInt32 COMMENT 'days that the minutes of the trends are kept; 0: for ever',
    complete_from DateTime('UTC') COMMENT 'from when on no act had expired at that time, UTC'
)
ENGINE = MergeTree
ORDER BY at
COMMENT 'Every setting of how long acts and minutes are kept; the newest holds'
