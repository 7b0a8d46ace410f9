"""What the scoring says of one interaction, and what people say of the scoring."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from events.brands import Direction
from events.interaction import Interaction
from events.relationship import Phase


class Verdict(StrEnum):
    GENUINE = "genuine"
    DOUBTFUL = "doubtful"
    SPAM = "spam"
    INSUFFICIENT = "insufficient"


class Evidence(Struct, frozen=True, omit_defaults=True):
    """One reason: the signal, its weight in log-odds of being genuine, and the ids it rests on."""

    signal: str
    weight: float
    ids: tuple[str, ...] = ()
    detail: str = ""


class Content(Struct, frozen=True, array_like=True):
    """What a text alone says: log-odds of being genuine at even odds, why, what it is after, and effort (0..1).

    ``model`` names the weights.
    """

    log_odds: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    intents: tuple[str, ...] = ()
    effort: float = 0.0
    model: str = ""


class Scored(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One interaction as one brand sees it, with its scores (all in 0..1).

    ``account`` is that of the person, where the person has others besides. ``phases`` are those of the relationship
    right after this act, without their reasons. ``content`` is the reading of its text, kept so that it need not be
    read again. ``edited_by`` and ``withdrawn_by`` are the acts by which its author gave it the text it has, or took it
    back. ``revision`` orders the versions of one row: the highest one is valid.
    """

    interaction: Interaction
    brand: str
    person: str
    account: str = ""
    direction: Direction
    trust: float
    confidence: float
    verdict: Verdict
    reciprocity: float = 0.0
    effort: float = 0.0
    phases: tuple[Phase, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    content: Content = Content()
    edited_by: str = ""
    withdrawn_by: str = ""
    revision: int = 0


class Correction(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A person's word on a score: kept with its author and reason, and applied to the past by the re-fold."""

    id: str
    verdict: Verdict
    author: str
    reason: str
    at: datetime
    person: str = ""
