"""The command for what waits for a word: owed."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from rapport.cli.options import (
    DATA,
    BrandOption,
    ConfigOption,
    DataOption,
    Format,
    FormatOption,
    LimitOption,
    say,
    show,
)

app = typer.Typer()

SHOWN = ("brand", "person", "by", "since", "why", "text", "where")
EXCERPT = 60  # characters


class Side(StrEnum):
    US = "us"
    THEM = "them"


@app.command()
def owed(
    brand: BrandOption = None,
    by: Annotated[Side | None, typer.Option("--by", help="Only what this side owes.", show_default="both")] = None,
    limit: LimitOption = 20,
    how: FormatOption = Format.TABLE,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """What we owe and what is owed to us, the most pressing first, and why."""
    from rapport.access import warehouse
    from rapport.config import load
    from rapport.owed import owed as find

    with warehouse(load(config, data)) as client:
        table = find(client, brand, limit, by.value if by else None)
        newest = None if table.rows else client.execute("SELECT maxOrNull(published) FROM interactions")[0][0]
    columns, rows = table.columns, table.rows
    if how is Format.TABLE:
        rows = [_shown(row) for row in table.records()]
        columns = SHOWN
    show(columns, rows, how)
    if not rows:
        about = f" for {brand}" if brand else ""
        hint = f"; debts count for 45 days, the newest interaction is of {newest:%Y-%m-%d}" if newest else ""
        say(f"nothing is owed{about}{hint}")


def _shown(row: dict[str, Any]) -> tuple[Any, ...]:
    from rapport.words import one_line

    text = one_line(row["text"])
    return (
        *(row[name] for name in ("brand", "person", "by", "since")),
        "; ".join(row["reasons"]),
        text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…",
        row["url"] or row["id"],
    )
