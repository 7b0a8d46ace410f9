"""`rapport score`: a file folded in this one process, with no services, to exactly what the pipeline stores."""

from collections.abc import Iterable

from events import Brands, Interaction, Relationship, Scored
from events.brands import by_person
from scoring.fold import Fact, fold_all, relationships
from scoring.reciprocity import at_time


def score(interactions: Iterable[Interaction], brands: Brands) -> tuple[list[Scored], list[Relationship]]:
    """One row per (id, brand) in the order of the input, and every relationship as of its last act."""
    facts: dict[str, list[Fact]] = {}
    places: dict[str, int] = {}
    for interaction in interactions:
        places.setdefault(interaction.id, len(places))
        for key, routes in by_person(interaction, brands.routes(interaction)).items():
            facts.setdefault(key, []).append((interaction, routes))
    rows: dict[tuple[str, str], Scored] = {}
    found: list[Relationship] = []
    for key, known in facts.items():
        person, scored = fold_all(known)
        rows.update({(row.interaction.id, row.brand): row for row in scored})
        found += relationships(key, person, sorted(person.ties))
    ordered = sorted(rows.values(), key=lambda row: (places[row.interaction.id], row.brand))
    return ordered, sorted(found, key=lambda relationship: (relationship.brand, relationship.person))


def as_of(found: Iterable[Relationship], at_ms: int) -> list[Relationship]:
    return [at_time(relationship, at_ms) for relationship in found]


def row_line(row: Scored) -> dict[str, object]:
    """What `rapport score` prints of an interaction."""
    return {
        "id": row.interaction.id,
        "brand": row.brand,
        "person": row.person,
        "direction": row.direction,
        "trust": row.trust,
        "confidence": row.confidence,
        "verdict": row.verdict,
        "reciprocity": row.reciprocity,
        "effort": row.effort,
        "evidence": row.evidence,
    }


def relationship_line(found: Relationship) -> dict[str, object]:
    """What `rapport score --relationships` prints of a relationship."""
    return {
        "brand": found.brand,
        "person": found.person,
        "class": found.class_,
        "realness": found.realness,
        "balance": found.balance,
        "reliability": {"ours": found.reliability_ours, "theirs": found.reliability_theirs},
        "owed": {"by_us": found.owed_by_us, "by_them": found.owed_by_them},
        "reliability_ours": found.reliability_ours,
        "reliability_theirs": found.reliability_theirs,
        "owed_by_us": found.owed_by_us,
        "owed_by_them": found.owed_by_them,
        "given": found.given,
        "received": found.received,
        "first_at": found.first_at,
        "last_at": found.last_at,
        "interactions": found.interactions,
        "trust": found.trust,
        "reasons": found.reasons,
    }
