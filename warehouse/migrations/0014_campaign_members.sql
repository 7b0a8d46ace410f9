-- A name is followed from the campaigns that stand down to all that were merged into them, however many merges lie
-- between. A ring of names, or one that leads nowhere yet, is never reached, so this ends on any data.
CREATE VIEW IF NOT EXISTS campaign_members
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS WITH RECURSIVE
    known AS
    (
        SELECT c.id AS name, c.id AS campaign
        FROM campaign AS c FINAL
        WHERE c.merged_into = ''
        UNION ALL
        SELECT c.id, known.campaign
        FROM campaign AS c FINAL
        INNER JOIN known ON c.merged_into = known.name
    )
SELECT DISTINCT
    known.campaign AS campaign,
    m.id AS id,
    m.person AS person
FROM (SELECT id, person, arrayJoin(campaigns) AS name FROM campaign_member FINAL) AS m
INNER JOIN known ON known.name = m.name
COMMENT 'Which acts are in which campaigns, by the names that hold now'
