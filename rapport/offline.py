"""`rapport score`: a file folded in this one process, with no services, to exactly what the pipeline stores."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from events import Brands, Content, Correction, Interaction, Relationship, Route, Scored
from events.brands import by_person
from scoring.campaigns import Clusters, Lookup, observe
from scoring.combine import WEIGHTS, Weights
from scoring.fold import Fact, Known, fold_all, observed_act, relationships
from scoring.reciprocity import at_time
from scoring.testimony import of_correction

TEXTS_AT_ONCE = 1_000

Progress = Callable[[int, int], None]
TextReader = Callable[[Sequence[str]], list[Content]]
T = TypeVar("T")


def score(
    interactions: Iterable[Interaction],
    brands: Brands,
    read_texts: TextReader,
    *,
    corrections: Mapping[str, Correction] | None = None,
    weights: Weights = WEIGHTS,
    progress: Progress = lambda done, total: None,
) -> tuple[list[Scored], list[Relationship]]:
    """One row per (id, brand) in the order of the input, and every relationship as of its last act.

    ``progress`` is told how many of the texts have been read.
    """
    routed: dict[tuple[str, str], tuple[Interaction, tuple[Route, ...]]] = {}
    places: dict[str, int] = {}
    for interaction in interactions:
        places.setdefault(interaction.id, len(places))
        for key, routes in by_person(interaction, brands.routes(interaction)).items():
            routed.setdefault((key, interaction.id), (interaction, routes))
    contents = _contents({interaction.content for interaction, _ in routed.values()}, read_texts, progress)
    facts: dict[str, list[Fact]] = {}
    for (key, _), (interaction, routes) in routed.items():
        facts.setdefault(key, []).append(Fact(interaction, routes, contents[interaction.content]))
    lookup = _campaigns(facts)
    said = corrections or {}

    def known(identifier: str) -> Known:
        return Known(lookup.term(identifier), None, of_correction(said.get(identifier)))

    rows: dict[tuple[str, str], Scored] = {}
    found: list[Relationship] = []
    for key, of_person in facts.items():
        person, scored = fold_all(of_person, known, weights)
        rows.update({(row.interaction.id, row.brand): row for row in scored})
        found += relationships(key, person, sorted(person.ties))
    ordered = sorted(rows.values(), key=lambda row: (places[row.interaction.id], row.brand))
    return ordered, sorted(found, key=lambda relationship: (relationship.brand, relationship.person))


def _contents(texts: set[str], read_texts: TextReader, progress: Progress) -> dict[str, Content]:
    ordered = sorted(texts)
    contents: dict[str, Content] = {}
    for some in batched(ordered, TEXTS_AT_ONCE):
        contents.update(zip(some, read_texts(some), strict=True))
        progress(len(contents), len(ordered))
    return contents


def _campaigns(facts: Mapping[str, Sequence[Fact]]) -> Lookup:
    clusters, lookup = Clusters(), Lookup()
    observed = [act for key, of_person in facts.items() for fact in of_person if (act := observed_act(key, fact))]
    for some in batched(observed, TEXTS_AT_ONCE):
        clusters.add(member for member in observe(some) if member)
    for message in clusters.settle():
        lookup.apply(message)
    return lookup


def batched(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


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
