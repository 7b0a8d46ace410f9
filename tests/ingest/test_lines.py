"""Lines are read in bounded memory, whatever the file looks like."""

import gzip
import io
import sys
import tracemalloc
from pathlib import Path

import pytest

from events.codec import MAX_BYTES
from events.dead_letters import KEPT_BYTES
from ingest.lines import ReadError, Reading, lines, measure


def payloads(path: str | Path) -> list[bytes]:
    return [found.payload.rstrip(b"\r\n") for found in lines(path, Reading())]


def test_line_ends_and_byte_order_mark(tmp_path: Path) -> None:
    """CRLF, a byte order mark and a last line without an end change no content."""
    (tmp_path / "a.jsonl").write_bytes(b"\xef\xbb\xbfone\r\ntwo\n\nfour")
    found = list(lines(tmp_path / "a.jsonl", Reading()))
    assert [item.payload.rstrip(b"\r\n") for item in found] == [b"one", b"two", b"", b"four"]
    assert [item.origin for item in found] == [f"file:a.jsonl:{number}" for number in (1, 2, 3, 4)]


def test_gzip_is_read_whatever_its_name(tmp_path: Path) -> None:
    """Compression is recognised by content, and progress counts the bytes on disk."""
    path, reading = tmp_path / "a.jsonl", Reading()
    path.write_bytes(gzip.compress(b"one\ntwo\n"))
    assert [item.payload for item in lines(path, reading)] == [b"one\n", b"two\n"]
    assert reading.done == path.stat().st_size == measure([path])


def test_damaged_gzip_is_one_line_for_the_user(tmp_path: Path) -> None:
    """Compressed data that ends early is said to be damaged, with the place."""
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"one\n" * 1000)[:-12])
    with pytest.raises(ReadError, match=r"a\.gz: the compressed data is damaged after line \d+"):
        payloads(path)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """``-`` reads standard input, gzipped or not, and names it in origins."""
    for content in (b"one\ntwo", gzip.compress(b"one\ntwo")):
        stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO(content)))  # type: ignore[arg-type]
        monkeypatch.setattr(sys, "stdin", stdin)
        found = list(lines("-", Reading()))
        assert [(item.origin, item.payload.strip()) for item in found] == [
            ("file:stdin:1", b"one"),
            ("file:stdin:2", b"two"),
        ]
    assert measure(["-"]) == 0


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_limit_is_exact(tmp_path: Path, end: bytes) -> None:
    """A line of the largest size is whole; one byte more keeps only its start and its true length."""
    path = tmp_path / "a"
    path.write_bytes(b"x" * MAX_BYTES + b"\r\n" + b"y" * (MAX_BYTES + 1) + b"\r\n" + b"z" * 3_000_000 + end)
    whole, over, huge = lines(path, Reading())
    assert (whole.size, whole.too_large, len(whole.payload)) == (MAX_BYTES, False, MAX_BYTES + 2)
    assert (over.size, over.too_large, over.payload) == (MAX_BYTES + 1, True, b"y" * KEPT_BYTES)
    assert (huge.size, huge.too_large, huge.payload) == (3_000_000, True, b"z" * KEPT_BYTES)


def test_a_long_line_is_never_in_memory(tmp_path: Path) -> None:
    """A line of 10 MB costs less than 4 MB, and the line after it is read."""
    path = tmp_path / "a"
    path.write_bytes(b"x" * 10_000_000 + b"\nnext\n")
    tracemalloc.start()
    found = [(item.size, item.payload[:5]) for item in lines(path, Reading())]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [(10_000_000, b"xxxxx"), (4, b"next\n")]
    assert peak < 4_000_000


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    """A missing file and a folder are named in one line."""
    with pytest.raises(ReadError, match=r"gone: No such file"):
        measure([tmp_path / "gone"])
    with pytest.raises(ReadError, match="is a folder"):
        measure([tmp_path])
