"""Content, actor and campaign made into one probability that says how sure it is and what it rests on.

The weights are in ``combine.json``, with their reasons. The weights of the evidence given out are those applied, so
that they add up to the log-odds of the trust.
"""

import math
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from events import Evidence, Verdict

SPAM_BELOW, GENUINE_FROM = 0.3, 0.6
CONFIDENT_FROM = 0.2
HIGHEST_ACTOR = 1.5  # log-odds: what the best past says
EXTREME = 12.0  # log-odds; nothing is surer than about one in 160,000


class ContentLike(Protocol):
    """What is read from the act itself: log-odds of being genuine (with the base rate), and why."""

    @property
    def log_odds(self) -> float: ...
    @property
    def evidence(self) -> tuple[Evidence, ...]: ...


class Weights(Struct, frozen=True):
    bias: float
    content: float
    actor: float
    campaign: float
    overlap: float  # of the campaign's weight, where it says the same as the content
    clean_words: float  # log-odds: the most that a text without marks of spam can say for itself
    good_name: float  # of the campaign's weight, where the account's own past speaks for it in full


class Judgement(Struct, frozen=True):
    """``trust`` and ``confidence`` in 0..1; confidence is how much there was to judge by, either way."""

    trust: float
    confidence: float
    verdict: Verdict
    evidence: tuple[Evidence, ...]


WEIGHTS = msgspec.json.decode(Path(__file__).with_name("combine.json").read_bytes(), type=Weights)


def combine(
    content: ContentLike,
    actor: tuple[float, tuple[Evidence, ...]],
    campaign: tuple[float, Evidence] | None = None,
    known: float = 0.0,
    *,
    weights: Weights = WEIGHTS,
    reports: tuple[Evidence, ...] = (),
    correction: Evidence | None = None,
) -> Judgement:
    """One judgement. ``actor`` as ``actor_log_odds`` gives it, ``known`` as ``actor_confidence`` (0..1) does.

    ``reports`` are what others say of the act, taken as they are. A ``correction`` has the last word: its weight is
    where the log-odds are to end. Evidence comes strongest first. A log-odds that is no number counts as 0: nothing is
    known from it.
    """
    said, reasons = _finite(content.log_odds, content.evidence)
    against = min(0.0, campaign[0]) if campaign is not None and math.isfinite(campaign[0]) else 0.0
    parts = [_saturated(said, reasons, weights, math.exp(against))]
    parts.append(_weighed("actor", *_finite(*actor), weights.actor))
    if campaign is not None:
        share = weights.overlap if against and said < 0 else 1.0
        if against:
            share *= 1.0 - (1.0 - weights.good_name) * min(1.0, max(0.0, _finite(*actor)[0] / HIGHEST_ACTOR))
        parts.append(_weighed("campaign", *_finite(campaign[0], (campaign[1],)), weights.campaign * share))
    parts += [(entry.weight, (entry,)) for entry in reports]
    total = weights.bias + sum(log_odds for log_odds, _ in parts)
    if correction is not None:
        settling = correction.weight - total
        parts.append((settling, (replace(correction, weight=round(settling, 4)),)))
        total, known = correction.weight, 1.0
    trust = 1.0 / (1.0 + math.exp(-min(EXTREME, max(-EXTREME, total))))
    evidence = [entry for _, entries in parts for entry in entries]
    confidence = _confidence([log_odds for log_odds, _ in parts], known)
    evidence.sort(key=lambda entry: (-abs(entry.weight), entry.signal))
    return Judgement(trust, confidence, _verdict(trust, confidence), tuple(evidence))


def _saturated(
    log_odds: float, evidence: tuple[Evidence, ...], weights: Weights, heard: float
) -> tuple[float, tuple[Evidence, ...]]:
    """What speaks for a text, bounded: that it bears no mark of spam is easily had.

    ``heard`` is less than 1 in a campaign, whose texts are spun until they look clean.
    """
    if log_odds <= 0.0:
        return _weighed("content", log_odds, evidence, weights.content)
    most = weights.clean_words
    bounded = most * (1.0 - math.exp(-log_odds / most)) * heard
    entries = tuple(replace(entry, weight=entry.weight * bounded / log_odds) for entry in evidence)
    return _weighed("content", bounded, entries, weights.content)


def _finite(log_odds: float, evidence: tuple[Evidence, ...]) -> tuple[float, tuple[Evidence, ...]]:
    return (log_odds, evidence) if math.isfinite(log_odds) else (0.0, ())


def _weighed(
    source: str, log_odds: float, evidence: tuple[Evidence, ...], weight: float
) -> tuple[float, tuple[Evidence, ...]]:
    """Both times ``weight``; what the source's own entries do not account for becomes an entry of its own."""
    entries = tuple(replace(entry, weight=round(entry.weight * weight, 4)) for entry in evidence)
    rest = log_odds * weight - sum(entry.weight for entry in entries)
    if abs(rest) >= 0.01:
        entries = (*entries, Evidence(f"{source}_model", round(rest, 4)))
    return log_odds * weight, entries


def _confidence(log_odds: list[float], known: float) -> float:
    """Evidence from either side makes surer, also where the two cancel out: then the doubt is well founded."""
    force = sum(abs(part) for part in log_odds)
    return 1.0 - (1.0 - min(1.0, max(0.0, known))) * math.exp(-force / 2.0)


def _verdict(trust: float, confidence: float) -> Verdict:
    if confidence < CONFIDENT_FROM:
        return Verdict.INSUFFICIENT
    if trust < SPAM_BELOW:
        return Verdict.SPAM
    return Verdict.GENUINE if trust >= GENUINE_FROM else Verdict.DOUBTFUL
