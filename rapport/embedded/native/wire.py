"""Packets on a socket: a reader that never trusts a length it is told, and a writer of whole packets."""

import struct
from collections.abc import Callable

REVISION = 54453
MAX_PACKET_BYTES = 512 << 20
MAX_TEXT_BYTES = 16 << 20
CHUNK = 1 << 18

HELLO, QUERY, DATA, CANCEL, PING = range(5)  # from the client
SERVER_HELLO, SERVER_DATA, SERVER_EXCEPTION, SERVER_PROGRESS, SERVER_PONG, SERVER_END = range(6)
NO_BLOCK_INFO = b"\x01\x00\x02\xff\xff\xff\xff\x00"


class ProtocolError(Exception):
    """The client sent something that is not this protocol; its connection cannot go on."""


class Closed(Exception):  # noqa: N818 - an end, not an error
    """The other side went away."""


class Reader:
    """Bytes of one client. The buffer grows with what has really arrived, never by a length that was only declared."""

    def __init__(self, receive: Callable[[int], bytes], *, limit: int = MAX_PACKET_BYTES) -> None:
        self._receive = receive
        self.limit = limit
        self.data = bytearray()
        self.position = 0

    def begin(self) -> None:
        """Forget what was read: positions start from 0 again."""
        del self.data[: self.position]
        self.position = 0

    def need(self, count: int) -> None:
        """Have at least ``count`` bytes after ``position``; raises Closed, or ProtocolError above the limit."""
        end = self.position + count
        if end > self.limit:
            raise ProtocolError(f"a packet of more than {self.limit >> 20} MB; send smaller blocks")
        while len(self.data) < end:
            received = self._receive(CHUNK)
            if not received:
                raise Closed
            self.data += received

    def skip(self, count: int) -> None:
        self.need(count)
        self.position += count

    def take(self, count: int) -> bytes:
        self.skip(count)
        return bytes(self.data[self.position - count : self.position])

    def byte(self) -> int:
        self.skip(1)
        return self.data[self.position - 1]

    def varint(self) -> int:
        value = shift = 0
        while shift < 64:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
        raise ProtocolError("a length of more than 64 bits")

    def uint64(self) -> int:
        return int.from_bytes(self.take(8), "little")

    def text(self, limit: int = MAX_TEXT_BYTES) -> str:
        length = self.varint()
        if length > limit:
            raise ProtocolError(f"a text of {length} bytes where at most {limit} are taken")
        try:
            return self.take(length).decode()
        except UnicodeDecodeError as error:
            raise ProtocolError("a text that is not UTF-8") from error

    def skip_strings(self, count: int) -> None:
        """Pass over ``count`` length-prefixed strings: the one loop per row, so it works on the buffer itself."""
        data, position = self.data, self.position
        for _ in range(count):
            try:
                length = data[position]
            except IndexError:
                length = 0x80
            if length < 0x80:
                position += 1 + length
                continue
            self.position = position
            if position > len(data):
                self.need(0)
            length = self.varint()
            position = self.position + length
            if position > self.limit:
                self.need(length)
        self.position = position
        self.need(0)


def varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def text(value: str) -> bytes:
    encoded = value.encode(errors="replace")
    return varint(len(encoded)) + encoded


def hello(version: tuple[int, int, int]) -> bytes:
    major, minor, patch = map(varint, version)
    name = text("ClickHouse") + major + minor + varint(REVISION)
    return varint(SERVER_HELLO) + name + text("UTC") + text("rapport") + patch


def data(block: bytes) -> tuple[bytes, bytes]:
    """A Data packet as (head, block), so that a large block is not copied once more."""
    return varint(SERVER_DATA) + text("") + NO_BLOCK_INFO, block


def exception(code: int, message: str) -> bytes:
    body = struct.pack("<i", code) + text("DB::Exception") + text(message) + text("") + b"\0"
    return varint(SERVER_EXCEPTION) + body


def progress(rows: int, size: int, *, written: bool) -> bytes:
    counts = (0, 0, 0, rows, size) if written else (rows, size, 0, 0, 0)
    return varint(SERVER_PROGRESS) + b"".join(map(varint, counts))
