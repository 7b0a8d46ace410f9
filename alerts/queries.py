"""What the warehouse is asked for the rules. Every query takes its times as parameters."""

WEIGHS = -1.0  # log-odds from which on a campaign is worth a word: it makes its acts less likely by a factor of 2.7
WEIGHING = f"SELECT campaign FROM campaign_numbers WHERE log_odds <= {WEIGHS}"  # noqa: S608 - a constant of ours

HEARD = """
SELECT brand, platform, intDiv(toUnixTimestamp(minute) - %(since)s, %(bucket)s) AS place,
    sum(volume) AS volume, sum(trusted_volume) AS trusted, sum(spam) AS spam
FROM trends
WHERE brand != '' AND minute >= toDateTime(%(since)s, 'UTC') AND minute < toDateTime(%(until)s, 'UTC')
GROUP BY brand, platform, place
"""
SOURCES = """
SELECT source, brand, state, toUnixTimestamp(since) AS begins, toUnixTimestamp(until) AS ends, reason
FROM source_status WHERE since < toDateTime(%(until)s, 'UTC')
ORDER BY source, brand, begins
"""
LETTERS = """
SELECT reason, intDiv(toUnixTimestamp(at) - %(origin)s, %(bucket)s) AS place, count() AS letters
FROM dead_letters WHERE at >= toDateTime(%(since)s, 'UTC') AND at < toDateTime(%(until)s, 'UTC')
GROUP BY reason, place
"""
LAG = """
SELECT consumer, place, sum(newest) AS messages FROM
(
    SELECT consumer, topic, intDiv(toUnixTimestamp(at) - %(origin)s, %(bucket)s) AS place,
        argMax(messages, at) AS newest
    FROM pipeline_lag WHERE at >= toDateTime(%(since)s, 'UTC') AND at < toDateTime(%(until)s, 'UTC')
    GROUP BY consumer, topic, place
)
GROUP BY consumer, place
"""
MEMBERS = (
    "SELECT id FROM campaign_members WHERE campaign IN (SELECT campaign FROM campaign_numbers WHERE log_odds <= {})"
)
JOINED = f"""
SELECT m.campaign, toUnixTimestamp64Milli(c.began) AS began, i.brand, i.person,
    toUnixTimestamp64Milli(i.published) AS at, i.id
FROM campaign_members AS m
INNER JOIN (SELECT campaign, any(first_at) AS began FROM campaign_numbers WHERE log_odds <= {WEIGHS} GROUP BY campaign)
    AS c ON c.campaign = m.campaign
INNER JOIN
(
    SELECT id, brand, person, published FROM interactions
    WHERE published >= toDateTime(%(since)s, 'UTC') AND published < toDateTime(%(until)s, 'UTC')
        AND brand != '' AND direction != 'outbound'
) AS i ON i.id = m.id
"""  # noqa: S608 - a constant of ours
CROWD = f"""
WITH
    id IN (SELECT id FROM campaign_members WHERE campaign IN ({WEIGHING})) AS together,
    together OR verdict = 'spam' AS suspect
SELECT count() AS volume, uniqExact(person) AS people, countIf(together) AS coordinated,
    uniqExactIf(person, together) AS coordinated_accounts, countIf(suspect) AS suspects,
    uniqExactIf(person, suspect) AS suspect_accounts
FROM interactions
WHERE brand = %(brand)s AND direction != 'outbound'
    AND published >= toDateTime(%(since)s, 'UTC') AND published < toDateTime(%(until)s, 'UTC')
"""  # noqa: S608 - a constant of ours
REACTIONS = """
SELECT argMax(target, (reactions, target)) AS first, sum(reactions) AS all_of_them FROM
(
    SELECT if(in_reply_to != '', in_reply_to, object) AS target, count() AS reactions
    FROM interactions
    WHERE brand = %(brand)s AND direction != 'outbound' AND target IN
        (
            SELECT id FROM interactions
            WHERE brand = %(brand)s AND direction = 'outbound' AND published >= toDateTime(%(since)s, 'UTC') - 604800
        )
        AND published >= toDateTime(%(since)s, 'UTC') AND published < toDateTime(%(until)s, 'UTC')
    GROUP BY target
)
"""
# The formulas are those of relationships_now; a test compares them. Only those are read that a rule may speak of: who
# is silent for less than a mean pause is not growing cold.
TIES = """
WITH
    greatest(r.last_at, fromUnixTimestamp64Milli(%(at)s, 'UTC')) AS moment,
    dateDiff('millisecond', r.last_at, moment) / 86400000 AS silence,
    greatest(1, arrayLastIndex(begins -> begins <= moment, r.class_begins)) AS phase,
    s -> r.trust / (1 + exp(-(r.realness_base
        + arraySum(t -> t.weight * log1p(t.amount * exp2(-s / t.half_life_days)), r.realness_fading)
        + arraySum(t -> t.weight * log1p((t.offset_days + s) / t.scale_days), r.realness_silences)))) AS realness_at,
    arrayFilter(
        d -> d.ours AND d.since <= moment - toIntervalHour(1)
            AND dateDiff('millisecond', d.since, moment) / 86400000 <= 1.5 * r.half_life_days,
        r.debts
    ) AS waiting
SELECT
    toString(r.brand) AS brand, r.person AS person, toString(r.class_names[phase]) AS class_,
    toUnixTimestamp64Milli(r.class_begins[phase]) AS since, toString(r.class_names[1]) AS was,
    realness_at(silence) AS realness, realness_at(0.) AS realness_then, toUnixTimestamp64Milli(r.last_at) AS last_at,
    toUnixTimestamp64Milli(r.first_at) AS first_at, r.trust AS trust, r.exchanges AS exchanges,
    r.first_theirs AS started, r.acts_ours AS acts_ours, r.acts_theirs AS acts_theirs,
    r.help_theirs + r.person_third_persons AS helped, r.usual_minutes_ours AS usual_minutes,
    r.class_reasons[phase] AS reasons,
    arrayMap(d -> (d.kind, toUnixTimestamp64Milli(d.since), d.asks), waiting) AS debts
FROM relationship AS r FINAL
WHERE r.interactions > 0
    AND (notEmpty(waiting)
        OR (was = 'real' AND r.last_at > moment - toIntervalDay(90)
            AND (class_ != 'real' OR silence * greatest(exchanges, started) > dateDiff('day', r.first_at, r.last_at)))
        OR (class_ IN ('one_sided_them', 'one_sided_us') AND r.last_at > moment - toIntervalDay(30)))
ORDER BY brand, person
"""
