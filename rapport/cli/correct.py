"""Commands by which people have a say in the scores: correct, corrections, refit."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from rapport.cli.options import DATA, ConfigOption, DataOption, Format, FormatOption, say, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from clickhouse_driver import Client

    from rapport.config import Config
    from rapport.correct import Corrected
    from scoring.combine import Weights
    from scoring.refit import Refit

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
    author: Annotated[
        str | None, typer.Option("--author", metavar="NAME", help="Who says it.", show_default="the user")
    ] = None,
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
            author=author if author is not None else _user(),
            reason=reason,
            wait=wait,
            say=say,
            progress=_countdown(bar),
        )
    _tell(done, identifier)


@app.command()
def corrections(
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most this many rows.")] = 100,
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


@app.command()
def refit(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Back to the weights that came with this version.")] = False,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """Learn the weights of the verdict from the corrections; taken only if better on those held back."""
    from rapport import access, logs, refit
    from rapport.attached import attached
    from rapport.config import load
    from rapport.embedded.clickhouse import ADMIN
    from scoring.combine import WEIGHTS

    if dry_run and undo:
        raise typer.BadParameter("--dry-run and --undo do not go together.")
    logs.for_people()
    settings = load(config, data)
    with access.warehouse(settings):  # a folder without anything in it is said before anything starts
        pass
    with attached(settings, say), access.warehouse(settings, ADMIN) as client:
        if undo:
            _take(settings, client, WEIGHTS)
            print("taken back: the weights are those that came with this version")
            return
        memory = refit.recall(access.kafka(settings))
        if not dry_run and refit.unfinished(data, memory):
            say("the last refit was not finished: everybody is scored anew with its weights")
            _take(settings, client, memory.weights)
        found = refit.learn(client, memory)
        _print(found, memory.weights)
        if found.refusal:
            print(f"refused: {found.refusal}")
        elif dry_run:
            print("would be taken")
        else:
            _take(settings, client, found.weights)
            print(f"taken: everything is scored with the new weights; they are in {data / 'weights.json'}")


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


def _take(settings: "Config", client: "Client", weights: "Weights") -> None:
    """Returns when everything is scored anew."""
    from rapport import access, drained, refit
    from rapport.progress import progress

    kafka, about = access.kafka(settings), refit.people(client)
    with progress("telling everybody") as bar:
        refit.take(kafka, client, settings.data, weights, lambda told: bar(told, max(told, about)))
    with progress("scoring anew") as bar:
        drained.wait(kafka, _countdown(bar))


def _countdown(bar: "Callable[[int, int], None]") -> "Callable[[int], None]":
    """What is left, shown as a part of the most there was."""
    most = 0

    def left(count: int) -> None:
        nonlocal most
        most = max(most, count)
        bar(most - count, most)

    return left


def _print(found: "Refit", old: "Weights") -> None:
    from scoring.refit import REFITTED

    unused = found.labels - found.learnt - found.held_back
    print(f"{found.labels} labels: {found.learnt} to learn from, {found.held_back} held back, {unused} unused")
    if found.fitted is None or found.old is None or found.new is None:
        return
    rows = [
        ("log loss", found.old.log_loss, found.new.log_loss),
        ("AUC", found.old.auc, found.new.auc),
        *((f"weight of {name}", getattr(old, name), getattr(found.fitted, name)) for name in REFITTED),
    ]
    show(("", "old", "new"), rows, Format.TABLE)
    print(f"better in {found.better:.0%} of the resamples")


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a user of that number
        raise typer.BadParameter("nobody knows who you are; say it.", param_hint="--author") from None
