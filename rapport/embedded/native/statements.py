"""What a statement is, and whether a read-only user may run it.

Every statement is first rewritten by ClickHouse's own parser (``formatQuery``: comments gone, one way to quote, no
second statement behind a semicolon) and only that text is looked at and run. So no trick of quoting can make this
module and the engine read two different things.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

ACCESS_DENIED = 497
NOT_IMPLEMENTED = 48

READ_ONLY_VERBS = frozenset({"SELECT", "WITH", "SHOW", "DESCRIBE", "EXPLAIN", "EXISTS"})
# chDB checks no grants, so what reaches files, the network, Python objects or hidden SQL is left out by name.
SAFE_TABLE_FUNCTIONS = frozenset(
    {"generaterandom", "generate_series", "generateseries", "merge", "null", "numbers", "numbers_mt", "primes"}
    | {"sqlstandardvalues", "values", "view", "zeros", "zeros_mt", "format"}
)
UNSAFE_FUNCTIONS = frozenset({"file", "hascolumnintable", "joinget", "joingetornull", "sleep", "sleepeachrow"})

TOKEN = re.compile(
    r"""(?P<text>'(?:[^'\\]|\\.)*')|(?P<quoted>`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*")|(?P<word>\w+)|(?P<mark>\S)""", re.S
)
INLINE_DATA_FOLLOWS = re.compile(r"\b(?:VALUES|FORMAT\s+\w+)\s*;?\s*\Z", re.I)
INSERT = re.compile(
    r"INSERT INTO (?P<target>(?!FUNCTION )(?:`(?:[^`\\]|\\.)*`|[\w.])+)"
    r"(?: \((?P<columns>.*?)\))?(?P<settings> SETTINGS .*)? FORMAT \w+\Z",
    re.S,
)


class RefusedError(Exception):
    """This statement is not run for this user; ``code`` is ClickHouse's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    depth: int
    start: int

    @property
    def name(self) -> str:
        """The identifier without its quotes, in lower case: function names are compared that way."""
        return self.text.strip('`"').lower()


@dataclass(frozen=True)
class Statement:
    """``sql`` is the engine's own rewriting, without the output format that only a client could apply."""

    sql: str
    verb: str

    @property
    def returns_rows(self) -> bool:
        return self.verb in ("SELECT", "WITH")


@dataclass(frozen=True)
class Insert:
    """An INSERT whose rows follow as blocks: its parts, and ``sample``, a query with the same columns."""

    into: str
    settings: str
    sample: str


def tokens(sql: str) -> Iterator[Token]:
    depth = 0
    for found in TOKEN.finditer(sql):
        kind, text = str(found.lastgroup), found.group()
        depth -= text in (")", "]")
        yield Token(kind, text, depth, found.start())
        depth += text in ("(", "[")


def insert(original: str, canonical: str) -> Insert | None:
    """None where the statement is no INSERT, or brings its rows along in its text or by a SELECT."""
    found = INSERT.match(canonical)
    if not found or not INLINE_DATA_FOLLOWS.search(original):
        return None
    columns = found["columns"]
    into = f"INSERT INTO {found['target']}{f' ({columns})' if columns else ''}"
    # The engine's own parser wrote these parts, so nothing of a stranger's is pasted here.
    return Insert(into, found["settings"] or "", f"SELECT {columns or '*'} FROM {found['target']}")  # noqa: S608


def statement(canonical: str) -> Statement:
    """Raises RefusedError for what would use files of this machine on the client's behalf."""
    found = list(tokens(canonical))
    verb = next((token.text for token in found if token.kind == "word"), "")
    for here, following in pairwise(found):
        if (here.text, following.text) in (("INTO", "OUTFILE"), ("FROM", "INFILE")):
            raise RefusedError(NOT_IMPLEMENTED, "INTO OUTFILE and FROM INFILE are work for the client, not the server")
        if following.text == "(" and here.name == "python":
            raise RefusedError(ACCESS_DENIED, "the table function Python is not available")
        if here.text == "FORMAT" and here.depth == 0 and following.text not in ("ASC", "DESC", "AS"):
            rest = canonical[following.start + len(following.text) :].strip()
            if not rest or rest.startswith("SETTINGS "):
                return Statement(f"{canonical[: here.start]}{rest}".strip(), verb)
    return Statement(canonical, verb)


def check_read_only(checked: Statement, table_functions: frozenset[str]) -> None:
    """Raises RefusedError unless the statement only reads tables. ``table_functions``: the engine's, in lower case.

    The engine's own ``readonly = 1`` stands behind this; it alone lets a SELECT read and write files.
    """
    if checked.verb not in READ_ONLY_VERBS:
        raise RefusedError(
            ACCESS_DENIED, "this user may only SELECT, SHOW, DESCRIBE, EXPLAIN and EXISTS; connect as the admin user"
        )
    found = list(tokens(checked.sql))
    before = Token("mark", "", 0, 0)
    for here, following in zip(found, [*found[1:], before], strict=True):
        if here.kind in ("word", "quoted"):
            called = following.text == "("
            outside = called and here.name in table_functions - SAFE_TABLE_FUNCTIONS
            if outside or here.name in UNSAFE_FUNCTIONS or (called and here.name.startswith("ai")):
                raise RefusedError(ACCESS_DENIED, f"this user may not use {here.name}: it reaches beyond the tables")
            # The engine takes an unknown table name for a path or an address. After AS it is only a label.
            if here.kind == "quoted" and before.text != "AS" and re.search(r"[/\\:]", here.text):
                raise RefusedError(ACCESS_DENIED, "this user may not use names with / \\ or : (they reach files)")
        before = here
