"""The gateway under an unmodified clickhouse-driver: what a real server does, this one does too."""

import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException
from clickhouse_migrations.clickhouse_cluster import ClickhouseCluster

from rapport.embedded.native import wire
from tests.rapport.embedded.conftest import Connect
from warehouse.client import ClickHouse

pytestmark = pytest.mark.engines
ENDLESS = "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))"
TABLE = "CREATE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a"


def raised(client: Client, query: str, **options: object) -> int:
    with pytest.raises(ServerException) as caught:
        client.execute(query, **options)
    code: int = caught.value.code
    return code


def wait_until(client: Client, query: str, expected: object, seconds: float = 10) -> None:
    due = time.monotonic() + seconds
    while client.execute(query) != expected:
        assert time.monotonic() < due, f"still not {expected}: {client.execute(query)}"
        time.sleep(0.05)


@pytest.mark.parametrize(
    "insert",
    [
        "INSERT INTO t VALUES",
        "insert into t (a, b) values",
        "INSERT INTO `t` (`a`, b) FORMAT Native",
        "INSERT INTO {db}.t VALUES",
        "INSERT INTO TABLE {db}.t SETTINGS max_threads = 1 VALUES",
        "INSERT /* a comment; here */ INTO t (* EXCEPT (nothing)) VALUES;",
    ],
)
def test_inserts_with_blocks(client: Client, empty_database: ClickHouse, insert: str) -> None:
    """Every way to write an INSERT whose rows follow takes them and counts them."""
    client.execute(TABLE)
    if "EXCEPT" in insert:
        client.execute("ALTER TABLE t ADD COLUMN nothing UInt8 DEFAULT 7")
    assert client.execute(insert.format(db=empty_database.database), [(1, "x"), (2, "y")]) == 2
    assert client.execute("SELECT a, b FROM t ORDER BY a") == [(1, "x"), (2, "y")]
    assert client.execute("SELECT count() FROM t") == [(2,)]


def test_inserts_without_blocks(client: Client) -> None:
    """Rows in the text and rows from a SELECT go in too, semicolons and quotes included."""
    client.execute(TABLE)
    client.execute("INSERT INTO t VALUES (1, 'it''s; DROP TABLE t'), (2, 'VALUES')")
    client.execute("INSERT INTO t SELECT number, 'n' FROM numbers(3, 2)")
    assert client.execute("SELECT a, b FROM t ORDER BY a") == [
        (1, "it's; DROP TABLE t"),
        (2, "VALUES"),
        (3, "n"),
        (4, "n"),
    ]


def test_a_million_rows(client: Client) -> None:
    """A million rows go in and come out complete."""
    client.execute(TABLE)
    rows = [(number, f"text {number}") for number in range(1_000_000)]
    assert client.execute("INSERT INTO t VALUES", rows) == 1_000_000
    assert client.last_query.progress.written_rows == 1_000_000
    assert client.execute("SELECT count(), uniqExact(a), sum(length(b)) FROM t") == [
        (1_000_000, 1_000_000, sum(len(text) for _, text in rows))
    ]
    assert sorted(client.execute("SELECT a, b FROM t")) == rows


def test_errors_carry_clickhouse_codes(client: Client) -> None:
    """Each error is ClickHouse's own, and the connection goes on after it."""
    client.execute(TABLE)
    assert raised(client, "SELEC 1") == 62
    assert raised(client, "SELECT 1; SELECT 2") == 62
    assert raised(client, "SELECT * FROM nowhere") == 60
    assert raised(client, "SELECT nothing FROM t") == 47
    assert raised(client, "SELECT 1", settings={"no_such_setting": 1}) == 115
    assert raised(client, "INSERT INTO nowhere VALUES", params=[(1,)]) == 60
    assert raised(client, "SELECT 1 INTO OUTFILE 'x'") == 48
    assert raised(client, "SELECT 1", external_tables=[{"name": "e", "structure": [("x", "Int8")], "data": []}]) == 48
    assert client.execute("SELECT 1") == [(1,)]


def test_exception_in_mid_stream(client: Client) -> None:
    """An error after some blocks were sent reaches the client, and the next query works."""
    with pytest.raises(ServerException) as caught:
        for _ in client.execute_iter("SELECT throwIf(number = 3000000) FROM numbers(4000000)"):
            pass
    assert caught.value.code == 395
    assert client.execute("SELECT 1") == [(1,)]


def test_exception_in_an_insert(client: Client) -> None:
    """What the table or a view on it refuses is refused as a whole and never acknowledged; the next insert works."""
    client.execute("CREATE TABLE t (a UInt64, CONSTRAINT small CHECK a < 10) ENGINE = MergeTree ORDER BY a")
    assert raised(client, "INSERT INTO t VALUES", params=[(1,), (11,)]) == 469
    assert client.execute("INSERT INTO t VALUES", [(2,)]) == 1
    assert client.execute("SELECT a FROM t") == [(2,)]
    client.execute("CREATE TABLE parts (a UInt64) ENGINE = MergeTree PARTITION BY a ORDER BY a")
    assert raised(client, "INSERT INTO parts VALUES", params=[(number,) for number in range(300)]) == 252
    client.execute("CREATE MATERIALIZED VIEW v ENGINE = MergeTree ORDER BY b AS SELECT throwIf(a = 5) AS b FROM t")
    assert raised(client, "INSERT INTO t SETTINGS max_threads = 1 VALUES", params=[(5,)]) == 395


def test_settings_hold_for_one_query(client: Client) -> None:
    """A query's settings end with it; those of a SET hold for the session."""
    ask = "SELECT getSetting('max_threads'), getSetting('session_timezone')"
    before = client.execute(ask)
    given = {"max_threads": 1, "session_timezone": "Asia/Tokyo"}
    assert client.execute(ask, settings=given) == [(1, "Asia/Tokyo")]
    assert client.execute(ask) == before
    client.execute("SET max_threads = 3")
    assert client.execute(ask, settings=given) == [(1, "Asia/Tokyo")]
    assert client.execute(ask) == [(3, "UTC")]


def test_deduplication_token(client: Client) -> None:
    """A block that comes again under its token adds nothing; other rows under the same token neither."""
    client.execute(f"{TABLE} SETTINGS non_replicated_deduplication_window = 100")
    for text in ("x", "x", "other"):
        token = {"insert_deduplication_token": "t:0:1-2", "async_insert": 0}
        client.execute("INSERT INTO t VALUES", [(1, text)], settings=token)
    client.execute("INSERT INTO t VALUES", [(1, "x")], settings={"insert_deduplication_token": "next"})
    assert client.execute("SELECT a, b FROM t") == [(1, "x"), (1, "x")]


def test_odd_values_in_parameters(client: Client) -> None:
    """Quotes, escapes and scripts in a parameter stay what they are."""
    value = "o'h \\ \n\t\r`\"; DROP TABLE t -- /* 日本 🎉 \\n \\'"
    assert client.execute("SELECT %(value)s", {"value": value}) == [(value,)]


def test_format_clauses_are_the_clients_business(client: Client) -> None:
    """FORMAT in the text changes nothing for a client that speaks the native protocol."""
    client.execute("CREATE TABLE f (format UInt8) ENGINE = Memory")
    client.execute("INSERT INTO f VALUES", [(2,), (1,)])
    assert client.execute("SELECT format FROM f ORDER BY format FORMAT JSON") == [(1,), (2,)]
    assert client.execute("SELECT format FROM f ORDER BY format DESC FORMAT CSV SETTINGS max_threads = 1") == [
        (2,),
        (1,),
    ]
    assert client.execute("SELECT 'FORMAT JSON' AS format") == [("FORMAT JSON",)]


def test_metadata_statements(client: Client) -> None:
    """SHOW, DESCRIBE, EXISTS and EXPLAIN give rows, none included."""
    assert client.execute("SHOW TABLES") == []
    client.execute(TABLE)
    assert client.execute("SHOW TABLES", with_column_types=True) == ([("t",)], [("name", "String")])
    assert [row[:2] for row in client.execute("DESCRIBE t")] == [("a", "UInt64"), ("b", "String")]
    assert client.execute("EXISTS t") == [(1,)]
    assert client.execute("EXPLAIN SELECT * FROM t")
    assert len(client.execute("SELECT * FROM system.functions")) > 1000


def test_four_clients_at_once(client: Client, connect: Connect) -> None:
    """Four clients insert and read at the same time; nobody gets another one's rows."""
    client.execute(TABLE)

    def work(number: int) -> list[tuple[int, ...]]:
        own = connect()
        for batch in range(10):
            own.execute("INSERT INTO t VALUES", [(number, f"{batch}:{row}") for row in range(1000)])
        return own.execute("SELECT a, count(), uniqExact(b) FROM t WHERE a = %(a)s GROUP BY a", {"a": number})

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [[(number, 10_000, 10_000)] for number in range(4)]


def test_a_client_that_dies_in_mid_insert(client: Client, connect: Connect) -> None:
    """Half a block leaves nothing behind, and the server goes on."""
    client.execute(TABLE)
    dying = connect()
    dying.connection.force_connect()
    dying.connection.send_query("INSERT INTO t VALUES")
    dying.connection.send_external_tables([])
    dying.receive_sample_block()
    column = wire.text("a") + wire.text("UInt64") + struct.pack("<1000Q", *range(1000))
    block = wire.varint(2) + wire.varint(1000) + column + wire.text("b") + wire.text("String") + b"\x01x" * 300
    dying.connection.socket.sendall(wire.varint(wire.DATA) + wire.text("") + wire.NO_BLOCK_INFO + block)
    dying.connection.socket.close()
    wait_until(client, "SELECT count() FROM system.processes", [(1,)])
    assert client.execute("SELECT count() FROM t") == [(0,)]
    assert client.execute("INSERT INTO t VALUES", [(1, "x")]) == 1


def test_cancel_ends_a_query(client: Client, connect: Connect) -> None:
    """The driver's cancel ends a computation at once and a stream too; the connection stays usable."""
    slow = connect()
    timer = threading.Timer(0.5, slow.connection.send_cancel)
    timer.start()
    started = time.monotonic()
    assert slow.execute(ENDLESS) == []
    assert time.monotonic() - started < 5
    rows = slow.execute_iter("SELECT number FROM numbers(100000000000)")
    assert next(rows) == (0,)
    slow.cancel()
    assert slow.execute("SELECT 'after'") == [("after",)]
    wait_until(client, "SELECT count() FROM system.processes", [(1,)])


def test_disconnect_ends_a_query(client: Client, connect: Connect) -> None:
    """Nothing computes for a client that left."""
    leaving = connect()
    leaving.connection.force_connect()
    leaving.connection.send_query(ENDLESS)
    leaving.connection.send_external_tables([])
    wait_until(client, "SELECT count() FROM system.processes", [(2,)])
    leaving.disconnect()
    wait_until(client, "SELECT count() FROM system.processes", [(1,)])


@pytest.mark.parametrize(("user", "password"), [("rapport", "wrong"), ("rapport", ""), ("nobody", "x"), ("reader", "")])
def test_wrong_passwords(connect: Connect, user: str, password: str) -> None:
    """Who does not know a password does not get in."""
    assert raised(connect(user=user, password=password), "SELECT 1") == 516


def test_unknown_database(connect: Connect) -> None:
    """A database that is not there is named in the error."""
    assert raised(connect(database="no`such"), "SELECT 1") == 81


def test_compression_is_refused(connect: Connect) -> None:
    """A client that compresses is told not to, in words."""
    compressing = connect()
    compressing.connection.force_connect()
    compressing.connection.compression = 1
    compressing.connection.send_query("SELECT 1")
    packet = compressing.connection.receive_packet()
    assert "connect without compression" in str(packet.exception)


def test_connection_limit(client: Client, connect: Connect) -> None:
    """The client above the limit hears why, and the others are not disturbed."""
    assert client.execute("SELECT 1") == [(1,)]
    many = [connect() for _ in range(70)]
    refused = 0
    for one in many:
        try:
            one.connection.connect()
        except ServerException as error:
            assert error.code == 202
            assert "Too many connections" in str(error)
            refused += 1
    assert 6 <= refused <= 12
    for one in many:
        one.disconnect()
    assert client.execute("SELECT 1") == [(1,)]
    wait_until(client, "SELECT 1", [(1,)])


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x00" + b"\xff" * 40,
        b"\x00\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x01\x02\x03",
        b"",
    ],
)
def test_nonsense_ends_its_connection_only(client: Client, empty_database: ClickHouse, sent: bytes) -> None:
    """A client that speaks something else is cut off; the others do not notice."""
    with socket.create_connection(("127.0.0.1", empty_database.port), timeout=12) as stranger:
        stranger.sendall(sent)
        stranger.shutdown(socket.SHUT_WR)
        while stranger.recv(65536):
            pass
    assert client.execute("SELECT 1") == [(1,)]


def test_the_unmodified_migration_tool(empty_database: ClickHouse, tmp_path, client: Client) -> None:  # type: ignore[no-untyped-def]
    """clickhouse-migrations applies files, notices that they are applied, and adds the next one."""
    cluster = ClickhouseCluster(
        db_host="127.0.0.1",
        db_port=str(empty_database.port),
        db_user=empty_database.user,
        db_password=empty_database.password,
    )
    (tmp_path / "001_first.sql").write_text(
        "CREATE TABLE m (a UInt8) ENGINE = MergeTree ORDER BY a; INSERT INTO m VALUES (1);"
    )
    assert len(cluster.migrate(empty_database.database, str(tmp_path), multi_statement=True)) == 1
    (tmp_path / "002_next.sql").write_text("ALTER TABLE m ADD COLUMN b String DEFAULT 'x;y';")
    assert len(cluster.migrate(empty_database.database, str(tmp_path), multi_statement=True)) == 1
    assert client.execute("SELECT a, b FROM m") == [(1, "x;y")]
