"""ClickHouse's type names, and how many bytes a column of each takes: enough to find where a block ends."""

import re
from dataclasses import dataclass
from functools import lru_cache

from rapport.embedded.native.wire import ProtocolError, Reader

MAX_DEPTH = 24
MAX_NAME_BYTES = 64 << 10

WIDTHS = (
    {f"{sign}Int{bits}": bits // 8 for sign in ("", "U") for bits in (8, 16, 32, 64, 128, 256)}
    | {"Bool": 1, "Enum8": 1, "Nothing": 1, "Enum16": 2, "Date": 2, "BFloat16": 2, "Float32": 4, "Date32": 4}
    | {"DateTime": 4, "Time": 4, "IPv4": 4, "Float64": 8, "DateTime64": 8, "Time64": 8, "UUID": 16, "IPv6": 16}
    | {"Decimal32": 4, "Decimal64": 8, "Decimal128": 16, "Decimal256": 32}
    | {f"Interval{unit}": 8 for unit in ("Second", "Minute", "Hour", "Day", "Week", "Month", "Quarter", "Year")}
    | {f"Interval{part}second": 8 for part in ("Nano", "Micro", "Milli")}
)
MEANS = {
    "Point": "Tuple(Float64, Float64)",
    "Ring": "Array(Point)",
    "LineString": "Array(Point)",
    "MultiLineString": "Array(LineString)",
    "Polygon": "Array(Ring)",
    "MultiPolygon": "Array(Polygon)",
}
DECIMAL_WIDTHS = ((9, 4), (18, 8), (38, 16), (76, 32))
NAMED_ELEMENT = re.compile(r"(?:`(?:[^`\\]|\\.)*`|\w+)\s+(?=[A-Z])")
LOW_CARDINALITY_VERSION = 1


class UnsupportedTypeError(Exception):
    """A column type this gateway does not carry; the message says what to do instead."""


@dataclass(frozen=True)
class Type:
    """``name`` as ClickHouse writes it, ``width`` in bytes per row for fixed types else 0, ``of`` the inner types."""

    name: str
    width: int = 0
    of: tuple["Type", ...] = ()


def refusal(name: str) -> str:
    if name.startswith("Nullable("):  # what a scalar subquery of several columns comes to; the driver misreads it
        return f"the embedded gateway does not carry columns of type {name}: select its parts one by one"
    cure = "read it with finalizeAggregation(...) or a ...Merge function" if name == "AggregateFunction" else ""
    return f"the embedded gateway does not carry columns of type {name}: {cure or 'cast it, e.g. toString(...)'}"


def arguments(body: str) -> list[str]:
    """Split at the commas of the outermost level; quoted text (Enum values, zones, names) is left alone."""
    parts, start, depth, position = [], 0, 0, 0
    while position < len(body):
        mark = body[position]
        if mark in "'`":
            position += 1
            while position < len(body) and body[position] != mark:
                position += 2 if body[position] == "\\" else 1
        elif mark == "(":
            depth += 1
        elif mark == ")":
            depth -= 1
        elif mark == "," and depth == 0:
            parts.append(body[start:position].strip())
            start = position + 1
        position += 1
    return [*parts, body[start:].strip()]


def _name_length(element: str) -> int:
    named = NAMED_ELEMENT.match(element)
    return named.end() if named else 0


@lru_cache(maxsize=4096)
def parse(written: str, depth: int = 0) -> Type:  # noqa: PLR0911 - one line per family of types
    """Raises UnsupportedTypeError for a type not carried, ProtocolError for what is no type at all."""
    if depth > MAX_DEPTH or len(written) > MAX_NAME_BYTES:
        raise ProtocolError("a type nested too deeply")
    name, bracket, rest = written.strip().partition("(")
    if bracket and not rest.endswith(")"):
        raise ProtocolError("a type with an open bracket")
    if name in WIDTHS:
        return Type(name, WIDTHS[name])
    given = arguments(rest[:-1]) if bracket else []
    try:
        if name == "String":
            return Type(name)
        if name in MEANS:
            return parse(MEANS[name], depth + 1)
        if name in ("FixedString", "Decimal"):
            size = int(given[0])
            width = size if name == "FixedString" else next(w for p, w in DECIMAL_WIDTHS if size <= p)
            if width < 1:
                raise ProtocolError("a FixedString without length")
            return Type(name, width)
        if name in ("Array", "Nullable", "LowCardinality"):
            return _around(name, parse(given[0], depth + 1))
        if name == "SimpleAggregateFunction":
            return parse(given[1], depth + 1)
        if name in ("Map", "Tuple", "Nested") and given != [""]:
            inner = tuple(parse(part[_name_length(part) :], depth + 1) for part in given)
            if name == "Map" and len(inner) != 2:
                raise ProtocolError("a Map needs two types")
            return Type("Array", of=(Type("Tuple", of=inner),)) if name != "Tuple" else Type(name, of=inner)
    except (IndexError, StopIteration, ValueError) as error:
        raise ProtocolError("a type whose arguments are not understood") from error
    raise UnsupportedTypeError(refusal(name[:80]))


def _around(name: str, inner: Type) -> Type:
    if name == "Nullable" and inner.of:
        raise UnsupportedTypeError(refusal(f"Nullable({inner.name})"))
    return Type(name, of=(inner,))


def skip_column(reader: Reader, kind: Type, rows: int) -> None:
    """Pass over one column. Raises ProtocolError where the bytes cannot be such a column, Closed where they end."""
    if rows:
        _skip_prefix(reader, kind)
        _skip_values(reader, kind, rows)


def _skip_prefix(reader: Reader, kind: Type) -> None:
    if kind.name == "LowCardinality":
        if reader.uint64() != LOW_CARDINALITY_VERSION:
            raise ProtocolError("a LowCardinality column of an unknown version")
        return
    for inner in kind.of:
        _skip_prefix(reader, inner)


def _skip_values(reader: Reader, kind: Type, rows: int) -> None:
    if not rows:
        return
    if kind.width:
        reader.skip(kind.width * rows)
    elif kind.name == "String":
        reader.skip_strings(rows)
    elif kind.name == "Nullable":
        reader.skip(rows)
        _skip_values(reader, kind.of[0], rows)
    elif kind.name == "Array":
        reader.skip(8 * (rows - 1))
        _skip_values(reader, kind.of[0], reader.uint64())
    elif kind.name == "Tuple":
        for inner in kind.of:
            _skip_values(reader, inner, rows)
    else:
        _skip_low_cardinality(reader, kind, rows)


def _skip_low_cardinality(reader: Reader, kind: Type, rows: int) -> None:
    key = kind.of[0].of[0] if kind.of[0].name == "Nullable" else kind.of[0]
    while rows:
        index_width = 1 << (reader.uint64() & 0xFF)
        if index_width > 8:
            raise ProtocolError("a LowCardinality column with an unknown index")
        _skip_values(reader, key, reader.uint64())
        batch = reader.uint64()
        if not 0 < batch <= rows:
            raise ProtocolError("a LowCardinality column with the wrong number of rows")
        reader.skip(batch * index_width)
        rows -= batch
