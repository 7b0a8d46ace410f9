"""What the scoring says of one relationship, and which accounts are one person."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class RelationshipClass(StrEnum):
    REAL = "real"
    EMERGING = "emerging"
    ONE_SIDED_THEM = "one_sided_them"  # they give, the brand does not
    ONE_SIDED_US = "one_sided_us"  # the brand pesters
    TRANSACTIONAL = "transactional"
    SPAM_DRIVEN = "spam_driven"
    LAPSED = "lapsed"
    INSUFFICIENT = "insufficient"


class DebtKind(StrEnum):
    QUESTION = "question"
    COMPLAINT = "complaint"
    DETAILS = "details"  # that the brand has asked for, and got
    PROMISE = "promise"
    OUR_QUESTION = "our_question"


class Phase(Struct, frozen=True, array_like=True):
    """The class from ``begins_at`` (ms since 1970) on, if nothing more happens, and why."""

    begins_at: int
    class_: RelationshipClass
    reasons: tuple[str, ...] = ()


Term = tuple[float, float, float]


class Curve(Struct, frozen=True, array_like=True):
    """Realness as a function of the silence, before it is multiplied by trust: see ``scoring.ties.realness``."""

    base: float = 0.0
    fading: tuple[Term, ...] = ()  # weight, amount, half-life in days
    silences: tuple[Term, ...] = ()  # weight, offset in days, scale in days


class Conduct(Struct, frozen=True, array_like=True):
    """What one side did for the other.

    ``answers`` is the life table of how it answers, ``open_since`` the minutes (since 1970) from which what is open
    waits, ``usual_minutes`` the time within which it usually answers (see ``scoring.ties.reliability``). The rest
    counts conversations and days in which it spoke first, gave unasked, thanked, helped, or gave credit.
    """

    acts: int = 0
    answers: tuple[int, ...] = ()
    open_since: tuple[int, ...] = ()
    usual_minutes: int = 0
    first: int = 0
    unasked: int = 0
    thanks: int = 0
    help: int = 0
    credit: int = 0


class Debt(Struct, frozen=True, array_like=True):
    """What waits for a word. ``ours``: the brand owes it. ``since`` in ms since 1970, ``asks``: how often asked."""

    ours: bool
    kind: DebtKind
    since: int
    asks: int = 0


class Gifts(Struct, frozen=True, array_like=True):
    """How often a person went out of their way, towards anybody."""

    answers: int = 0
    fixes: int = 0
    recommendations: int = 0
    introductions: int = 0
    third_persons: int = 0


class Relationship(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One (brand, person) right after ``last_at``, with all that is needed to read it at any later time.

    ``given`` and ``received`` halve every ``half_life_days`` of silence; realness follows ``curve``, the class
    ``phases`` (at least one, in order of time). Without ``interactions`` there is no such relationship any more.
    """

    brand: str
    person: str
    first_at: datetime
    last_at: datetime
    interactions: int
    trust: float = 0.0
    balance: float = 0.0
    given: float = 0.0
    received: float = 0.0
    half_life_days: float = 0.0
    curve: Curve = Curve()
    phases: tuple[Phase, ...] = ()
    ours: Conduct = Conduct()
    theirs: Conduct = Conduct()
    debts: tuple[Debt, ...] = ()
    exchanges: int = 0
    promises_made: int = 0
    promises_kept: int = 0
    promised_at: tuple[int, ...] = ()  # those that are open, in minutes since 1970
    gifts: Gifts = Gifts()
    version: int = 0


class Identity(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """``account`` is one of the accounts of ``person`` (an account, too), says ``author``. Equal: by itself again."""

    account: str
    person: str
    author: str
    at: datetime
    reason: str = ""
