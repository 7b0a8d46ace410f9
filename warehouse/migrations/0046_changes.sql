-- What an act's author did to it afterwards (scoring/changes.py), and whether it is in any number.
ALTER TABLE interaction
    ADD COLUMN IF NOT EXISTS edited_by String DEFAULT '' CODEC(ZSTD(1)) COMMENT 'id of the act by which its author gave it the text it has; empty: the first one' AFTER later,
    ADD COLUMN IF NOT EXISTS withdrawn_by String DEFAULT '' CODEC(ZSTD(1)) COMMENT 'id of the act by which its author took it back; its text is gone then. Empty: it stands' AFTER edited_by,
    ADD COLUMN IF NOT EXISTS counts Bool MATERIALIZED withdrawn_by = '' AND type IN ('Create', 'Announce', 'Like', 'Follow') CODEC(ZSTD(1)) COMMENT 'false for what was taken back, and for edits, deletions, undoings and reports: they are in no number' AFTER withdrawn_by;

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
    i.revision AS revision,
    i.edited_by AS edited_by,
    i.withdrawn_by AS withdrawn_by,
    i.counts AS counts
FROM interaction AS i FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'One row per (id, brand), always the newest version. Scores are 0..1, times UTC';

-- A view made anew loses the comments of its columns.
ALTER TABLE interactions
    COMMENT COLUMN `id` 'platform:native id, the same on every refetch',
    COMMENT COLUMN `platform` 'where it happened',
    COMMENT COLUMN `type` 'ActivityStreams activity: Create, Announce, Like, Follow, Update, Delete, Undo, Flag',
    COMMENT COLUMN `brand` 'the brand this row is about; empty where the act concerns no declared brand',
    COMMENT COLUMN `person` 'the audience side; empty where the brand speaks to nobody',
    COMMENT COLUMN `direction` 'inbound: to or about the brand; outbound: by the brand; peer: from one person to another',
    COMMENT COLUMN `published` 'when it was published, UTC',
    COMMENT COLUMN `content` 'the text, written by a stranger: escape it before showing it. The newest one where it was edited, empty where it was taken back',
    COMMENT COLUMN `in_reply_to` 'id of what is answered',
    COMMENT COLUMN `conversation` 'id of the conversation',
    COMMENT COLUMN `trust` 'probability of a genuine act, 0..1',
    COMMENT COLUMN `confidence` 'how much there was to judge by, 0..1',
    COMMENT COLUMN `verdict` 'genuine, doubtful, spam, insufficient',
    COMMENT COLUMN `reciprocity` 'how two-way the relationship was right after this act, 0..1',
    COMMENT COLUMN `effort` 'how much of themselves somebody put into it, 0..1',
    COMMENT COLUMN `evidence` 'the reasons, as a JSON array: signal, weight, ids, detail',
    COMMENT COLUMN `intents` 'what the text is after, the main thing first: question, answer, thanks, complaint, offer_of_help, recommendation, solicitation, statement; empty without a text',
    COMMENT COLUMN `account` 'the account behind person, where the person has several; else the person',
    COMMENT COLUMN `class` 'class of the relationship from this act on; empty where it makes none',
    COMMENT COLUMN `actor` 'id of the account that acts',
    COMMENT COLUMN `actor_profile` 'the rest of the actor as the platform told it, JSON or empty',
    COMMENT COLUMN `addressed` 'ids of the accounts it is addressed to',
    COMMENT COLUMN `is_reply` 'whether it answers something, even where the platform does not say what',
    COMMENT COLUMN `in_reply_to_actor` 'whose it is that is answered',
    COMMENT COLUMN `object` 'id of what is liked, shared, edited or deleted',
    COMMENT COLUMN `language` 'language as the source told it, or empty',
    COMMENT COLUMN `url` 'where it can be seen, as the source told it, or empty',
    COMMENT COLUMN `revision` 'grows when the row is scored again',
    COMMENT COLUMN `edited_by` 'id of the act by which its author gave it the text it has; empty: the first one',
    COMMENT COLUMN `withdrawn_by` 'id of the act by which its author took it back; its text and its scores are gone. Empty: it stands',
    COMMENT COLUMN `counts` 'false for what was taken back, and for edits, deletions, undoings and reports: they are in no number'
