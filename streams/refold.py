"""The one repair path: a person's whole history folded again, and only what comes out differently sent again.

Used where the append-only fold cannot be right: an act that is older than the last one folded, or a repeat.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from msgspec.structs import replace

from events import Relationship, Route, Scored
from scoring.fold import Fact, fold_all, relationships
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


def refold(key: str, kept: Kept, stored: Sequence[Scored], late: Iterable[Fact]) -> Refolded | None:
    """What changes for ``key`` when ``late`` joins what is stored; ``None`` where nothing does.

    What is stored was known first, so of two facts with one id the stored one stays.
    """
    person, scored = fold_all([*_facts(stored), *late])
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


def _facts(stored: Sequence[Scored]) -> list[Fact]:
    by_id: dict[str, list[Scored]] = {}
    for row in stored:
        by_id.setdefault(row.interaction.id, []).append(row)
    return [(rows[0].interaction, tuple(_routes(rows))) for rows in by_id.values()]


def _differs(row: Scored, before: Scored | None) -> bool:
    return before is None or replace(before, revision=0) != row


def _routes(rows: Iterable[Scored]) -> list[Route]:
    return [Route(row.brand, row.direction, row.person) for row in sorted(rows, key=lambda row: row.brand)]
