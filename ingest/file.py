"""``ingest file``: publish what files hold, each id once, and say what became of every line."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from events import Brand, Brands, Interaction, Invalid, decode_interaction, encode
from events.brands import by_person
from events.interaction import id_hash
from ingest.datasets import DATASETS
from ingest.dead import DeadLetter, dead_letter, too_large
from ingest.lines import Reading, lines, measure
from ingest.mapping import Mapping, MappingError, load_mapping, mapped
from ingest.publish import Publishing

ASKED_AT_ONCE = 2_000  # ids; one query of the warehouse
HELD_BYTES = 8_000_000
PROGRESS_SECONDS = 0.1


@dataclass
class Report:
    """What became of every line (or row) that was not empty: ``lines == new + repeated + dropped + sum(dead)``.

    ``newest`` is the publication of the newest act that was new.
    """

    new: int = 0
    repeated: int = 0
    dropped: int = 0
    dead: Counter[str] = field(default_factory=Counter)
    newest: datetime | None = None

    @property
    def lines(self) -> int:
        return self.new + self.repeated + self.dropped + self.dead.total()


Progress = Callable[[Report, int, int], None]


def read_interactions(
    paths: Sequence[str | Path], mapping: str | None, now: datetime, reading: Reading | None = None
) -> Iterator[Interaction | DeadLetter]:
    """All that ``paths`` hold, in their order, repeated ids too.

    ``mapping`` is None for JSON lines, the name of a data set, or the path of a mapping file. ``reading`` is kept up
    to date for whoever wants to show progress. Raises ``ReadError`` and ``MappingError``.
    """
    reading = reading or Reading()
    if mapping in DATASETS:
        reading.total += sum(DATASETS[mapping].measure(path) for path in paths)
        for path in paths:
            yield from DATASETS[mapping].read(path, reading)
        return
    columns = _columns(mapping) if mapping else None
    reading.total += measure(paths)
    for path in paths:
        if mapping and columns:
            yield from mapped(path, mapping, columns, now, reading)
        else:
            yield from _json_lines(path, now, reading)


def mapping_brands(paths: Sequence[str | Path], mapping: str | None) -> tuple[Brand, ...]:
    """The brands that come with a named data set; none with JSON lines or a mapping file. Raises as reading does."""
    if mapping not in DATASETS:
        return ()
    found = (brand for path in paths for brand in DATASETS[mapping].brands(path))
    return tuple({brand.name: brand for brand in found}.values())


def ingest_files(
    paths: Sequence[str | Path],
    brands: Brands,
    publisher: Publishing,
    *,
    mapping: str | None,
    known: Callable[[Sequence[str]], set[str]],
    now: datetime,
    progress: Progress,
) -> Report:
    """Publish what ``paths`` hold and return when Kafka has acknowledged it.

    ``known`` says which of some ids the warehouse has already; those and the ones repeated within this run are not
    published again (the pipeline would ignore them: this only saves work). Remembering the ids of a run takes about
    100 bytes each. ``progress`` gets the report so far, bytes read and bytes in all. Raises ``ReadError``,
    ``MappingError`` and ``PublishError``.
    """
    report, reading = Report(), Reading()
    seen: set[int] = set()
    found = read_interactions(paths, mapping, now, reading)
    told = time.monotonic()
    for chunk in _chunks(found):
        wanted = {item.id for item in chunk if isinstance(item, Interaction) and id_hash(item.id) not in seen}
        stored = known(sorted(wanted)) if wanted else set()
        for item in chunk:
            if isinstance(item, DeadLetter):
                publisher.dead_letter(item, now)
                report.dead[item.reason] += 1
            elif (hashed := id_hash(item.id)) in seen or item.id in stored:
                report.repeated += 1
            else:
                seen.add(hashed)
                publisher.publish(item, by_person(item, brands.routes(item)))
                report.new += 1
                report.newest = max(report.newest or item.published, item.published)
            if time.monotonic() - told >= PROGRESS_SECONDS:
                report.dropped = reading.dropped
                progress(report, reading.done, reading.total)
                told = time.monotonic()
    publisher.flush()
    report.dropped = reading.dropped
    progress(report, reading.done, reading.total)
    return report


def _chunks(found: Iterator[Interaction | DeadLetter]) -> Iterator[list[Interaction | DeadLetter]]:
    """As many as one question covers, and never more bytes than a few of the largest."""
    chunk: list[Interaction | DeadLetter] = []
    size = 0
    for item in found:
        chunk.append(item)
        size += len(item.payload) if isinstance(item, DeadLetter) else len(encode(item))
        if len(chunk) >= ASKED_AT_ONCE or size >= HELD_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _columns(mapping: str) -> Mapping:
    if not mapping.endswith(".toml"):
        names = ", ".join(DATASETS)
        raise MappingError(f"mapping {mapping!r}: give a .toml file or the name of a data set ({names})")
    return load_mapping(mapping)


def _json_lines(path: str | Path, now: datetime, reading: Reading) -> Iterator[Interaction | DeadLetter]:
    for line in lines(path, reading):
        if line.too_large:
            yield too_large(line.origin, line.payload, line.size)
            continue
        payload = line.payload.rstrip(b"\r\n")
        if not payload.strip():
            continue
        try:
            yield decode_interaction(payload, now)
        except Invalid as error:
            yield dead_letter(error.reason, error.detail, line.origin, payload)
