CREATE VIEW IF NOT EXISTS corrections
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    c.id AS id,
    c.verdict AS verdict,
    c.author AS author,
    c.reason AS reason,
    c.at AS at,
    c.person AS person,
    (c.at, c.author) = max((c.at, c.author)) OVER (PARTITION BY c.id) AS valid
FROM correction AS c FINAL
COMMENT 'What people say of a score, each word of it kept; the newest of an id is valid, and insufficient takes back'
