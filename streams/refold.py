"""The one repair path: a person's whole history folded again, and only what comes out differently sent again.

Used where the append-only fold cannot be right: an act that is older than the last one folded, or a repeat; and where
something else is known of the past than before: a campaign, a correction, a removal, merged accounts, other weights.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from msgspec.structs import replace

from events import Relationship, Route, Scored
from events.brands import by_person
from events.erasures import Erased
from events.interaction import from_milliseconds
from scoring.campaigns import Act
from scoring.changes import UNCHANGED
from scoring.fold import FITTED, Fact, Fitted, Knowledge, Known, Person, fold_all, observed_act, ordered, relationships
from streams.state import Kept


class History(Protocol):
    """What is stored. Blocking: call it in a thread."""

    def rows(self, accounts: Sequence[str]) -> dict[str, list[Scored]]:
        """Everything of each account, newest version of each row."""
        ...

    def accounts(self, persons: Sequence[str]) -> dict[str, list[str]]:
        """The other accounts whose rows name each person."""
        ...


@dataclass(frozen=True, slots=True)
class Refolded:
    kept: Kept
    scored: list[Scored]
    relationships: list[Relationship]


def facts_of(stored: Sequence[Scored], late: Iterable[Fact]) -> list[Fact]:
    """Everything known of one person, once each. What is stored was known first, so it is what stays of two."""
    by_id: dict[str, list[Scored]] = {}
    for row in stored:
        by_id.setdefault(row.interaction.id, []).append(row)
    known = {
        identifier: Fact(rows[0].interaction, tuple(_routes(rows)), rows[0].content)
        for identifier, rows in by_id.items()
    }
    for fact in late:
        known.setdefault(fact.interaction.id, fact)
    return list(known.values())


def unerased_facts(facts: Iterable[Fact], erased: Erased) -> tuple[list[Fact], dict[str, Act | None]]:
    """``facts`` without what erased accounts did and were told, and without their names in the rest; what the campaign
    finder is to hear anew of the latter.
    """
    allowed: list[Fact] = []
    unnamed: dict[str, Act | None] = {}
    for fact in facts:
        interaction = erased.unnamed(fact.interaction)
        if not (left := erased.left(interaction, fact.routes)):
            continue
        allowed.append(replace(fact, interaction=interaction, routes=left))
        if interaction is not fact.interaction and (act := observed_act(allowed[-1])):
            unnamed[interaction.id] = act
    return allowed, unnamed


def whose(key: str, facts: Iterable[Fact], person: Callable[[str], str]) -> tuple[list[Fact], list[tuple[str, Fact]]]:
    """The facts of ``key``, and those of others by their key: accounts may have been merged or split meanwhile."""
    mine: list[Fact] = []
    others: list[tuple[str, Fact]] = []
    for fact in facts:
        for name, routes in by_person(fact.interaction, fact.routes, person).items():
            if name == key:
                mine.append(replace(fact, routes=routes))
            else:
                others.append((name, replace(fact, routes=routes)))
    return mine, others


def refold(
    key: str,
    kept: Kept,
    stored: Sequence[Scored],
    facts: Iterable[Fact],
    *,
    knowledge: Knowledge,
    fitted: Fitted = FITTED,
    retell: bool = False,
    revision: int,
) -> Refolded | None:
    """What changes for ``key`` when its ``facts`` are folded anew; ``None`` where nothing does.

    Without facts nothing is left: whose account it is now has them. With ``retell`` relationships are told in any case:
    where an act came late, or accounts are merged and split, one who died before keeping it may have told otherwise.
    ``revision`` is the greatest of what is stored, also of accounts that once were of the same person.
    """
    person, scored = fold_all(facts, knowledge, fitted, key)
    before = {(row.interaction.id, row.brand): row for row in stored}
    changed = [row for row in scored if _differs(row, before.get((row.interaction.id, row.brand)))]
    if not changed and person == kept.person and not retell:
        return None
    revision = max(kept.revision, revision) + 1
    after = kept.with_person(person, revision=revision)
    return Refolded(
        after,
        [replace(row, revision=revision) for row in changed],
        [
            *relationships(key, person, sorted(person.ties), fitted, after.version),
            *_gone(key, _told(kept.person or Person(), stored if retell else ()), person, after.version),
        ],
    )


def reobserved(facts: Iterable[Fact], late: Iterable[Fact]) -> dict[str, Act | None]:
    """What the campaign finder is to hear anew of acts that ``late`` brings or changes: the text they have now, or
    ``None`` where they are no more. Said whenever one of the two comes, so that a crash leaves nothing unsaid.
    """
    named = {name for fact in late for name in (fact.interaction.id, fact.interaction.object)}
    return {
        fact.interaction.id: observed_act(fact)
        for fact, known in ordered(facts, lambda _: Known())
        if known.change != UNCHANGED and fact.interaction.id in named
    }


Span = tuple[int, int]  # first and last act, ms


def _told(person: Person, stored: Iterable[Scored]) -> dict[str, Span]:
    """Relationships that may have been told, by brand: those that were kept, and those of what is ``stored``, which one
    who died before keeping it may have told.
    """
    told: dict[str, Span] = {}
    for row in stored:
        first, last = told.get(row.brand, (row.interaction.at, row.interaction.at))
        told[row.brand] = (min(first, row.interaction.at), max(last, row.interaction.at))
    return {brand: span for brand, span in told.items() if brand} | {
        brand: (tie.first_at, tie.last_at) for brand, tie in person.ties.items()
    }


def _gone(key: str, before: dict[str, Span], person: Person, version: int) -> list[Relationship]:
    """What says that a relationship is no more."""
    return [
        Relationship(
            brand=brand,
            person=key,
            first_at=from_milliseconds(first),
            last_at=from_milliseconds(last),
            interactions=0,
            version=version,
        )
        for brand, (first, last) in sorted(before.items())
        if brand not in person.ties
    ]


def _differs(row: Scored, before: Scored | None) -> bool:
    return before is None or replace(before, revision=0) != row


def _routes(rows: Iterable[Scored]) -> list[Route]:
    ordered = sorted(rows, key=lambda row: row.brand)
    return [Route(row.brand, row.direction, row.account or row.person) for row in ordered]
