"""Rules over what is heard of a brand: how much, and how much of it is real, against what is usual for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from alerts import baseline
from alerts.baseline import Baseline
from alerts.facts import DAY, SPAM, TRUSTED, VOLUME, Counts, Crowd, Facts, Heard
from alerts.finding import Finding, Level, Setting, clear, labelled, level, literal, percent, span

WINDOWS = (timedelta(hours=1), timedelta(hours=6), DAY)
BOARD = "rapport-real-or-spam"
DEVIATIONS = 4.0  # a share that moves less than this is chance, whatever the threshold
MOSTLY, MOSTLY_NO_MORE = 0.5, 0.35  # of a spike: from which share on it is of coordinated accounts
TOO_SHORT = "fewer than a week of days to compare with"


@dataclass(frozen=True)
class Window:
    """The last ``length`` of a brand, over the platforms that were seen, and what is usual then."""

    length: timedelta
    counts: Counts
    usual: Baseline | None


def real_share_falls(facts: Facts, setting: Setting) -> Iterator[Finding]:
    """``threshold``: points (0..1) below the usual share. ``least``: acts."""
    for brand, heard in facts.heard.items():
        yield _share("real_share_falls", facts, brand, heard, setting)


def spam_share_rises(facts: Facts, setting: Setting) -> Iterator[Finding]:
    """``threshold``: points (0..1) above the usual share. ``least``: acts."""
    for brand, heard in facts.heard.items():
        yield _share("spam_share_rises", facts, brand, heard, setting)


def spike_genuine(facts: Facts, setting: Setting) -> Iterator[Finding]:
    """``threshold``: deviations above the usual volume. ``least``: acts."""
    yield from _spikes("spike_genuine", facts, setting)


def spike_coordinated(facts: Facts, setting: Setting) -> Iterator[Finding]:
    """``threshold``: deviations above the usual volume. ``least``: acts."""
    yield from _spikes("spike_coordinated", facts, setting)


def _share(rule: str, facts: Facts, brand: str, heard: Heard, setting: Setting) -> Finding:
    column, sign, word = (SPAM, 1, "spam") if rule == "spam_share_rises" else (TRUSTED, -1, "real")
    labels = labelled(rule, setting, brand)
    window = _busy(heard, setting.least, column)
    volume = float(window.counts[VOLUME])
    if volume < setting.least:
        said = f"{volume:.0f} acts within a day, {setting.least} are needed to tell"
        return clear(rule, labels, said)
    share = float(window.counts[column]) / volume
    if window.usual is None:
        return clear(rule, labels, TOO_SHORT, share)
    usual = window.usual
    chance = float(np.hypot(usual.spread, np.sqrt(usual.median * (1 - usual.median) / volume)))
    moves = max(setting.threshold, DEVIATIONS * chance)
    moved = sign * (share - usual.median)
    return Finding(
        rule=rule,
        labels=labels,
        level=level(moved, moves, setting.resolve * moves),
        summary=f"{percent(share)} of what {brand} heard in the last {span(window.length)} is {word};"
        f" usually it is {percent(usual.median)}",
        certainty=f"{moved / chance:.0f} times what chance makes of it" if chance else "it never varied before",
        evidence=(
            f"{window.counts[column]:.0f} of {volume:.0f} acts",
            f"compared with {usual.samples} windows: {usual.season}",
        ),
        value=share,
        threshold=usual.median + sign * moves,
        sql=_trend_sql(brand, facts.at - window.length, facts.at),
        board=BOARD,
    )


def _busy(heard: Heard, least: int, column: int) -> Window:
    """The shortest window with enough acts, or the longest: a busy brand is told within the hour."""
    for length in WINDOWS:
        platforms = baseline.seen(heard, length)
        counts = _counts(heard, length, platforms)
        if counts[VOLUME] >= least:
            return Window(length, counts, baseline.of_share(heard, length, platforms, column, least))
    return Window(length, counts, None)


def _counts(heard: Heard, length: timedelta, platforms: list[str]) -> Counts:
    end = np.array([heard.end])
    found: Counts = sum((heard.sums(length, end, name)[0] for name in platforms), start=np.zeros(4))
    return found


def _spikes(rule: str, facts: Facts, setting: Setting) -> Iterator[Finding]:
    for brand, heard in facts.heard.items():
        yield _spike(rule, facts, brand, heard, setting)


def _spike(rule: str, facts: Facts, brand: str, heard: Heard, setting: Setting) -> Finding:
    """The window that stands out most decides. Acts come in clumps, so the spread is at least that of chance."""
    labels = labelled(rule, setting, brand)
    found = []
    for length in WINDOWS:
        platforms = baseline.seen(heard, length)
        usual = baseline.of_volume(heard, length, platforms)
        if usual is not None:
            volume = float(_counts(heard, length, platforms)[VOLUME])
            found.append((volume / _fire(usual, setting), volume, length, usual))
    if not found:
        return clear(rule, labels, TOO_SHORT)
    _, volume, length, usual = max(found, key=lambda each: each[0])
    fire = _fire(usual, setting)
    loud = level(volume, fire, usual.median + setting.resolve * (fire - usual.median))
    begin = facts.at - length
    usually = f"{volume:.0f} acts about {brand} in the last {span(length)}; usually there are {usual.median:.0f}"
    compared = f"compared with {usual.samples} windows: {usual.season}"
    if loud is Level.CLEAR:
        return clear(rule, labels, usually, volume, fire)
    crowd = facts.crowd(brand, begin, facts.at)
    return Finding(
        rule=rule,
        labels=labels,
        level=min(loud, _kind(rule, crowd), key=list(Level)[::-1].index),
        summary=f"{usually}: {_whose(crowd)}",
        certainty=f"{(volume - usual.median) / _deviation(usual):.0f} deviations above what is usual",
        evidence=(*_behind(crowd), compared),
        value=volume,
        threshold=fire,
        sql=_crowd_sql(brand, begin, facts.at),
        board=BOARD,
    )


def _deviation(usual: Baseline) -> float:
    return max(usual.spread, float(np.sqrt(usual.median)), 1.0)


def _fire(usual: Baseline, setting: Setting) -> float:
    far = usual.median + setting.threshold * _deviation(usual)
    return float(max(far, 2 * usual.median, setting.least))


def _kind(rule: str, crowd: Crowd) -> Level:
    """Whose spike it is may change while it grows; what has been told is taken back only when it is clearly wrong."""
    share = crowd.suspect / crowd.volume if crowd.volume else 0.0
    if rule == "spike_coordinated":
        return level(share, MOSTLY, MOSTLY_NO_MORE)
    return level(1 - share, 1 - MOSTLY + 1e-9, MOSTLY_NO_MORE)


def _whose(crowd: Crowd) -> str:
    share = percent(crowd.suspect / crowd.volume) if crowd.volume else "0 %"
    if not crowd.suspect or crowd.suspect / crowd.volume < MOSTLY:
        return f"genuine, from {crowd.people} people" + (f"; {share} are not trusted" if crowd.suspect else "")
    if 2 * crowd.coordinated >= crowd.suspect:
        return (
            f"{percent(crowd.coordinated / crowd.volume)} of it from {crowd.coordinated_accounts} coordinated accounts"
        )
    return f"{share} of it from {crowd.suspect_accounts} accounts that are judged spam"


def _behind(crowd: Crowd) -> tuple[str, ...]:
    said = [f"{crowd.coordinated} acts of {crowd.coordinated_accounts} accounts are in campaigns"]
    said += [f"{crowd.suspect} acts of {crowd.suspect_accounts} accounts are in campaigns or judged spam"]
    if crowd.reacting >= 3 and crowd.reacting * 5 >= crowd.volume:
        said.append(f"{crowd.reacting} of them react to what we said ourselves, most to {crowd.reacts_to}")
    return tuple(said)


def _trend_sql(brand: str, since: datetime, until: datetime) -> str:
    return (
        "SELECT platform, sum(volume) AS volume, sum(trusted_volume) / volume AS real_share,"  # noqa: S608 - to be read
        f" sum(spam) / volume AS spam_share FROM trends WHERE brand = {literal(brand)}"
        f" AND minute >= '{since:%Y-%m-%d %H:%M:%S}' AND minute < '{until:%Y-%m-%d %H:%M:%S}' GROUP BY platform"
    )


def _crowd_sql(brand: str, since: datetime, until: datetime) -> str:
    return (
        "SELECT published, person, verdict, trust, content FROM interactions"  # noqa: S608 - to be read
        f" WHERE brand = {literal(brand)} AND direction != 'outbound'"
        f" AND published >= '{since:%Y-%m-%d %H:%M:%S}' AND published < '{until:%Y-%m-%d %H:%M:%S}' ORDER BY published"
    )
