"""How much of themselves somebody put into an act: 0 (a like) to 1 (a long, specific answer of one who hardly writes).

Half of what an act shows counts as it is, the other half as far as it goes beyond what this actor usually does
(``scoring.ties.habits.beyond``): who always writes at length does not go out of their way by another page, and who
never does by a paragraph. What a brand usually does is not known where its acts are scored (they lie with the persons
they are for), so they are measured against what is usual anywhere.
"""

from events import Activity, Content, Direction, Interaction
from scoring.ties.habits import Habits, beyond

BY_TYPE = {Activity.LIKE: 0.02, Activity.FOLLOW: 0.1, Activity.ANNOUNCE: 0.2, Activity.FLAG: 0.0}
WITHOUT_TEXT = 0.1  # a picture, a file
SAID_ANYTHING = 0.2
TO_NOBODY = 0.8  # of what is said into the room


def shown_effort(interaction: Interaction, direction: Direction, content: Content) -> float:
    """What the act itself shows. ``content`` is the reading of its text (``scoring.intent.text_effort``)."""
    if interaction.type is not Activity.CREATE:
        return BY_TYPE.get(interaction.type, 0.0)
    if not interaction.content:
        return WITHOUT_TEXT
    addressed = direction is Direction.PEER or interaction.in_reply_to is not None or bool(interaction.to)
    return (SAID_ANYTHING + (1.0 - SAID_ANYTHING) * content.effort) * (1.0 if addressed else TO_NOBODY)


def effort(interaction: Interaction, direction: Direction, content: Content, habits: Habits | None = None) -> float:
    """``habits`` are the actor's before this act, ``None`` where they are not known."""
    shown = shown_effort(interaction, direction, content)
    return shown * (1.0 + beyond(shown, habits)) / 2.0 if interaction.type is Activity.CREATE else shown
