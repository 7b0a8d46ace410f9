"""Commands for who runs it: migrate, doctor, dead letters."""

from typing import Annotated

import typer

from rapport.cli.options import DATA, ConfigOption, DataOption, Format, FormatOption, say, show

app = typer.Typer()
dead_app = typer.Typer(no_args_is_help=True, help="What could not be used.")
app.add_typer(dead_app, name="deadletters")


@app.command()
def migrate(config: ConfigOption = None, data: DataOption = DATA) -> None:
    """Create or update tables, views and topics of a running or configured Kafka and ClickHouse."""
    from rapport import logs
    from rapport.access import clickhouse_address, kafka
    from rapport.config import load
    from rapport.up import prepare_engines

    logs.for_people()
    settings = load(config, data)
    prepare_engines(settings, kafka(settings), clickhouse_address(settings), say)
    say("tables and topics are as this version needs them")


@app.command()
def rebuild(config: ConfigOption = None, data: DataOption = DATA) -> None:
    """Compute the trends and the classes over time anew from the interactions; also while it runs."""
    from rapport.access import warehouse
    from rapport.config import load
    from rapport.embedded.clickhouse import ADMIN
    from rapport.progress import progress
    from warehouse import classes, trends

    with warehouse(load(config, data), ADMIN) as client, progress("rebuilding") as bar:
        months = 0
        for months, total in trends.rebuild(client):
            bar(months, total, f"{months} of {total} months")
        for done, total in classes.rebuild(client):
            bar(done, total, f"{done} of {total} months and brands")
    say(f"the trends of {months} months and the classes over time are computed anew")


@app.command()
def doctor(
    deep: Annotated[
        bool, typer.Option("--deep", help="Prove trends and classes from the interactions; takes longer.")
    ] = False,
    how: FormatOption = Format.TABLE,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """Name each missing or sick part with its cure; exit 1 if there is one."""
    from rapport import logs
    from rapport.config import load
    from rapport.doctor import examine, prove

    logs.for_people()
    settings = load(config, data)
    checks = [*examine(settings), *(prove(settings) if deep else ())]
    if how is Format.TABLE:
        for check in checks:
            print(f"{'ok  ' if check.healthy else 'SICK'}  {check.part}: {check.said}")
            if check.cure:
                print(f"      cure: {check.cure}")
    else:
        show(
            ("part", "healthy", "said", "cure"),
            [(check.part, check.healthy, check.said, check.cure) for check in checks],
            how,
        )
    if not all(check.healthy for check in checks):
        raise typer.Exit(1)


@dead_app.command("list")
def list_dead_letters(
    limit: Annotated[int, typer.Option("--limit", min=1)] = 20,
    how: FormatOption = Format.TABLE,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """The newest messages that could not be used, with reason and origin."""
    from rapport.access import warehouse
    from rapport.config import load
    from warehouse import queries

    with warehouse(load(config, data)) as client:
        table = queries.dead_letters(client, limit)
    show(table.columns, table.rows, how)
