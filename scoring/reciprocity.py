"""What passes between a brand and one person: decayed two-way sums and turns. First rules.

Everything is one small state per (brand, person), folded act by act in published order. Days of contact are what
counts, not messages: of each direction's acts in one day only the one with the most effort and trust weighs.
"""

import math

from msgspec import Struct
from msgspec.structs import replace

from events import Activity, Direction, Interaction, RelationshipClass
from events.interaction import from_milliseconds
from events.scored import Relationship

DAY_MS = 86_400_000
HALF_LIFE_DAYS = 90.0
LAPSES_AFTER_DAYS = 90
NEW_FOR_DAYS = 60
ONE_SIDED_BELOW = 0.2  # balance
TRUSTED_FROM = 0.5
SPAM_DRIVEN_BELOW = 0.4  # mean trust of what they send


class Tie(Struct, frozen=True, array_like=True):
    """The state of one (brand, person). Times in ms since 1970; ``given`` and ``received`` stand as of ``last_at``.

    ``given`` is from the brand to the person. ``waiting`` counts their acts that deserve an answer and have none yet,
    ``asking`` the brand's. ``chances`` are runs of such acts, ``answered`` those that were answered.
    """

    first_at: int
    last_at: int
    interactions: int = 0
    given: float = 0.0
    received: float = 0.0
    best_given_today: float = 0.0
    best_received_today: float = 0.0
    days_given: int = 0
    days_received: int = 0
    turns: int = 0
    last_was_ours: bool | None = None
    waiting: int = 0
    asking: int = 0
    our_chances: int = 0
    our_answers: int = 0
    their_chances: int = 0
    their_answers: int = 0
    theirs: int = 0
    trust_sum: float = 0.0


def fold_tie(tie: Tie | None, interaction: Interaction, direction: Direction, trust: float, effort: float) -> Tie:
    """``tie`` after this act, which must not be older than the last one."""
    at = interaction.at
    tie = _decayed(tie, at) if tie else Tie(at, at)
    tie = replace(tie, interactions=tie.interactions + 1)
    if direction is Direction.OUTBOUND:
        return _turn(_give(tie, trust * effort), ours=True, asks=_asks(interaction))
    tie = replace(_receive(tie, trust * effort), theirs=tie.theirs + 1, trust_sum=tie.trust_sum + trust)
    if direction is Direction.PEER:
        return tie
    return _turn(tie, ours=False, asks=trust >= TRUSTED_FROM and _deserves_answer(interaction))


def reciprocity(tie: Tie) -> float:
    """0 where one side is silent, towards 1 as both give: s / (1 + s) with s the geometric mean of the sums."""
    two_way = math.sqrt(tie.given * tie.received)
    return two_way / (1.0 + two_way)


def balance(tie: Tie) -> float:
    """2·min / sum of what both give: shown, never ranked by (equal silence is balanced too)."""
    total = tie.given + tie.received
    return 2.0 * min(tie.given, tie.received) / total if total > 0 else 0.0


def mean_trust(tie: Tie) -> float:
    return tie.trust_sum / tie.theirs if tie.theirs else 1.0


def classify(tie: Tie) -> tuple[RelationshipClass, tuple[str, ...]]:
    """The class as of the last act, with its reasons. Silence is the reader's part: see ``lapses_at``."""
    trust = mean_trust(tie)
    if tie.theirs and trust < SPAM_DRIVEN_BELOW:
        return RelationshipClass.SPAM_DRIVEN, (f"their acts are trusted only {trust:.2f} on average",)
    days = f"{tie.days_received} days of theirs, {tie.days_given} of ours"
    if tie.interactions < 3 and not (tie.days_given and tie.days_received):
        return RelationshipClass.INSUFFICIENT, (f"only {tie.interactions} interactions, in one direction",)
    if tie.turns >= 3 and min(tie.days_given, tie.days_received) >= 3 and balance(tie) >= ONE_SIDED_BELOW:
        return RelationshipClass.REAL, (days, f"{tie.turns} turns")
    if balance(tie) < ONE_SIDED_BELOW and max(tie.days_given, tie.days_received) >= 3:
        theirs = tie.received > tie.given
        side = RelationshipClass.ONE_SIDED_THEM if theirs else RelationshipClass.ONE_SIDED_US
        return side, (days, f"balance {balance(tie):.2f}")
    if tie.turns >= 2 and tie.last_at - tie.first_at < NEW_FOR_DAYS * DAY_MS:
        return RelationshipClass.EMERGING, (f"{tie.turns} turns within {NEW_FOR_DAYS} days",)
    return RelationshipClass.TRANSACTIONAL, (days, f"{tie.turns} turns")


def relationship(brand: str, person: str, tie: Tie, version: int = 0) -> Relationship:
    """The state in the words people read; all scores rounded to four decimals, as they are stored."""
    class_, reasons = classify(tie)
    return Relationship(
        brand=brand,
        person=person,
        class_=class_,
        realness=round(reciprocity(tie) * mean_trust(tie), 4),
        balance=round(balance(tie), 4),
        reliability_ours=round((tie.our_answers + 1) / (tie.our_chances + 2), 4),
        reliability_theirs=round((tie.their_answers + 1) / (tie.their_chances + 2), 4),
        given=round(tie.given, 4),
        received=round(tie.received, 4),
        owed_by_us=tie.waiting,
        owed_by_them=tie.asking,
        first_at=from_milliseconds(tie.first_at),
        last_at=from_milliseconds(tie.last_at),
        interactions=tie.interactions,
        lapses_at=from_milliseconds(tie.last_at + LAPSES_AFTER_DAYS * DAY_MS),
        half_life_days=HALF_LIFE_DAYS,
        trust=round(mean_trust(tie), 4),
        reasons=reasons,
        version=version,
    )


def at_time(relationship: Relationship, now_ms: int) -> Relationship:
    """As it stands at ``now_ms``: what the view ``relationships_now`` computes in SQL."""
    silent_days = max(0.0, (now_ms - int(relationship.last_at.timestamp() * 1000)) / DAY_MS)
    kept = 2.0 ** (-silent_days / relationship.half_life_days)
    stays = relationship.class_ in (RelationshipClass.SPAM_DRIVEN, RelationshipClass.INSUFFICIENT)
    lapsed = now_ms >= int(relationship.lapses_at.timestamp() * 1000) and not stays
    return replace(
        relationship,
        class_=RelationshipClass.LAPSED if lapsed else relationship.class_,
        realness=round(relationship.realness * kept, 4),
        given=round(relationship.given * kept, 4),
        received=round(relationship.received * kept, 4),
    )


def _decayed(tie: Tie, at: int) -> Tie:
    silent_ms = max(0, at - tie.last_at)
    kept = 2.0 ** (-silent_ms / (HALF_LIFE_DAYS * DAY_MS))
    new_day = at // DAY_MS != tie.last_at // DAY_MS
    return replace(
        tie,
        last_at=max(at, tie.last_at),
        given=tie.given * kept,
        received=tie.received * kept,
        best_given_today=0.0 if new_day else tie.best_given_today,
        best_received_today=0.0 if new_day else tie.best_received_today,
    )


def _give(tie: Tie, weight: float) -> Tie:
    gain = max(0.0, weight - tie.best_given_today)
    first_today = tie.best_given_today == 0.0 and weight > 0.0
    best = max(weight, tie.best_given_today)
    return replace(tie, given=tie.given + gain, best_given_today=best, days_given=tie.days_given + first_today)


def _receive(tie: Tie, weight: float) -> Tie:
    gain = max(0.0, weight - tie.best_received_today)
    first_today = tie.best_received_today == 0.0 and weight > 0.0
    best = max(weight, tie.best_received_today)
    return replace(
        tie,
        received=tie.received + gain,
        best_received_today=best,
        days_received=tie.days_received + first_today,
    )


def _turn(tie: Tie, *, ours: bool, asks: bool) -> Tie:
    turns = tie.turns + (tie.last_was_ours is not None and tie.last_was_ours is not ours)
    if ours:
        return replace(
            tie,
            turns=turns,
            last_was_ours=True,
            our_answers=tie.our_answers + (tie.waiting > 0),
            waiting=0,
            their_chances=tie.their_chances + (asks and tie.asking == 0),
            asking=tie.asking + asks,
        )
    return replace(
        tie,
        turns=turns,
        last_was_ours=False,
        their_answers=tie.their_answers + (tie.asking > 0),
        asking=0,
        our_chances=tie.our_chances + (asks and tie.waiting == 0),
        waiting=tie.waiting + asks,
    )


def _asks(interaction: Interaction) -> bool:
    return interaction.type is Activity.CREATE and any(mark in interaction.content for mark in "?？؟")


def _deserves_answer(interaction: Interaction) -> bool:
    """A question, or a text addressed to the brand; a like or a mention in passing waits for nothing."""
    addressed = bool(interaction.to) or interaction.in_reply_to is not None
    return _asks(interaction) or (interaction.type is Activity.CREATE and addressed)
