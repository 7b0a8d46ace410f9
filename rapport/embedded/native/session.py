"""One client: its hello, then its packets one after the other until it leaves."""

import contextlib
import hmac
import socket
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rapport.embedded.native import statements, wire
from rapport.embedded.native.blocks import header, loses_zones, split, with_zones
from rapport.embedded.native.engine import CANCELLED_CODE, EngineError, Handle, Parser, quoted
from rapport.embedded.native.request import Query, read_data, read_hello, read_query
from rapport.embedded.native.statements import NOT_IMPLEMENTED, Insert, RefusedError
from rapport.embedded.native.types import UnsupportedTypeError
from rapport.embedded.native.wire import Closed, ProtocolError, Reader

AUTHENTICATION_FAILED = 516
NOT_ENOUGH_SPACE = 243
UNEXPECTED_PACKET = 101
VERSION = (26, 9, 2)
HELLO_SECONDS = 10.0


@dataclass(frozen=True)
class User:
    """Who may connect. A ``read_only`` user sees every table and changes nothing; an empty password is an open door."""

    name: str
    password: str
    read_only: bool = False


def reply(error: Exception) -> bytes:
    """``error`` as ClickHouse's Exception packet."""
    message = str(error)
    code = getattr(error, "code", NOT_IMPLEMENTED if isinstance(error, UnsupportedTypeError) else UNEXPECTED_PACKET)
    return wire.exception(code, message if message.startswith("DB::") else f"DB::Exception: {message}")


class Session:
    """Serves one connection in the calling thread; only ``interrupt`` is for another one."""

    def __init__(
        self, sock: socket.socket, path: Path, users: Mapping[str, User], parser: Parser, *, label: str, spool: Path
    ) -> None:
        self.socket = sock
        self.busy = False  # inside the engine, where only ``interrupt`` can reach it
        self._path = path
        self._users = users
        self._parser = parser
        self._label = label
        self._spool = spool
        self._reader = Reader(sock.recv)
        self._interrupted = False

    def interrupt(self) -> None:
        """The client cancelled or left: end its query."""
        self._interrupted = True
        with contextlib.suppress(EngineError):
            self._parser.kill(self._label)

    def serve(self) -> None:
        """Until the client leaves. Whatever it sends ends this connection at worst."""
        handle: Handle | None = None
        try:
            self.socket.settimeout(HELLO_SECONDS)
            hello = read_hello(self._reader)
            user = self._authenticated(hello.user, hello.password)
            handle = Handle(self._path, label=self._label, read_only=user.read_only)
            if hello.database:
                handle.run(f"USE {quoted(hello.database, '`')}")
            self._send(wire.hello(VERSION))
            self.socket.settimeout(None)
            while True:
                self._packet(handle, user)
        except (ProtocolError, RefusedError, EngineError) as error:
            with contextlib.suppress(OSError):
                self._send(reply(error))
        except (Closed, OSError):
            pass
        finally:
            if handle:
                handle.close()

    def _send(self, *parts: bytes) -> None:
        for part in parts:
            self.socket.sendall(part)

    def _authenticated(self, name: str, password: str) -> User:
        user = self._users.get(name)
        expected = user.password if user else "\0"
        same = hmac.compare_digest(expected.encode(), password.encode())
        if not user or not same:
            raise RefusedError(
                AUTHENTICATION_FAILED,
                f"{name}: Authentication failed: password is incorrect, or there is no user with such name.",
            )
        return user

    def _packet(self, handle: Handle, user: User) -> None:
        self._reader.begin()
        kind = self._reader.varint()
        if kind == wire.PING:
            self._send(wire.varint(wire.SERVER_PONG))
        elif kind == wire.QUERY:
            query = read_query(self._reader)
            if query.compressed:  # its next packet is compressed, so nothing after this can be read
                raise RefusedError(
                    NOT_IMPLEMENTED, "the embedded gateway does not compress; connect without compression"
                )
            external = False
            while read_data(self._reader).columns:
                external = True
            self._answer(handle, user, query, external=external)
        elif kind != wire.CANCEL:
            raise ProtocolError(f"a packet of the unknown kind {kind}")

    def _answer(self, handle: Handle, user: User, query: Query, *, external: bool) -> None:
        self._interrupted = False
        try:
            if external:
                raise RefusedError(
                    NOT_IMPLEMENTED, "the embedded gateway takes no external tables; write it as a subquery"
                )
            canonical = self._parser.canonical(query.sql)
            work = statements.insert(query.sql, canonical)
            checked = statements.statement(canonical)
            if user.read_only:
                statements.check_read_only(checked, self._parser.table_functions)
            with handle.settings(query.settings):
                if work:
                    self._insert(handle, work)
                elif checked.returns_rows:
                    self._select(handle, checked.sql)
                else:
                    # Rows inside the text of an INSERT are not part of the parser's rewriting.
                    self._run(handle, query.sql if statements.INSERT.match(canonical) else checked.sql)
            if checked.verb == "SET":
                handle.remember(checked.sql)
            self._send(wire.varint(wire.SERVER_END))
        except (EngineError, RefusedError, UnsupportedTypeError) as error:
            cancelled = self._interrupted and getattr(error, "code", 0) == CANCELLED_CODE
            self._send(wire.varint(wire.SERVER_END) if cancelled else reply(error))

    @contextlib.contextmanager
    def _engine(self) -> Iterator[None]:
        self.busy = True
        try:
            yield
        finally:
            self.busy = False

    def _select(self, handle: Handle, sql: str) -> None:
        with self._engine():
            columns = handle.columns(sql)
            self._send(*wire.data(header(columns)))
            rewrite = loses_zones(columns)
            for block in handle.stream(sql, lambda: self._interrupted):
                self._send(*wire.data(with_zones(block, columns) if rewrite else block))

    def _run(self, handle: Handle, sql: str) -> None:
        with self._engine():
            answer = handle.run(sql)
        for number, block in enumerate(split(answer)):
            if number == 0:
                self._send(*wire.data(header(block.columns)))
            self._send(*wire.data(block.native))

    def _insert(self, handle: Handle, work: Insert) -> None:
        """All blocks are on disk before the engine sees one, so a client that dies leaves nothing half done."""
        self._send(*wire.data(header(handle.columns(work.sample))))
        rows = size = 0
        with tempfile.NamedTemporaryFile(dir=self._spool, suffix=".native") as file:
            full: OSError | None = None
            while (block := read_data(self._reader)).columns:
                rows, size = rows + block.rows, size + len(block.native)
                if block.rows and not full:
                    try:
                        file.write(block.native)
                    except OSError as error:  # the client sends all its blocks before it listens
                        full = error
            if full:
                raise RefusedError(NOT_ENOUGH_SPACE, f"cannot keep the rows of this insert: {full.strerror}")
            file.flush()
            if rows:
                with self._engine():
                    handle.insert(work, Path(file.name))
        self._send(wire.progress(rows, size, written=True))
