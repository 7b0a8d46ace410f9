"""How much of themselves somebody put into an act: 0 (a like) to 1 (a long, specific answer). First rules."""

import math

from events import Activity, Direction, Interaction

BY_TYPE = {Activity.LIKE: 0.02, Activity.FOLLOW: 0.1, Activity.ANNOUNCE: 0.2, Activity.FLAG: 0.0}
WORDS_OF_A_FULL_ANSWER = 40
CHARACTERS_PER_WORD = 6  # where a script does not separate words


def effort(interaction: Interaction, direction: Direction) -> float:
    if interaction.type is not Activity.CREATE:
        return BY_TYPE.get(interaction.type, 0.0)
    words = max(len(interaction.content.split()), len(interaction.content) // CHARACTERS_PER_WORD)
    length = math.sqrt(min(words, WORDS_OF_A_FULL_ANSWER) / WORDS_OF_A_FULL_ANSWER)
    addressed = 1.0 if direction is Direction.PEER or interaction.in_reply_to or interaction.to else 0.8
    return min(1.0, 0.2 + 0.8 * length) * addressed if interaction.content else 0.1
