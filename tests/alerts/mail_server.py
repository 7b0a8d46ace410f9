"""A mail server of one connection, on a port of 127.0.0.1, that answers as it is told."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class MailServer:
    """``answers`` replaces its usual answer to a command; ``tls`` is what it offers STARTTLS with."""

    port: int
    answers: dict[str, bytes]
    tls: ssl.SSLContext | None
    commands: list[str] = field(default_factory=list)
    message: bytes = b""

    def serve(self, listening: socket.socket) -> None:
        with suppress(OSError):
            connection, _ = listening.accept()
            connection.settimeout(5)
            self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            connection.sendall(self.answers.get("greeting", b"220 mail.test\r\n"))
            for line in iter(lines.readline, b""):
                command = line.decode().split(" ")[0].strip().upper()
                self.commands.append(line.decode().strip())
                connection.sendall(self.answers.get(command) or self._usual(command))
                if command == "STARTTLS" and self.tls:
                    return self._talk_again(self.tls.wrap_socket(connection, server_side=True))
                if command == "DATA" and "DATA" not in self.answers:
                    self.message = b"".join(iter(lines.readline, b".\r\n"))
                    connection.sendall(self.answers.get("message", b"250 taken\r\n"))
                if command == "QUIT":
                    return None
        return None

    def _talk_again(self, connection: socket.socket) -> None:
        self.answers["greeting"] = b""
        self._talk(connection)

    def _usual(self, command: str) -> bytes:
        offered = b"250-STARTTLS\r\n" if self.tls else b""
        answers = {
            "EHLO": b"250-mail.test\r\n" + offered + b"250 AUTH PLAIN\r\n",
            "STARTTLS": b"220 go on\r\n",
            "AUTH": b"235 welcome\r\n",
            "DATA": b"354 go on\r\n",
            "QUIT": b"221 bye\r\n",
        }
        return answers.get(command, b"250 fine\r\n")


@contextmanager
def mail_server(answers: dict[str, bytes] | None = None, tls: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = MailServer(listening.getsockname()[1], dict(answers or {}), tls)
        thread = threading.Thread(target=made.serve, args=(listening,))
        thread.start()
        try:
            yield made
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join(10)
