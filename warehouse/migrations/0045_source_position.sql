ALTER TABLE source
    ADD COLUMN IF NOT EXISTS position DateTime64(3, 'UTC') DEFAULT toDateTime64(0, 3, 'UTC')
        COMMENT 'everything published until then has been read, UTC; 1970: not known' CODEC(Delta, ZSTD(1)) AFTER reason,
    MODIFY COLUMN state
        COMMENT 'live: listening; gap: what happened from since to until was not seen; filled: it was not seen then, and read afterwards; stopped: nothing more is read';

CREATE OR REPLACE VIEW source_status
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    toString(s.source) AS source,
    toString(s.brand) AS brand,
    toString(s.state) AS state,
    s.since AS since,
    if(toUnixTimestamp64Milli(s.until) = 0, NULL, s.until) AS until,
    s.reason AS reason,
    if(toUnixTimestamp64Milli(s.last_event_at) = 0, NULL, s.last_event_at) AS last_event_at,
    if(toUnixTimestamp64Milli(s.position) = 0, NULL, s.position) AS position,
    fromUnixTimestamp64Milli(toInt64(s.version), 'UTC') AS heartbeat_at,
    if(toUnixTimestamp64Milli(s.position) = 0, NULL, (toInt64(s.version) - toUnixTimestamp64Milli(s.position)) / 1000) AS lag_seconds
FROM source AS s FINAL
COMMENT 'What was listened to and since when, with every gap: what happened then was not seen, and no chart may pretend it was';

ALTER TABLE source_status
    COMMENT COLUMN `source` 'what is listened to, for example bluesky:search',
    COMMENT COLUMN `brand` 'for which brand; empty: for all of them',
    COMMENT COLUMN `state` 'live: listening; gap: what happened from since to until was not seen; filled: it was not seen then, and read afterwards; stopped: nothing more is read',
    COMMENT COLUMN `since` 'from when on the state holds, UTC',
    COMMENT COLUMN `until` 'to when it held, UTC; NULL: it holds still',
    COMMENT COLUMN `reason` 'why, in words; of what is live, what cannot be seen there',
    COMMENT COLUMN `last_event_at` 'publication of the newest act it brought, UTC; NULL: none yet',
    COMMENT COLUMN `position` 'everything published until then has been read, UTC; NULL: not known',
    COMMENT COLUMN `heartbeat_at` 'when this was said, UTC; of a source that is listened to, every half a minute',
    COMMENT COLUMN `lag_seconds` 'how far the position was behind when this was said; NULL: not known'
