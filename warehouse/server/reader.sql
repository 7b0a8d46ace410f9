-- For a ClickHouse server of your own: a user that reads the views of docs/sql.md, nothing else, within limits.
-- Run it once as an administrator, after `rapport migrate`, with a password and the database in place of the two names:
--   clickhouse-client --param_password=... --multiquery < reader.sql
-- The embedded ClickHouse has a reader of its own and needs none of this.
CREATE SETTINGS PROFILE IF NOT EXISTS rapport_reader SETTINGS
    readonly = 1,
    max_execution_time = 30 CHANGEABLE_IN_READONLY,
    max_result_rows = 1000000,
    max_memory_usage = 2000000000,
    max_rows_to_read = 10000000000;

CREATE USER IF NOT EXISTS grafana IDENTIFIED BY {password:String} SETTINGS PROFILE 'rapport_reader';

GRANT SELECT ON rapport.alerts TO grafana;
GRANT SELECT ON rapport.campaign_members TO grafana;
GRANT SELECT ON rapport.campaign_numbers TO grafana;
GRANT SELECT ON rapport.campaigns TO grafana;
GRANT SELECT ON rapport.classes_of TO grafana;
GRANT SELECT ON rapport.corrections TO grafana;
GRANT SELECT ON rapport.data_dictionary TO grafana;
GRANT SELECT ON rapport.dead_letters TO grafana;
GRANT SELECT ON rapport.identities TO grafana;
GRANT SELECT ON rapport.interactions TO grafana;
GRANT SELECT ON rapport.owed TO grafana;
GRANT SELECT ON rapport.pipeline_lag TO grafana;
GRANT SELECT ON rapport.promises TO grafana;
GRANT SELECT ON rapport.relationships_now TO grafana;
GRANT SELECT ON rapport.shares_of TO grafana;
GRANT SELECT ON rapport.source_status TO grafana;
GRANT SELECT ON rapport.trends TO grafana;
GRANT SELECT ON rapport.trends_day TO grafana;
GRANT SELECT ON rapport.trends_hour TO grafana;
GRANT SELECT ON rapport.trends_of TO grafana;
