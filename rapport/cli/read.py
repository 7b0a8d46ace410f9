"""Commands that only read: relationships, trends, campaigns, sql, why."""

import math
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

import typer

from rapport.cli.options import DATA, BrandOption, ConfigOption, DataOption, Format, FormatOption, say, show
from rapport.errors import UserError

app = typer.Typer()

LimitOption = Annotated[int, typer.Option("--limit", min=1, help="At most this many rows.")]
SHOWN = ("brand", "person", "class", "realness", "balance", "owed_by_us", "owed_by_them", "interactions", "last_at")
SHOWN_CAMPAIGN = ("campaign", "brand", "kind", "accounts", "targets", "acts", "odds", "first", "last", "example")
EXAMPLE = 60  # characters
NO_CAMPAIGN = "no three accounts have posted nearly the same text, or the same link in such texts"


class Step(StrEnum):
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


SECONDS = {Step.MINUTE: 60, Step.HOUR: 3_600, Step.DAY: 86_400, Step.WEEK: 604_800}


@app.command()
def relationships(
    brand: BrandOption = None,
    limit: LimitOption = 100,
    how: FormatOption = Format.TABLE,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """Who the brand's relationships are, the most real first."""
    from rapport.access import warehouse
    from rapport.config import load
    from warehouse import queries

    with warehouse(load(config, data)) as client:
        table = queries.relationships(client, brand, limit)
    columns, rows = table.columns, table.rows
    if how is Format.TABLE:
        places = [columns.index(name) for name in SHOWN]
        columns, rows = SHOWN, [tuple(row[place] for place in places) for row in rows]
    show(columns, rows, how)
    if not rows:
        say("no relationships yet" + (f" for {brand}" if brand else ""))


@app.command()
def trends(
    brand: BrandOption = None,
    step: Annotated[Step, typer.Option(help="Width of a row in time.")] = Step.DAY,
    since: Annotated[datetime | None, typer.Option(help="From then on, UTC.", show_default="30 days ago")] = None,
    until: Annotated[datetime | None, typer.Option(help="Up to then, UTC.", show_default="now")] = None,
    how: FormatOption = Format.TABLE,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """Raw volume beside trusted volume, over time."""
    from rapport.access import warehouse
    from rapport.config import load
    from warehouse import queries

    end = until.replace(tzinfo=UTC) if until else datetime.now(UTC)
    begin = since.replace(tzinfo=UTC) if since else end - timedelta(days=30)
    if begin >= end:
        raise UserError(f"--since {begin:%Y-%m-%d %H:%M} is not before --until {end:%Y-%m-%d %H:%M}")
    with warehouse(load(config, data)) as client:
        table = queries.trends(client, begin, end, brand, SECONDS[step])
        newest = None if table.rows else client.execute("SELECT maxOrNull(published) FROM interactions")[0][0]
    show(table.columns, table.rows, how)
    if not table.rows:
        hint = f"; the newest interaction is of {newest:%Y-%m-%d}, see --since" if newest else ""
        say(f"nothing between {begin:%Y-%m-%d} and {end:%Y-%m-%d}{hint}")


@app.command()
def campaigns(
    brand: BrandOption = None,
    limit: LimitOption = 100,
    how: FormatOption = Format.TABLE,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """What several accounts post alike, that which says most against them first."""
    from rapport.access import warehouse
    from rapport.config import load
    from warehouse import queries

    with warehouse(load(config, data)) as client:
        table = queries.campaigns(client, brand, limit)
        acts = 0 if table.rows else client.execute("SELECT count() FROM interaction")[0][0]
    columns, rows = table.columns, table.rows
    if how is Format.TABLE:
        rows = [_campaign(dict(zip(columns, row, strict=True))) for row in rows]
        columns = SHOWN_CAMPAIGN
    show(columns, rows, how)
    if not rows:
        about = f" about {brand}" if brand else ""
        say(f"no campaigns{about}: " + (NO_CAMPAIGN if acts else "nothing is stored yet"))


@app.command()
def sql(
    query: Annotated[str, typer.Argument(metavar="SELECT", help="One query, read-only.")],
    how: FormatOption = Format.TABLE,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """Ask the warehouse in SQL; tables and columns: SELECT * FROM system.columns WHERE database = currentDatabase()."""
    from rapport.access import warehouse
    from rapport.config import load

    with warehouse(load(config, data)) as client:
        rows, columns = client.execute(query, with_column_types=True)
    show([name for name, _ in columns], rows, how)


@app.command()
def why(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Of an interaction, or of a person.")],
    brand: BrandOption = None,
    how: FormatOption = Format.TABLE,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """The evidence behind a score or a class, in words."""
    from rapport import words
    from rapport.access import warehouse
    from rapport.config import load
    from warehouse import queries

    with warehouse(load(config, data)) as client:
        act = queries.interaction(client, identifier)
        person = queries.relationship(client, identifier, brand)
    if not act.rows and not person.rows:
        raise UserError(f"nothing is known of {identifier}: neither an interaction nor a person has this id")
    if how is not Format.TABLE:
        found = act if act.rows else person
        show(found.columns, found.rows, how)
        return
    for row in act.rows:
        print(words.interaction(dict(zip(act.columns, row, strict=True))))
    for row in person.rows:
        print(words.relationship(dict(zip(person.columns, row, strict=True))))


def _campaign(row: dict[str, Any]) -> tuple[Any, ...]:
    """For people: the weight as the factor by which it divides the odds of an act being genuine."""
    example = row["example"]
    return (
        *(row[name] for name in ("campaign", "brand", "kind", "accounts", "targets", "interactions")),
        f"÷{math.exp(-row['log_odds']):.1f}" if row["log_odds"] else "-",
        *(f"{row[name]:%Y-%m-%d}" for name in ("first_at", "last_at")),
        example if len(example) <= EXAMPLE else example[: EXAMPLE - 1] + "…",
    )
