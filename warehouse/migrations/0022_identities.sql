CREATE VIEW IF NOT EXISTS identities
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    i.account AS account,
    i.person AS person,
    i.author AS author,
    i.reason AS reason,
    i.at AS at
FROM identity AS i FINAL
WHERE i.account != i.person
COMMENT 'Accounts that belong to another one, as people say'
