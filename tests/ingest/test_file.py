"""What becomes of every line of a file."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import pytest

from events import Brand, Brands, Direction, Interaction
from ingest.file import Report, ingest_files, mapping_brands, read_interactions
from ingest.lines import ReadError
from tests.ingest.given import NOW, Kept, line, silent

BAD = {
    "not_json": b'{"id": "sim:9", ',
    "missing_field": b'{"id": "sim:9", "platform": "sim", "type": "Create", "published": "2026-01-01T00:00:00Z"}',
    "wrong_type": line(9, content=7),
    "not_utf8": line(9, content="caf_").replace(b"caf_", b"caf\xe9"),
    "too_large": line(9, content="x" * 10_000_000),
    "bad_time": line(9, published="2190-01-01T00:00:00Z"),
    "unknown_type": line(9, type="Poke"),
}


def nothing(ids: Sequence[str]) -> set[str]:
    return set()


def ingest(*paths: Path, publisher: Kept | None = None, known=nothing, brands: Brands | None = None) -> Report:  # type: ignore[no-untyped-def]
    kept = publisher or Kept()
    return ingest_files(paths, brands or Brands(), kept, mapping=None, known=known, now=NOW, progress=silent)


def test_every_kind_of_bad_line(tmp_path: Path) -> None:
    """Bad lines of every kind are counted by reason, kept with their origin and size, and stop nothing."""
    path, kept = tmp_path / "bad.jsonl", Kept()
    path.write_bytes(b"\n".join([line(1), b"", *BAD.values(), line(2)]))
    report = ingest(path, publisher=kept)
    assert report.dead == dict.fromkeys(BAD, 1)
    assert (report.new, report.repeated, report.lines) == (2, 0, 2 + len(BAD))
    assert [letter.origin for letter in kept.dead] == [f"file:bad.jsonl:{number}" for number in range(3, 10)]
    assert [letter.reason for letter in kept.dead] == list(BAD)
    assert [letter.size for letter in kept.dead] == [len(bad) for bad in BAD.values()]
    assert max(len(letter.payload) for letter in kept.dead) == 100_000
    assert kept.flushed == 1


def test_repeated_ids_are_published_once(tmp_path: Path) -> None:
    """Ids that the warehouse has, and ids that occur again in the same run, are counted and not published."""
    first, second, kept = tmp_path / "a", tmp_path / "b.gz", Kept()
    first.write_bytes(b"\n".join(line(number) for number in (1, 2, 3, 2)))
    second.write_bytes(gzip.compress(b"\n".join(line(number) for number in (3, 4))))
    asked: list[str] = []

    def known(ids: Sequence[str]) -> set[str]:
        asked.extend(ids)
        return {"sim:1"} & set(ids)

    report = ingest(first, second, publisher=kept, known=known)
    assert [act.id for act, _ in kept.published] == ["sim:2", "sim:3", "sim:4"]
    assert (report.new, report.repeated, report.lines) == (3, 3, 6)
    assert sorted(asked) == ["sim:1", "sim:2", "sim:3", "sim:4"]


def test_the_warehouse_is_asked_in_chunks(tmp_path: Path) -> None:
    """Neither many lines nor long ones are held at once."""
    many, large = tmp_path / "many", tmp_path / "large"
    many.write_bytes(b"\n".join(line(number) for number in range(4_500)))
    large.write_bytes(b"\n".join(line(number, content="x" * 800_000) for number in range(25)))
    sizes: list[int] = []

    def known(ids: Sequence[str]) -> set[str]:
        sizes.append(len(ids))
        return set()

    assert ingest(many, known=known).new == 4_500
    assert sizes == [2_000, 2_000, 500]
    sizes.clear()
    assert ingest(large, known=known).new == 25
    assert max(sizes) == 10


def test_progress_is_told_rarely_and_at_the_end(tmp_path: Path) -> None:
    """Progress comes at most ten times a second, and its last word is the whole."""
    path = tmp_path / "a"
    path.write_bytes(b"\n".join(line(number) for number in range(3_000)))
    told: list[tuple[int, int, int]] = []
    ingest_files(
        [path],
        Brands(),
        Kept(),
        mapping=None,
        known=nothing,
        now=NOW,
        progress=lambda report, done, total: told.append((report.lines, done, total)),
    )
    assert told[-1] == (3_000, path.stat().st_size, path.stat().st_size)
    assert len(told) < 20


def test_routes_come_from_the_brands(tmp_path: Path) -> None:
    """Every message is keyed by the person and says what the act is for the brand."""
    path, kept = tmp_path / "a", Kept()
    path.write_bytes(line(1, to=["sim:acme"]) + b"\n" + line(2, actor={"id": "sim:acme"}, to=["sim:ann"]))
    ingest(path, publisher=kept, brands=Brands([Brand("acme", frozenset({"sim:acme"}))]))
    routes = [(key, route.direction) for _, by_key in kept.published for key, (route,) in by_key.items()]
    assert routes == [("sim:person1", Direction.INBOUND), ("sim:ann", Direction.OUTBOUND)]


def test_missing_file_is_said_before_anything_is_read(tmp_path: Path) -> None:
    """A path that is not there stops the run before its first message."""
    (tmp_path / "a").write_bytes(line(1))
    kept = Kept()
    with pytest.raises(ReadError, match="No such file"):
        ingest(tmp_path / "a", tmp_path / "gone", publisher=kept)
    assert not kept.published


def test_reading_alone_needs_no_services(tmp_path: Path) -> None:
    """The offline reader yields every line, repeated ones too, and JSON lines bring no brands."""
    (tmp_path / "a").write_bytes(line(1) + b"\n" + line(1) + b"\nbroken")
    found = list(read_interactions([tmp_path / "a"], None, NOW))
    assert [isinstance(item, Interaction) for item in found] == [True, True, False]
    assert mapping_brands([tmp_path / "a"], None) == ()
