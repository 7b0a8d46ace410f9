-- The formulas and their constants are those of scoring/ties (reading, reliability, owed); a test compares them.
CREATE VIEW IF NOT EXISTS relationships_now
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS WITH
        greatest(r.last_at, now64(3, 'UTC')) AS moment,
        dateDiff('millisecond', r.last_at, moment) / 86400000 AS silence,
        intDiv(toUnixTimestamp64Milli(moment), 60000) AS minute,
        exp2(-silence / r.half_life_days) AS remaining,
        greatest(1, arrayLastIndex(begins -> begins <= moment, r.class_begins)) AS phase,
        [60, 1440, 4320, 10080] AS edges,
        arrayFilter(
            d -> d.since <= moment - toIntervalHour(1)
                AND dateDiff('millisecond', d.since, moment) / 86400000 <= 1.5 * r.half_life_days,
            r.debts
        ) AS counting,
        arraySlice(r.answers_ours, 1, indexOf(edges, r.usual_minutes_ours)) AS reached_ours,
        arraySlice(r.answers_ours, 5, indexOf(edges, r.usual_minutes_ours)) AS answered_ours,
        arrayMap(
            (edge, reached, answered) -> (greatest(reached, answered) + arrayCount(since -> minute - since >= edge, r.open_since_ours), answered),
            arraySlice(edges, 1, indexOf(edges, r.usual_minutes_ours)), reached_ours, answered_ours
        ) AS waits_ours,
        arrayProduct(w -> (0.7 + w.1 - w.2) / (1 + w.1), waits_ours) AS missed_ours,
        arrayProduct(w -> (0.7 + w.1 - w.2) * (1.7 + w.1 - w.2) / ((1 + w.1) * (2 + w.1)), waits_ours) AS square_ours,
        least(1 - 1e-9, greatest(1e-9, 1 - missed_ours)) AS mean_ours,
        log(mean_ours / (1 - mean_ours)) AS middle_ours,
        1.6449 * sqrt(greatest(0, square_ours - missed_ours * missed_ours)) / (mean_ours * (1 - mean_ours)) AS width_ours,
        arraySlice(r.answers_theirs, 1, indexOf(edges, r.usual_minutes_theirs)) AS reached_theirs,
        arraySlice(r.answers_theirs, 5, indexOf(edges, r.usual_minutes_theirs)) AS answered_theirs,
        arrayMap(
            (edge, reached, answered) -> (greatest(reached, answered) + arrayCount(since -> minute - since >= edge, r.open_since_theirs), answered),
            arraySlice(edges, 1, indexOf(edges, r.usual_minutes_theirs)), reached_theirs, answered_theirs
        ) AS waits_theirs,
        arrayProduct(w -> (0.7 + w.1 - w.2) / (1 + w.1), waits_theirs) AS missed_theirs,
        arrayProduct(w -> (0.7 + w.1 - w.2) * (1.7 + w.1 - w.2) / ((1 + w.1) * (2 + w.1)), waits_theirs) AS square_theirs,
        least(1 - 1e-9, greatest(1e-9, 1 - missed_theirs)) AS mean_theirs,
        log(mean_theirs / (1 - mean_theirs)) AS middle_theirs,
        1.6449 * sqrt(greatest(0, square_theirs - missed_theirs * missed_theirs)) / (mean_theirs * (1 - mean_theirs)) AS width_theirs
SELECT
    r.brand AS brand,
    r.person AS person,
    r.class_names[phase] AS class,
    r.trust / (1 + exp(-(
        r.realness_base
        + arraySum(t -> t.weight * log1p(t.amount * exp2(-silence / t.half_life_days)), r.realness_fading)
        + arraySum(t -> t.weight * log1p((t.offset_days + silence) / t.scale_days), r.realness_silences)
    ))) AS realness,
    r.balance AS balance,
    1 - missed_ours AS reliability_ours,
    1 - missed_theirs AS reliability_theirs,
    r.given * remaining AS given,
    r.received * remaining AS received,
    toInt64(arrayCount(d -> d.ours, counting)) AS owed_by_us,
    toInt64(arrayCount(d -> NOT d.ours, counting)) AS owed_by_them,
    r.first_at AS first_at,
    r.last_at AS last_at,
    r.interactions AS interactions,
    r.trust AS trust,
    r.class_reasons[phase] AS reasons,
    1 / (1 + exp(-(middle_ours - width_ours))) AS reliability_low_ours,
    1 / (1 + exp(-(middle_ours + width_ours))) AS reliability_high_ours,
    arrayMax(w -> w.1, waits_ours) AS observed_ours,
    r.usual_minutes_ours AS usual_minutes_ours,
    r.acts_ours AS acts_ours,
    r.first_ours AS first_ours,
    r.unasked_ours AS unasked_ours,
    r.thanks_ours AS thanks_ours,
    r.help_ours AS help_ours,
    r.credit_ours AS credit_ours,
    1 / (1 + exp(-(middle_theirs - width_theirs))) AS reliability_low_theirs,
    1 / (1 + exp(-(middle_theirs + width_theirs))) AS reliability_high_theirs,
    arrayMax(w -> w.1, waits_theirs) AS observed_theirs,
    r.usual_minutes_theirs AS usual_minutes_theirs,
    r.acts_theirs AS acts_theirs,
    r.first_theirs AS first_theirs,
    r.unasked_theirs AS unasked_theirs,
    r.thanks_theirs AS thanks_theirs,
    r.help_theirs AS help_theirs,
    r.credit_theirs AS credit_theirs,
    r.exchanges AS exchanges,
    r.promises_made AS promises_made,
    r.promises_kept AS promises_kept,
    toUInt32(greatest(0, toInt64(r.promises_made) - toInt64(r.promises_kept) - arrayCount(since -> minute - since <= 10080, r.promised_at))) AS promises_broken,
    toUInt32(length(r.promised_at)) AS promises_open,
    r.person_answers AS person_answers,
    r.person_fixes AS person_fixes,
    r.person_recommendations AS person_recommendations,
    r.person_introductions AS person_introductions,
    r.person_third_persons AS person_third_persons,
    if(has(r.class_names, 'lapsed'), r.class_begins[indexOf(r.class_names, 'lapsed')], NULL) AS lapses_at,
    r.half_life_days AS half_life_days,
    counting AS debts,
    r.version AS version
FROM relationship AS r FINAL
WHERE r.interactions > 0
COMMENT 'One row per (brand, person), with the silence since last_at taken into account at the time of reading'
