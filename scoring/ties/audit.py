"""What an act of the brand says of the brand itself. The ledger of both sides is in the tie (``events.Conduct``)."""

from scoring.ties.state import Act

BROKEN_AFTER_DAYS = 7.0
OF_OTHERS = frozenset({"answer", "thanks", "offer_of_help", "recommendation", "question"})


def about_others(act: Act) -> bool:
    """Whether an act of the brand is about somebody else: an answer, thanks, help, a question to them, sharing theirs.

    The share over the brand's acts, per platform and month, is the self-audit's first line.
    """
    return act.answers or act.helps_third_person or (not OF_OTHERS.isdisjoint(act.intents) and act.addresses)
