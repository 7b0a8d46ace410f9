"""Rules over Rapport itself: what it cannot see, what it cannot use, and what it has not handled yet."""

import math
from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from alerts.baseline import of_volume
from alerts.facts import UNSEEN, VOLUME, Facts, Heard
from alerts.finding import Finding, Level, Setting, labelled, level, literal, platform_of, span

BOARD = "rapport-pipeline"
UNCOUNTED = timedelta(minutes=20)  # it counts every ten seconds
SILENCE = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=3))


def source_gap(facts: Facts, setting: Setting) -> Iterator[Finding]:
    """``threshold``: minutes for which a source sees nothing."""
    for source in facts.sources:
        if source.state == "gap":
            minutes = (facts.at - source.since) / timedelta(minutes=1)
            yield Finding(
                rule="source_gap",
                labels=labelled(
                    "source_gap", setting, source.brand, source=source.source, platform=platform_of(source.source)
                ),
                level=level(minutes, setting.threshold, setting.threshold),
                summary=f"{source.source} has seen nothing for {span(facts.at - source.since)}",
                certainty="the source says so itself; what happens meanwhile is missing from every number",
                evidence=(source.reason,) if source.reason else (),
                value=minutes,
                threshold=setting.threshold,
                sql=f"SELECT * FROM source_status WHERE source = {literal(source.source)} ORDER BY since DESC",  # noqa: S608
                board=BOARD,
            )


def source_silent(facts: Facts, setting: Setting) -> Iterator[Finding]:
    """``threshold``: acts that would be usual in the time in which none came."""
    for brand, heard in facts.heard.items():
        for platform in heard.platforms:
            yield _silent(facts, brand, heard, platform, setting)


def _silent(facts: Facts, brand: str, heard: Heard, platform: str, setting: Setting) -> Finding:
    """The longest silent window counts. Chance makes n usual acts stay away with exp(-n)."""
    end, silent, usual = np.array([heard.end]), timedelta(), 0.0
    for length in SILENCE:
        counts = heard.sums(length, end, platform)[0]
        expected = of_volume(heard, length, [platform])
        if counts[VOLUME] or counts[UNSEEN]:
            break
        if expected:
            silent, usual = length, expected.median
    return Finding(
        rule="source_silent",
        labels=labelled("source_silent", setting, brand, platform=platform),
        level=level(usual, setting.threshold, setting.threshold),
        summary=f"nothing about {brand} from {platform} for {span(silent)}; usually there are {usual:.0f} acts"
        if usual
        else f"{platform} brings as much as one can expect",
        certainty=f"by chance once in {math.exp(min(usual, 20)):,.0f} times",
        evidence=("no source says that it sees nothing: perhaps it was stopped or throttled without a word",),
        value=usual,
        threshold=setting.threshold,
        sql=f"SELECT * FROM trends WHERE brand = {literal(brand)} AND platform = {literal(platform)}"  # noqa: S608
        " ORDER BY minute DESC LIMIT 20",
        board=BOARD,
    )


def dead_letters(facts: Facts, setting: Setting) -> Iterator[Finding]:
    """``threshold``: messages within an hour, where the hours before brought few. ``least``: as ``threshold``."""
    for letters in facts.letters:
        *before, count = letters.hours
        usual = float(np.median(before)) if before else 0.0
        fire = max(setting.threshold, 3 * usual)
        yield Finding(
            rule="dead_letters",
            labels=labelled("dead_letters", setting, reason=letters.reason),
            level=level(count, fire, setting.resolve * fire),
            summary=f"{count} messages of the last hour could not be used: {letters.reason}",
            certainty=f"usually there are {usual:.0f} an hour",
            value=count,
            threshold=fire,
            sql="SELECT at, origin, detail FROM dead_letters"  # noqa: S608 - to be read
            f" WHERE reason = {literal(letters.reason)} ORDER BY at DESC LIMIT 20",
            board=BOARD,
        )


def pipeline_lag(facts: Facts, setting: Setting) -> Iterator[Finding]:
    """``threshold``: messages that wait. That nobody counts them any more is worse."""
    for consumer, messages in sorted((facts.lag or {}).items()):
        found = level(messages, setting.threshold, setting.resolve * setting.threshold)
        said = f"{messages:,} messages wait for {consumer}"
        if consumer == "sink" and facts.lag_age >= UNCOUNTED:
            found, said = Level.FIRES, f"the sink has not counted what waits for {span(facts.lag_age)}: does it run?"
        yield Finding(
            rule="pipeline_lag",
            labels=labelled("pipeline_lag", setting, consumer=consumer),
            level=found,
            summary=said,
            certainty="counted; until they are handled, every number is behind by that much",
            value=messages,
            threshold=setting.threshold,
            sql="SELECT at, topic, messages FROM pipeline_lag"  # noqa: S608 - to be read
            f" WHERE consumer = {literal(consumer)} ORDER BY at DESC LIMIT 20",
            board=BOARD,
        )
