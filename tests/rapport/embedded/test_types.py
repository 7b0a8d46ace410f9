"""Every column type an unmodified clickhouse-driver knows goes in and comes out the same."""

from datetime import UTC, date, datetime
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from clickhouse_driver import Client

pytestmark = pytest.mark.engines
LONG = "é" * 1000
BERLIN = ZoneInfo("Europe/Berlin")
COLUMNS: list[tuple[str, list[Any]]] = [
    *((f"Int{bits}", [-(2 ** (bits - 1)), 0, 2 ** (bits - 1) - 1]) for bits in (8, 16, 32, 64, 128, 256)),
    *((f"UInt{bits}", [0, 1, 2**bits - 1]) for bits in (8, 16, 32, 64, 128, 256)),
    ("Float32", [0.0, -1.5, 2.25]),
    ("Float64", [0.1, -1e300, 1e-300]),
    ("Bool", [True, False, True]),
    ("String", ["", "a'b\\\n\t\0`", LONG]),
    ("FixedString(3)", ["abc", "äc", "x"]),
    ("UUID", [UUID(int=0), UUID(int=1), UUID(int=2**128 - 1)]),
    ("Decimal(9, 2)", [Decimal("0.00"), Decimal("-1.25"), Decimal("9999999.99")]),
    ("Decimal(18, 4)", [Decimal("0.0000"), Decimal("-1.2500"), Decimal("99999999999999.9999")]),
    ("Decimal(38, 10)", [Decimal("0E-10"), Decimal("-1.2500000000"), Decimal("9999999999999999999.0000000001")]),
    ("Decimal(76, 3)", [Decimal("0.000"), Decimal("-1.250"), Decimal("9999999999999999999999999999999999.001")]),
    ("Date", [date(1970, 1, 2), date(2026, 11, 1), date(2149, 6, 6)]),
    ("Date32", [date(1925, 1, 1), date(2026, 11, 1), date(2283, 11, 11)]),
    ("DateTime", [datetime(1970, 1, 1, 0, 0, 1), datetime(2026, 11, 1, 12), datetime(2106, 2, 7)]),
    ("DateTime('Europe/Berlin')", [datetime(2026, month, 1, 12, tzinfo=BERLIN) for month in (1, 6, 11)]),
    ("DateTime64(3, 'UTC')", [datetime(2026, 1, 1, 0, 0, 0, ms * 1000, tzinfo=UTC) for ms in (0, 1, 999)]),
    ("DateTime64(6, 'Europe/Berlin')", [datetime(2026, 6, 1, 0, 0, 0, us, tzinfo=BERLIN) for us in (0, 1, 999_999)]),
    ("Enum8('one' = 1, 'it\\'s, (2)' = 2)", ["one", "it's, (2)", "one"]),
    ("Enum16('a' = -300, 'b' = 300)", ["a", "b", "a"]),
    ("IPv4", [IPv4Address("127.0.0.1"), IPv4Address("10.0.0.1"), IPv4Address("255.255.255.255")]),
    ("IPv6", [IPv6Address("::1"), IPv6Address("2001:db8::1"), IPv6Address("::ffff:1.2.3.4")]),
    ("Nullable(String)", [None, "", LONG]),
    ("Nullable(UInt64)", [None, 0, 7]),
    ("Nullable(DateTime64(3, 'UTC'))", [None, datetime(2026, 1, 1, tzinfo=UTC), None]),
    ("LowCardinality(String)", ["a", "b", "a"]),
    ("LowCardinality(Nullable(String))", [None, "b", None]),
    ("LowCardinality(FixedString(2))", ["ab", "cd", "ab"]),
    ("Array(UInt8)", [[], [1], [1, 2, 3]]),
    ("Array(Array(String))", [[], [[]], [["a"], [], ["b", LONG]]]),
    ("Array(Nullable(Float64))", [[], [None], [1.5, None]]),
    ("Array(LowCardinality(String))", [[], ["a", "b"], ["a"]]),
    ("Array(LowCardinality(Nullable(String)))", [[], [None, "b"], ["a"]]),
    ("Map(String, UInt64)", [{}, {"a": 1}, {"a": 1, LONG: 2}]),
    ("Map(LowCardinality(String), Array(String))", [{}, {"a": ["x"]}, {"b": []}]),
    ("Tuple(String, UInt8)", [("", 0), ("a", 1), (LONG, 255)]),
    ("Tuple(name String, at DateTime64(3, 'UTC'))", [("a", datetime(2026, 1, 1, tzinfo=UTC))] * 3),
    ("Array(Tuple(String, Float64))", [[], [("a", 0.5)], [("b", 1.5), (LONG, 2.5)]]),
    ("Array(Tuple(rule LowCardinality(String), weight Float32, ids Array(String)))", [[], [("r", 0.5, ["1"])], []]),
    ("SimpleAggregateFunction(sum, UInt64)", [1, 2, 3]),
]


@pytest.mark.parametrize(("kind", "values"), COLUMNS, ids=[kind[:40] for kind, _ in COLUMNS])
def test_round_trip(client: Client, kind: str, values: list[Any]) -> None:
    """What was inserted is selected again, with the type the table has."""
    client.execute(f"CREATE TABLE t (n UInt32, v {kind}) ENGINE = MergeTree ORDER BY n")
    client.execute("INSERT INTO t VALUES", list(enumerate(values)))
    rows, columns = client.execute("SELECT n, v FROM t ORDER BY n", with_column_types=True)
    assert [value for _, value in rows] == values
    assert columns[1][1].replace(" ", "") == kind.replace(" ", "")


@pytest.mark.parametrize("kind", [kind for kind, _ in COLUMNS])
def test_no_rows_still_name_their_columns(client: Client, kind: str) -> None:
    """A SELECT without rows tells names and types."""
    client.execute(f"CREATE TABLE t (v {kind}) ENGINE = MergeTree ORDER BY tuple()")
    rows, columns = client.execute("SELECT v FROM t", with_column_types=True)
    assert rows == []
    assert [name for name, _ in columns] == ["v"]


def test_all_columns_in_one_block(client: Client) -> None:
    """Blocks of many columns are cut in the right places, whatever stands beside what."""
    declared = ", ".join(f"c{number} {kind}" for number, (kind, _) in enumerate(COLUMNS))
    client.execute(f"CREATE TABLE t (n UInt32, {declared}) ENGINE = MergeTree ORDER BY n")
    values = list(zip(*(values for _, values in COLUMNS), strict=True)) * 50
    rows = [(number, *row) for number, row in enumerate(values)]
    client.execute("INSERT INTO t VALUES", rows)
    assert client.execute("SELECT * FROM t ORDER BY n") == rows


@pytest.mark.parametrize(
    ("query", "kind", "cure"),
    [
        ("SELECT sumState(number) FROM numbers(3)", "AggregateFunction", "finalizeAggregation"),
        ("SELECT '{}'::JSON", "JSON", "toString"),
        ("SELECT 1::Dynamic", "Dynamic", "toString"),
        ("SELECT 1::Variant(UInt8, String)", "Variant", "toString"),
    ],
)
def test_what_is_not_carried_is_refused(client: Client, query: str, kind: str, cure: str) -> None:
    """A type the gateway does not carry gives a sentence with the cure, and the connection goes on."""
    with pytest.raises(Exception, match=rf"does not carry columns of type {kind}.*{cure}"):
        client.execute(query)
    assert client.execute("SELECT 1") == [(1,)]
