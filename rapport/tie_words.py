"""Relationships in sentences: what is owed and why it matters, how reliably somebody answers, what was given."""

from collections.abc import Mapping, Sequence
from typing import Any

from rapport.words import one_line

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
WITHIN = {60: "an hour", 1_440: "a day", 4_320: "three days", 10_080: "a week"}
ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
FEWEST = 3  # waits on which a reliability rests; below, it is the prior's
SIDES = (("ours", "the brand"), ("theirs", "they"))
LEDGER = (
    ("first", "spoke first {}"),
    ("unasked", "gave unasked {}"),
    ("thanks", "said thanks {}"),
    ("help", "helped {}"),
    ("credit", "recommended or shared {}"),
)
GIFTS = ("answers", "fixes", "recommendations", "introductions")


def owed(row: Mapping[str, Any]) -> list[str]:
    """The reasons behind one row of the view ``owed``: what waits and since when, what they did, what there was."""
    whom = "they" if row["by"] == "us" else "we"
    did = [("helped {}", row["help"]), ("said thanks {}", row["thanks"])]
    did += [("recommended or shared {}", row["credit"])]
    said = ", ".join(text.format(_times(count)) for text, count in did if count)
    talks = [f"{row['exchanges']} conversations so far"] if row["exchanges"] > 1 else []
    return [_waits(row["kind"], row["asks"], row["waited_days"]), *([f"{whom} {said}"] if said else []), *talks]


def relationship(row: Mapping[str, Any], debts: Sequence[Mapping[str, Any]] = (), accounts: Sequence[str] = ()) -> str:
    """A paragraph on one row of the view ``relationships_now``, with the rows of ``owed`` and the other accounts."""
    return "\n".join(
        [
            f"{one_line(row['person'])} and {one_line(row['brand'])}: {CLASSES[row['class']]}",
            *([f"  also writes as {', '.join(map(one_line, accounts))}"] if accounts else []),
            f"  because: {'; '.join(map(one_line, row['reasons'])) or 'no reasons were stored'}",
            f"  given {row['given']:.2f}, received {row['received']:.2f}, balance {row['balance']:.2f}, "
            f"realness {row['realness']:.2f}",
            *(f"  {who} {_answers(row, side, who)}" for side, who in SIDES),
            f"  owed: {row['owed_by_us']} by the brand, {row['owed_by_them']} by them",
            *(f"    by {debt['by']}: {'; '.join(owed(debt))}" for debt in debts),
            *(f"  {who} {ledger(row, side)}" for side, who in SIDES),
            *_promises(row),
            *_gifts(row),
            f"  {row['interactions']} interactions from {row['first_at']:%Y-%m-%d} to {row['last_at']:%Y-%m-%d}",
        ]
    )


def ledger(row: Mapping[str, Any], side: str) -> str:
    """What one side (``ours``, ``theirs``) did for the other, of all its acts."""
    acts = row[f"acts_{side}"]
    did = [(text, row[f"{name}_{side}"]) for name, text in LEDGER]
    said = ", ".join(text.format(_times(count)) for text, count in did if count)
    return f"acted {_times(acts)}" + (f": {said}" if said else "; nothing of it was unasked, thanks, help or credit")


def reliability(row: Mapping[str, Any], side: str) -> str:
    """Compact, for a table: `78 % (62–89)`, or that too little is known."""
    if row[f"observed_{side}"] < FEWEST:
        return "insufficient"
    return share(row[f"reliability_{side}"], row[f"reliability_low_{side}"], row[f"reliability_high_{side}"])


def share(value: float | None, low: float | None, high: float | None) -> str:
    """A share with its interval, in percent; ``-`` where there is nothing to have a share of."""
    if value is None or low is None or high is None or value != value:  # noqa: PLR0124 - not a number
        return "-"
    return f"{percent(value)} ({100 * low:.0f}–{100 * high:.0f})"


def percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def within(minutes: int) -> str:
    return WITHIN.get(minutes, f"{minutes} minutes")


def _waits(kind: str, asks: int, waited_days: float) -> str:
    hours = max(1, round(waited_days * 24))
    span = f"{waited_days:.0f} days" if waited_days >= 1.5 else "an hour" if hours == 1 else f"{hours} hours"
    if kind == "promise":
        return f"we promised to come back {span} ago"
    if kind == "our_question":
        return f"our question is open for {span}"
    if kind == "details":
        return f"they sent the details we asked for {span} ago"
    return (
        f"{_ordinal(asks)} {one_line(kind)} in {span}, none answered"
        if asks > 1
        else f"a {one_line(kind)}, open for {span}"
    )


def _answers(row: Mapping[str, Any], side: str, who: str) -> str:
    answers = "answers" if who == "the brand" else "answer"
    observed = row[f"observed_{side}"]
    if observed < FEWEST:
        waits = f"{observed} wait{'' if observed == 1 else 's'}"
        return f"{answers}: insufficient data, {waits} seen and {FEWEST} are needed"
    usual = within(row[f"usual_minutes_{side}"])
    return f"{answers} within {usual} with {reliability(row, side)}, from {observed} waits"


def _promises(row: Mapping[str, Any]) -> list[str]:
    made, kept, broken = (row[f"promises_{name}"] for name in ("made", "kept", "broken"))
    return [f"  promises of the brand: {made} made, {kept} kept, {broken} broken"] if made else []


def _gifts(row: Mapping[str, Any]) -> list[str]:
    counts = [(row[f"person_{name}"], name if row[f"person_{name}"] != 1 else _one(name)) for name in GIFTS]
    said = [f"{count} {name}" for count, name in counts if count]
    others = row["person_third_persons"]
    said += [f"helped other people {_times(others)}"] if others else []
    return [f"  towards anybody they gave {', '.join(said)}"] if said else []


def _one(name: str) -> str:
    return "fix" if name == "fixes" else name.removesuffix("s")


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _ordinal(number: int) -> str:
    if number < len(ORDINALS):
        return ORDINALS[number]
    ending = "th" if number // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
