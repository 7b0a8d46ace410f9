"""How much of themselves somebody put into an act: 0 (a like) to 1 (a long, specific answer)."""

from events import Activity, Content, Direction, Interaction

BY_TYPE = {Activity.LIKE: 0.02, Activity.FOLLOW: 0.1, Activity.ANNOUNCE: 0.2, Activity.FLAG: 0.0}
WITHOUT_TEXT = 0.1  # a picture, a file
SAID_ANYTHING = 0.2
TO_NOBODY = 0.8  # of what is said into the room


def effort(interaction: Interaction, direction: Direction, content: Content) -> float:
    """``content`` is the reading of the text (``scoring.intent.text_effort`` is its part of effort)."""
    if interaction.type is not Activity.CREATE:
        return BY_TYPE.get(interaction.type, 0.0)
    if not interaction.content:
        return WITHOUT_TEXT
    addressed = direction is Direction.PEER or interaction.in_reply_to is not None or bool(interaction.to)
    return (SAID_ANYTHING + (1.0 - SAID_ANYTHING) * content.effort) * (1.0 if addressed else TO_NOBODY)
