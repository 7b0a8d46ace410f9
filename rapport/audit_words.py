"""What an audit of a brand found, as a page for people and as one object for programs."""

from dataclasses import asdict
from typing import Any

from events import Evidence
from rapport import tie_words, words
from rapport.audit import MOST_ACTS, Audit, Own
from scoring.ties.reliability import Reliability
from warehouse.ledger import GIVEN, SIDES

STRONGEST, CLEARLY = 3, 0.2  # how many kinds of evidence are named, and from what weight (log-odds per text) on
OWN = {
    "repeats_own_text": "the same text again and again, or to many",
    "link": "links nobody asked for",
    "mostly_links": "hardly anything but links",
    "sprays": "many written to within moments",
    "metronome": "posts like clockwork",
    "says_little": "texts that would fit anywhere",
    "pace": "busier than people are",
    "solicitation": "it asks for clicks, money or contact",
    "reputation": "what it wrote before looks no better",
}
COLUMNS = (
    *("brand", "since", "relationships", "real", "given", "received", "exchanges", "owed_by_us", "owed_by_them"),
    *("ledger", "promises", "reliability", "own"),
)


def page(found: Audit) -> str:
    sums, own = found.sums, found.own
    return "\n".join(
        [
            f"{words.one_line(found.brand)}: its relationships as of now, its own acts since {found.since:%Y-%m-%d}",
            *_warning(own),
            f"  {sums['relationships']:.0f} relationships, {sums['real']:.0f} of them real;"
            f" given {sums['given']:.1f}, received {sums['received']:.1f} (of late)",
            f"  the brand {tie_words.ledger(sums, 'ours')}",
            f"  they {tie_words.ledger(sums, 'theirs')}",
            f"  the brand answers {_answers(found.ours)}; they answer {_answers(found.theirs)}",
            f"  open: {sums['owed_by_us']:.0f} on the brand's side, {sums['owed_by_them']:.0f} on theirs",
            f"  promises of the brand: {sums['promises_made']:.0f} made, {sums['promises_kept']:.0f} kept,"
            f" {sums['promises_broken']:.0f} broken",
            *_own(own),
        ]
    )


def row(found: Audit) -> tuple[Any, ...]:
    """Of ``COLUMNS``."""
    sums, own = found.sums, found.own
    ledger = {side: {name: sums[f"{name}_{side}"] for name in GIVEN} for side in SIDES}
    told = asdict(own) | {"about_others": own.about_others, "like_a_spammer": own.like_a_spammer}
    return (
        found.brand,
        found.since,
        *(sums[name] for name in COLUMNS[2:9]),
        ledger,
        {name: sums[f"promises_{name}"] for name in ("made", "kept", "broken")},
        {"ours": asdict(found.ours), "theirs": asdict(found.theirs)},
        told,
    )


def _warning(own: Own) -> list[str]:
    if not own.like_a_spammer:
        return []
    said = against(own)
    because = [f"    mostly: {'; '.join(said)}"] if said else []
    return ["  WARNING: to somebody who does not know it, the brand itself behaves like a spammer", *because]


def against(own: Own) -> list[str]:
    """What speaks most against the brand's own acts, in words."""
    said = [
        OWN.get(signal) or words.sentence(Evidence(signal, -1.0))
        for signal, weight in own.against.items()
        if weight >= CLEARLY and not signal.endswith("_model")
    ]
    return said[:STRONGEST]


def _own(own: Own) -> list[str]:
    if not own.acts:
        return ["  it did nothing itself in that time, or its accounts are not declared"]
    lines = [f"  {tie_words.percent(own.about_others / own.acts)} of its {own.acts:,} acts are about others"]
    if own.cut:
        lines[0] += f" (it acted more often; these are the newest {MOST_ACTS:,})"
    lines += [
        f"    {words.one_line(month.platform)} {month.month}:"
        f" {tie_words.percent(month.about_others / month.acts)} of {month.acts:,}"
        for month in own.months
    ]
    if own.mean_trust is not None and own.spam_share is not None:
        lines.append(
            f"  as a stranger's, its {own.texts:,} texts would be trusted {own.mean_trust:.2f} on average,"
            f" {tie_words.percent(own.spam_share)} of them taken for spam"
        )
    return lines


def _answers(found: Reliability) -> str:
    if found.insufficient:
        return f"too seldom to say ({found.observed} waits)"
    said = tie_words.share(found.probability, found.low, found.high)
    return f"within {tie_words.within(found.within_minutes)} with {said}, from {found.observed:,} waits"
