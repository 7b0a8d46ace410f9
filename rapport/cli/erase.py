"""The command that cannot be taken back: erase."""

from typing import Annotated

import typer

from rapport.cli.options import DATA, AuthorOption, ConfigOption, DataOption, countdown, say, user

app = typer.Typer()


@app.command()
def erase(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="An account of the person; all of theirs go.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether that is meant.")] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept, so name nobody.")] = "",
    author: AuthorOption = None,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """Erase a person everywhere, for ever: what comes of them later is dropped. This cannot be undone."""
    from rapport import erase as erasing
    from rapport import logs
    from rapport.config import load
    from rapport.progress import progress
    from rapport.words import one_line

    logs.for_people()
    settings = load(config, data)
    found = erasing.find(settings, person)
    name = one_line(", ".join(found.accounts))
    say(f"{name}: {found.acts:,} acts by them or to them, {found.relationships:,} relationships")
    if not yes and not typer.confirm("Erase all of it? This cannot be undone.", err=True):
        say("nothing was erased")
        raise typer.Exit(1)
    with progress("erasing") as bar:
        acts = erasing.erase(
            settings,
            found,
            author=author if author is not None else user(),
            reason=reason,
            say=say,
            progress=countdown(bar),
        )
    print(f"erased: {acts} acts, {found.relationships} relationships, {len(found.accounts)} accounts")
