"""Lines of files and of standard input in bounded memory, each with the place it came from."""

import gzip
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from events.codec import MAX_BYTES
from events.dead_letters import KEPT_BYTES

STDIN = "-"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
GZIP_MAGIC = b"\x1f\x8b"
SKIP_BYTES = 65_536
LONGEST = MAX_BYTES + len(b"\r\n")


class ReadError(Exception):
    """A source cannot be read (further). The message is one line for the user."""


@dataclass
class Reading:
    """How far the reading is, in bytes on disk (compressed or not); standard input counts for nothing."""

    done: int = 0
    total: int = 0
    dropped: int = 0  # rows that the mapping's own rule leaves out


@dataclass(frozen=True)
class Line:
    """``payload`` keeps its line end, but only its first ``KEPT_BYTES`` where ``size`` (without it) is too large."""

    origin: str
    payload: bytes
    size: int

    @property
    def too_large(self) -> bool:
        return self.size > MAX_BYTES


def measure(paths: Iterable[str | Path]) -> int:
    """Bytes on disk of all ``paths``. Raises ``ReadError`` for one that is not there."""
    return sum(_size(Path(path)) for path in paths if str(path) != STDIN)


def lines(path: str | Path, reading: Reading) -> Iterator[Line]:
    """Every line of ``path`` (``-`` is standard input), gzipped or not; empty ones too. Raises ``ReadError``."""
    label = "stdin" if str(path) == STDIN else Path(path).name
    number, before = 0, reading.done
    try:
        with nullcontext(sys.stdin.buffer) if str(path) == STDIN else Path(path).open("rb") as file:
            stream = _plain(file)
            while payload := stream.readline(LONGEST):
                number += 1
                if number == 1:
                    payload = payload.removeprefix(BYTE_ORDER_MARK)
                size = len(payload.rstrip(b"\r\n"))
                if size > MAX_BYTES:
                    size += _skip(stream, payload)
                    payload = payload[:KEPT_BYTES]
                if str(path) != STDIN:
                    reading.done = before + file.tell()
                yield Line(f"file:{label}:{number}", payload, size)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ReadError(f"{path}: the compressed data is damaged after line {number}; compress it again") from error
    except OSError as error:
        raise ReadError(f"{path}: {error.strerror or error}") from error


def _size(path: Path) -> int:
    try:
        if path.is_dir():
            raise ReadError(f"{path}: is a folder; name the files in it")
        return path.stat().st_size
    except OSError as error:
        raise ReadError(f"{path}: {error.strerror or error}") from error


def _plain(file: BinaryIO) -> BinaryIO:
    peekable = file if isinstance(file, BufferedReader) else None
    if peekable is None or peekable.peek(2)[:2] != GZIP_MAGIC:
        return file
    return gzip.GzipFile(fileobj=file)  # type: ignore[return-value] # it reads like one


def _skip(stream: BinaryIO, start: bytes) -> int:
    """The length of the rest of a line whose ``start`` was read, without its end."""
    skipped, chunk = 0, start
    while not chunk.endswith(b"\n") and (chunk := stream.readline(SKIP_BYTES)):
        skipped += len(chunk)
    return skipped - (len(chunk) - len(chunk.rstrip(b"\r\n")) if skipped else 0)
