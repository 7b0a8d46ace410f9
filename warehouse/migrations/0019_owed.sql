CREATE VIEW IF NOT EXISTS owed
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS WITH
        dateDiff('millisecond', d.since, now64(3, 'UTC')) / 86400000 AS waited
SELECT
    r.brand AS brand,
    r.person AS person,
    if(d.ours, 'us', 'them') AS by,
    d.kind AS kind,
    d.since AS since,
    waited AS waited_days,
    d.asks AS asks,
    r.trust * (0.05 + r.realness) * log1p(waited) * if(d.kind = 'promise', 2, 1) AS score,
    r.class AS class,
    r.realness AS realness,
    r.trust AS trust,
    r.exchanges AS exchanges,
    if(d.ours, r.help_theirs, r.help_ours) AS help,
    if(d.ours, r.thanks_theirs, r.thanks_ours) AS thanks,
    if(d.ours, r.credit_theirs, r.credit_ours) AS credit
FROM relationships_now AS r
ARRAY JOIN r.debts AS d
COMMENT 'What waits for a word, in both directions: the highest score is the most pressing'
