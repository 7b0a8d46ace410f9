"""`rapport score`: a file folded in this one process, with no services, to exactly what the pipeline stores."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from events import Brands, Conduct, Content, Correction, Debt, Identity, Interaction, Relationship, Route, Scored
from events.brands import by_person
from events.interaction import from_milliseconds
from scoring.campaigns import Clusters, Lookup, observe
from scoring.fold import FITTED, Fact, Fitted, Known, fold_all, observed_act, ordered, relationships
from scoring.identities import Identities
from scoring.testimony import of_correction
from scoring.ties.reading import standing
from scoring.ties.reliability import Reliability

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
    identities: Iterable[Identity] = (),
    fitted: Fitted = FITTED,
    progress: Progress = lambda done, total: None,
) -> tuple[list[Scored], list[Relationship]]:
    """One row per (id, brand) in the order of the input, and every relationship as of its last act.

    ``progress`` is told how many of the texts have been read.
    """
    person_of = Identities(identities).person
    routed: dict[tuple[str, str], tuple[Interaction, tuple[Route, ...]]] = {}
    places: dict[str, int] = {}
    for interaction in interactions:
        places.setdefault(interaction.id, len(places))
        for key, routes in by_person(interaction, brands.routes(interaction), person_of).items():
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
        person, scored = fold_all(of_person, known, fitted, key)
        rows.update({(row.interaction.id, row.brand): row for row in scored})
        found += relationships(key, person, sorted(person.ties), fitted)
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
    left = (fact for of_person in facts.values() for fact, _ in ordered(of_person, lambda _: Known()))
    observed = [act for fact in left if (act := observed_act(fact))]
    for some in batched(observed, TEXTS_AT_ONCE):
        clusters.add(member for member in observe(some) if member)
    for message in clusters.settle():
        lookup.apply(message)
    return lookup


def batched(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


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


def relationship_line(found: Relationship, at_ms: int) -> dict[str, object]:
    """What `rapport score --relationships` prints of a relationship: how it stands at ``at_ms``."""
    now = standing(found, at_ms)
    return {
        "brand": found.brand,
        "person": found.person,
        "class": now.class_,
        "realness": now.realness,
        "balance": found.balance,
        "reliability": {"ours": _reliability(now.reliability_ours), "theirs": _reliability(now.reliability_theirs)},
        "owed": {"by_us": now.owed_by_us, "by_them": now.owed_by_them},
        "reliability_ours": now.reliability_ours.probability,
        "reliability_theirs": now.reliability_theirs.probability,
        "owed_by_us": now.owed_by_us,
        "owed_by_them": now.owed_by_them,
        "given": now.given,
        "received": now.received,
        "first_at": found.first_at,
        "last_at": found.last_at,
        "interactions": found.interactions,
        "trust": found.trust,
        "reasons": now.reasons,
        "debts": [{"by": "us" if debt.ours else "them", **_debt(debt)} for debt in found.debts],
        "ledger": {"ours": _ledger(found.ours), "theirs": _ledger(found.theirs)},
        "exchanges": found.exchanges,
        "promises": {"made": found.promises_made, "kept": found.promises_kept, "broken": now.promises_broken},
        "gifts": {name: getattr(found.gifts, name) for name in found.gifts.__struct_fields__},
    }


def _reliability(found: Reliability) -> dict[str, object]:
    return dataclasses.asdict(found)


def _debt(debt: Debt) -> dict[str, object]:
    return {"kind": debt.kind, "since": from_milliseconds(debt.since), "asks": debt.asks}


def _ledger(side: Conduct) -> dict[str, int]:
    return {name: getattr(side, name) for name in ("acts", "first", "unasked", "thanks", "help", "credit")}
