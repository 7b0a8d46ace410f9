"""Scored acts for the tests: a seeded audience, and hypothesis strategies for hostile ones."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from events import (
    Activity,
    Actor,
    Conduct,
    Content,
    Correction,
    Curve,
    Debt,
    DebtKind,
    Direction,
    Evidence,
    Gifts,
    Identity,
    Interaction,
    Phase,
    Reference,
    Relationship,
    RelationshipClass,
    Scored,
    Verdict,
)
from events.campaigns import Campaign, Kind
from events.interaction import milliseconds

START = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = (
    "thanks",
    "love",
    "this",
    "bag",
    "order",
    "late",
    "again",
    "help",
    "please",
    "win",
    "free",
    "click",
    "now",
    "you",
)


def audience(count: int, seed: int = 0, brands: int = 20, months: int = 6, prefix: str = "brand") -> list[Scored]:
    """``count`` scored acts of a skewed audience over ``months`` months, in time order."""
    chance = random.Random(seed)
    moments = sorted(chance.random() * months * 30 * 86_400 for _ in range(count))
    return [
        _act(chance, number, START + timedelta(seconds=moment), f"{prefix}{int(brands * chance.random() ** 2)}")
        for number, moment in enumerate(moments)
    ]


def _act(chance: random.Random, number: int, published: datetime, brand: str) -> Scored:
    person = f"tube:{int(5000 * chance.random() ** 2) * 7919:x}"
    outbound = chance.random() < 0.2
    answers = outbound or chance.random() < 0.5
    verdict = chance.choice(list(Verdict))
    profile = random.Random(person)
    return Scored(
        interaction=Interaction(
            id=f"tube:{chance.getrandbits(64):x}{number}",
            platform=chance.choice(("tube", "birds", "mastodon")),
            type=Activity.CREATE if chance.random() < 0.8 else Activity.LIKE,
            published=published.replace(microsecond=published.microsecond // 1000 * 1000),
            actor=Actor(
                id=f"tube:{brand}" if outbound else person,
                name=f"Name {person[-3:]}",
                created=START - timedelta(days=profile.randrange(4000)),
                followers=profile.randrange(10_000),
                following=profile.randrange(1000),
                posts=profile.randrange(5000),
            ),
            to=(person if outbound else f"tube:{brand}",),
            content=" ".join(chance.choices(WORDS, k=chance.randrange(3, 25))),
            language="en",
            in_reply_to=Reference(id=f"tube:{chance.getrandbits(64):x}", actor=f"tube:{brand}") if answers else None,
            conversation=f"tube:{chance.getrandbits(48):x}",
        ),
        brand=brand,
        person=person,
        direction=Direction.OUTBOUND if outbound else chance.choice((Direction.INBOUND, Direction.PEER)),
        trust=round(chance.betavariate(5, 2), 4),
        confidence=round(chance.betavariate(5, 2), 4),
        verdict=verdict,
        reciprocity=round(chance.random(), 4),
        effort=round(chance.random(), 4),
        evidence=(Evidence("links", -1.5), Evidence("history", round(chance.random(), 3), (f"tube:{number}",))),
    )


def relationship(brand: str, person: str, version: int = 1, *, last_at: datetime = START) -> Relationship:
    return Relationship(
        brand=brand,
        person=person,
        first_at=START - timedelta(days=30),
        last_at=last_at,
        interactions=12,
        trust=0.9,
        balance=0.5,
        given=2.0,
        received=4.0,
        half_life_days=30.0,
        curve=Curve(1.0, ((0.5, 3.0, 30.0),), ((-0.5, 1.0, 1.0),)),
        phases=(
            Phase(milliseconds(last_at), RelationshipClass.REAL, ("answers", "is answered")),
            Phase(milliseconds(last_at + timedelta(days=60)), RelationshipClass.LAPSED, ("silent",)),
        ),
        ours=Conduct(5, (4, 2, 1, 0, 2, 1, 0, 0), (), 1_440, 1, 2, 3, 4, 5),
        theirs=Conduct(7, (1, 1, 0, 0, 0, 1, 0, 0), (milliseconds(last_at) // 60_000,), 1_440, 6, 7, 8, 9, 10),
        debts=(Debt(True, DebtKind.QUESTION, milliseconds(last_at), 2),),
        exchanges=3,
        promises_made=2,
        promises_kept=1,
        promised_at=(milliseconds(last_at) // 60_000,),
        gifts=Gifts(1, 2, 3, 4, 5),
        version=version,
    )


def campaign(
    name: str, *, log_odds: float = -2.0, brands: tuple[str, ...] = (), examples: tuple[str, ...] = ()
) -> Campaign:
    return Campaign(
        id=name,
        kind=Kind.NEAR_DUPLICATE,
        version=5,
        log_odds=log_odds,
        accounts=4,
        targets=3,
        interactions=5,
        first_at=START,
        last_at=START + timedelta(hours=2),
        examples=examples,
        brands=brands,
        letters=40,
        agreement=0.9,
        likeness=0.8,
        linked=0.25,
        domains=1,
        repeaters=0.5,
        busiest_hour=2,
        busiest_day=4,
        busiest_week=4,
    )


def correction(name: str, verdict: Verdict, minutes: int, reason: str = "I know her") -> Correction:
    return Correction(
        id=name,
        verdict=verdict,
        author="eve",
        reason=reason,
        at=START + timedelta(minutes=minutes),
        person="x:ann",
    )


def identity(account: str, person: str, minutes: int = 0) -> Identity:
    return Identity(
        account=account, person=person, author="eve", reason="it says so", at=START + timedelta(minutes=minutes)
    )


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    [
        "\0",
        "a\0b",
        "😀👩‍👩‍👧",
        "\u202eevil",
        "'; DROP TABLE interaction --",
        "%(id)s %s",
        "\\",
        "\n\t\r",
        "<script>",
        "x" * 5000,
    ]
)
ids = texts.filter(lambda text: 0 < len(text) <= 1024)
times = st.datetimes(datetime(1970, 1, 1), datetime(2106, 2, 7), timezones=st.just(UTC)).map(
    lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000)
)
scores = st.integers(0, 10_000).map(lambda whole: whole / 10_000)
counts = st.none() | st.integers(0, 2**62)
actors = st.builds(
    Actor,
    id=ids,
    name=texts,
    created=st.none() | st.datetimes() | st.datetimes(timezones=st.just(UTC)),
    followers=counts,
    following=counts,
    posts=counts,
    automated=st.none() | st.booleans(),
)
interactions = st.builds(
    Interaction,
    id=ids,
    platform=st.sampled_from(["mastodon", "x.y-z_1"]),
    type=st.sampled_from(Activity),
    published=times,
    actor=actors,
    to=st.lists(texts, max_size=3).map(tuple),
    content=texts,
    language=texts,
    url=texts,
    in_reply_to=st.none() | st.builds(Reference, id=texts, actor=texts),
    object=texts,
    conversation=texts,
    brands=st.lists(texts, max_size=3).map(tuple),
)
evidence = st.builds(
    Evidence, signal=texts, weight=st.floats(-50, 50), ids=st.lists(texts, max_size=2).map(tuple), detail=texts
)
contents = st.builds(
    Content,
    log_odds=st.floats(-50, 50),
    evidence=st.lists(evidence, max_size=2).map(tuple),
    intents=st.lists(texts, max_size=2).map(tuple),
    effort=st.floats(0, 1),
    model=texts,
)
records = st.builds(
    Scored,
    interaction=interactions,
    brand=texts,
    person=texts,
    direction=st.sampled_from(Direction),
    trust=scores,
    confidence=scores,
    verdict=st.sampled_from(Verdict),
    reciprocity=scores,
    effort=scores,
    account=st.just("") | texts.map(lambda text: f"account {text}"),
    evidence=st.lists(evidence, max_size=2).map(tuple),
    content=st.just(Content()) | contents,
    edited_by=texts,
    withdrawn_by=texts,
    revision=st.integers(0, 2**64 - 1),
)
