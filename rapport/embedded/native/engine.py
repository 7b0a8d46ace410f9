"""One chDB handle: what a session, a query and an insert are for the engine, and its errors with ClickHouse's codes."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import chdb

from rapport.embedded.native.blocks import Columns
from rapport.embedded.native.statements import Insert
from warehouse.client import READER_LIMITS

UNKNOWN_CODE = 1000
CANCELLED_CODE = 394
CODE = re.compile(r"Code: (\d+)\. (DB::.*)", re.S)


class EngineError(Exception):
    """ClickHouse's own refusal; ``code`` is its number and the text starts as ClickHouse's does."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except (RuntimeError, OSError) as error:
        found = CODE.search(str(error))
        raise EngineError(int(found[1]) if found else UNKNOWN_CODE, found[2] if found else str(error)) from None


def quoted(value: str, mark: str = "'") -> str:
    escaped = value.replace("\\", "\\\\").replace(mark, "\\" + mark).replace("\0", "\\0")
    return f"{mark}{escaped}{mark}"


class Handle:
    """A chDB connection for one client; not for several threads at once, ``close`` it in the end."""

    def __init__(self, path: Path, *, label: str = "", read_only: bool = False) -> None:
        with _errors():
            self._connection: Any = chdb.connect(str(path))
        self._read_only = read_only
        self._session = {"SET session_timezone = 'UTC'": None}  # in the order they were given, each once
        self.run(f"SET session_timezone = 'UTC', print_pretty_type_names = 0, log_comment = {quoted(label)}")
        if read_only:  # chDB has no users, so the limits are set on the handle before readonly, which keeps them
            self.run("SET " + ", ".join(f"{name} = {value}" for name, value in READER_LIMITS.items()))
            self.run("SET readonly = 1")

    def close(self) -> None:
        self._connection.close()

    def run(self, sql: str, **parameters: str) -> bytes:
        """The whole answer in ``Native``; raises EngineError."""
        escaped = {name: re.sub(r"[\\\t\n]", _escape, value) for name, value in parameters.items()}
        with _errors():
            return bytes(self._connection.query(sql, "Native", params=escaped).bytes())

    def rows(self, sql: str, **parameters: str) -> list[list[Any]]:
        escaped = {name: re.sub(r"[\\\t\n]", _escape, value) for name, value in parameters.items()}
        with _errors():
            answer = self._connection.query(sql, "JSONCompactEachRow", params=escaped).bytes()
        return [json.loads(line) for line in answer.splitlines()]

    def columns(self, query: str) -> Columns:
        """Names and types a SELECT will give, without running it."""
        return [(name, kind) for name, kind, *_ in self.rows(f"DESCRIBE TABLE ({query})")]

    def remember(self, set_statement: str) -> None:
        """A SET of the client that holds for its whole session."""
        self._session.pop(set_statement, None)
        self._session[set_statement] = None

    @contextmanager
    def settings(self, given: dict[str, str]) -> Iterator[None]:
        """Settings of one query, gone after it. An unknown or forbidden one raises ClickHouse's own EngineError."""
        # log_comment is how we find the query. What concerns inserts, clients set for every query; readers have none.
        given = {
            name: value
            for name, value in given.items()
            if name != "log_comment" and not (self._read_only and "insert" in name)
        }
        if not given:
            yield
            return
        named = {
            f"`{name}`" if re.fullmatch(r"\w+", name) else quoted(name, "`"): quoted(v) for name, v in given.items()
        }
        self.run("SET " + ", ".join(f"{name} = {value}" for name, value in named.items()))
        try:
            yield
        finally:
            self.run("SET " + ", ".join(f"{name} = DEFAULT" for name in named))
            for earlier in self._session:
                self.run(earlier)

    def stream(self, query: str, stopped: Callable[[], bool]) -> Iterator[bytes]:
        """The answer of a SELECT, one block at a time; ends early when ``stopped`` says so."""
        with _errors():
            answer = self._connection.send_query(query, "Native")
        try:
            while not stopped():
                with _errors():
                    chunk = answer.fetch()
                if chunk is None:
                    return
                yield bytes(chunk.bytes())
        finally:
            with _errors():
                answer.close()

    def insert(self, work: Insert, file: Path) -> None:
        """Commit the blocks in ``file``; on EngineError nothing of them is there.

        Not by chDB's ``send_insert``: its ``finish`` says yes where the commit failed (a constraint, too many
        partitions, a materialized view), so rows would be acknowledged and lost.
        """
        self.run(f"{work.into} FROM INFILE {quoted(str(file))}{work.settings} FORMAT Native")


def _escape(found: re.Match[str]) -> str:
    return {"\\": "\\\\", "\t": "\\t", "\n": "\\n"}[found[0]]


class Parser:
    """ClickHouse's parser as a function, shared by all sessions."""

    def __init__(self, path: Path) -> None:
        self._handle = Handle(path)
        self._lock = Lock()
        self.canonical = lru_cache(maxsize=1024)(self._canonical)
        self.table_functions = frozenset(
            str(name).lower() for (name,) in self._handle.rows("SELECT name FROM system.table_functions")
        )

    def _canonical(self, sql: str) -> str:
        """The one statement in ``sql`` as ClickHouse writes it; EngineError (62) for none, several or nonsense."""
        with self._lock:
            try:
                [[written]] = self._handle.rows("SELECT formatQuerySingleLine({q:String})", q=sql)
            except EngineError as error:
                said = re.sub(
                    r": In scope SELECT formatQuerySingleLine.*\)\.? (?=\(\w+\)$)", ". ", str(error), flags=re.S
                )
                raise EngineError(error.code, said) from None
        return str(written)

    def kill(self, label: str) -> None:
        """End whatever the handle with this label runs."""
        with self._lock:
            self._handle.run(f"KILL QUERY WHERE Settings['log_comment'] = {quoted(label)} ASYNC")

    def close(self) -> None:
        self._handle.close()
