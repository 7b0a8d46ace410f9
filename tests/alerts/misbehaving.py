"""A receiver that does what receivers do on bad days, on a port of 127.0.0.1, one connection at a time."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Answer = Callable[[socket.socket], None]


@dataclass
class Heard:
    """One request: its head in lines, and its body."""

    head: list[str]
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        pairs = (line.partition(": ") for line in self.head[1:])
        return {name.lower(): value for name, _, value in pairs}


@dataclass
class Receiver:
    """It does what ``answers`` say, one a connection, and the last one for ever."""

    port: int
    answers: list[Answer]
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0

    def serve(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            self.connections += 1
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            with connection, suppress(OSError):
                connection.settimeout(5)
                if request := read(connection):
                    self.heard.append(request)
                    answer(connection)


def read(connection: socket.socket) -> Heard | None:
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := connection.recv(65_536)):
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    made = Heard(head.decode().split("\r\n"), body)
    while len(made.body) < int(made.headers.get("content-length", 0)):
        made.body += connection.recv(65_536)
    return made


@contextmanager
def receiver(*answers: Answer) -> Iterator[Receiver]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Receiver(listening.getsockname()[1], list(answers))
        thread = threading.Thread(target=made.serve, args=(listening,))
        thread.start()
        try:
            yield made
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def answers(status: int, body: bytes = b"", **headers: str) -> Answer:
    told = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {status} X\r\n{told}Content-Length: {len(body)}\r\n\r\n".encode()
    return lambda connection: connection.sendall(head + body)


def closes(connection: socket.socket) -> None:
    """Without a word."""


def closes_in_mid_body(status: int) -> Answer:
    return lambda connection: connection.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: 100\r\n\r\nhalf".encode())


def sleeps(connection: socket.socket) -> None:
    """Until the other side hangs up."""
    with suppress(TimeoutError):
        connection.recv(1)


def drips(first: bytes) -> Answer:
    """``first``, then a byte every while, so that no single read ever times out."""

    def drip(connection: socket.socket) -> None:
        connection.sendall(first)
        for _ in range(200):
            connection.sendall(b"a")
            time.sleep(0.02)

    return drip


def floods(status: int) -> Answer:
    """A body without end."""

    def flood(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 {status} X\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for _ in range(2_000):
            connection.sendall(b"10000\r\n" + b"x" * 65_536 + b"\r\n")

    return flood
