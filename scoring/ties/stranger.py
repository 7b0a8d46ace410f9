"""What the scorer of strangers says of a brand's own acts: would we be taken for a spammer, if nobody knew us?"""

from collections.abc import Iterable

from events import Content, Direction, Interaction
from scoring.actor import Actor, actor_confidence, actor_log_odds, fold_actor
from scoring.combine import WEIGHTS, Judgement, Weights, combine


def as_stranger(acts: Iterable[tuple[Interaction, Content]], weights: Weights = WEIGHTS) -> list[Judgement]:
    """What the scorer of strangers says of each act, given in order of time, with the reading of its text.

    Nothing is known of who speaks but these acts: no bonus for a declared account, no campaign, no correction. Each
    account has a history of its own. Whom it answers are other people, as they are when a stranger answers them.
    """
    histories: dict[str, Actor] = {}
    judged = []
    for interaction, content in acts:
        history = histories.get(interaction.actor.id, Actor())
        said = actor_log_odds(history, interaction)
        judgement = combine(content, said, known=actor_confidence(history), weights=weights)
        answered = interaction.in_reply_to.actor if interaction.in_reply_to else ""
        direction = Direction.INBOUND if answered in ("", interaction.actor.id) else Direction.PEER
        histories[interaction.actor.id] = fold_actor(
            history, interaction, direction, judgement.trust, said[1], weights=weights
        )
        judged.append(judgement)
    return judged
