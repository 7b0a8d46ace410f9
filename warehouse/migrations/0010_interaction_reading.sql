ALTER TABLE interaction
    ADD COLUMN IF NOT EXISTS intents Array(LowCardinality(String)) DEFAULT [] CODEC(ZSTD(1)) COMMENT 'what the text is after: question, thanks, complaint and the like' AFTER evidence,
    ADD COLUMN IF NOT EXISTS reading String DEFAULT '' CODEC(ZSTD(3)) COMMENT 'what the text alone says, JSON: log-odds, evidence, intents, effort, name of the weights; empty where it was not read' AFTER intents;

CREATE OR REPLACE VIEW interactions
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    i.id AS id,
    i.platform AS platform,
    i.type AS type,
    i.brand AS brand,
    i.person AS person,
    i.direction AS direction,
    i.published AS published,
    i.content AS content,
    i.in_reply_to AS in_reply_to,
    i.conversation AS conversation,
    i.trust / 10000 AS trust,
    i.confidence / 10000 AS confidence,
    i.verdict AS verdict,
    i.reciprocity / 10000 AS reciprocity,
    i.effort / 10000 AS effort,
    i.evidence AS evidence,
    i.intents AS intents,
    i.actor AS actor,
    i.actor_profile AS actor_profile,
    i.recipients AS addressed,
    i.is_reply AS is_reply,
    i.in_reply_to_actor AS in_reply_to_actor,
    i.object AS object,
    i.language AS language,
    i.url AS url,
    i.revision AS revision
FROM interaction AS i FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'One row per (id, brand), always the newest version. Scores are 0..1, times UTC'
