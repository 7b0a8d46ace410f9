-- ClickHouse keeps no columns of a view with parameters, so those of shares_of, trends_of and classes_of stand here; a test compares them.
CREATE VIEW IF NOT EXISTS data_dictionary
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    t.name AS object,
    if(t.engine = 'View', 'view', 'table') AS kind,
    c.name AS column,
    c.type AS type,
    c.comment AS comment
FROM system.tables AS t
INNER JOIN system.columns AS c ON c.database = t.database AND c.table = t.name
WHERE t.database = currentDatabase() AND NOT t.is_temporary AND t.name != 'schema_versions'
UNION ALL
SELECT name, if(engine = 'View', 'view', 'table'), '', '', comment
FROM system.tables
WHERE database = currentDatabase() AND NOT is_temporary AND name != 'schema_versions'
UNION ALL
SELECT column.1, 'view', column.2, column.3, column.4
FROM
(
    SELECT arrayJoin(
        [
            ('shares_of', 'brand', 'LowCardinality(String)', 'the brand, as in trends'),
            ('shares_of', 'platform', 'String', 'where it happened; empty where all are taken together'),
            ('shares_of', 'time', 'DateTime(\'UTC\')', 'start of the step, UTC'),
            ('shares_of', 'volume', 'UInt64', 'acts of the audience (inbound and peer)'),
            ('shares_of', 'trusted_volume', 'Float64', 'their trust, summed'),
            ('shares_of', 'people', 'UInt64', 'different persons behind the volume of the step'),
            ('shares_of', 'trusted_people', 'UInt64', 'persons with at least one act judged genuine'),
            ('shares_of', 'spam', 'UInt64', 'acts of the audience judged spam'),
            ('shares_of', 'outbound', 'UInt64', 'acts of the brand'),
            ('shares_of', 'real_share', 'Nullable(Float64)', 'share of the volume that is real: its mean trust, 0..1'),
            ('shares_of', 'real_share_low', 'Nullable(Float64)', 'lower end of its 90 % interval'),
            ('shares_of', 'real_share_high', 'Nullable(Float64)', 'upper end of its 90 % interval'),
            ('shares_of', 'people_share', 'Nullable(Float64)', 'share of the people that is real: the mean over persons of the mean trust of their acts, 0..1'),
            ('shares_of', 'people_share_low', 'Nullable(Float64)', 'lower end of its 90 % interval'),
            ('shares_of', 'people_share_high', 'Nullable(Float64)', 'upper end of its 90 % interval'),
            ('trends_of', 'brand', 'LowCardinality(String)', 'the brand, as in trends'),
            ('trends_of', 'platform', 'String', 'where it happened; empty where all are taken together'),
            ('trends_of', 'time', 'DateTime(\'UTC\')', 'start of the step, UTC'),
            ('trends_of', 'volume', 'UInt64', 'acts of the audience (inbound and peer)'),
            ('trends_of', 'trusted_volume', 'Float64', 'their trust, summed'),
            ('trends_of', 'people', 'UInt64', 'different persons behind the volume of the step'),
            ('trends_of', 'trusted_people', 'UInt64', 'persons with at least one act judged genuine'),
            ('trends_of', 'spam', 'UInt64', 'acts of the audience judged spam'),
            ('trends_of', 'outbound', 'UInt64', 'acts of the brand'),
            ('trends_of', 'real_share', 'Nullable(Float64)', 'share of the volume that is real: its mean trust, 0..1'),
            ('trends_of', 'real_share_low', 'Nullable(Float64)', 'lower end of its 90 % interval'),
            ('trends_of', 'real_share_high', 'Nullable(Float64)', 'upper end of its 90 % interval'),
            ('trends_of', 'people_share', 'Nullable(Float64)', 'share of the people that is real: the mean over persons of the mean trust of their acts, 0..1'),
            ('trends_of', 'people_share_low', 'Nullable(Float64)', 'lower end of its 90 % interval'),
            ('trends_of', 'people_share_high', 'Nullable(Float64)', 'upper end of its 90 % interval'),
            ('trends_of', 'ties', 'Int64', 'relationships of the brand at the end of the step, on all platforms, without the insufficient ones'),
            ('trends_of', 'real_ties', 'Int64', 'those of class real'),
            ('trends_of', 'ties_share', 'Nullable(Float64)', 'share of the ties that is real, 0..1'),
            ('trends_of', 'ties_share_low', 'Nullable(Float64)', 'lower end of its 90 % interval (Wilson)'),
            ('trends_of', 'ties_share_high', 'Nullable(Float64)', 'upper end of its 90 % interval (Wilson)'),
            ('classes_of', 'time', 'DateTime(\'UTC\')', 'start of the step, UTC'),
            ('classes_of', 'class', 'String', 'class of the relationship'),
            ('classes_of', 'people', 'Int64', 'relationships of this class at the end of the step'),
            ('classes_of', 'gained', 'UInt64', 'those that became so within the step, or were so anew'),
            ('classes_of', 'lost', 'UInt64', 'those that ceased to be so within the step')
        ]
    ) AS column
)
COMMENT 'What every table, view and column is: the row without a column is about the table or view itself';

ALTER TABLE data_dictionary
    COMMENT COLUMN `object` 'name of the table or view',
    COMMENT COLUMN `kind` 'table or view: read the views',
    COMMENT COLUMN `column` 'name of the column; empty in the row about the table or view itself',
    COMMENT COLUMN `type` 'its type in ClickHouse',
    COMMENT COLUMN `comment` 'what it is'
