"""One person's acts, folded in order: the state after an act, and what is said of it.

The stream, the re-fold and `rapport score` all come through here, so they cannot disagree.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from events import (
    Activity,
    Content,
    Direction,
    Evidence,
    Gifts,
    Interaction,
    Phase,
    Relationship,
    Route,
    Scored,
    Verdict,
    encode,
)
from events.brands import by_platform
from events.interaction import id_hash
from scoring.actor import OWN_ACTS, Actor, actor_confidence, actor_log_odds, fold_actor, standing
from scoring.campaigns import Act
from scoring.campaigns.lookup import Term
from scoring.changes import CHANGES, TAKES_BACK, UNCHANGED, Change, Told, changes, edited, waits_until, without_text
from scoring.combine import WEIGHTS, Judgement, Weights, combine
from scoring.effort import effort
from scoring.hindsight import Exposure, hindsight
from scoring.testimony import of_removal, removals
from scoring.ties.habits import NO_GIFTS, Habits
from scoring.ties.meeting import Ties, direction_of, meet
from scoring.ties.reading import phases, reciprocity, relationship
from scoring.ties.realness import Weights as Realness
from scoring.ties.realness import default_weights
from scoring.ties.state import CONTACT, Tie

DECLARED = Evidence("declared_account", 3.0, detail="one of the brand's own accounts")
PLATFORM = Evidence("platform_account", 3.0, detail="the platform itself")
DECIMALS = 4  # of what is told of an act; what the tie learns is what was told

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
    change: Change = UNCHANGED


@dataclass(frozen=True)
class Fitted:
    """The weights that were fitted: to labels, and to what came of relationships."""

    trust: Weights = WEIGHTS
    realness: Realness = field(default_factory=default_weights)

    @cached_property
    def realness_id(self) -> int:
        """Another one for other weights."""
        return id_hash(encode(self.realness).decode())


FITTED = Fitted()


class Person(Struct, frozen=True, array_like=True):
    """All that is kept of one person: the last act folded, the history of their acts, their habits, a tie per brand.

    ``told_with`` are the weights with which their relationships were told.
    """

    order: Order = (-1, -1)
    actor: Actor = Actor()
    habits: Habits | None = None
    ties: dict[str, Tie] = {}
    told_with: int = 0


class Heard(Struct, frozen=True):
    """All that a judgement is made of, as ``combine`` takes it."""

    content: Content
    actor: tuple[float, tuple[Evidence, ...]]
    confidence: float
    known: Known
    later: Evidence | None = None

    def judgement(self, weights: Weights) -> Judgement:
        log_odds, evidence = self.actor
        actor = (log_odds + self.later.weight, (*evidence, self.later)) if self.later else self.actor
        return self._combined(weights, actor, self.known.campaign)

    def for_history(self, weights: Weights) -> float:
        """Trust as the account's history learns it: a campaign is found later and may be taken back, and what the
        account was exposed by later stands in its history by itself."""
        return self._combined(weights, self.actor, None).trust

    def _combined(
        self, weights: Weights, actor: tuple[float, tuple[Evidence, ...]], campaign: Term | None
    ) -> Judgement:
        reports = (self.known.removal,) if self.known.removal else ()
        return combine(
            self.content,
            actor,
            campaign,
            self.confidence,
            weights=weights,
            reports=reports,
            correction=self.known.correction,
        )


Knowledge = Callable[[str], Known]  # by interaction id


def fold(  # noqa: PLR0917 - what is known of one act
    person: Person,
    fact: Fact,
    known: Known,
    fitted: Fitted = FITTED,
    key: str = "",
    exposures: Sequence[Exposure] = (),
) -> tuple[Person, list[Scored]]:
    """``person`` after ``fact``, and one ``Scored`` per route. It must come later than ``person.order``.

    ``key`` names the person where accounts were merged. Where the brand speaks to nobody in particular (no route has a
    person) the act is scored by itself and changes no state. ``exposures`` are all of the person's, by their depth;
    without them ``exposed_anew`` tells when the history has to be folded again.
    """
    fact = _as_spoken(fact)
    interaction, routes = fact.interaction, fact.routes
    if known.change.withdrawn_by:
        return _withdrawn(person, fact, known, fitted, key)
    later = exposures[person.actor.exposed :]
    heard = {ours: hear(person.actor, fact, known, ours, later) for ours in {_ours(route) for route in routes}}
    judged = {ours: each.judgement(fitted.trust) for ours, each in heard.items()}
    rows = [_row(fact, route, judged[_ours(route)], person.habits, key) for route in routes]
    if known.change.edited_by:
        rows = [replace(row, edited_by=known.change.edited_by) for row in rows]
    with_person = [route for route in routes if route.person]
    if not with_person:
        return person, rows
    habits, ties = meet(person.habits, person.ties, rows, fitted.realness.window_days)
    if interaction.type in CONTACT:
        rows = [_after(row, ties, fitted) for row in rows]
    direction = direction_of(route.direction for route in with_person)
    own = heard[direction is Direction.OUTBOUND]
    trust = own.for_history(fitted.trust)
    actor = fold_actor(person.actor, interaction, direction, trust, own.actor[1], weights=fitted.trust)
    return Person(interaction.order, actor, habits, ties, fitted.realness_id), rows


def fold_all(
    facts: Iterable[Fact], knowledge: Knowledge = lambda _: Known(), fitted: Fitted = FITTED, key: str = ""
) -> tuple[Person, list[Scored]]:
    """Everything known of one person, in any order and with repeats: the first fact given for an id is the one kept.

    Folded twice where the account was exposed, the second time knowing it.
    """
    first = _first(facts)
    known_facts = list(ordered(first.values(), knowledge))
    person, scored = Person(), list[Scored]()
    exposures: list[Exposure] = []
    for fact, known in known_facts:
        before = person
        person, rows = fold(before, fact, known, fitted, key)
        scored += rows
        new = person.actor.exposed - before.actor.exposed
        exposures += [Exposure(fact.interaction.at, standing(person.actor))] * new
    if exposures:
        person, scored = Person(), []
        for fact, known in known_facts:
            person, rows = fold(person, fact, known, fitted, key, exposures)
            scored += rows
    waits = waits_until(_told(first))
    return (replace(person, order=waits) if waits > person.order else person), scored


def exposed_anew(before: Person, after: Person) -> bool:
    """Whether an act has told something of all acts before it."""
    return after.actor.exposed > before.actor.exposed


def ordered(facts: Iterable[Fact], knowledge: Knowledge) -> Iterator[tuple[Fact, Known]]:
    """Each act once, in the order of folding, as its author left it, with what is known of it."""
    first = _first(facts)
    removed = removals(fact.interaction for fact in first.values())
    changed = changes(_told(first))
    for fact in sorted(first.values(), key=lambda fact: fact.interaction.order):
        known = knowledge(fact.interaction.id)
        removal = removed.get(fact.interaction.id)
        if removal and removal.order > fact.interaction.order:
            known = replace(known, removal=of_removal(removal))
        if change := changed.get(fact.interaction.id):
            yield _as_left(fact, first.get(change.edited_by)), replace(known, change=change)
        else:
            yield fact, known


def _first(facts: Iterable[Fact]) -> dict[str, Fact]:
    first: dict[str, Fact] = {}
    for fact in facts:
        first.setdefault(fact.interaction.id, fact)
    return first


def _told(facts: Mapping[str, Fact]) -> Told:
    """Nothing where nobody changed anything, as nearly everybody."""
    if not any(fact.interaction.type in CHANGES for fact in facts.values()):
        return {}
    return {name: (fact.interaction, fact.routes) for name, fact in facts.items()}


def _as_left(fact: Fact, edit: Fact | None) -> Fact:
    """With the text of ``edit``, or with none at all, and nothing that was read in it."""
    if edit:
        return replace(fact, interaction=edited(fact.interaction, edit.interaction), content=edit.content)
    return replace(fact, interaction=without_text(fact.interaction), content=Content())


def hear(actor: Actor, fact: Fact, known: Known, ours: bool, exposures: Sequence[Exposure] = ()) -> Heard:
    """What the judgement of ``fact`` is made of; ``actor`` is the account's history before it, ``ours``: by a brand.

    ``exposures`` are those that came later.
    """
    for speaks, entry in ((by_platform(fact.interaction), PLATFORM), (ours, DECLARED)):
        if speaks:
            return Heard(fact.content, (entry.weight, (entry,)), 1.0, known)
    own = fact.interaction.type in OWN_ACTS
    later = hindsight(fact.interaction.at, standing(actor), exposures) if own and exposures else None
    return Heard(fact.content, actor_log_odds(actor, fact.interaction), actor_confidence(actor), known, later)


def _as_spoken(fact: Fact) -> Fact:
    """A deletion has no text, and of an edit without one nothing is read: what is kept of it once it is superseded."""
    interaction = fact.interaction
    if interaction.type in TAKES_BACK and not by_platform(interaction):
        return replace(fact, interaction=replace(interaction, content=""), content=Content())
    return replace(fact, content=Content()) if interaction.type is Activity.UPDATE and not interaction.content else fact


def observed_act(fact: Fact) -> Act | None:
    """What the campaign finder is to hear of an act; ``None``: what a brand or the platform says, or without words.

    An edit speaks through the act that it changes.
    """
    interaction = fact.interaction
    silent = not interaction.content or by_platform(interaction) or interaction.type in CHANGES
    if silent or any(_ours(route) for route in fact.routes):
        return None
    return Act(interaction, interaction.actor.id, tuple(route.brand for route in fact.routes if route.brand))


def relationships(
    key: str, person: Person, brands: Sequence[str], fitted: Fitted = FITTED, version: int = 0
) -> list[Relationship]:
    return [
        relationship(brand, key, person.ties[brand], fitted.realness, gifts=gifts(person), version=version)
        for brand in brands
        if brand in person.ties
    ]


def gifts(person: Person) -> Gifts:
    """In what ways they went out of their way, towards anybody."""
    return person.habits.gifts if person.habits else NO_GIFTS


def _withdrawn(person: Person, fact: Fact, known: Known, fitted: Fitted, key: str) -> tuple[Person, list[Scored]]:
    """It moves the order, as everything does that has a person, and nothing else."""
    nothing = Judgement(trust=0.0, confidence=0.0, verdict=Verdict.INSUFFICIENT, evidence=())
    rows = [
        replace(_row(fact, route, nothing, None, key), effort=0.0, withdrawn_by=known.change.withdrawn_by)
        for route in fact.routes
    ]
    if not any(route.person for route in fact.routes):
        return person, rows
    return replace(person, order=fact.interaction.order, told_with=fitted.realness_id), rows


def _row(fact: Fact, route: Route, judgement: Judgement, habits: Habits | None, key: str) -> Scored:
    name = (key or route.person) if route.person else ""
    worth = effort(fact.interaction, route.direction, fact.content, None if _ours(route) else habits or Habits())
    return Scored(
        interaction=fact.interaction,
        brand=route.brand,
        person=name,
        account=route.person if route.person != name else "",
        direction=route.direction,
        trust=round(judgement.trust, DECIMALS),
        confidence=round(judgement.confidence, DECIMALS),
        verdict=judgement.verdict,
        effort=round(worth, DECIMALS),
        evidence=judgement.evidence,
        content=fact.content,
    )


def _after(row: Scored, ties: Ties, fitted: Fitted) -> Scored:
    """With what is between the person and the brand after the act."""
    tie = ties.get(row.brand)
    if tie is None or not row.person:
        return row
    bare = tuple(Phase(phase.begins_at, phase.class_) for phase in phases(tie, fitted.realness.window_days))
    return replace(row, reciprocity=round(reciprocity(tie), DECIMALS), phases=bare)


def _ours(route: Route) -> bool:
    return route.direction is Direction.OUTBOUND
