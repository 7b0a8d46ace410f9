"""The listener: one thread per client, a limit on clients, and one thread that notices who cancelled or left."""

import contextlib
import itertools
import select
import shutil
import socket
import threading
from collections.abc import Iterable
from pathlib import Path

from rapport.embedded.native import wire
from rapport.embedded.native.engine import Parser
from rapport.embedded.native.session import Session, User, reply
from rapport.embedded.native.statements import RefusedError

TOO_MANY_CONNECTIONS = 202
MAX_CLIENTS = 64
WATCH_SECONDS = 0.05
CLOSE_SECONDS = 5.0


class Server:
    """Serves the chDB folder ``path`` on 127.0.0.1 until ``close``. Raises OSError where the port is taken.

    Only one process may have the folder open; another one makes this raise EngineError.
    """

    def __init__(self, path: Path, port: int, users: Iterable[User], *, max_clients: int = MAX_CLIENTS) -> None:
        self._path = path
        self._spool = path / "spool"
        self._users = {user.name: user for user in users}
        self._max_clients = max_clients
        self._sessions: dict[Session, threading.Thread] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._labels = itertools.count(1)
        self._parser = Parser(path)
        try:
            shutil.rmtree(self._spool, ignore_errors=True)  # of one that was killed
            self._spool.mkdir()
            self._listener = socket.create_server(("127.0.0.1", port), backlog=128)
        except OSError:
            self._parser.close()
            raise
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._accept, self._watch)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Ends every query and connection, and closes chDB's handles: left open they complain at exit."""
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            sessions = dict(self._sessions)
        for session, thread in sessions.items():
            with contextlib.suppress(OSError):
                session.socket.shutdown(socket.SHUT_RDWR)
            session.interrupt()
            thread.join(CLOSE_SECONDS)
        for thread in self._threads:
            thread.join(CLOSE_SECONDS)
        self._parser.close()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                if self._closing.wait(WATCH_SECONDS):  # otherwise out of file handles: some will be free again
                    return
                continue
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            label = f"gateway-{next(self._labels)}"
            session = Session(client, self._path, self._users, self._parser, label=label, spool=self._spool)
            thread = threading.Thread(target=self._serve, args=(session,), daemon=True)
            with self._lock:
                full = len(self._sessions) >= self._max_clients
                if not full:
                    self._sessions[session] = thread
            if full:
                _turn_away(client, self._max_clients)
            else:
                thread.start()

    def _serve(self, session: Session) -> None:
        try:
            session.serve()
        finally:
            session.socket.close()
            with self._lock:
                self._sessions.pop(session, None)

    def _watch(self) -> None:
        while not self._closing.wait(WATCH_SECONDS):
            with self._lock:
                busy = [session for session in self._sessions if session.busy]
            for session in busy:
                if _wants_out(session.socket):
                    session.interrupt()


def _turn_away(client: socket.socket, limit: int) -> None:
    message = f"Too many connections: the embedded gateway takes {limit} at once; close some and try again"
    with client, contextlib.suppress(OSError):
        client.settimeout(1)
        client.recv(wire.CHUNK)  # its hello; unread bytes would turn our answer into a reset
        client.sendall(reply(RefusedError(TOO_MANY_CONNECTIONS, message)))


def _wants_out(client: socket.socket) -> bool:
    """A client in a running query says nothing but Cancel, or leaves."""
    try:
        if not select.select([client], [], [], 0)[0]:
            return False
        return client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) in (b"", bytes([wire.CANCEL]))
    except (OSError, ValueError):
        return True
