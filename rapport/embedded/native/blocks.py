"""Blocks of columns: where one ends, what columns it has, and the empty block that announces them."""

from collections.abc import Iterator
from dataclasses import dataclass

from rapport.embedded.native import wire
from rapport.embedded.native.types import MAX_NAME_BYTES, parse, skip_column
from rapport.embedded.native.wire import ProtocolError, Reader

MAX_COLUMNS = 10_000
MAX_ROWS = 1 << 31
Columns = list[tuple[str, str]]


@dataclass(frozen=True)
class Block:
    """``native`` is the block as chDB's ``Native`` format has it; ``rows`` and ``columns`` are its size."""

    native: bytes
    rows: int
    columns: Columns


def read_block(reader: Reader) -> Block:
    """A block as it lies in the stream, after any block info. Raises ProtocolError, UnsupportedTypeError, Closed."""
    start = reader.position
    width, rows = reader.varint(), reader.varint()
    if width > MAX_COLUMNS or rows > MAX_ROWS:
        raise ProtocolError(f"a block of {width} columns and {rows} rows")
    columns = []
    for _ in range(width):
        name, kind = reader.text(MAX_NAME_BYTES), reader.text(MAX_NAME_BYTES)
        skip_column(reader, parse(kind), rows)
        columns.append((name, kind))
    return Block(bytes(memoryview(reader.data)[start : reader.position]), rows, columns)


def read_packet(reader: Reader) -> tuple[str, Block]:
    """The body of a client's Data packet: table name and block."""
    table = reader.text(MAX_NAME_BYTES)
    while field := reader.varint():
        if field > 2:
            raise ProtocolError("an unknown block info")
        reader.skip(1 if field == 1 else 4)
    return table, read_block(reader)


def header(columns: Columns) -> bytes:
    """A block of no rows. Raises UnsupportedTypeError for a column that could not follow."""
    for _, kind in columns:
        parse(kind)
    names = b"".join(wire.text(name) + wire.text(kind) for name, kind in columns)
    return wire.varint(len(columns)) + wire.varint(0) + names


def loses_zones(columns: Columns) -> bool:
    """chDB writes ``DateTime('zone')`` as plain ``DateTime``, as ClickHouse does for clients of 2017."""
    return any(kind.startswith("DateTime(") for _, kind in columns)


def with_zones(native: bytes, columns: Columns) -> bytes:
    """The same block with the types of ``columns``."""
    reader = _over(native)
    reader.varint()
    rows = reader.varint()
    parts = [native[: reader.position]]
    for name, kind in columns:
        reader.text()
        written = parse(reader.text())
        start = reader.position
        skip_column(reader, written, rows)
        parts += [wire.text(name), wire.text(kind), native[start : reader.position]]
    return b"".join(parts)


def _over(native: bytes) -> Reader:
    reader = Reader(lambda _: b"", limit=len(native))
    reader.data = bytearray(native)
    return reader


def split(native: bytes) -> Iterator[Block]:
    """The blocks of a whole ``Native`` answer."""
    reader = _over(native)
    while reader.position < len(native):
        yield read_block(reader)
