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
    weights: Weights = WEIGHTS,
) -> Judgement:
    """One judgement. ``actor`` as ``actor_log_odds`` gives it, ``known`` as ``actor_confidence`` (0..1) does.

    Evidence comes strongest first. A log-odds that is no number counts as 0: nothing is known from it.
    """
    parts = [_weighed("content", *_finite(content.log_odds, content.evidence), weights.content)]
    parts.append(_weighed("actor", *_finite(*actor), weights.actor))
    if campaign is not None:
        share = weights.overlap if campaign[0] < 0 and content.log_odds < 0 else 1.0
        parts.append(_weighed("campaign", *_finite(campaign[0], (campaign[1],)), weights.campaign * share))
    total = weights.bias + sum(log_odds for log_odds, _ in parts)
    trust = 1.0 / (1.0 + math.exp(-min(EXTREME, max(-EXTREME, total))))
    evidence = [entry for _, entries in parts for entry in entries]
    confidence = _confidence([log_odds for log_odds, _ in parts], known)
    evidence.sort(key=lambda entry: (-abs(entry.weight), entry.signal))
    return Judgement(trust, confidence, _verdict(trust, confidence), tuple(evidence))


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
