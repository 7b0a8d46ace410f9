CREATE VIEW IF NOT EXISTS promises
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    r.brand AS brand,
    r.person AS person,
    r.promises_made AS made,
    r.promises_kept AS kept,
    r.promises_open AS open,
    r.promises_broken AS broken
FROM relationships_now AS r
WHERE r.promises_made > 0
COMMENT 'What the brand promised to come back to, per relationship; broken: open for more than a week, or forgotten over others'
