"""Commands that only read: relationships, trends, campaigns, sql, why."""

import math
from datetime import datetime
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
    SinceOption,
    UntilOption,
    period,
    say,
    show,
)
from rapport.errors import UserError

app = typer.Typer()

SHOWN = (
    *("brand", "person", "class", "realness", "balance", "we_answer", "they_answer"),
    *("owed_by_us", "owed_by_them", "interactions", "last_at"),
)
SHOWN_TREND = ("brand", "platform", "time", "volume", "trusted", "spam", "real_share", "people_share", "ties_share")
SPARKS = 60  # steps in a sparkline, the newest ones
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
        rows = [_relationship(row) for row in table.records()]
        columns = SHOWN
    show(columns, rows, how)
    if not rows:
        say("no relationships yet" + (f" for {brand}" if brand else ""))


@app.command()
def trends(
    brand: BrandOption = None,
    step: Annotated[Step, typer.Option(help="Width of a row in time.")] = Step.DAY,
    since: SinceOption = None,
    until: UntilOption = None,
    how: FormatOption = Format.TABLE,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """Raw volume beside trusted volume, and how much of it is real, over time."""
    from rapport.access import warehouse
    from rapport.config import load
    from warehouse import shares

    begin, end = period(since, until)
    with warehouse(load(config, data)) as client:
        table = shares.trends(client, begin, end, brand, SECONDS[step])
        newest = None if table.rows else client.execute("SELECT maxOrNull(published) FROM interactions")[0][0]
    columns, rows = table.columns, table.rows
    told = table.records()
    if how is Format.TABLE:
        columns, rows = SHOWN_TREND, [_trend(row, SECONDS[step]) for row in told]
    show(columns, rows, how)
    if how is Format.TABLE and rows:
        print("", *_sparklines(told, begin, end, SECONDS[step]), sep="\n")
    if not rows:
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
        rows = [_campaign(row) for row in table.records()]
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
        rows = client.execute_iter(query, with_column_types=True)  # as they come: an answer may be long
        show([name for name, _ in next(rows, ())], rows, how)


@app.command()
def why(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Of an interaction, or of a person.")],
    brand: BrandOption = None,
    how: FormatOption = Format.TABLE,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """The evidence behind a score or a class, in words."""
    from rapport import owed, people, tie_words, words
    from rapport.access import warehouse
    from rapport.config import load
    from warehouse import queries

    with warehouse(load(config, data)) as client:
        act = queries.interaction(client, identifier)
        accounts = people.stored(client).accounts(identifier)
        ties = queries.relationship(client, accounts[0], brand)
        debts = owed.of_person(client, accounts[0]) if ties.rows else []
    if not act.rows and not ties.rows:
        raise UserError(f"nothing is known of {identifier}: neither an interaction nor a person has this id")
    told = ties.records()
    if how is not Format.TABLE and act.rows:
        show(act.columns, act.rows, how)
    elif how is not Format.TABLE:
        full = [row | {"debts": _of(debts, row["brand"]), "accounts": accounts[1:]} for row in told]
        show((*ties.columns, "accounts"), [tuple(row.values()) for row in full], how)
    else:
        for row in act.records():
            print(words.interaction(row))
        for tie in told:
            print(tie_words.relationship(tie, _of(debts, tie["brand"]), accounts[1:]))


def _of(debts: list[dict[str, Any]], brand: str) -> list[dict[str, Any]]:
    return [debt for debt in debts if debt["brand"] == brand]


def _relationship(row: dict[str, Any]) -> tuple[Any, ...]:
    from rapport.tie_words import reliability

    said = row | {"we_answer": reliability(row, "ours"), "they_answer": reliability(row, "theirs")}
    return tuple(said[name] for name in SHOWN)


def _trend(row: dict[str, Any], step: int) -> tuple[Any, ...]:
    """For people: each share with its interval."""
    from rapport.tie_words import share

    shares = (share(row[name], row[f"{name}_low"], row[f"{name}_high"]) for name in SHOWN_TREND[6:])
    time = f"{row['time']:%Y-%m-%d}" if step >= SECONDS[Step.DAY] else row["time"]
    return (row["brand"], row["platform"], time, row["volume"], round(row["trusted_volume"], 1), row["spam"], *shares)


def _sparklines(rows: list[dict[str, Any]], begin: datetime, end: datetime, step: int) -> list[str]:
    """Volume and real share of each brand and platform, one block per step, also where nothing was heard."""
    from rapport.words import one_line, sparkline

    count = min(SPARKS, max(1, round((end - begin).total_seconds() / step)))
    last, found = end.replace(tzinfo=None), []
    for brand, platform in sorted({(row["brand"], row["platform"]) for row in rows}):
        steps: list[dict[str, Any]] = [{"volume": 0, "real_share": None} for _ in range(count)]
        for row in rows:
            ago = (last - row["time"].replace(tzinfo=None)).total_seconds()
            place = count - math.ceil(ago / step)
            if (row["brand"], row["platform"]) == (brand, platform) and 0 <= place < count:
                steps[place] = row
        where = " ".join(one_line(name) for name in (brand, platform) if name)
        volume, share = ([each[name] for each in steps] for name in ("volume", "real_share"))
        found.append(f"{where}: volume {sparkline(volume)}  real share {sparkline(share)}")
    return found


def _campaign(row: dict[str, Any]) -> tuple[Any, ...]:
    """For people: the weight as the factor by which it divides the odds of an act being genuine."""
    example = row["example"]
    return (
        *(row[name] for name in ("campaign", "brand", "kind", "accounts", "targets", "interactions")),
        f"÷{math.exp(-row['log_odds']):.1f}" if row["log_odds"] else "-",
        *(f"{row[name]:%Y-%m-%d}" for name in ("first_at", "last_at")),
        example if len(example) <= EXAMPLE else example[: EXAMPLE - 1] + "…",
    )
