CREATE VIEW IF NOT EXISTS relationships_now
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS WITH exp2(-greatest(0, dateDiff('millisecond', r.last_at, now64(3, 'UTC'))) / 86400000 / r.half_life_days) AS remaining
SELECT
    r.brand AS brand,
    r.person AS person,
    multiIf(
        r.class IN ('spam_driven', 'insufficient'), r.class,
        now64(3, 'UTC') >= r.lapses_at, 'lapsed',
        r.class
    ) AS class,
    r.realness * remaining AS realness,
    r.balance AS balance,
    r.reliability_ours AS reliability_ours,
    r.reliability_theirs AS reliability_theirs,
    r.given * remaining AS given,
    r.received * remaining AS received,
    r.owed_by_us AS owed_by_us,
    r.owed_by_them AS owed_by_them,
    r.first_at AS first_at,
    r.last_at AS last_at,
    r.interactions AS interactions,
    r.trust AS trust,
    r.reasons AS reasons,
    r.lapses_at AS lapses_at,
    r.half_life_days AS half_life_days,
    r.version AS version
FROM relationship AS r FINAL
COMMENT 'One row per (brand, person), with the silence since last_at taken into account at the time of reading'
