"""Rows of a CSV file, in bounded memory whatever the file holds."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from events.codec import MAX_BYTES
from events.dead_letters import KEPT_BYTES
from ingest.dead import DeadLetter, dead_letter, too_large
from ingest.lines import Line, Reading, lines

FIELD_LIMIT = csv.field_size_limit()  # 131,072 characters: what an unclosed quote swallows before its row is given up


@dataclass(frozen=True)
class Row:
    """``columns`` by the names of the header, empty where the row is short; ``origin`` is where the row starts."""

    origin: str
    columns: dict[str, str]
    surplus: int = 0  # fields beyond the header

    @property
    def payload(self) -> bytes:
        """The row as one JSON object."""
        return json.dumps(self.columns).encode()


def rows(
    path: str | Path, reading: Reading, *, delimiter: str = ",", encoding: str = "utf-8"
) -> Iterator[Row | DeadLetter]:
    """The rows below the header; the header itself is read first and never yielded.

    A row that is no CSV, no text or too large is a dead letter with all it swallowed; reading goes on after it.
    Raises ``ReadError``.
    """
    text = _Text(lines(path, reading), encoding)
    reader = csv.reader(text, delimiter=delimiter)
    header: list[str] | None = None
    while True:
        text.begin()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except _TooLarge as error:
            yield too_large(error.line.origin, error.line.payload, error.line.size)
            continue
        except (csv.Error, _TooLong) as error:
            detail = f"{error}; {text.lines} line(s) were taken as one row: a quote may be missing"
            yield dead_letter("not_csv", detail, text.origin, text.raw, text.size)
            continue
        if text.error:
            detail = f"{text.error}; name the encoding in the mapping"
            yield dead_letter("not_utf8", detail, text.origin, text.raw, text.size)
            continue
        if not any(fields):
            continue
        if header is None:
            header = fields
            continue
        padded = [*fields, *[""] * (len(header) - len(fields))]
        columns = dict(zip(header, padded, strict=False))
        yield Row(text.origin, columns, max(0, len(fields) - len(header)))


class _TooLarge(Exception):  # noqa: N818 - it carries a line, not a fault of ours
    def __init__(self, line: Line) -> None:
        super().__init__(line.origin)
        self.line = line


class _TooLong(Exception):  # noqa: N818 - see above
    pass


class _Text:
    """Decoded lines for ``csv.reader``, which remembers where the row it is reading began.

    An iterator and not a generator: a generator that raises is over, and one bad line must not end the file.
    """

    def __init__(self, source: Iterator[Line], encoding: str) -> None:
        self._source, self._encoding = source, encoding
        self.begin()

    def begin(self) -> None:
        self.origin, self.raw, self.size, self.lines, self.error = "", b"", 0, 0, ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._source)
        if line.too_large:
            raise _TooLarge(line)
        self.origin = self.origin or line.origin
        if len(self.raw) < KEPT_BYTES:
            self.raw += line.payload
        self.lines += 1
        self.size += len(line.payload)
        if self.size > MAX_BYTES:
            raise _TooLong(f"the row has more than {MAX_BYTES} bytes")
        try:
            text = line.payload.decode(self._encoding)
        except UnicodeDecodeError as error:
            self.error = str(error)
            text = line.payload.decode(self._encoding, "replace")
        # People paste carriage returns; outside of quotes csv.reader would refuse the row for one.
        return text.rstrip("\r\n").replace("\r", " ") + "\n"
