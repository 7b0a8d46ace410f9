"""Commands about what is worth an alert: test, list, backtest; those about who is told are in ``outbox``."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from rapport.cli import outbox
from rapport.cli.options import (
    DATA,
    BrandOption,
    ConfigOption,
    DataOption,
    Format,
    FormatOption,
    SinceOption,
    UntilOption,
    duration,
    period,
    say,
    show,
)
from rapport.cli.outbox import need

app = typer.Typer()
alerts_app = typer.Typer(no_args_is_help=True, help="What is worth an alert, and who was told.")
alerts_app.registered_commands += outbox.app.registered_commands
app.add_typer(alerts_app, name="alerts")

TESTED = ("level", "severity", "brand", "labels", "summary", "certainty", "value", "threshold", "evidence", "query")
LISTED = ("state", "severity", "rule", "brand", "since", "until", "summary", "certainty", "evidence", "labels", "muted")
SHOWN = ("state", "severity", "rule", "brand", "since", "summary", "muted")
FIRED = ("rule", "severity", "brand", "starts_at", "ends_at", "inhibited", "summary", "certainty", "evidence", "labels")
SHOWN_FIRED = ("rule", "brand", "starts_at", "ends_at", "inhibited", "summary")


@alerts_app.command("test")
def test_rule(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Name of a rule; all: every one.")],
    brand: BrandOption = None,
    how: FormatOption = Format.TABLE,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """What the rule says of what is stored now: what would fire, and why; nobody is told."""
    from alerts.rules import findings
    from rapport.access import warehouse
    from rapport.alert_settings import settings as alert_settings
    from rapport.alert_words import explained
    from rapport.alerting import facts_now
    from rapport.config import load
    from rapport.model import fitted

    settings = load(config, data)
    rules = _only(alert_settings(settings.file.alerts), rule)
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    with warehouse(settings) as client:
        found = list(findings(facts_now(client, now, fitted(data)), rules))
    found = [one for one in found if brand is None or dict(one.labels)["brand"] == brand]
    rows = [
        (
            *(one.level.value, rules[one.rule].severity.value, dict(one.labels)["brand"], dict(one.labels)),
            *(one.summary, one.certainty, one.value, one.threshold, list(one.evidence), one.sql),
        )
        for one in found
    ]
    if how is Format.TABLE:
        print(explained(found))
    else:
        show(TESTED, rows, how)
    if not found:
        say(f"{rule} found nothing to look at")
    if not settings.file.alerts.receivers:
        say("no receiver is configured: alerts stand in `rapport alerts list` and on the dashboards only")


@alerts_app.command("list")
def list_alerts(
    brand: BrandOption = None,
    how: FormatOption = Format.TABLE,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """What fires or is about to, as of the last evaluation; past ones: SELECT * FROM alerts."""
    from alerts.notify import muted
    from alerts.state import Phase
    from alerts.store import opened
    from rapport.config import load

    load(config, data)
    need(data)
    with opened(data) as store:
        tracks, silences = store.tracks(), store.silences()
    quiet = muted(tracks, silences, datetime.now(UTC))
    order = [Phase.FIRING, Phase.PENDING, Phase.RESOLVED]
    rows = [
        {
            "state": track.phase.value,
            "severity": track.alert.severity.value,
            "rule": track.alert.rule,
            "brand": dict(track.alert.labels)["brand"],
            "since": track.alert.starts_at,
            "until": track.alert.ends_at,
            "summary": track.alert.summary,
            "certainty": track.alert.certainty,
            "evidence": list(track.alert.evidence),
            "labels": dict(track.alert.labels),
            "muted": key in quiet,
        }
        for key, track in sorted(tracks.items(), key=lambda one: (order.index(one[1].phase), one[1].alert.starts_at))
        if brand is None or dict(track.alert.labels)["brand"] == brand
    ]
    _show(rows, SHOWN if how is Format.TABLE else LISTED, how)
    if not rows:
        say("nothing fires")


@alerts_app.command()
def backtest(
    since: SinceOption = None,
    until: UntilOption = None,
    step: Annotated[
        timedelta | None, typer.Option(parser=duration, metavar="SPAN", help="Between evaluations.", show_default="1h")
    ] = None,
    rule: Annotated[str, typer.Option("--rule", metavar="RULE", help="Only this rule.")] = "all",
    how: FormatOption = Format.TABLE,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """What would have fired over the stored history; nobody is told."""
    from collections import Counter

    from rapport.access import warehouse
    from rapport.alert_settings import settings as alert_settings
    from rapport.alerting import replayed
    from rapport.config import load
    from rapport.embedded.clickhouse import ADMIN
    from rapport.model import fitted

    begin, end = period(since, until)
    step = step or timedelta(hours=1)
    if timedelta(hours=1) % step:
        raise typer.BadParameter("an hour must be a whole number of steps; write 1m, 10m or 1h.", param_hint="--step")
    settings = load(config, data)
    rules = _only(alert_settings(settings.file.alerts), rule)
    with warehouse(settings, ADMIN) as client:  # the histories of persons are read with settings of their own
        found = replayed(client, begin, end.replace(second=0, microsecond=0), rules, fitted(data), step)
    rows = [
        {name: getattr(one.alert, name) for name in ("rule", "starts_at", "ends_at", "summary", "certainty")}
        | {"severity": one.alert.severity.value, "evidence": list(one.alert.evidence), "inhibited": one.inhibited}
        | {"brand": dict(one.alert.labels)["brand"], "labels": dict(one.alert.labels)}
        for one in found
    ]
    _show(rows, SHOWN_FIRED if how is Format.TABLE else FIRED, how)
    counts = Counter(row["rule"] for row in rows)
    say(", ".join(f"{count} {name}" for name, count in counts.most_common()) or "nothing would have fired")


def _only(settings: dict[str, Any], rule: str) -> dict[str, Any]:
    """``settings`` with only ``rule`` switched on, or as they are."""
    from dataclasses import replace

    if rule == "all":
        return settings
    if rule not in settings:
        raise typer.BadParameter(f"there is no rule {rule!r}; there are {', '.join(settings)}.", param_hint="RULE")
    return {name: replace(setting, enabled=name == rule) for name, setting in settings.items()}


def _show(rows: list[dict[str, Any]], columns: tuple[str, ...], how: Format) -> None:
    show(columns, [tuple(row[name] for name in columns) for row in rows], how)
