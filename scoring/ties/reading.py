"""A tie as it is told and stored, and what stands of it at a later time.

``standing`` is what the view ``relationships_now`` computes; with ``s`` the days since ``last_at``:

* ``realness = trust/(1+exp(-(realness_base
  + arraySum((w, x, h) -> w*log1p(x*exp2(-s/h)), realness_fading.1, realness_fading.2, realness_fading.3)
  + arraySum((w, o, c) -> w*log1p((o+s)/c), realness_silences.1, realness_silences.2, realness_silences.3))))``
* ``given``, ``received`` = what is stored ``* exp2(-s/half_life_days)``
* ``class = class_names[arrayLastIndex(b -> b <= now, class_begins)]`` (the first one before that)
* ``reliability``: with, for each interval i up to the usual one, ``r_i = reached_i`` + how many of ``open_since`` are
  ``EDGES[i]`` or more minutes ago (whole minutes): ``1 - prod((B + r_i - answered_i) / (A + B + r_i))``
"""

import math

from msgspec import Struct

from events import Conduct, Gifts, Phase, Relationship, RelationshipClass
from events.interaction import from_milliseconds, milliseconds
from scoring.ties.audit import BROKEN_AFTER_DAYS
from scoring.ties.classes import timeline
from scoring.ties.habits import DAY_MS, SLOW, SUM
from scoring.ties.owed import counts_at, debts
from scoring.ties.realness import Weights, at, curve
from scoring.ties.reliability import Reliability, open_since, reliability, usual_edge
from scoring.ties.state import Side, Tie
from scoring.ties.threads import DAY_MINUTES, EDGES, MINUTE_MS, PROMISED


class Standing(Struct, frozen=True, kw_only=True):
    """What of a relationship moves while both are silent. ``owed_by_us`` and ``owed_by_them`` count debts.

    A promise is broken when it is open for more than a week without a later word, or was forgotten over others.
    """

    class_: RelationshipClass
    reasons: tuple[str, ...]
    realness: float
    given: float
    received: float
    reliability_ours: Reliability
    reliability_theirs: Reliability
    owed_by_us: int
    owed_by_them: int
    promises_broken: int


def relationship(
    brand: str, person: str, tie: Tie, weights: Weights, gifts: Gifts = Gifts(), version: int = 0
) -> Relationship:
    """The tie right after its last act."""
    given, received = tie.ours.gave / SUM, tie.theirs.gave / SUM
    return Relationship(
        brand=brand,
        person=person,
        first_at=from_milliseconds(tie.first_at),
        last_at=from_milliseconds(tie.last_at),
        interactions=tie.interactions,
        trust=tie.mean_trust,
        balance=2.0 * min(given, received) / (given + received) if given + received else 0.0,
        given=given,
        received=received,
        half_life_days=weights.window_days / SLOW,
        curve=curve(tie, weights),
        phases=phases(tie, weights.window_days),
        ours=_conduct(tie.ours, open_since(tie.threads, ours=True)),
        theirs=_conduct(tie.theirs, open_since(tie.threads, ours=False)),
        debts=debts(tie),
        exchanges=tie.exchanges,
        promises_made=tie.promises,
        promises_kept=tie.kept,
        promised_at=tuple(sorted(thread.since for thread in tie.threads if thread.marks & PROMISED)),
        gifts=gifts,
        version=version,
    )


def standing(told: Relationship, now_ms: int) -> Standing:
    """What stands at ``now_ms``; a time before the last act is taken as that act's."""
    last_at = milliseconds(told.last_at)
    now = max(now_ms, last_at)
    silent = (now - last_at) / DAY_MS
    kept = 2.0 ** (-silent / told.half_life_days)
    place = max((i for i, phase in enumerate(told.phases) if phase.begins_at <= now), default=0)
    window = told.half_life_days * SLOW
    young = sum(now // MINUTE_MS - since <= BROKEN_AFTER_DAYS * DAY_MINUTES for since in told.promised_at)
    owed = [debt.ours for debt in told.debts if counts_at(debt, now, window)]
    return Standing(
        class_=told.phases[place].class_,
        reasons=told.phases[place].reasons,
        realness=at(told.curve, silent, told.trust),
        given=told.given * kept,
        received=told.received * kept,
        reliability_ours=reliability(told.ours.answers, told.ours.open_since, now // MINUTE_MS),
        reliability_theirs=reliability(told.theirs.answers, told.theirs.open_since, now // MINUTE_MS),
        owed_by_us=sum(owed),
        owed_by_them=len(owed) - sum(owed),
        promises_broken=max(0, told.promises_made - told.promises_kept - young),
    )


def phases(tie: Tie, window_days: float) -> tuple[Phase, ...]:
    """The class from the last act on, and how it changes while both are silent."""
    return tuple(Phase(period.begins_at, period.class_, period.reasons) for period in timeline(tie, window_days))


def reciprocity(tie: Tie) -> float:
    """0 where one side gave nothing, towards 1 as both give: g / (1 + g), g the geometric mean of what they gave."""
    two_way = math.sqrt(tie.ours.gave / SUM * tie.theirs.gave / SUM)
    return two_way / (1.0 + two_way)


def _conduct(side: Side, waits_since: tuple[int, ...]) -> Conduct:
    return Conduct(
        acts=side.acts,
        answers=side.answers,
        open_since=waits_since,
        usual_minutes=EDGES[usual_edge(side.answers)],
        first=side.started,
        unasked=side.free,
        thanks=side.thanks,
        help=side.help,
        credit=side.credit,
    )
