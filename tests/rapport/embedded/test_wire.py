"""The reader under bytes nobody meant: only the declared errors, never a hang and never a huge allocation."""

import contextlib
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.embedded.native import wire
from rapport.embedded.native.blocks import header, read_block, read_packet, split, with_zones
from rapport.embedded.native.request import read_hello, read_query
from rapport.embedded.native.types import UnsupportedTypeError, parse
from rapport.embedded.native.wire import Closed, ProtocolError, Reader

LIMIT = 1 << 20
KINDS = st.recursive(
    st.sampled_from(
        ["UInt8", "String", "Int256", "FixedString(7)", "Decimal(38, 3)", "Enum8('a' = 1)", "JSON", "Point"]
    ),
    lambda inner: st.one_of(
        st.builds("Array({})".format, inner),
        st.builds("Nullable({})".format, inner),
        st.builds("LowCardinality({})".format, inner),
        st.builds("Map({}, {})".format, inner, inner),
        st.builds("Tuple(a {}, {})".format, inner, inner),
    ),
    max_leaves=6,
)


def reader(data: bytes, piece: int = 7) -> Reader:
    """As from a socket that gives ``piece`` bytes at a time."""
    pieces = iter([data[start : start + piece] for start in range(0, len(data), piece)])
    return Reader(lambda _: next(pieces, b""), limit=LIMIT)


def survives(read: Callable[[Reader], object], data: bytes) -> None:
    tracemalloc.start()
    try:
        read(reader(data))
    except (ProtocolError, Closed, UnsupportedTypeError):
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 4_000_000


@given(st.binary(max_size=300))
def test_arbitrary_bytes(data: bytes) -> None:
    """Whatever comes where a hello, a query or a block is due."""
    for read in (read_hello, read_query, read_packet, read_block):
        survives(read, data)


@given(KINDS, st.integers(0, 2**64 - 1), st.binary(max_size=300))
def test_arbitrary_columns(kind: str, rows: int, data: bytes) -> None:
    """A block of a real type with any number of rows declared and any bytes behind it."""
    survives(read_block, wire.varint(1) + wire.varint(rows) + wire.text("c") + wire.text(kind) + data)


@given(KINDS, st.integers(1, 3), st.lists(st.integers(0, 3), max_size=40))
def test_small_numbers(kind: str, rows: int, data: list[int]) -> None:
    """Bytes that look like small lengths get further into the columns than noise does."""
    survives(read_block, wire.varint(1) + wire.varint(rows) + wire.text("c") + wire.text(kind) + bytes(data))


@given(st.text(max_size=200))
def test_arbitrary_types(name: str) -> None:
    """Any text as a type's name is a type or one of the two refusals."""
    with contextlib.suppress(ProtocolError, UnsupportedTypeError):
        assert parse(name).name


@pytest.mark.parametrize(
    "nested", ["Array(" * 5000, "Array(" * 5000 + "UInt8" + ")" * 5000, "Tuple(" * 100, "Map(UInt8"]
)
def test_deep_types_end(nested: str) -> None:
    """Nesting has an end before the stack has."""
    with pytest.raises((ProtocolError, UnsupportedTypeError)):
        parse(nested)


@given(st.lists(st.text(max_size=400), max_size=30), st.integers(1, 50))
def test_strings_are_found_in_any_pieces(texts: list[str], piece: int) -> None:
    """However the bytes arrive, a block ends where it ends."""
    block = wire.varint(1) + wire.varint(len(texts)) + wire.text("c") + wire.text("String")
    block += b"".join(wire.text(value) for value in texts)
    found = read_block(source := reader(block + b"next", piece))
    assert (found.native, found.rows, found.columns) == (block, len(texts), [("c", "String")])
    assert source.take(4) == b"next"


def test_a_packet_has_a_largest_size() -> None:
    """A declared length above the limit is refused at once, a block that really grows above it when it does."""
    for kind in ("UInt64", "String"):
        with pytest.raises(ProtocolError, match="smaller blocks"):
            block = wire.varint(1) + wire.varint(1 << 30) + wire.text("c") + wire.text(kind)
            read_block(reader(block + b"\x7f" * (2 * LIMIT), 1 << 16))


def test_zones_come_back() -> None:
    """A block whose DateTime lost its zone gets it again, and nothing else changes."""
    columns = [("s", "String"), ("at", "DateTime('UTC')")]
    plain = header([("s", "String"), ("at", "DateTime")])
    assert with_zones(plain, columns) == header(columns)
    full = b"\x02\x01" + wire.text("s") + wire.text("String") + b"\x01x" + wire.text("at")
    assert with_zones(full + wire.text("DateTime") + b"\x01\x00\x00\x00", columns) == (
        full + wire.text("DateTime('UTC')") + b"\x01\x00\x00\x00"
    )


def test_split_finds_every_block() -> None:
    """A whole answer is cut into its blocks."""
    one = b"\x01\x02" + wire.text("c") + wire.text("UInt8") + b"\x05\x06"
    assert [(block.native, block.rows) for block in split(one * 3)] == [(one, 2)] * 3


def test_what_the_driver_misreads_is_refused() -> None:
    """A scalar subquery of several columns is Nullable(Tuple), after which the driver would wait for ever."""
    with pytest.raises(UnsupportedTypeError, match="select its parts one by one"):
        parse("Nullable(Tuple(UInt64, UInt64))")
    assert parse("Nullable(String)").name == "Nullable"
