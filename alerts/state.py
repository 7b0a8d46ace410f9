"""Which alerts there are: pending, firing, resolved. Pure: what was, what the rules found, and the time give what is.

The semantics are Alertmanager's and Prometheus'. A finding *fires* once it has been so for ``Setting.lasting``; what
fires goes on while the finding holds, and is resolved when it does not any more.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from alerts.alert import Alert, Link, Severity
from alerts.finding import Finding, Level, Setting


class Phase(StrEnum):
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True, kw_only=True)
class Track:
    """An alert and its phase. A resolved one is kept until everybody who was told of it knows.

    ``over`` is the resolved one where the same thing is pending again meanwhile.
    """

    alert: Alert
    phase: Phase
    over: Alert | None = None

    @property
    def resolved(self) -> Alert | None:
        return self.alert if self.phase is Phase.RESOLVED else self.over


Tracks = Mapping[str, Track]  # by fingerprint
Linker = Callable[[Finding, datetime], tuple[Link, ...]]


def advance(
    tracks: Tracks,
    findings: Iterable[Finding],
    at: datetime,
    settings: Mapping[str, Setting],
    links: Linker = lambda finding, at: (),
) -> dict[str, Track]:
    """What is after one evaluation at ``at``. Of two findings with the same labels the first one counts."""
    found: dict[str, Finding] = {}
    for one in findings:
        if one.level is not Level.CLEAR:
            found.setdefault(one.fingerprint, one)
    after = {key: gone for key, track in tracks.items() if key not in found and (gone := _without(track, at))}
    for key, one in found.items():
        setting = settings[one.rule]
        if moved := _with(tracks.get(key), _alert(one, setting.severity, at, links(one, at)), one.level, at, setting):
            after[key] = moved
    return after


def _without(track: Track, at: datetime) -> Track | None:
    match track.phase:
        case Phase.PENDING:
            return Track(alert=track.over, phase=Phase.RESOLVED) if track.over else None
        case Phase.FIRING:
            return Track(alert=replace(track.alert, ends_at=at), phase=Phase.RESOLVED)
    return track


def _with(before: Track | None, alert: Alert, level: Level, at: datetime, setting: Setting) -> Track | None:
    if before and before.phase is Phase.FIRING:
        return Track(alert=replace(alert, starts_at=before.alert.starts_at), phase=Phase.FIRING)
    if level is Level.HOLDS:
        return _without(before, at) if before else None
    if before and before.phase is Phase.PENDING:
        alert = replace(alert, starts_at=before.alert.starts_at)
    if at - alert.starts_at >= setting.lasting:
        return Track(alert=alert, phase=Phase.FIRING)
    return Track(alert=alert, phase=Phase.PENDING, over=before.resolved if before else None)


def _alert(found: Finding, severity: Severity, at: datetime, links: tuple[Link, ...]) -> Alert:
    return Alert(
        rule=found.rule,
        labels=found.labels,
        severity=severity,
        summary=found.summary,
        certainty=found.certainty,
        evidence=found.evidence,
        value=float(found.value),
        threshold=float(found.threshold),
        links=links,
        sql=found.sql,
        starts_at=at,
    )
