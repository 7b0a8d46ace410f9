"""An interaction of the contract as a tie sees it."""

from events import Activity, Direction, Interaction, Route
from events.interaction import id_hash
from scoring.features import clean
from scoring.intent import intents
from scoring.ties.audit import promises, solved
from scoring.ties.state import Act


def act_of(interaction: Interaction, route: Route, trust: float, effort: float) -> Act:
    """``trust`` and ``effort`` (0..1) of this act on this route. Without a conversation, what is answered opens one."""
    cleaned = clean(interaction.content) if interaction.type is Activity.CREATE else ""
    ours = route.direction is Direction.OUTBOUND
    answered = interaction.in_reply_to.actor if interaction.in_reply_to else ""
    to_another = answered not in ("", interaction.actor.id)
    parent = interaction.in_reply_to.id if interaction.in_reply_to else ""
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
        intents=tuple(intents(cleaned)) if cleaned else (),
        conversation=id_hash(interaction.conversation or parent or interaction.id),
        answers=answers,
        addresses=addresses,
        helps_third_person=route.direction is Direction.PEER and to_another,
        promises=ours and promises(cleaned),
        solved=not ours and solved(cleaned),
    )
