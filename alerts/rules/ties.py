"""Rules over relationships: who grows cold, who waits, whom we forgot, where only one side gives."""

import math
from collections.abc import Iterator
from datetime import timedelta

from alerts.facts import Debt, Facts, Tie
from alerts.finding import Finding, Level, Setting, labelled, level, literal, percent, platform_of, span

BOARD = "rapport-relationships"
NEWS = timedelta(days=30)  # what became so longer ago is no news any more
ASKING = frozenset({"question", "complaint", "details"})
FAIRLY_TRUSTED = 0.5
FEWEST_HELP = 3  # times: from then on somebody is a helper
HOUR = timedelta(hours=1)


def relationship_cooling(facts: Facts, setting: Setting) -> Iterator[Finding]:
    """``threshold``: how many of their usual pauses a real relationship is silent. ``least``: and how many days.

    Whoever comes at random times stays away for n mean pauses with probability exp(-n). The mean is not known that well
    from few conversations, so it is taken one deviation longer: the time over ``n - sqrt(n)``.
    """
    for tie in facts.ties:
        silent = facts.at - tie.last_at
        if tie.was != "real" or tie.class_ not in ("real", "lapsed") or silent > 3 * NEWS:
            continue
        talks = max(tie.exchanges, tie.started)
        usual = (tie.last_at - tie.first_at) / max(1.0, talks - math.sqrt(talks))
        pause = max(usual, timedelta(days=setting.least) / setting.threshold)
        found = level(silent / pause, setting.threshold, setting.threshold)
        if found is not Level.CLEAR:
            yield _about(
                "relationship_cooling",
                setting,
                tie,
                found,
                summary=f"{tie.person} grows cold towards {tie.brand}:"
                f" silent for {span(silent)}, where a pause of {span(usual)} is long",
                certainty=_odds(tie),
                evidence=(f"{tie.exchanges} conversations so far", *tie.reasons),
                value=silent / pause,
                threshold=setting.threshold,
            )


def relationship_lapsed(facts: Facts, setting: Setting) -> Iterator[Finding]:
    """``threshold``: conversations there were."""
    for tie in facts.ties:
        if tie.was == "real" and tie.class_ == "lapsed" and facts.at - tie.since <= NEWS:
            yield _about(
                "relationship_lapsed",
                setting,
                tie,
                level(tie.exchanges, setting.threshold, setting.threshold),
                summary=f"the real relationship of {tie.brand} with {tie.person} has lapsed",
                certainty=_odds(tie),
                evidence=tie.reasons,
                value=tie.exchanges,
                threshold=setting.threshold,
            )


def helper_ignored(facts: Facts, setting: Setting) -> Iterator[Finding]:
    """``threshold``: how many times longer than our usual the answer takes. ``least``: hours at least."""
    for tie in facts.ties:
        waiting = [debt for debt in tie.debts if debt.kind in ASKING]
        if not waiting or not (tie.helped >= FEWEST_HELP or tie.class_ == "real") or tie.trust < FAIRLY_TRUSTED:
            continue
        oldest = min(waiting, key=lambda debt: debt.since)
        usual = max(timedelta(minutes=tie.usual_minutes), setting.least * HOUR / setting.threshold)
        waited = facts.at - oldest.since
        who = f"who helped {_times(tie.helped)}" if tie.helped >= FEWEST_HELP else "a real relationship"
        yield _about(
            "helper_ignored",
            setting,
            tie,
            level(waited / usual, setting.threshold, setting.threshold),
            summary=f"{tie.person}, {who}, waits for an answer of {tie.brand} for {span(waited)}",
            certainty=f"we usually answer within {span(timedelta(minutes=tie.usual_minutes))}",
            evidence=tuple(_asked(debt, facts) for debt in waiting),
            value=waited / usual,
            threshold=setting.threshold,
        )


def promise_broken(facts: Facts, setting: Setting) -> Iterator[Finding]:
    """``threshold``: days since we promised to come back."""
    for tie in facts.ties:
        promises = [debt.since for debt in tie.debts if debt.kind == "promise"]
        if promises:
            waited = facts.at - min(promises)
            yield _about(
                "promise_broken",
                setting,
                tie,
                level(waited / timedelta(days=1), setting.threshold, setting.threshold),
                summary=f"{tie.brand} promised {tie.person} to come back {span(waited)} ago, and has not",
                certainty="the promise was read from the words; a later word of ours would have counted as kept",
                evidence=(f"class {tie.class_}, realness {tie.realness:.2f}", f"{tie.exchanges} conversations so far"),
                value=waited / timedelta(days=1),
                threshold=setting.threshold,
            )


def one_sided(facts: Facts, setting: Setting) -> Iterator[Finding]:
    """``threshold``: acts of the side that gives."""
    for tie in facts.ties:
        if tie.class_ not in ("one_sided_them", "one_sided_us") or facts.at - tie.last_at > NEWS:
            continue
        theirs = tie.class_ == "one_sided_them"
        if theirs and tie.trust < FAIRLY_TRUSTED:
            continue
        acts = tie.acts_theirs if theirs else tie.acts_ours
        said = f"{tie.person} keeps giving and {tie.brand} hardly answers"
        if not theirs:
            said = f"{tie.brand} keeps writing to {tie.person}, who hardly answers"
        yield _about(
            "one_sided",
            setting,
            tie,
            level(acts, setting.threshold, setting.threshold),
            summary=said,
            certainty=f"from {tie.acts_theirs} acts of theirs and {tie.acts_ours} of ours",
            evidence=tie.reasons,
            value=acts,
            threshold=setting.threshold,
        )


def _about(rule: str, setting: Setting, tie: Tie, found: Level, **said: object) -> Finding:
    return Finding(
        rule=rule,
        labels=labelled(rule, setting, tie.brand, person=tie.person, platform=platform_of(tie.person)),
        level=found,
        sql="SELECT published, direction, type, content FROM interactions"  # noqa: S608 - to be read
        f" WHERE brand = {literal(tie.brand)} AND person = {literal(tie.person)} ORDER BY published DESC LIMIT 20",
        board=BOARD,
        **said,  # type: ignore[arg-type]
    )


def _odds(tie: Tie) -> str:
    return f"both speak within 30 days with {percent(tie.realness)}; it was {percent(tie.realness_then)}"


def _asked(debt: Debt, facts: Facts) -> str:
    often = f", asked {_times(debt.asks)}" if debt.asks > 1 else ""
    return f"{debt.kind} of {debt.since:%Y-%m-%d %H:%M}, {span(facts.at - debt.since)} ago{often}"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
