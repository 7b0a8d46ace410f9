"""What would have fired: the rules over stored history, one evaluation after the other, nobody told."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.alert import Alert
from alerts.facts import Facts
from alerts.finding import Setting
from alerts.notify import muted
from alerts.rules import findings
from alerts.state import Phase, Tracks, advance


@dataclass(frozen=True)
class Fired:
    """An alert, and whether another one would have kept it from being told all the time."""

    alert: Alert
    inhibited: bool


def backtest(
    facts_at: Callable[[datetime], Facts], moments: Iterable[datetime], settings: Mapping[str, Setting]
) -> list[Fired]:
    """In order of their begin. What fires still at the end has no end."""
    tracks: Tracks = {}
    fired: dict[tuple[str, datetime], Fired] = {}
    for at in moments:
        tracks = advance(tracks, findings(facts_at(at), settings), at, settings)
        quiet = muted(tracks, (), at)
        for key, track in tracks.items():
            if track.phase is not Phase.PENDING:
                known = (key, track.alert.starts_at)
                first = fired.get(known)
                told = first.alert if first else track.alert
                fired[known] = Fired(
                    replace(told, ends_at=track.alert.ends_at), (first is None or first.inhibited) and key in quiet
                )
        tracks = {key: track for key, track in tracks.items() if track.phase is not Phase.RESOLVED}
    return sorted(fired.values(), key=lambda one: (one.alert.starts_at, one.alert.rule, one.alert.labels))
