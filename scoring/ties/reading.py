"""A tie as people and SQL read it: numbers as of its last act, and all that is needed to read them at a later time.

``at_time`` is what the view ``relationships_now`` computes; with ``s`` the days since ``last_at``:

* ``realness = trust/(1+exp(-(realness_base
  + arraySum((w, x, h) -> w*log1p(x*exp2(-s/h)), realness_fading.1, realness_fading.2, realness_fading.3)
  + arraySum((w, o, c) -> w*log1p((o+s)/c), realness_silences.1, realness_silences.2, realness_silences.3))))``
* ``given``, ``received`` = what is stored ``* exp2(-s/half_life_days)``
* ``class = class_names[arrayLastIndex(b -> b <= now, class_begins)]`` (the first one before that)
* ``reliability``: with, for each interval i up to the usual one, ``r_i = reached_i`` + how many of ``open_since`` are
  ``EDGES[i]`` or more minutes ago (whole minutes): ``1 - prod((B + r_i - answered_i) / (A + B + r_i))``
"""

from msgspec import Struct
from msgspec.structs import replace

from events import RelationshipClass
from scoring.ties.classes import timeline
from scoring.ties.habits import DAY_MS, SLOW, SUM, Habits
from scoring.ties.realness import Curve, Term, Weights, curve
from scoring.ties.reliability import Reliability, open_since, reliability
from scoring.ties.state import Tie
from scoring.ties.threads import MINUTE_MS, Table, whose_debt


class Reading(Struct, frozen=True, kw_only=True):
    """``read_at`` and all times in ms; ``realness_fading`` and ``realness_silences`` are the tuples of ``Curve``."""

    read_at: int
    first_at: int
    last_at: int
    interactions: int
    class_: RelationshipClass
    reasons: tuple[str, ...]
    realness: float
    balance: float
    given: float
    received: float
    reliability_ours: Reliability
    reliability_theirs: Reliability
    owed_by_us: int
    owed_by_them: int
    trust: float
    half_life_days: float
    class_begins: tuple[int, ...]
    class_names: tuple[RelationshipClass, ...]
    class_reasons: tuple[tuple[str, ...], ...]
    realness_base: float
    realness_fading: tuple[Term, ...]
    realness_silences: tuple[Term, ...]
    answers_ours: Table
    answers_theirs: Table
    open_since_ours: tuple[int, ...]
    open_since_theirs: tuple[int, ...]


def read(tie: Tie, weights: Weights, brand: Habits | None = None) -> Reading:
    """The tie right after its last act."""
    line = timeline(tie, weights.window_days)
    shape = curve(tie, weights, brand)
    given, received = tie.ours.gave / SUM, tie.theirs.gave / SUM
    ours, theirs = open_since(tie.threads, ours=True), open_since(tie.threads, ours=False)
    minute = tie.last_at // MINUTE_MS
    return Reading(
        read_at=tie.last_at,
        first_at=tie.first_at,
        last_at=tie.last_at,
        interactions=tie.interactions,
        class_=line[0].class_,
        reasons=line[0].reasons,
        realness=shape.at(0.0),
        balance=2.0 * min(given, received) / (given + received) if given + received else 0.0,
        given=given,
        received=received,
        reliability_ours=reliability(tie.ours.answers, ours, minute),
        reliability_theirs=reliability(tie.theirs.answers, theirs, minute),
        owed_by_us=sum(whose_debt(thread) is True for thread in tie.threads),
        owed_by_them=sum(whose_debt(thread) is False for thread in tie.threads),
        trust=tie.mean_trust,
        half_life_days=weights.window_days / SLOW,
        class_begins=tuple(period.begins_at for period in line),
        class_names=tuple(period.class_ for period in line),
        class_reasons=tuple(period.reasons for period in line),
        realness_base=shape.base,
        realness_fading=shape.fading,
        realness_silences=shape.silences,
        answers_ours=tie.ours.answers,
        answers_theirs=tie.theirs.answers,
        open_since_ours=ours,
        open_since_theirs=theirs,
    )


def at_time(reading: Reading, now_ms: int) -> Reading:
    """The same tie after a silence; a time before its last act is taken as that act's."""
    now = max(now_ms, reading.last_at)
    silent = (now - reading.last_at) / DAY_MS
    kept = 2.0 ** (-silent / reading.half_life_days)
    place = max((i for i, begins in enumerate(reading.class_begins) if begins <= now), default=0)
    shape = Curve(reading.trust, reading.realness_base, reading.realness_fading, reading.realness_silences)
    before = 2.0 ** (-(reading.read_at - reading.last_at) / DAY_MS / reading.half_life_days)
    return replace(
        reading,
        read_at=now,
        class_=reading.class_names[place],
        reasons=reading.class_reasons[place],
        realness=shape.at(silent),
        given=reading.given * kept / before,
        received=reading.received * kept / before,
        reliability_ours=reliability(reading.answers_ours, reading.open_since_ours, now // MINUTE_MS),
        reliability_theirs=reliability(reading.answers_theirs, reading.open_since_theirs, now // MINUTE_MS),
    )
