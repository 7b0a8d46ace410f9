"""Who is told what, and when. Pure: grouping, silences, inhibition and repetition as Alertmanager has them.

Alerts of one brand are one group. A new group waits for what belongs together, a group with news is told at most once
per interval, and one without news is repeated. Nobody is told that something is over of which they have not heard, and
everybody who has heard of it is told, also where it is silenced by then.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.alert import Alert, Labels, Notification, Severity
from alerts.state import Phase, Track, Tracks


@dataclass(frozen=True, kw_only=True)
class Timing:
    wait: timedelta = timedelta(seconds=30)
    interval: timedelta = timedelta(minutes=5)
    repeat: timedelta = timedelta(hours=4)


@dataclass(frozen=True, kw_only=True)
class Audience:
    """A receiver as far as it matters here: from which severity on, and how many alerts fit into one message.

    ``at_once`` of ``None`` means the whole group in one message each time; else news only, in messages of that size.
    """

    name: str
    severity: Severity = Severity.INFO
    at_once: int | None = None


@dataclass(frozen=True)
class Silence:
    """Mutes every alert that has all of the labels ``matchers``, from ``starts_at`` up to ``ends_at``."""

    id: str
    matchers: Labels
    starts_at: datetime
    ends_at: datetime
    author: str
    reason: str

    def mutes(self, alert: Alert, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at and set(self.matchers) <= set(alert.labels)


@dataclass(frozen=True)
class Inhibition:
    """While ``source`` fires, ``targets`` with the same labels ``equal`` are not told.

    A source without such a label, or with an empty one, is about all of them: a gap of all brands is one of each.
    """

    source: str
    targets: frozenset[str]
    equal: tuple[str, ...] = ()

    def mutes(self, source: Alert, target: Alert) -> bool:
        if source.rule != self.source or target.rule not in self.targets:
            return False
        of_source, of_target = dict(source.labels), dict(target.labels)
        return all(of_source.get(name, "") in ("", of_target.get(name)) for name in self.equal)


OF_PEOPLE = frozenset({"relationship_cooling", "relationship_lapsed", "helper_ignored", "promise_broken", "one_sided"})
UNSEEN = OF_PEOPLE | {"source_silent"}
# What a source did not see did not fall silent, was perhaps answered, and a promise perhaps kept. Shares and spikes
# leave out what was not seen by themselves. A wave of spam is told once, not as a fall of what is real, too.
INHIBITIONS = (
    Inhibition("source_gap", UNSEEN, ("brand", "platform")),
    Inhibition("source_silent", OF_PEOPLE, ("brand", "platform")),
    Inhibition("pipeline_lag", UNSEEN),
    Inhibition("spam_share_rises", frozenset({"real_share_falls"}), ("brand",)),
    Inhibition("relationship_lapsed", frozenset({"relationship_cooling"}), ("brand", "person")),
)


@dataclass(frozen=True)
class Told:
    """What a receiver knows of a group: the fingerprints that fire, and when it was last told."""

    firing: frozenset[str]
    at: datetime


@dataclass(frozen=True)
class Book:
    """What was told to whom, by receiver and group; and when each group may be told next."""

    told: Mapping[tuple[str, str], Told]
    due: Mapping[str, datetime]


def inhibited(alert: Alert, firing: Iterable[Alert], rules: Iterable[Inhibition] = INHIBITIONS) -> bool:
    return any(rule.mutes(source, alert) for rule in rules for source in firing)


def muted(tracks: Tracks, silences: Iterable[Silence], at: datetime) -> frozenset[str]:
    """The fingerprints of those that fire and of which nobody is to hear now."""
    firing = {key: track.alert for key, track in tracks.items() if track.phase is Phase.FIRING}
    silences = [silence for silence in silences if silence.starts_at <= at < silence.ends_at]
    sources = [alert for alert in firing.values() if any(rule.source == alert.rule for rule in INHIBITIONS)]
    return frozenset(
        key
        for key, alert in firing.items()
        if inhibited(alert, sources) or any(silence.mutes(alert, at) for silence in silences)
    )


def flush(  # noqa: PLR0917 - what there is to know
    tracks: Tracks, quiet: frozenset[str], book: Book, audiences: Iterable[Audience], timing: Timing, at: datetime
) -> tuple[list[Notification], Book]:
    """The notifications of every group whose time has come, and the book afterwards."""
    audiences = list(audiences)
    groups: dict[str, dict[str, Track]] = defaultdict(dict)
    for key, track in tracks.items():
        if track.phase is not Phase.PENDING or track.over:
            groups[_group_key(track.alert)][key] = track
    due = {group: book.due.get(group, at + timing.wait) for group in groups}
    names = {audience.name for audience in audiences}
    told = {who: what for who, what in book.told.items() if who[0] in names and who[1] in groups}
    sent: list[Notification] = []
    for group, members in groups.items():
        if due[group] > at:
            continue
        due[group] = at + timing.interval
        for audience in audiences:
            before = told.get((audience.name, group), Told(frozenset(), at))
            messages, after = _tell(group, members, quiet, before, audience, timing, at)
            sent += messages
            told[audience.name, group] = after
    return sent, Book(told, due)


def forget(tracks: Tracks, book: Book) -> dict[str, Track]:
    """Without what is resolved and known to be so by everybody who was told."""
    known = {(group, key) for (_, group), told in book.told.items() for key in told.firing}
    return {
        key: track
        for key, track in tracks.items()
        if track.phase is not Phase.RESOLVED or (_group_key(track.alert), key) in known
    }


def _tell(  # noqa: PLR0917 - what there is to know
    group: str,
    members: Mapping[str, Track],
    quiet: frozenset[str],
    before: Told,
    audience: Audience,
    timing: Timing,
    at: datetime,
) -> tuple[list[Notification], Told]:
    severities = list(Severity)
    firing = {
        key: track.alert
        for key, track in members.items()
        if track.phase is Phase.FIRING
        and key not in quiet
        and severities.index(track.alert.severity) >= severities.index(audience.severity)
    }
    over = {key: alert for key in before.firing if key in members and (alert := members[key].resolved)}
    new = {key: alert for key, alert in firing.items() if key not in before.firing}
    repeats = bool(firing) and at - before.at >= timing.repeat
    if not (new or over or repeats):
        return [], before
    # What is told and muted now still fires for its receiver: it is told when it is over.
    still = frozenset(key for key in before.firing if key in members and key not in over)
    alerts = (firing if audience.at_once is None or repeats else new) | over
    ordered = sorted(alerts.values(), key=lambda alert: (-severities.index(alert.severity), alert.starts_at))
    messages = [
        Notification(
            id=_id(audience.name, group, at, number),
            receiver=audience.name,
            group_key=group,
            group_labels=(("brand", dict(part[0].labels)["brand"]),),
            alerts=tuple(part),
            at=at,
        )
        for number, part in enumerate(_parts(ordered, audience.at_once or len(ordered)))
    ]
    return messages, Told(still | firing.keys(), at)


def _group_key(alert: Alert) -> str:
    """As Alertmanager writes the key of a group of the one route: by brand."""
    brand = dict(alert.labels)["brand"].replace("\\", "\\\\").replace('"', '\\"')
    return f'{{}}:{{brand="{brand}"}}'


def _parts(alerts: list[Alert], size: int) -> Iterator[list[Alert]]:
    for start in range(0, len(alerts), size):
        yield alerts[start : start + size]


def _id(receiver: str, group: str, at: datetime, number: int) -> str:
    """The same for the same message: a second computation of one flush is no second message."""
    text = f"{receiver}\0{group}\0{at.isoformat()}\0{number}"
    return f"msg_{hashlib.blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=15).hexdigest()}"
