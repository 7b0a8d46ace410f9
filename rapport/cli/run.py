"""Commands that run the pipeline: up, demo, ingest, score."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rapport.cli.options import DATA, ConfigOption, DataOption, moment, say

if TYPE_CHECKING:
    from events import Brands
    from ingest.file import Report
    from rapport.config import Config

app = typer.Typer()
ingest_app = typer.Typer(no_args_is_help=True, help="Bring interactions in.")
app.add_typer(ingest_app, name="ingest")

PathsArgument = Annotated[list[str], typer.Argument(metavar="PATH…", help="Files; - is standard input.")]
BrandsOption = Annotated[
    Path | None,
    typer.Option("--brands", metavar="TOML", help="File with [brands.…] (default: --config).", show_default=False),
]
MappingOption = Annotated[
    str | None,
    typer.Option("--mapping", metavar="TOML|NAME", help="For CSV: a mapping file or data set.", show_default=False),
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Exit 1 when a line cannot be used.")]


@app.command()
def up(config: ConfigOption = None, data: DataOption = DATA) -> None:
    """Start everything and keep it running; Ctrl-C stops cleanly."""
    from rapport import logs
    from rapport.cli.signals import until_stopped
    from rapport.config import load
    from rapport.up import pipeline

    logs.for_people()
    settings = load(config, data)
    with until_stopped() as running, pipeline(settings, say, alerts=True, listen=True) as (supervisor, _):
        say(f"running on {data}; in another shell: rapport ingest file PATH --data {data}   Ctrl-C stops")
        supervisor.watch(running)


@app.command()
def demo(
    config: ConfigOption = None,
    data: DataOption = DATA,
    seed: Annotated[int, typer.Option(help="Another seed is another audience.")] = 1,
    live: Annotated[bool, typer.Option("--live", help="Listen to invented platforms of every kind instead.")] = False,
) -> None:
    """The whole pipeline on a simulated audience whose truth is known."""
    from rapport import logs
    from rapport.cli.demo import run_demo
    from rapport.cli.live import run_live
    from rapport.config import load

    logs.for_people()
    if live:
        run_live(data)
    else:
        run_demo(load(config, data), seed)


@ingest_app.command("file")
def ingest_file(
    paths: PathsArgument,
    brands: BrandsOption = None,
    mapping: MappingOption = None,
    strict: StrictOption = False,
    wait: Annotated[bool, typer.Option(help="Return only when everything is stored.")] = True,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """Publish JSON lines or CSV, each interaction once."""
    from ingest.lines import measure
    from rapport import logs
    from rapport.attached import attached
    from rapport.config import load
    from rapport.feed import feed

    logs.for_people()
    settings = load(config, data)
    chosen = _brands(_named(settings, brands), brands, paths, mapping)
    measure(path for path in paths if not Path(path).is_dir())  # a missing file is said before anything starts
    with attached(settings, say) as ends_with_us:
        report = feed(settings, paths, chosen, mapping, wait=wait or ends_with_us)
    _finish(report, strict)


@ingest_app.command("run")
def ingest_run(
    since: Annotated[
        datetime | None,
        typer.Option(parser=moment, metavar="TIME", help="Read the past, too, from then on, UTC.", show_default=False),
    ] = None,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """Listen to the sources of the configuration; Ctrl-C stops, and the next run goes on from there."""
    from rapport import logs
    from rapport.attached import attached
    from rapport.config import load
    from rapport.listening import listening, listening_words

    logs.for_people()
    settings = load(config, data)
    with attached(settings, say), listening_words() as counted:
        listening(settings, since=since, counted=counted)


@app.command()
def score(
    paths: PathsArgument,
    brands: BrandsOption = None,
    mapping: MappingOption = None,
    relationships: Annotated[bool, typer.Option("--relationships", help="One line per relationship.")] = False,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", parser=moment, metavar="TIME", help="Relationships at that time, UTC (default now)."),
    ] = None,
    strict: StrictOption = False,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """Score a file in this process, with no services: JSON lines on stdout."""
    from collections import Counter

    from events import Identity, Interaction, encode
    from events.interaction import milliseconds
    from ingest.file import read_interactions
    from rapport.config import load
    from rapport.model import fitted, text_reader
    from rapport.offline import relationship_line, row_line
    from rapport.offline import score as score_offline
    from rapport.progress import progress

    settings = _named(load(config, data), brands)
    declared, now = _brands(settings, brands, paths, mapping), datetime.now(UTC)
    merged = [Identity(account=account, person=person, author="", at=now) for account, person in settings.people]
    at = milliseconds(as_of) if as_of else milliseconds(now)
    found: list[Interaction] = []
    dead: Counter[str] = Counter()
    for item in read_interactions(paths, mapping, now):
        if not isinstance(item, Interaction):
            dead[item.reason] += 1
        elif as_of is None or item.at <= at:
            found.append(item)
    with progress("reading texts") as read_so_far:
        rows, ties = score_offline(
            found, declared, text_reader(), identities=merged, fitted=fitted(data), progress=read_so_far
        )
    lines = (relationship_line(tie, at) for tie in ties) if relationships else (row_line(row) for row in rows)
    for line in lines:
        sys.stdout.buffer.write(encode(line) + b"\n")
    sys.stdout.flush()
    if dead:
        say(f"{dead.total()} lines could not be used: {_counted(dead)}")
    if strict and dead:
        raise typer.Exit(1)


def _named(settings: "Config", path: Path | None) -> "Config":
    """What the file named says, where one is named."""
    from rapport.config import Config, read

    return Config(settings.data, read(path), path) if path else settings


def _brands(settings: "Config", path: Path | None, paths: Sequence[str], mapping: str | None) -> "Brands":
    """Of the file named, or those that come with a data set, or those of the configuration."""
    from events import Brands
    from ingest.file import mapping_brands

    of_data_set = () if path else mapping_brands(paths, mapping)
    return Brands(of_data_set) if of_data_set else settings.brands


def _finish(report: "Report", strict: bool) -> None:
    dead = report.dead.total()
    print(f"new {report.new}  repeated {report.repeated}  dead-lettered {dead}")
    if report.dropped:
        say(f"{report.dropped} rows left out by the mapping")
    if dead:
        say(f"dead-lettered: {_counted(report.dead)}; see: rapport deadletters list")
    if strict and dead:
        raise typer.Exit(1)


def _counted(reasons: "dict[str, int]") -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
