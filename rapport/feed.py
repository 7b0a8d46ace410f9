"""Files into a running pipeline, with progress, until everything is stored."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from events import Brands, SourceState, SourceStatus
from ingest.file import Report, ingest_files
from ingest.publish import Publisher
from ingest.publish import connect as connect_kafka
from rapport import access, drained
from rapport.config import Config
from rapport.progress import progress
from warehouse.client import connect
from warehouse.history import known_ids


def feed(config: Config, paths: Sequence[str], brands: Brands, mapping: str | None, *, wait: bool) -> Report:
    """Publish ``paths``, and with ``wait`` return when the last of it is in ClickHouse."""
    kafka = access.kafka(config)
    warehouse = access.clickhouse(config, access.clickhouse_address(config))
    with (
        progress("reading") as bar,
        access.closing(connect(warehouse)) as client,
        Publisher(connect_kafka(kafka)) as publisher,
    ):
        report = ingest_files(
            paths,
            brands,
            publisher,
            mapping=mapping,
            known=lambda ids: known_ids(client, ids),
            now=datetime.now(UTC),
            progress=lambda so_far, done, total: bar(done, total, f"{so_far.lines:,} lines, {so_far.new:,} new"),
        )
        publisher.status(_read_to_the_end(paths, report))
    if wait:
        with progress("storing") as bar:
            drained.wait(kafka, lambda left: bar(max(0, report.new - left), report.new, f"{left:,} to go"))
    return report


def _read_to_the_end(paths: Sequence[str], report: Report) -> SourceStatus:
    now = datetime.now(UTC)
    return SourceStatus(
        source=f"file:{' '.join(Path(path).name for path in paths)}",
        state=SourceState.STOPPED,
        since=now,
        at=now,
        reason="read to the end",
        last_event_at=report.newest,
    )
