"""An interaction of the contract as a tie sees it."""

from collections.abc import Sequence

from events import Activity, Direction, Gifts, Interaction, Route
from events.interaction import id_hash
from scoring.ties.state import Act

SPECIFIC_FROM = 0.5  # of the effort that a text shows
FIX, ANSWER, RECOMMENDATION, INTRODUCTION = "fix", "answer", "recommendation", "introduction"


def act_of(interaction: Interaction, route: Route, trust: float, effort: float, intents: Sequence[str]) -> Act:
    """``trust`` and ``effort`` (0..1) of this act on this route; ``intents`` are those read in its text.

    Without a conversation, what is answered opens one; without that, too, a word to the other side is ``loose``.
    """
    said = tuple(intents) if interaction.type is Activity.CREATE else ()
    ours = route.direction is Direction.OUTBOUND
    answered = interaction.in_reply_to.actor if interaction.in_reply_to else ""
    parent = interaction.in_reply_to.id if interaction.in_reply_to else ""
    to_another = answers_another(interaction)
    if ours:
        answers, addresses = answered == route.person, route.person == answered or route.person in interaction.to
    else:  # ``Brands.routes`` calls peer what is said to others only
        answers = to_another and route.direction is Direction.INBOUND
        addresses = route.direction is Direction.INBOUND and (to_another or bool(interaction.to))
    return Act(
        at=interaction.at,
        direction=route.direction,
        kind=interaction.type,
        trust=trust,
        effort=effort,
        intents=said,
        conversation=id_hash(interaction.conversation or parent or interaction.id),
        loose=addresses and not (interaction.conversation or parent),
        answers=answers,
        addresses=addresses,
        helps_third_person=route.direction is Direction.PEER and to_another,
        promises=ours and "promise" in said,
        solved=not ours and "solved" in said,
    )


def answers_another(interaction: Interaction) -> bool:
    """Whether it replies to what somebody else said."""
    answered = interaction.in_reply_to.actor if interaction.in_reply_to else ""
    return answered not in ("", interaction.actor.id)


def gifts_of(act: Act, shown_effort: float) -> Gifts:
    """In what ways the act goes out of its actor's way: each counts 0 or 1."""
    if "solicitation" in act.intents:
        return Gifts()
    replies = act.answers or act.helps_third_person
    return Gifts(
        answers=int(replies and ANSWER in act.intents and shown_effort >= SPECIFIC_FROM),
        fixes=int(replies and FIX in act.intents),
        recommendations=int(RECOMMENDATION in act.intents or act.kind is Activity.ANNOUNCE),
        introductions=int(INTRODUCTION in act.intents),
        third_persons=int(act.helps_third_person),
    )
