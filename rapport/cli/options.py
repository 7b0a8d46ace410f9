"""What every command takes, and how it answers."""

import csv
import json
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path
from re import fullmatch
from typing import Annotated, Any

import typer

from rapport.errors import UserError


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"


ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Settings (default ./rapport.toml).", show_default=False)
]
DataOption = Annotated[Path, typer.Option("--data", metavar="DIR", help="Folder of the embedded engines.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the result.")]
BrandOption = Annotated[str | None, typer.Option("--brand", metavar="B", help="Only this brand.", show_default=False)]
LimitOption = Annotated[int, typer.Option("--limit", min=1, help="At most this many rows.")]
AuthorOption = Annotated[
    str | None, typer.Option("--author", metavar="NAME", help="Who says it.", show_default="the user")
]
DATA = Path(".rapport")
DAYS = 30  # of a period whose begin is not said
INDENTED = 1000  # objects of JSON
COLUMN_GAP, NARROWEST = 2, 8  # cells of a terminal
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the beginning of one


def moment(text: str) -> datetime:
    """``text``, a day or a time of ISO 8601, in UTC; without an offset it is UTC. For ``typer.Option(parser=...)``."""
    try:
        given = datetime.fromisoformat(text.strip())
        return given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"{text!r} is no time; write 2026-01-31 or 2026-01-31T12:00:00Z.") from None


def duration(text: str) -> timedelta:
    """``text`` as in the configuration: 30m, 2h, 1d. For ``typer.Option(parser=...)``."""
    from rapport.config import seconds

    if not fullmatch(r"\d{1,6}[smhd]", text.strip()) or not seconds(text.strip()):
        raise typer.BadParameter(f"{text!r} is no time span; write 30m, 2h or 1d.")
    return seconds(text.strip())


SinceOption = Annotated[
    datetime | None,
    typer.Option(parser=moment, metavar="TIME", help="From then on, UTC.", show_default=f"{DAYS} days ago"),
]
UntilOption = Annotated[
    datetime | None, typer.Option(parser=moment, metavar="TIME", help="Up to then, UTC.", show_default="now")
]


def period(since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    """From when to when, where one of them may be left out. Raises ``UserError`` where nothing lies between."""
    end = until or datetime.now(UTC)
    begin = since or end - timedelta(days=DAYS)
    if begin >= end:
        raise UserError(f"--since {begin:%Y-%m-%d %H:%M} is not before --until {end:%Y-%m-%d %H:%M}")
    return begin, end


def say(message: str) -> None:
    """To a person, beside the result."""
    print(message, file=sys.stderr, flush=True)


def user() -> str:
    """Whose word it is where no ``--author`` is named."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a user of that number
        raise typer.BadParameter("nobody knows who you are; say it.", param_hint="--author") from None


def countdown(bar: Callable[[int, int], None]) -> Callable[[int], None]:
    """What is left, shown as a part of the most there was."""
    most = 0

    def left(count: int) -> None:
        nonlocal most
        most = max(most, count)
        bar(most - count, most)

    return left


def show(columns: Sequence[str], rows: Iterable[Sequence[Any]], how: Format) -> None:
    """A table on stdout: aligned for people, or complete and stable as JSON or CSV, written as ``rows`` come."""
    if how is Format.JSON:
        _print_json(columns, rows)
    elif how is Format.CSV:
        bare = csv.writer(sys.stdout, lineterminator="\n")
        quoted = csv.writer(sys.stdout, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        for row in chain([columns], rows):  # the columns, too: a query of `rapport sql` names its own
            cells = [_cell(value) for value in row]
            # A lone CR, which Python leaves bare, begins a new row for a spreadsheet, and so perhaps a formula.
            writer = quoted if any(isinstance(cell, str) and "\r" in cell for cell in cells) else bare
            writer.writerow(cells)
    else:
        _print_table(columns, rows)


def _print_json(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Indented for people, where there are not too many of them."""
    objects = ({name: plain(value) for name, value in zip(columns, row, strict=True)} for row in rows)
    first = list(islice(objects, INDENTED + 1))
    if len(first) <= INDENTED:
        print(json.dumps(first, ensure_ascii=False, indent=1))
        return
    before = "["
    for each in chain(first, objects):
        print(before + json.dumps(each, ensure_ascii=False), end="")
        before = ", "
    print("]")


def plain(value: Any) -> Any:
    """``value`` as JSON knows it; times in UTC with a Z."""
    match value:
        case datetime():
            aware = value if value.tzinfo else value.replace(tzinfo=UTC)
            return aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case list() | tuple():
            return [plain(inner) for inner in value]
        case dict():
            return {str(key): plain(inner) for key, inner in value.items()}
        case float() if not math.isfinite(value):
            return None
        case None | str() | int() | float():
            return value
    return str(value)


def _cell(value: Any) -> Any:
    """For CSV; a text that a spreadsheet would run as a formula is defused with an apostrophe."""
    value = plain(value)
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False)
    return "'" + value if isinstance(value, str) and value.startswith(FORMULA) else value


def _print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console = Console(width=10_000)  # whoever reads a pipe wants whole ids
    table = Table(box=None, pad_edge=False, header_style="bold")
    rows = [tuple(row) for row in rows]
    numeric = [bool(rows) and all(isinstance(row[place], int | float) for row in rows) for place in range(len(columns))]
    cells = [[_short(value) for value in row] for row in (columns, *rows)]
    widths = fitted(cells, numeric, console.width)
    for name, is_number, width in zip(cells[0], numeric, widths, strict=True):
        table.add_column(
            Text(name), justify="right" if is_number else "left", overflow="ellipsis", no_wrap=True, max_width=width
        )
    for row_cells in cells[1:]:
        table.add_row(*map(Text, row_cells))  # Text: what strangers wrote is no markup
    console.print(table)


def fitted(cells: Sequence[Sequence[str]], numeric: Sequence[bool], width: int) -> list[int]:
    """Widths of columns so that all fit into ``width``: the longest texts give way first, numbers never do."""
    from rich.cells import cell_len

    widths = [max(cell_len(row[place]) for row in cells) for place in range(len(numeric))]
    texts = [place for place, is_number in enumerate(numeric) if not is_number]
    while texts and sum(widths) + COLUMN_GAP * (len(widths) - 1) > width:
        longest = max(texts, key=lambda place: widths[place])
        if widths[longest] <= NARROWEST:
            break
        widths[longest] -= 1
    return widths


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".") if math.isfinite(value) else "-"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    from rapport.words import printable

    if isinstance(value, list | tuple):
        return printable("; ".join(str(plain(inner)) for inner in value))
    return printable(str(plain(value)) if value is not None else "-")[:200]
