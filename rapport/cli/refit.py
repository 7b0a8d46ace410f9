"""The command that learns weights anew: refit."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from rapport.cli.options import DATA, ConfigOption, DataOption, Format, countdown, say, show

if TYPE_CHECKING:
    from clickhouse_driver import Client

    from rapport.config import Config
    from rapport.refit import What
    from rapport.refit_relationships import Learned
    from scoring.combine import Weights
    from scoring.refit import Refit
    from scoring.ties.realness import Weights as Realness
    from streams.known import Memory

app = typer.Typer()


class Which(StrEnum):
    TRUST = "trust"
    RELATIONSHIPS = "relationships"


@app.command()
def refit(
    what: Annotated[
        Which, typer.Argument(metavar="trust|relationships", help="The verdict, or how real relationships are.")
    ] = Which.TRUST,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Back to the weights that came with this version.")] = False,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """Learn weights anew: trust from the corrections, relationships from what came of them; taken only if better."""
    if dry_run and undo:
        raise typer.BadParameter("--dry-run and --undo do not go together.")
    from rapport import access, logs, refit
    from rapport.attached import attached
    from rapport.config import load
    from rapport.embedded.clickhouse import ADMIN
    from scoring.fold import FITTED

    logs.for_people()
    settings, asked = load(config, data), refit.What(what.value)
    with access.warehouse(settings):  # a folder without anything in it is said before anything starts
        pass
    with attached(settings, say), access.warehouse(settings, ADMIN) as client:
        if undo:
            _take(settings, client, asked, refit.weights_of(FITTED, asked))
            print("taken back: the weights are those that came with this version")
            return
        memory = refit.recall(access.kafka(settings))
        for left in [] if dry_run else refit.unfinished(data, memory):
            say("the last refit was not finished: everybody is scored anew with its weights")
            _take(settings, client, left, refit.weights_of(memory.fitted, left))
        refusal, weights = (_trust if asked is refit.What.TRUST else _relationships)(client, memory)
        if refusal:
            print(f"refused: {refusal}")
        elif dry_run:
            print("would be taken")
        else:
            _take(settings, client, asked, weights)
            print(f"taken: everything is scored with the new weights; they are in {data / refit.FILES[asked]}")


def _trust(client: "Client", memory: "Memory") -> "tuple[str, Weights]":
    from rapport.refit import learn

    found = learn(client, memory)
    _print_trust(found, memory.fitted.trust)
    return found.refusal, found.weights


def _relationships(client: "Client", memory: "Memory") -> "tuple[str, Realness]":
    from rapport.progress import progress
    from rapport.refit_relationships import learn

    with progress("reading the past") as bar:
        found = learn(client, memory, bar)
    _print_relationships(found, memory.fitted.realness)
    return "" if found.refit.replaced else found.refit.reason, found.refit.weights


def _take(settings: "Config", client: "Client", what: "What", weights: "Weights | Realness") -> None:
    """Returns when everything is scored anew."""
    from rapport import access, drained, refit
    from rapport.progress import progress

    kafka, about = access.kafka(settings), refit.people(client)
    with progress("telling everybody") as bar:
        refit.take(kafka, client, settings.data, what, weights, done=lambda told: bar(told, max(told, about)))
    with progress("scoring anew") as bar:
        drained.wait(kafka, countdown(bar))


def _print_trust(found: "Refit", old: "Weights") -> None:
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


def _print_relationships(found: "Learned", old: "Realness") -> None:
    """Before anything is refused the weights are those in use: then there is nothing to compare."""
    print(
        f"{found.rows} relationships at {found.cuts} moments, of {found.persons} people;"
        f" in {found.mutual} both sides spoke afterwards"
    )
    if not found.refit.replaced:
        return
    new = found.refit.weights
    rows = [
        ("log loss on later data", found.refit.loss_before, found.refit.loss_after),
        ("bias", old.bias, new.bias),
        *((f"weight of {name}", old.features.get(name), weight) for name, weight in new.features.items()),
    ]
    show(("", "old", "new"), rows, Format.TABLE)
