"""Commands by which people have a say in the scores: correct, corrections."""

from enum import StrEnum
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
    from rapport.correct import Corrected

app = typer.Typer()


class Word(StrEnum):
    GENUINE = "genuine"
    SPAM = "spam"
    UNDO = "undo"


@app.command()
def correct(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Of an interaction.")],
    word: Annotated[Word, typer.Argument(metavar="genuine|spam|undo", help="What it is; undo takes that back.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept beside the score.")] = "",
    author: AuthorOption = None,
    wait: Annotated[bool, typer.Option(help="Return only when everything is scored anew.")] = True,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """Say what an interaction really is; it and all that followed from it are scored anew."""
    from events import Verdict
    from rapport import correct as correcting
    from rapport import logs
    from rapport.config import load
    from rapport.progress import progress

    if word is not Word.UNDO and not reason.strip():
        raise typer.BadParameter("say why: others will read it beside the score.", param_hint="--reason")
    logs.for_people()
    with progress("scoring anew") as bar:
        done = correcting.correct(
            load(config, data),
            identifier,
            correcting.TOOK_BACK if word is Word.UNDO else Verdict(word.value),
            author=author if author is not None else user(),
            reason=reason,
            wait=wait,
            say=say,
            progress=countdown(bar),
        )
    _tell(done, identifier)


@app.command()
def corrections(
    limit: LimitOption = 100,
    how: FormatOption = Format.TABLE,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """What people said of scores, the newest first; the newest word on an interaction is valid."""
    from rapport.access import warehouse
    from rapport.config import load
    from warehouse import queries

    with warehouse(load(config, data)) as client:
        table = queries.corrections(client, limit)
    show(table.columns, table.rows, how)
    if not table.rows:
        say("no corrections yet; make one with: rapport correct ID genuine|spam --reason TEXT")


def _tell(done: "Corrected", identifier: str) -> None:
    from rapport.correct import changed
    from rapport.words import one_line

    if done.after is None:
        say("told; whom it concerns is scored anew in the background")
        return
    for (of, brand), row in sorted(done.after.items()):
        if of == identifier:
            old = done.before[of, brand]
            about = f" for {brand}" if brand else ""
            was, now = (f"{each.verdict} (trust {each.trust:.2f})" for each in (old, row))
            print(one_line(f"{of}{about}: {was} -> {now}"))
    print(f"{changed(done, identifier)} other rows of {', '.join(map(one_line, done.persons))} changed")
