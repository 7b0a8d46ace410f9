"""Scores in sentences, for `rapport why`; relationships have theirs in ``tie_words``."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from events import Evidence

# {detail} becomes what is known more closely, in brackets.
SIGNALS = {
    "helps_others": "the account helps others",
    "answered_by_brand": "a brand has answered the account",
    "thanked_by_brand": "a brand has thanked the account",
    "removed_by_brand": "a brand has removed what the account wrote",
    "repeats_own_text": "the account has said the same lately{detail}",
    "mostly_links": "the account posts mostly links{detail}",
    "metronome": "the account posts like clockwork{detail}",
    "sprays": "the account writes to many within moments{detail}",
    "says_little": "the account hardly says anything in particular{detail}",
    "pace": "the account is busier than people are{detail}",
    "exposed_later": "the account was exposed later{detail}",
    "profile": "the account's profile{detail}",
    "automated_account": "the platform marks the account as automated",
    "actor_model": "what else the account's past says",
    "campaign_near_duplicate": "several accounts post the same{detail}",
    "campaign_link": "several accounts post the same link{detail}",
    "campaign_domain": "several accounts post links to the same site{detail}",
    "campaign_model": "what else is known of those who post the same",
    "declared_account": "one of the brand's own accounts says it",
    "platform_account": "the platform itself says it",
    "removed_by_platform": "the platform has removed it",
    "correction": "somebody who looked at it said so{detail}",
}
# For and against: a text is compared with the mean one, so that it asks for nothing is evidence, too.
OF_EITHER_SIDE = {
    "link": ("it has no link, or one as people give it{detail}", "it has a link of the kind spam has{detail}"),
    "solicitation": ("it asks for nothing, or for what people ask for{detail}", "it asks for something{detail}"),
    "address": ("it speaks to others as people do", "it speaks to others rather as spam does"),
    "repetition": ("it does not repeat itself", "it repeats words, letters or tags"),
    "form": ("its length and signs are as people write", "its length and signs are rather as in spam"),
    "wording": ("its wording is like that of what people write", "its wording is like that of spam"),
    "meaning": ("its meaning is near to what people write", "its meaning is near to that of spam"),
    "content_model": ("its text as a whole says somewhat more than that", "its text as a whole says less than that"),
    "reputation": (
        "the account's earlier acts look genuine{detail}",
        "the account's earlier acts look doubtful{detail}",
    ),
}
VERDICTS = {
    "genuine": "is probably genuine",
    "doubtful": "is doubtful",
    "spam": "is probably spam",
    "insufficient": "says too little to be judged",
}


def interaction(row: Mapping[str, Any]) -> str:
    """A paragraph on one row of the view ``interactions``."""
    about = f" for {one_line(row['brand'])}" if row["brand"] else ""
    when = f"({row['direction']}, {row['published']:%Y-%m-%d %H:%M} UTC)"
    if row["withdrawn_by"]:
        return (
            f"{one_line(row['id'])}{about} {when} was taken back by its author [{one_line(row['withdrawn_by'])}]:\n"
            "  its text is gone, and it counts for nothing"
        )
    found = evidence(row)
    lines = [
        f"{one_line(row['id'])}{about} {when} {VERDICTS[row['verdict']]}:",
        f"  trust {row['trust']:.2f}, confidence {row['confidence']:.2f}, reciprocity {row['reciprocity']:.2f}",
        f"  said: {one_line(row['content'])}" if row["content"] else "  it has no text",
        *([f"  edited by its author [{one_line(row['edited_by'])}]"] if row["edited_by"] else []),
        f"  {_purpose(row['intents'])}effort {row['effort']:.2f}",
        *(f"  {_strength(entry.weight)} {sentence(entry)}{_ids(entry, row['id'])}" for entry in found),
    ]
    if not found:
        lines.append("  nothing speaks for or against it; what is left is that most people mean what they say")
    return "\n".join(lines)


def evidence(row: Mapping[str, Any]) -> list[Evidence]:
    """Of one row of the view ``interactions``, the strongest first."""
    entries = msgspec.json.decode(row["evidence"] or "[]", type=list[Evidence])
    return sorted(entries, key=lambda entry: -abs(entry.weight))


def sentence(entry: Evidence) -> str:
    """A signal that this version does not know is told by its name."""
    said = SIGNALS.get(entry.signal) or entry.signal.replace("_", " ") + "{detail}"
    if entry.signal in OF_EITHER_SIDE:
        said = OF_EITHER_SIDE[entry.signal][entry.weight < 0]
    return one_line(said).replace("{detail}", f" ({one_line(entry.detail)})" if entry.detail else "")


def one_line(text: str) -> str:
    """What strangers wrote, harmless to a terminal."""
    cleaned = printable(text)
    return cleaned if len(cleaned) <= 200 else cleaned[:199] + "…"


def printable(text: str) -> str:
    """``text`` with a space for each character that shows nothing, begins a line or turns the text around it."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def sparkline(values: Sequence[float | None]) -> str:
    """One block per value, from nothing to the greatest; a space where there is none."""
    greatest = max((value for value in values if value is not None), default=0.0)
    blocks = "▁▂▃▄▅▆▇█"
    return "".join(
        " " if value is None else blocks[round(value / greatest * (len(blocks) - 1)) if greatest > 0 else 0]
        for value in values
    )


def _purpose(intents: Sequence[str]) -> str:
    return f"meant as {', '.join(one_line(intent.replace('_', ' ')) for intent in intents)}; " if intents else ""


def _strength(weight: float) -> str:
    """A weight in log-odds as the factor by which it multiplies the odds of being genuine."""
    factor = math.exp(abs(weight))
    return f"{'for' if weight >= 0 else 'against'} it, odds {'×' if weight >= 0 else '÷'}{factor:.1f}:"


def _ids(entry: Evidence, own: str) -> str:
    others = [identifier for identifier in entry.ids if identifier and identifier != own]
    return f" [{', '.join(map(one_line, others[:5]))}]" if others else ""
