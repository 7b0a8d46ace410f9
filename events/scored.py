"""What the scoring says: of one interaction, of one relationship, and what people say of the scoring."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field

from events.brands import Direction
from events.interaction import Interaction


class Verdict(StrEnum):
    GENUINE = "genuine"
    DOUBTFUL = "doubtful"
    SPAM = "spam"
    INSUFFICIENT = "insufficient"


class RelationshipClass(StrEnum):
    REAL = "real"
    EMERGING = "emerging"
    ONE_SIDED_THEM = "one_sided_them"  # they give, the brand does not
    ONE_SIDED_US = "one_sided_us"  # the brand pesters
    TRANSACTIONAL = "transactional"
    SPAM_DRIVEN = "spam_driven"
    LAPSED = "lapsed"
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

    ``content`` is the reading of its text, kept so that it need not be read again. ``revision`` orders the versions of
    one row: the highest one is valid.
    """

    interaction: Interaction
    brand: str
    person: str
    direction: Direction
    trust: float
    confidence: float
    verdict: Verdict
    reciprocity: float = 0.0
    effort: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    content: Content = Content()
    revision: int = 0


class Relationship(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One (brand, person) as it stands right after ``last_at``.

    ``realness``, ``given`` and ``received`` halve every ``half_life_days`` of silence, and the class becomes
    ``lapsed`` at ``lapses_at``; whoever reads applies both to the time of reading.
    """

    brand: str
    person: str
    class_: RelationshipClass = field(name="class")
    realness: float
    balance: float
    reliability_ours: float
    reliability_theirs: float
    given: float
    received: float
    owed_by_us: int
    owed_by_them: int
    first_at: datetime
    last_at: datetime
    interactions: int
    lapses_at: datetime
    half_life_days: float
    trust: float = 0.0
    reasons: tuple[str, ...] = ()
    version: int = 0


class Correction(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A person's word on a score: kept with its author and reason, and applied to the past by the re-fold."""

    id: str
    verdict: Verdict
    author: str
    reason: str
    at: datetime
    person: str = ""
