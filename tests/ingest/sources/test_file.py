"""Files that grow: each whole line once, whatever happens to the file."""

import asyncio
from pathlib import Path
from typing import Any

from events import Interaction
from events.codec import MAX_BYTES
from ingest.dead import DeadLetter
from ingest.source import Cursor
from tests.ingest.given import line
from tests.ingest.sources.given import NOW, Clock, connected, pulled


def read(tmp_path: Path, cursor: Cursor | None) -> tuple[list[Any], Cursor | None]:
    """What is new since ``cursor``, and the cursor after it."""

    async def pull() -> tuple[list[Any], Cursor | None]:
        async with connected({"kind": "file", "path": str(tmp_path / "*.jsonl")}, tmp_path, Clock()) as (source,):
            pages = await pulled(source, cursor, NOW)
            return [item for page in pages for item in page.items], pages[-1].cursor if pages else cursor

    return asyncio.run(pull())


def ids(items: list[Any]) -> list[str]:
    return [item.id for item in items if isinstance(item, Interaction)]


def test_what_is_appended_is_read(tmp_path: Path) -> None:
    """Half a line waits for its other half."""
    file = tmp_path / "a.jsonl"
    file.write_bytes(line(1) + b"\n" + line(2)[:20])
    items, cursor = read(tmp_path, None)
    assert ids(items) == ["sim:1"]
    with file.open("ab") as more:
        more.write(line(2)[20:] + b"\n\n" + line(3) + b"\n")
    items, cursor = read(tmp_path, cursor)
    assert ids(items) == ["sim:2", "sim:3"]
    assert read(tmp_path, cursor) == ([], cursor)


def test_a_file_that_is_moved_away_is_read_to_its_end(tmp_path: Path) -> None:
    """What was written to it last is not lost, and the new one is read from its beginning."""
    file = tmp_path / "a.jsonl"
    file.write_bytes(line(1) + b"\n")
    _, cursor = read(tmp_path, None)
    with file.open("ab") as more:
        more.write(line(2) + b"\n")
    file.rename(tmp_path / "a.1.jsonl")
    file.write_bytes(line(3) + b"\n")
    items, cursor = read(tmp_path, cursor)
    assert sorted(ids(items)) == ["sim:2", "sim:3"]


def test_a_file_that_became_shorter_begins_anew(tmp_path: Path) -> None:
    """Its ids say what of it is new."""
    file = tmp_path / "a.jsonl"
    file.write_bytes(line(1) + b"\n" + line(2) + b"\n")
    _, cursor = read(tmp_path, None)
    file.write_bytes(line(3) + b"\n")
    assert ids(read(tmp_path, cursor)[0]) == ["sim:3"]


def test_a_line_that_cannot_be_used_is_a_dead_letter(tmp_path: Path) -> None:
    """With its file and its byte; the others are read."""
    long = b'{"id": "' + b"x" * (2 * MAX_BYTES) + b'"}\n'
    (tmp_path / "a.jsonl").write_bytes(b"nonsense\n" + long + line(1) + b"\n")
    items, _ = read(tmp_path, None)
    dead = [item for item in items if isinstance(item, DeadLetter)]
    assert [(one.reason, one.origin) for one in dead] == [
        ("not_json", "file:a.jsonl:0"),
        ("too_large", "file:a.jsonl:9"),
    ]
    assert (dead[1].size, ids(items)) == (len(long), ["sim:1"])


def test_many_lines_are_many_pages(tmp_path: Path) -> None:
    """Each with the cursor after it, so that a kill repeats one page at the most."""
    (tmp_path / "a.jsonl").write_bytes(b"".join(line(number) + b"\n" for number in range(2_500)))

    async def pages() -> list[int]:
        async with connected({"kind": "file", "path": str(tmp_path / "*.jsonl")}, tmp_path, Clock()) as (source,):
            return [len(page.items) for page in await pulled(source, None, NOW)]

    assert asyncio.run(pages()) == [1_000, 1_000, 500]
