"""One person's acts, folded in order: the state after an act, and what is said of it.

The stream, the re-fold and `rapport score` all come through here, so they cannot disagree.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from events import Activity, Direction, Interaction, Relationship, Route, Scored
from scoring.effort import effort
from scoring.reciprocity import Tie, fold_tie, reciprocity, relationship
from scoring.trust import History, judge, remember

CONTACT = frozenset({Activity.CREATE, Activity.ANNOUNCE, Activity.LIKE, Activity.FOLLOW})

Order = tuple[int, int]
Fact = tuple[Interaction, tuple[Route, ...]]


class Person(Struct, frozen=True, array_like=True):
    """All that is kept of one person: the last act folded, the history of their acts, a tie per brand."""

    order: Order = (-1, -1)
    history: History = History()
    ties: dict[str, Tie] = {}


def fold(person: Person, interaction: Interaction, routes: Iterable[Route]) -> tuple[Person, list[Scored]]:
    """``person`` after ``interaction``, and one ``Scored`` per route. It must come later than ``person.order``.

    An act to nobody in particular (a route without a person), and one that is no contact (an edit, a deletion,
    a report), is scored by itself and changes no state.
    """
    scored = []
    history, ties = person.history, person.ties
    contact = interaction.type in CONTACT
    for route in routes:
        of_person = route.direction is not Direction.OUTBOUND
        judgement = judge(interaction, route.direction, person.history if of_person else History())
        worth = effort(interaction, route.direction)
        mutual = 0.0
        if contact and route.person and route.brand:
            tie = fold_tie(ties.get(route.brand), interaction, route.direction, judgement.trust, worth)
            ties = {**ties, route.brand: tie}
            mutual = reciprocity(tie)
        if contact and of_person and history is person.history:  # an act counts once, however many brands it concerns
            history = remember(history, interaction, route.direction, judgement)
        scored.append(
            Scored(
                interaction=interaction,
                brand=route.brand,
                person=route.person,
                direction=route.direction,
                trust=round(judgement.trust, 4),
                confidence=round(judgement.confidence, 4),
                verdict=judgement.verdict,
                reciprocity=round(mutual, 4),
                effort=round(worth, 4),
                evidence=judgement.evidence,
            )
        )
    if history is person.history and ties is person.ties:
        return person, scored
    return replace(person, order=interaction.order, history=history, ties=ties), scored


def fold_all(facts: Iterable[Fact]) -> tuple[Person, list[Scored]]:
    """Everything known of one person, in any order and with repeats: the first fact given for an id is the one kept."""
    first: dict[str, Fact] = {}
    for fact in facts:
        first.setdefault(fact[0].id, fact)
    person, scored = Person(), []
    for interaction, routes in sorted(first.values(), key=lambda fact: fact[0].order):
        person, rows = fold(person, interaction, routes)
        scored += rows
    return person, scored


def relationships(key: str, person: Person, brands: Sequence[str], version: int = 0) -> list[Relationship]:
    return [relationship(brand, key, person.ties[brand], version) for brand in brands if brand in person.ties]
