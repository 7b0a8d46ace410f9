"""Files into a running pipeline, with progress, until everything is stored."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from events import Brands
from ingest.file import Report, ingest_files
from ingest.publish import Publisher
from ingest.publish import connect as connect_kafka
from rapport import access, drained
from rapport.config import Config
from warehouse.client import connect
from warehouse.history import known_ids


def feed(config: Config, paths: Sequence[str], brands: Brands, mapping: str | None, *, wait: bool) -> Report:
    """Publish ``paths``, and with ``wait`` return when the last of it is in ClickHouse."""
    kafka = access.kafka(config)
    warehouse = access.clickhouse(config, access.clickhouse_address(config))
    console = Console(stderr=True)
    with (
        Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[said]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        ) as bar,
        access.closing(connect(warehouse)) as client,
        Publisher(connect_kafka(kafka)) as publisher,
    ):
        reading = bar.add_task("reading", total=None, said="")

        def read_so_far(report: Report, done: int, total: int) -> None:
            bar.update(reading, completed=done, total=total or None, said=f"{report.lines:,} lines, {report.new:,} new")

        report = ingest_files(
            paths,
            brands,
            publisher,
            mapping=mapping,
            known=lambda ids: known_ids(client, ids),
            now=datetime.now(UTC),
            progress=read_so_far,
        )
        if wait:
            storing = bar.add_task("storing", total=report.new or None, said="")

            def stored_so_far(left: int) -> None:
                bar.update(storing, completed=max(0, report.new - left), said=f"{left:,} to go")

            drained.wait(kafka, stored_so_far)
    return report
