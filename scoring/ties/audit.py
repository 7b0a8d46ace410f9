"""The generosity ledger of a tie, and what one act of the brand says of the brand itself.

What needs one person's state is in the tie (counters of both sides, promises made, kept and open). What is about the
brand as a whole is an aggregate over the acts, which SQL makes from one row per act: the share ``about_others``, the same
text to many, links nobody asked for, answers that nobody answered, and the trust of the brand's own acts.
"""

from dataclasses import dataclass

from scoring.ties.state import Act, Side, Tie
from scoring.ties.threads import DAY_MINUTES, MINUTE_MS, PROMISED

BROKEN_AFTER_DAYS = 7.0
OF_OTHERS = frozenset({"answer", "thanks", "offer_of_help", "recommendation", "question"})


@dataclass(frozen=True, slots=True)
class Generosity:
    """Units (conversation and day) in which a side spoke first, gave unasked, thanked, helped, gave credit; of ``acts``."""

    acts: int
    first: int
    unasked: int
    thanks: int
    help: int
    credit: int
    gave: float


@dataclass(frozen=True, slots=True)
class Promises:
    """``broken``: open for more than a week without a later word; what is open for less is neither kept nor broken."""

    made: int
    kept: int
    open: int
    broken: int


def generosity(side: Side) -> Generosity:
    """The ledger of one side. ``gave`` is trust x effort, as of the tie's last act."""
    return Generosity(side.acts, side.started, side.free, side.thanks, side.help, side.credit, side.gave / 10_000)


def promises_of(tie: Tie, at_ms: int) -> Promises:
    """What the brand promised this person. Promises in conversations forgotten since are made and not kept: broken."""
    minute = at_ms // MINUTE_MS
    waits = [minute - thread.since for thread in tie.threads if thread.marks & PROMISED]
    young = sum(wait <= BROKEN_AFTER_DAYS * DAY_MINUTES for wait in waits)
    return Promises(tie.promises, tie.kept, len(waits), max(0, tie.promises - tie.kept - young))


def about_others(act: Act) -> bool:
    """Whether an act of the brand is about somebody else: an answer, thanks, help, a question to them, sharing theirs.

    The share over the brand's acts, per platform and month, is the self-audit's first line.
    """
    return act.answers or act.helps_third_person or (not OF_OTHERS.isdisjoint(act.intents) and act.addresses)
