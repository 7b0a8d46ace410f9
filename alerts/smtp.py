"""One try to send an e-mail: pinned to a checked address and bounded in time, as a post is."""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage

from alerts.guard import Allowed, RefusedError, Resolve, checked
from alerts.outcome import Delivered, Outcome, Permanent, Retry

CONNECT = 5.0  # seconds to connect to one address
TOTAL = 30.0  # seconds for all of it; mail servers greet slowly on purpose


@dataclass(frozen=True)
class Server:
    """A mail server and how to reach it; ``security`` is ``starttls``, ``tls`` or ``none``; ``total`` in seconds."""

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    permitted: Allowed
    context: ssl.SSLContext = field(repr=False)
    resolve: Resolve = field(repr=False)
    total: float = TOTAL


def send(server: Server, message: EmailMessage) -> Outcome:
    """Send ``message`` and say what came of it."""
    try:
        addresses = checked(server.host, server.port, server.permitted, server.resolve)
        with _connected(addresses, server.port) as connection, _ended_after(server.total, connection):
            _talk(server, connection, message)
    except RefusedError as error:
        return Retry(None, str(error))
    except smtplib.SMTPException as error:
        return _answered(server.host, error)
    except OSError as error:
        return Retry(None, f"{server.host}: {_in_words(error)}")
    return Delivered()


class _Smtp(smtplib.SMTP):
    """Over a connection that is there already; the name stays what TLS is checked against."""

    def __init__(self, connection: socket.socket, host: str, timeout: float) -> None:
        self._connection = connection
        super().__init__(host, timeout=timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._connection


def _talk(server: Server, connection: socket.socket, message: EmailMessage) -> None:
    if server.security == "tls":
        connection = server.context.wrap_socket(connection, server_hostname=server.host)
    with _Smtp(connection, server.host, CONNECT) as smtp:
        if server.security == "starttls":
            smtp.starttls(context=server.context)
        if server.password:
            smtp.login(server.user, server.password)
        smtp.send_message(message)


@contextmanager
def _connected(addresses: list[str], port: int) -> Iterator[socket.socket]:
    """To the first address that answers."""
    failed: OSError | None = None
    for address in addresses:
        try:
            connection = socket.create_connection((address, port), timeout=CONNECT)
        except OSError as error:
            failed = error
            continue
        with connection:
            yield connection
        return
    raise failed or OSError("no address")


@contextmanager
def _ended_after(seconds: float, connection: socket.socket) -> Iterator[None]:
    """A server that keeps talking a little is hung up on: a time-out of its own has only each single answer."""
    with connection.dup() as line:  # of its own, because TLS takes the socket over

        def end() -> None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(seconds, end)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def _answered(host: str, error: smtplib.SMTPException) -> Outcome:
    """As SMTP means its codes: 4xx passes, 5xx does not."""
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return Retry(None, f"{host}: the connection broke off")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = min(code for code, _ in error.recipients.values())
    elif isinstance(error, smtplib.SMTPResponseException):
        code = error.smtp_code
    else:  # STARTTLS, or a way to log in
        return Permanent(f"{host} does not offer what is configured")
    return Permanent(f"{host} answered {code}") if 500 <= code < 600 else Retry(None, f"{host} answered {code}")


def _in_words(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    return "no answer in time" if isinstance(error, TimeoutError) else "no connection"
