"""Scores and classes in sentences, for `rapport why`."""

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from events import Evidence

SIGNALS = {
    "link": "it carries a link",
    "solicitation": "it asks for something ({detail})",
    "link_with_solicitation": "it asks for something and gives a link to it",
    "automated_account": "the platform marks the account as automated",
    "repeats_own_text": "the account has said the same lately ({detail})",
    "reputation": "the account's past ({detail})",
    "answers_a_person": "it answers another person, with no link",
    "declared_account": "it comes from one of the brand's own accounts",
}
VERDICTS = {
    "genuine": "is probably genuine",
    "doubtful": "is doubtful",
    "spam": "is probably spam",
    "insufficient": "says too little to be judged",
}
CLASSES = {
    "real": "a real relationship: both sides keep giving",
    "emerging": "emerging: young, and both sides answer",
    "one_sided_them": "one-sided: they give, the brand does not",
    "one_sided_us": "one-sided: the brand keeps writing, they do not answer",
    "transactional": "transactional: answered, and no more",
    "spam_driven": "spam-driven: what they send is not trusted",
    "lapsed": "lapsed: it has been silent for long",
    "insufficient": "too little has happened to say",
}


def interaction(row: Mapping[str, Any]) -> str:
    """A paragraph on one row of the view ``interactions``."""
    about = f" for {row['brand']}" if row["brand"] else ""
    evidence = msgspec.json.decode(row["evidence"] or "[]", type=list[Evidence])
    lines = [
        f"{row['id']}{about} ({row['direction']}, {row['published']:%Y-%m-%d %H:%M} UTC) {VERDICTS[row['verdict']]}:",
        f"  trust {row['trust']:.2f}, confidence {row['confidence']:.2f}, reciprocity {row['reciprocity']:.2f}",
        f"  said: {_one_line(row['content'])}" if row["content"] else "  it has no text",
        *(f"  {_strength(entry.weight)} {sentence(entry)}{_ids(entry, row['id'])}" for entry in _ordered(evidence)),
    ]
    if not evidence:
        lines.append("  nothing speaks for or against it; what is left is that most people mean what they say")
    return "\n".join(lines)


def relationship(row: Mapping[str, Any]) -> str:
    """A paragraph on one row of the view ``relationships_now``."""
    return "\n".join(
        [
            f"{row['person']} and {row['brand']}: {CLASSES[row['class']]}",
            f"  because: {'; '.join(row['reasons']) or 'no reasons were stored'}",
            f"  given {row['given']:.2f}, received {row['received']:.2f}, balance {row['balance']:.2f}, "
            f"realness {row['realness']:.2f}",
            f"  the brand answers with {row['reliability_ours']:.0%}, they with {row['reliability_theirs']:.0%}; "
            f"open: {row['owed_by_us']} on the brand's side, {row['owed_by_them']} on theirs",
            f"  {row['interactions']} interactions from {row['first_at']:%Y-%m-%d} to {row['last_at']:%Y-%m-%d}",
        ]
    )


def sentence(entry: Evidence) -> str:
    said = SIGNALS.get(entry.signal, entry.signal.replace("_", " ") + (" ({detail})" if entry.detail else ""))
    return said.replace("{detail}", _one_line(entry.detail))


def _strength(weight: float) -> str:
    """A weight in log-odds as the factor by which it multiplies the odds of being genuine."""
    factor = math.exp(abs(weight))
    return f"{'for' if weight >= 0 else 'against'} it, odds {'×' if weight >= 0 else '÷'}{factor:.1f}:"


def _ordered(evidence: list[Evidence]) -> list[Evidence]:
    return sorted(evidence, key=lambda entry: -abs(entry.weight))


def _ids(entry: Evidence, own: str) -> str:
    others = [identifier for identifier in entry.ids if identifier and identifier != own]
    return f" [{', '.join(map(_one_line, others[:5]))}]" if others else ""


def _one_line(text: str) -> str:
    cleaned = "".join(c if c.isprintable() else " " for c in text)
    return cleaned if len(cleaned) <= 200 else cleaned[:199] + "…"
