"""The one repair path: a person's whole history folded again, and only what comes out differently sent again.

Used where the append-only fold cannot be right: an act that is older than the last one folded, or a repeat; and where
something else is known of the past than before: a campaign, a correction, a removal, other weights.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from msgspec.structs import replace

from events import Relationship, Route, Scored
from scoring.combine import Weights
from scoring.fold import Fact, Knowledge, fold_all, relationships
from streams.state import Kept


class History(Protocol):
    def __call__(self, persons: Sequence[str]) -> dict[str, list[Scored]]:
        """Everything stored of each person, newest version of each row. Blocking: call it in a thread."""
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


def refold(
    key: str, kept: Kept, stored: Sequence[Scored], facts: Iterable[Fact], *, knowledge: Knowledge, weights: Weights
) -> Refolded | None:
    """What changes for ``key`` when its ``facts`` are folded anew; ``None`` where nothing does."""
    person, scored = fold_all(facts, knowledge, weights)
    before = {(row.interaction.id, row.brand): row for row in stored}
    changed = [row for row in scored if _differs(row, before.get((row.interaction.id, row.brand)))]
    if not changed and person == kept.person:
        return None
    revision = max([kept.revision, *(row.revision for row in stored)]) + 1
    after = kept.with_person(person, revision=revision)
    return Refolded(
        after,
        [replace(row, revision=revision) for row in changed],
        relationships(key, person, sorted(person.ties), after.version),
    )


def _differs(row: Scored, before: Scored | None) -> bool:
    return before is None or replace(before, revision=0) != row


def _routes(rows: Iterable[Scored]) -> list[Route]:
    return [Route(row.brand, row.direction, row.person) for row in sorted(rows, key=lambda row: row.brand)]
