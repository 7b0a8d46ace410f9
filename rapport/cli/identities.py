"""Commands that say which accounts are one person: merge, split, identities."""

from typing import TYPE_CHECKING, Annotated

import typer

from rapport.cli.options import (
    DATA,
    AuthorOption,
    ConfigOption,
    DataOption,
    Format,
    FormatOption,
    LimitOption,
    countdown,
    say,
    show,
    user,
)

if TYPE_CHECKING:
    from rapport.identities import Changed

app = typer.Typer()

AccountArgument = Annotated[str, typer.Argument(metavar="ACCOUNT", help="An account, as the interactions name it.")]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept beside the link.")]
WaitOption = Annotated[bool, typer.Option(help="Return only when everything is told anew.")]
CHANGE = ("brand", "person", "class", "interactions", "realness")


@app.command()
def merge(
    account: Annotated[str | None, typer.Argument(metavar="ACCOUNT", help="An account of the same person.")] = None,
    person: Annotated[str | None, typer.Argument(metavar="PERSON", help="The account that stands for them.")] = None,
    reason: ReasonOption = "",
    author: AuthorOption = None,
    declared: Annotated[
        bool, typer.Option("--declared", help="Instead, all that [people] of the settings says and is not in force.")
    ] = False,
    wait: WaitOption = True,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """Say that ACCOUNT is PERSON, too; their relationships become one. Undo: rapport split ACCOUNT."""
    from rapport import identities as linking
    from rapport import logs
    from rapport.config import load
    from rapport.progress import progress

    if declared and (account or person or reason):
        raise typer.BadParameter("--declared goes without ACCOUNT, PERSON and --reason.")
    if not declared and not (account and person):
        raise typer.BadParameter("name an ACCOUNT and the PERSON it belongs to, or say --declared.")
    if not declared and not reason.strip():
        raise typer.BadParameter("say why: others will read it beside the link.", param_hint="--reason")
    logs.for_people()
    settings, said_by = load(config, data), author if author is not None else user()
    with progress("telling relationships anew") as bar:
        if declared or account is None or person is None:
            done = linking.merge_declared(settings, author=said_by, wait=wait, say=say, progress=countdown(bar))
        else:
            done = linking.merge(
                settings, account, person, author=said_by, reason=reason, wait=wait, say=say, progress=countdown(bar)
            )
    if done is None:
        print("everything that is declared is in force")
    else:
        _tell(done)


@app.command()
def split(
    account: AccountArgument,
    reason: ReasonOption = "",
    author: AuthorOption = None,
    wait: WaitOption = True,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """Say that ACCOUNT is a person by itself again."""
    from rapport import identities as linking
    from rapport import logs
    from rapport.config import load
    from rapport.progress import progress

    logs.for_people()
    with progress("telling relationships anew") as bar:
        done = linking.split(
            load(config, data),
            account,
            author=author if author is not None else user(),
            reason=reason,
            wait=wait,
            say=say,
            progress=countdown(bar),
        )
    _tell(done)


@app.command()
def identities(
    limit: LimitOption = 100,
    how: FormatOption = Format.TABLE,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """Which accounts are one person, and who said so."""
    from rapport.access import warehouse
    from rapport.config import load
    from warehouse import queries

    with warehouse(load(config, data)) as client:
        table = queries.identities(client, limit)
    show(table.columns, table.rows, how)
    if not table.rows:
        say("every account is its own person; say otherwise with: rapport merge ACCOUNT PERSON --reason TEXT")


def _tell(done: "Changed") -> None:
    from rapport.words import one_line

    for identity in done.said:
        whom = "by itself again" if identity.account == identity.person else f"{one_line(identity.person)}, too"
        print(f"{one_line(identity.account)} is {whom}")
    if done.after is None:
        say("told; their relationships are told anew in the background")
        return
    rows = [("was", *(row[name] for name in CHANGE)) for row in done.before]
    rows += [("is", *(row[name] for name in CHANGE)) for row in done.after]
    if rows:
        show(("", *CHANGE), rows, Format.TABLE)
    else:
        print("nobody has a relationship that this changes")
