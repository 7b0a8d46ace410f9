CREATE VIEW IF NOT EXISTS campaigns
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS WITH
    standing AS
    (
        SELECT *, arrayJoin(if(empty(brands), [''], brands)) AS brand
        FROM campaign FINAL
        WHERE merged_into = ''
    ),
    example AS
    (
        -- An act keeps its text and its time in every version, so FINAL would cost and add nothing. The id alone would
        -- do; the time is there because it is small to read, and in the primary key.
        SELECT id, any(content) AS text
        FROM interaction
        WHERE published IN (SELECT first_at FROM campaign FINAL WHERE merged_into = '')
            AND id IN (SELECT examples[1] FROM campaign FINAL WHERE merged_into = '')
        GROUP BY id
    )
SELECT
    c.id AS campaign,
    toString(c.brand) AS brand,
    c.accounts AS accounts,
    c.targets AS targets,
    c.interactions AS interactions,
    c.first_at AS first_at,
    c.last_at AS last_at,
    if(empty(e.text), c.examples[1], e.text) AS example,
    c.kind AS kind,
    c.log_odds AS log_odds,
    c.letters AS letters,
    c.agreement AS agreement,
    c.likeness AS likeness,
    c.linked AS linked,
    c.domains AS domains,
    c.repeaters AS repeaters,
    c.busiest_hour AS busiest_hour,
    c.busiest_day AS busiest_day,
    c.busiest_week AS busiest_week,
    c.link AS link,
    c.examples AS example_ids,
    c.version AS version
FROM standing AS c
LEFT JOIN example AS e ON e.id = c.examples[1]
COMMENT 'One row per (campaign, brand), with an empty brand where it concerns none. The numbers are of the whole campaign'
