"""One person's acts, folded in order: the state after an act, and what is said of it.

The stream, the re-fold and `rapport score` all come through here, so they cannot disagree.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from events import Activity, Content, Direction, Evidence, Interaction, Relationship, Route, Scored
from events.brands import by_platform
from scoring.actor import Actor, actor_confidence, actor_log_odds, fold_actor
from scoring.campaigns import Act
from scoring.campaigns.lookup import Term
from scoring.combine import WEIGHTS, Judgement, Weights, combine
from scoring.effort import effort
from scoring.reciprocity import Tie, fold_tie, reciprocity, relationship
from scoring.testimony import of_removal, removals

CONTACT = frozenset({Activity.CREATE, Activity.ANNOUNCE, Activity.LIKE, Activity.FOLLOW})
DECLARED = Evidence("declared_account", 3.0, detail="one of the brand's own accounts")
PLATFORM = Evidence("platform_account", 3.0, detail="the platform itself")

Order = tuple[int, int]


class Fact(Struct, frozen=True):
    """An act, what it is for each brand concerned (all of one person), and the reading of its text."""

    interaction: Interaction
    routes: tuple[Route, ...] = ()
    content: Content = Content()


class Known(Struct, frozen=True):
    """What is known of one act besides the act and its person's past. It may change later: then fold again."""

    campaign: Term | None = None
    removal: Evidence | None = None
    correction: Evidence | None = None


class Person(Struct, frozen=True, array_like=True):
    """All that is kept of one person: the last act folded, the history of their acts, a tie per brand."""

    order: Order = (-1, -1)
    actor: Actor = Actor()
    ties: dict[str, Tie] = {}


class Heard(Struct, frozen=True):
    """All that a judgement is made of, as ``combine`` takes it."""

    content: Content
    actor: tuple[float, tuple[Evidence, ...]]
    confidence: float
    known: Known

    def judgement(self, weights: Weights) -> Judgement:
        return self._combined(weights, self.known.campaign)

    def for_history(self, weights: Weights) -> float:
        """Trust as the account's history learns it: a campaign is found later and may be taken back."""
        return self._combined(weights, None).trust

    def _combined(self, weights: Weights, campaign: Term | None) -> Judgement:
        reports = (self.known.removal,) if self.known.removal else ()
        return combine(
            self.content,
            self.actor,
            campaign,
            self.confidence,
            weights=weights,
            reports=reports,
            correction=self.known.correction,
        )


Knowledge = Callable[[str], Known]  # by interaction id


def fold(person: Person, fact: Fact, known: Known, weights: Weights = WEIGHTS) -> tuple[Person, list[Scored]]:
    """``person`` after ``fact``, and one ``Scored`` per route. It must come later than ``person.order``.

    Where the brand speaks to nobody in particular (no route has a person) the act is scored by itself and changes no
    state. One that is no contact (an edit, a deletion, a report) is no part of a relationship.
    """
    interaction, routes = fact.interaction, fact.routes
    heard = {ours: hear(person.actor, fact, known, ours) for ours in {_ours(route) for route in routes}}
    judged = {ours: each.judgement(weights) for ours, each in heard.items()}
    ties, scored = person.ties, []
    for route in routes:
        judgement = judged[_ours(route)]
        worth = effort(interaction, route.direction, fact.content)
        mutual = 0.0
        if interaction.type in CONTACT and route.person and route.brand:
            tie = fold_tie(ties.get(route.brand), interaction, route.direction, judgement.trust, worth)
            ties = {**ties, route.brand: tie}
            mutual = reciprocity(tie)
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
                content=fact.content,
            )
        )
    with_person = [route for route in routes if route.person]
    if not with_person:
        return person, scored
    direction = _direction(with_person)
    own = heard[direction is Direction.OUTBOUND]
    actor = fold_actor(person.actor, interaction, direction, own.for_history(weights), own.actor[1], weights=weights)
    return Person(interaction.order, actor, ties), scored


def fold_all(
    facts: Iterable[Fact], knowledge: Knowledge = lambda _: Known(), weights: Weights = WEIGHTS
) -> tuple[Person, list[Scored]]:
    """Everything known of one person, in any order and with repeats: the first fact given for an id is the one kept."""
    person, scored = Person(), []
    for fact, known in ordered(facts, knowledge):
        person, rows = fold(person, fact, known, weights)
        scored += rows
    return person, scored


def ordered(facts: Iterable[Fact], knowledge: Knowledge) -> Iterator[tuple[Fact, Known]]:
    """Each act once, in the order of folding, with what is known of it."""
    first: dict[str, Fact] = {}
    for fact in facts:
        first.setdefault(fact.interaction.id, fact)
    removed = removals(fact.interaction for fact in first.values())
    for fact in sorted(first.values(), key=lambda fact: fact.interaction.order):
        known = knowledge(fact.interaction.id)
        removal = removed.get(fact.interaction.id)
        if removal and removal.order > fact.interaction.order:
            known = replace(known, removal=of_removal(removal))
        yield fact, known


def hear(actor: Actor, fact: Fact, known: Known, ours: bool) -> Heard:
    """What the judgement of ``fact`` is made of; ``actor`` is the account's history before it, ``ours``: by a brand."""
    for speaks, entry in ((by_platform(fact.interaction), PLATFORM), (ours, DECLARED)):
        if speaks:
            return Heard(fact.content, (entry.weight, (entry,)), 1.0, known)
    return Heard(fact.content, actor_log_odds(actor, fact.interaction), actor_confidence(actor), known)


def observed_act(key: str, fact: Fact) -> Act | None:
    """What the campaign finder is to hear of an act; ``None``: what a brand or the platform says, or without words."""
    silent = not fact.interaction.content or by_platform(fact.interaction)
    if silent or any(_ours(route) for route in fact.routes):
        return None
    return Act(fact.interaction, key, tuple(route.brand for route in fact.routes if route.brand))


def _ours(route: Route) -> bool:
    return route.direction is Direction.OUTBOUND


def _direction(routes: Sequence[Route]) -> Direction:
    """Of the act as its person sees it: what helps a third one does so also where a brand is named in it."""
    directions = {route.direction for route in routes}
    for direction in (Direction.OUTBOUND, Direction.PEER):
        if direction in directions:
            return direction
    return Direction.INBOUND


def relationships(key: str, person: Person, brands: Sequence[str], version: int = 0) -> list[Relationship]:
    return [relationship(brand, key, person.ties[brand], version) for brand in brands if brand in person.ties]
