"""The rules: each a pure function from facts and its setting to findings. What they mean is in docs/alerts.md."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta

from alerts.alert import Severity
from alerts.facts import Facts
from alerts.finding import Finding, Level, Setting
from alerts.rules import conduct, hearing, pipeline, ties

Rule = Callable[[Facts, Setting], Iterable[Finding]]

INFO, WARNING, CRITICAL = Severity
TEN_MINUTES, A_DAY = timedelta(minutes=10), timedelta(days=1)

RULES: Mapping[str, tuple[Rule, Setting]] = {
    "real_share_falls": (
        hearing.real_share_falls,
        Setting(threshold=0.15, severity=WARNING, least=20, resolve=0.4),
    ),
    "spam_share_rises": (
        hearing.spam_share_rises,
        Setting(threshold=0.2, severity=WARNING, least=20, resolve=0.4),
    ),
    "spike_genuine": (hearing.spike_genuine, Setting(threshold=6, severity=INFO, least=20, resolve=0.6)),
    "spike_coordinated": (hearing.spike_coordinated, Setting(threshold=5, severity=WARNING, least=20, resolve=0.6)),
    "campaign_seen": (conduct.campaign_seen, Setting(threshold=5, severity=WARNING, resolve=0.4)),
    "relationship_cooling": (
        ties.relationship_cooling,
        Setting(threshold=5, severity=WARNING, least=30),
    ),
    "relationship_lapsed": (ties.relationship_lapsed, Setting(threshold=4, severity=WARNING)),
    "helper_ignored": (ties.helper_ignored, Setting(threshold=2, severity=WARNING, least=24)),
    "promise_broken": (ties.promise_broken, Setting(threshold=7, severity=WARNING)),
    "one_sided": (ties.one_sided, Setting(threshold=8, severity=INFO, lasting=A_DAY)),
    "own_acts_like_spam": (
        conduct.own_acts_like_spam,
        Setting(threshold=0.15, severity=CRITICAL, least=10, resolve=0.7),
    ),
    "source_gap": (pipeline.source_gap, Setting(threshold=15, severity=WARNING)),
    "source_silent": (pipeline.source_silent, Setting(threshold=12, severity=WARNING)),
    "dead_letters": (pipeline.dead_letters, Setting(threshold=100, severity=WARNING, resolve=0.5)),
    "pipeline_lag": (
        pipeline.pipeline_lag,
        Setting(threshold=10_000, severity=CRITICAL, resolve=0.5, lasting=TEN_MINUTES),
    ),
}
DEFAULTS: Mapping[str, Setting] = {name: setting for name, (_, setting) in RULES.items()}


def findings(facts: Facts, settings: Mapping[str, Setting]) -> Iterator[Finding]:
    """What the rules that are switched on say, ``Level.CLEAR`` included."""
    for name, (rule, _) in RULES.items():
        if settings[name].enabled:
            yield from rule(facts, settings[name])


__all__ = ["DEFAULTS", "RULES", "Finding", "Level", "Rule", "Setting", "findings"]
