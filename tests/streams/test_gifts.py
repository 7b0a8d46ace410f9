"""What somebody gives to anybody is told in every relationship of theirs, whomever it was given to."""

from streams.state import Kept
from tests.scoring.test_fold import act, conversation
from tests.streams.test_convergence import folded_from, messages


def test_an_act_that_concerns_no_brand_tells_the_gifts_in_it() -> None:
    """A recommendation to another person changes the row of their relationship with a brand."""
    facts = sorted(conversation(3), key=lambda fact: fact.interaction.order)
    before = folded_from(messages([fact.interaction for fact in facts]), lambda key: Kept())
    recommended = act(90, "m:eve", "m:bob", 20, content="I can recommend the long screws of bag three, worth a try.")
    after = folded_from(
        [message for message in messages([recommended.interaction]) if message.key == b"m:eve"],
        lambda key: Kept(before.states[key].person, -1),
    )
    (tie,) = after.relationships
    assert (tie.brand, tie.gifts.recommendations) == ("acme", 1)
