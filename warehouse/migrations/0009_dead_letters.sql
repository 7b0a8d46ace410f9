CREATE VIEW IF NOT EXISTS dead_letters
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    d.origin AS origin,
    d.reason AS reason,
    d.detail AS detail,
    d.at AS at,
    d.bytes AS bytes,
    d.body AS body
FROM dead_letter AS d FINAL
COMMENT 'Messages that could not be used, each once'
