"""A read-only user reads, and nothing else: no writing, no lifting of limits, no files, no network."""

from pathlib import Path

import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException

from rapport.errors import explained
from tests.rapport.embedded.conftest import Connect
from warehouse.client import ClickHouse
from warehouse.client import connect as as_our_code_does

pytestmark = pytest.mark.engines
SECRET = "hush-hush"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret.csv"
    file.write_text(f"{SECRET},2\n{SECRET},3\n")
    return file


@pytest.fixture
def table(client: Client) -> None:
    client.execute("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
    client.execute("INSERT INTO t VALUES", [(1,), (2,)])
    client.execute("CREATE VIEW plain AS SELECT a FROM t")
    client.execute("CREATE VIEW least AS SELECT a FROM t WHERE a >= {least:UInt64}")


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT sum(a) FROM t", [(3,)]),
        ("SELECT a FROM plain ORDER BY a", [(1,), (2,)]),
        ("SELECT a FROM least(least = 2)", [(2,)]),
        ("WITH 1 AS one SELECT one", [(1,)]),
        ("(SELECT 1) UNION ALL (SELECT 1)", [(1,), (1,)]),
        ("FROM t SELECT max(a)", [(2,)]),
        ("SELECT count() FROM numbers(10)", [(10,)]),
        ("SELECT 1 AS `per/minute`", [(1,)]),
        ("SELECT format('{}/{}', 'a', 'b'), 'file(x)', 'INTO OUTFILE'", [("a/b", "file(x)", "INTO OUTFILE")]),
        ("EXISTS t", [(1,)]),
        ("SELECT 1 -- file('/etc/passwd')", [(1,)]),
    ],
)
@pytest.mark.usefixtures("table")
def test_reading_works(reader: Client, query: str, rows: list[tuple[object, ...]]) -> None:
    """Tables, views, parameters of views, labels and text that only looks dangerous are fine."""
    assert reader.execute(query) == rows


@pytest.mark.usefixtures("table")
def test_looking_around_works(reader: Client) -> None:
    """SHOW, DESCRIBE and EXPLAIN answer."""
    for query in ("SHOW TABLES", "DESCRIBE t", "DESC TABLE t", "EXPLAIN SELECT * FROM t", "SHOW CREATE TABLE t"):
        assert reader.execute(query)


ATTACKS = [
    "INSERT INTO t VALUES (9)",
    "INSERT INTO t SELECT 9",
    "INSERT INTO FUNCTION file('{secret}', 'CSV', 'a UInt8') SELECT 1",
    "CREATE TABLE u (a UInt8) ENGINE = Memory",
    "CREATE TEMPORARY TABLE u (a UInt8)",
    "CREATE VIEW u AS SELECT file('{secret}')",
    "CREATE FUNCTION f AS x -> file(x)",
    "DROP TABLE t",
    "TRUNCATE TABLE t",
    "ALTER TABLE t DELETE WHERE 1",
    "DELETE FROM t WHERE 1",
    "RENAME TABLE t TO u",
    "OPTIMIZE TABLE t",
    "SYSTEM FLUSH LOGS",
    "KILL QUERY WHERE 1",
    "SET readonly = 0",
    "SET max_execution_time = 0",
    "USE system",
    "SELECT 1 SETTINGS readonly = 0",
    "SELECT 1 SETTINGS max_execution_time = 0",
    "SELECT 1 SETTINGS max_result_rows = 0, result_overflow_mode = 'break'",
    "SELECT 1; DROP TABLE t",
    "SELECT 1 INTO OUTFILE '{secret}.out'",
    "select 1 into/**/outfile '{secret}.out' append",
    "SELECT * FROM file('{secret}', 'CSV', 'a String, b UInt8')",
    "SELECT * FROM `file`('{secret}', 'CSV', 'a String, b UInt8')",
    "SELECT file('{secret}')",
    "SELECT \"file\"('{secret}')",
    "SELECT FILE('{secret}')",
    "SELECT * APPLY(file) FROM (SELECT '{secret}')",
    "SELECT * APPLY file FROM (SELECT '{secret}')",
    "SELECT arrayMap(x -> file(x), ['{secret}'])",
    "SELECT arrayMap(file, ['{secret}'])",
    "EXPLAIN SELECT file('{secret}')",
    "SELECT * FROM `{secret}`",
    'SELECT * FROM default."{secret}"',
    "SELECT * FROM '{secret}'",
    "SELECT '{key}' IN `{secret}`",
    "SELECT '{key}' IN (SELECT * FROM `{secret}`)",
    "DESCRIBE `{secret}`",
    "DESCRIBE file('{secret}')",
    "SHOW COLUMNS FROM `{secret}`",
    "SHOW CREATE TABLE `{secret}`",
    "EXISTS TABLE default.`{secret}`",
    "SELECT * FROM view(SELECT * FROM `{secret}`)",
    "SELECT hasColumnInTable('default', '{secret}', 'c1')",
    "SELECT joinGet('default.{secret}', 'c1', 1)",
    "SELECT * FROM eval('SELECT 1')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')",
    "SELECT * FROM `http://127.0.0.1:1/x.csv`",
    "SELECT * FROM s3('http://127.0.0.1:1/b/x.csv')",
    "SELECT * FROM iceberg('http://127.0.0.1:1/b/x')",
    "SELECT * FROM remote('127.0.0.1', system.one)",
    "SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
    "SELECT * FROM postgresql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
    "SELECT * FROM sqlite('{secret}', 't')",
    "SELECT * FROM executable('cat {secret}', 'CSV', 'a String')",
    "SELECT * FROM Python(users)",
    "SELECT * FROM filesystem('/')",
    "SELECT aiGenerate('x')",
    "SELECT sleep(3)",
    "SELECT * FROM cluster('default', system.one)",
    "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
    "GRANT ALL ON *.* TO default",
    "ATTACH TABLE u",
    "BACKUP TABLE t TO File('{secret}.backup')",
    "EXECUTE AS default SELECT 1",
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.usefixtures("table")
def test_attacks(reader: Client, client: Client, secret: Path, attack: str) -> None:
    """Each attempt is refused, tells nothing of the file, and changes neither rows nor files."""
    files = sorted(secret.parent.iterdir())
    tables = client.execute("SHOW TABLES")
    with pytest.raises(ServerException) as caught:
        reader.execute(attack.format(secret=secret, key=SECRET))
    assert SECRET not in str(caught.value)
    assert client.execute("SELECT sum(a) FROM t") == [(3,)]
    assert client.execute("SHOW TABLES") == tables
    assert sorted(secret.parent.iterdir()) == files


@pytest.mark.parametrize("setting", ["readonly", "max_execution_time", "max_threads", "max_memory_usage"])
def test_settings_stay(reader: Client, setting: str) -> None:
    """Settings that come along with a query are refused for a reader."""
    with pytest.raises(ServerException) as caught:
        reader.execute("SELECT 1", settings={setting: 99})
    assert caught.value.code == 164


@pytest.mark.usefixtures("table")
def test_our_own_client_reads(reader_settings: ClickHouse) -> None:
    """The warehouse's client sends settings for inserts with every query; they do not hinder a reader."""
    client = as_our_code_does(reader_settings)
    assert client.execute("SELECT sum(a) FROM t") == [(3,)]
    client.disconnect()


def test_limits(reader: Client) -> None:
    """A reader's answer has a size, its query a time and a memory."""
    with pytest.raises(ServerException) as caught:
        reader.execute("SELECT number FROM numbers(2000000)")
    assert caught.value.code == 396
    names = "'max_execution_time', 'max_result_rows', 'max_memory_usage', 'readonly'"
    limits = dict(reader.execute(f"SELECT name, toUInt64(value) FROM system.settings WHERE name IN ({names})"))
    assert limits["readonly"] == 1
    assert all(limits.values())


@pytest.mark.parametrize(
    ("query", "limit"),
    (
        ("SELECT number FROM numbers(2000000)", "more rows"),
        ("SELECT length(groupArray(number)) FROM numbers(1000000000)", "more memory"),
        ("SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 0", "longer"),
    ),
)
def test_a_query_over_a_limit_ends_with_a_clear_line(
    connect: Connect, reader_settings: ClickHouse, query: str, limit: str
) -> None:
    """It says which limit it was and what to do. (The reader's 60 seconds would be long for a test.)"""
    of_reader = {"user": reader_settings.user, "password": reader_settings.password}
    who = {"settings": {"max_execution_time": 1}} if limit == "longer" else of_reader
    with pytest.raises(ServerException) as caught:
        connect(**who).execute(query)
    line = explained(caught.value)
    assert line is not None
    assert line.startswith("the query was ended: it ")
    assert limit in line
    assert line.endswith("ask for one brand, less time, or with LIMIT")
    assert "\n" not in line
