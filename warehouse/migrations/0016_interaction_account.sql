-- An account never changes hands, a person may: rows are looked up by account, so that identities can change later.
ALTER TABLE interaction
    ADD COLUMN IF NOT EXISTS account String DEFAULT if(empty(person), actor, person) CODEC(ZSTD(1)) COMMENT 'the account on the audience side, the person or one of their others; the actor where the brand speaks to nobody' AFTER person,
    ADD COLUMN IF NOT EXISTS class LowCardinality(String) DEFAULT '' COMMENT 'class of the relationship from this act on; empty where it makes none' AFTER reciprocity,
    ADD COLUMN IF NOT EXISTS later Array(Tuple(begins_at DateTime64(3, 'UTC'), class LowCardinality(String))) DEFAULT [] CODEC(ZSTD(1)) COMMENT 'what the class becomes, and when, UTC, if nothing more happens' AFTER class,
    DROP INDEX IF EXISTS by_key,
    ADD INDEX IF NOT EXISTS by_account account TYPE bloom_filter(0.01) GRANULARITY 1;

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
    i.account AS account,
    i.class AS class,
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
