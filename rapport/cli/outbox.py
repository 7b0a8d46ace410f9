"""Commands about who is told of alerts: deliveries, replay, silence."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from rapport.cli.options import (
    DATA,
    AuthorOption,
    ConfigOption,
    DataOption,
    Format,
    FormatOption,
    duration,
    say,
    show,
    user,
)

app = typer.Typer()

DELIVERIES = ("state", "receiver", "id", "group", "attempts", "created_at", "next_at", "last_error")

ReceiverOption = Annotated[str | None, typer.Option("--receiver", metavar="NAME", help="Only this receiver.")]


@app.command()
def deliveries(
    dead: Annotated[bool, typer.Option("--dead", help="Only what nobody took.")] = False,
    how: FormatOption = Format.TABLE,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """What was told to which receiver, what waits, and what could not be delivered."""
    from alerts import outbox
    from alerts.store import opened
    from rapport.config import load

    load(config, data)
    need(data)
    with opened(data) as store:
        lines = [asdict(line) for line in outbox.lines(store, "dead" if dead else None)]
    rows = [tuple(line[name] for name in DELIVERIES) for line in lines]
    show(DELIVERIES, rows, how)
    if not rows:
        say("nothing was given up" if dead else "nobody was told anything yet")


@app.command()
def replay(receiver: ReceiverOption = None, config: ConfigOption = None, data: DataOption = DATA) -> None:
    """Try again to deliver what could not be delivered."""
    from alerts import outbox
    from alerts.store import opened
    from rapport import run
    from rapport.config import load

    load(config, data)
    need(data)
    with opened(data) as store:
        count = outbox.replay(store, datetime.now(UTC), receiver)
    running = run.running(data) is not None
    print(f"{count} messages are tried again" + ("" if running or not count else " once `rapport up` runs"))


@app.command()
def silence(
    matchers: Annotated[list[str], typer.Argument(metavar="LABEL=VALUE…", help="For example brand=acme.")],
    lasting: Annotated[timedelta, typer.Option("--for", parser=duration, metavar="SPAN", help="30m, 2h, 1d.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept beside it.")],
    author: AuthorOption = None,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """Tell nobody of alerts with all of these labels for a while; alertname is the rule."""
    import secrets

    from alerts.notify import Silence
    from alerts.store import opened
    from rapport.config import load

    load(config, data)
    labels = []
    for one in matchers:
        name, equals, value = one.partition("=")
        if not name or not equals:
            raise typer.BadParameter(f"{one!r} is no label; write for example brand=acme or alertname=one_sided.")
        labels.append((name, value))
    now, identifier = datetime.now(UTC), secrets.token_hex(4)
    with opened(data) as store:
        store.silence(Silence(identifier, tuple(sorted(labels)), now, now + lasting, author or user(), reason))
    print(
        f"{identifier}  until {now + lasting:%Y-%m-%d %H:%M} UTC; take it back: rapport alerts unsilence {identifier}"
    )


@app.command()
def unsilence(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="See: rapport alerts silences.")],
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """Take a silence back."""
    from alerts.store import opened
    from rapport.config import load
    from rapport.errors import UserError

    load(config, data)
    need(data)
    with opened(data) as store:
        if not store.unsilence(identifier):
            raise UserError(f"there is no silence {identifier}; see: rapport alerts silences")
    print(f"{identifier} is no more")


@app.command()
def silences(how: FormatOption = Format.TABLE, config: ConfigOption = None, data: DataOption = DATA) -> None:
    """What is silenced, until when and why."""
    from alerts.store import opened
    from rapport.config import load

    load(config, data)
    need(data)
    with opened(data) as store:
        found = store.silences()
    rows = [(one.id, dict(one.matchers), one.ends_at, one.author, one.reason) for one in found]
    show(("id", "labels", "until", "author", "reason"), rows, how)
    if not rows:
        say("nothing is silenced")


def need(data: Path) -> None:
    """Raises ``UserError`` where no alerts process ever ran."""
    from alerts.store import NAME
    from rapport.errors import UserError

    if not (data / NAME).exists():
        raise UserError(f"{data} has no alerts yet; start it with: rapport up --data {data}")
