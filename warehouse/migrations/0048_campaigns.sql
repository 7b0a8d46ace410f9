CREATE OR REPLACE VIEW campaigns
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
        -- An act keeps its time in every version, and of its texts the newest counts: FINAL would cost and add nothing.
        -- The id alone would do; the time is there because it is small to read, and in the primary key.
        SELECT id, argMax(content, revision) AS text
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
COMMENT 'One row per (campaign, brand), with an empty brand where it concerns none. The numbers are of the whole campaign';

-- A view made anew loses the comments of its columns.
ALTER TABLE campaigns
    COMMENT COLUMN `campaign` 'its name. It gets another one when it turns out to be a part of an older campaign',
    COMMENT COLUMN `brand` 'a brand it concerns; empty where it concerns none',
    COMMENT COLUMN `accounts` 'different accounts, at least three',
    COMMENT COLUMN `targets` 'different things or persons written to',
    COMMENT COLUMN `interactions` 'acts',
    COMMENT COLUMN `first_at` 'publication of the first act, UTC',
    COMMENT COLUMN `last_at` 'publication of the newest act, UTC',
    COMMENT COLUMN `example` 'text of the first act, or its id where the text is not stored',
    COMMENT COLUMN `kind` 'near-duplicate: nearly the same text; link, domain: one link or domain that such texts carry',
    COMMENT COLUMN `log_odds` 'what being in it adds to the log-odds, before overlap and good name: 0 (known, and no evidence of anything) to −4',
    COMMENT COLUMN `letters` 'length of the median text',
    COMMENT COLUMN `agreement` 'how like the text of an account is to the nearest of another, 0..1',
    COMMENT COLUMN `likeness` 'the same between any two: low where a template is re-worded',
    COMMENT COLUMN `linked` 'share of its texts with a link',
    COMMENT COLUMN `domains` 'different domains in its links',
    COMMENT COLUMN `repeaters` 'share of its accounts that wrote it to several targets',
    COMMENT COLUMN `busiest_hour` 'most accounts that joined within one hour',
    COMMENT COLUMN `busiest_day` 'most accounts that joined within one day',
    COMMENT COLUMN `busiest_week` 'most accounts that joined within one week',
    COMMENT COLUMN `link` 'the link or domain, for campaigns of these kinds',
    COMMENT COLUMN `example_ids` 'its first acts, one per account',
    COMMENT COLUMN `version` 'grows with the campaign'
