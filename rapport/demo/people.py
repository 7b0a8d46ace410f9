"""Who is in the simulated audience: roles, people with their accounts and voices, and the brands they talk to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from events import Actor
from events.interaction import from_milliseconds
from rapport.demo.texts import BRAND_VOICE, Voice, domain

DAY = 86_400_000  # milliseconds
PLATFORMS = ("mastodon", "bluesky")
TWO_PLATFORMS = 0.12  # share of genuine people with an account on both
TWO_BRANDS = 0.12  # share of genuine people who know both brands
OVERLOOKED = 0.08  # share of genuine parts whom the brand hardly ever answers, whatever they do
_SYLLABLES = (
    "ba",
    "dri",
    "el",
    "fo",
    "gu",
    "hai",
    "jo",
    "ka",
    "lum",
    "mi",
    "nor",
    "os",
    "pe",
    "ra",
    "sul",
    "ta",
    "ve",
    "zin",
)
_SERVERS = ("fern.example", "harbour.example", "quiet.example", "meadow.example")
_HOSTILE_NAMES = (
    '<b onclick="x()">Lumira</b>',
    "Tav'); DROP TABLE people; --",
    "\u202eorez\u202c 🦊",
    '"Osra" & söhne',
)
_OTHER_LANGUAGES = ("es", "es", "pt", "de", "fr", "tr", "ja", "ar")


@dataclass(frozen=True)
class Role:
    """How one kind of person behaves towards one brand.

    ``per_day``: threads opened per day while active. ``opens``: kinds of opening with their weights. ``answered``: the
    chance that the brand reacts to an act. ``talks``: the chance to write back when answered. ``starts``, ``stops``:
    between which fractions of the simulated time the activity begins and ends. ``reacts``: the chance to react to an
    announcement. ``helps``: how often, relative to other helpers, they answer somebody's question.
    """

    name: str
    share: float
    genuine: bool = True
    per_day: float = 0.0
    opens: Mapping[str, float] = field(default_factory=dict)
    answered: float = 0.0
    talks: float = 0.0
    starts: tuple[float, float] = (0.0, 0.2)
    stops: tuple[float, float] = (1.0, 1.0)
    reacts: float = 0.0
    helps: float = 0.0


_FAN = {"praise": 3.0, "question": 2.0, "feedback": 1.5, "recommendation": 2.0, "complaint": 0.6, "peer_chat": 1.0}
_ASK = {"question": 3.0, "complaint": 2.0}

ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        Role("loyal_fan", 0.11, per_day=1 / 9, opens=_FAN, answered=0.8, talks=0.6, reacts=0.1),
        Role(
            "helper",
            0.06,
            per_day=1 / 18,
            opens={"feedback": 2.0, "recommendation": 2.0, "question": 1.0},
            answered=0.75,
            talks=0.5,
            reacts=0.06,
            helps=1.0,
        ),
        Role("quiet_helper", 0.03, answered=0.7, talks=0.5, starts=(0.66, 0.78), helps=2.5),
        Role(
            "newcomer",
            0.10,
            per_day=1 / 5,
            opens={"question": 4.0, "praise": 3.0, "feedback": 1.5, "complaint": 0.5},
            answered=0.92,
            talks=0.6,
            starts=(0.78, 0.92),
            reacts=0.05,
        ),
        Role("asker", 0.13, per_day=1 / 40, opens=_ASK, answered=0.9, talks=0.45),
        Role("passer_by", 0.12, opens={"praise": 2.0, "question": 2.0, "recommendation": 1.0}, answered=0.5, talks=0.3),
        Role("burst_fan", 0.05, answered=0.1),
        Role(
            "lapsed",
            0.09,
            per_day=1 / 8,
            opens=_FAN,
            answered=0.85,
            talks=0.6,
            starts=(0, 0.1),
            stops=(0.42, 0.6),
            reacts=0.05,
        ),
        Role(
            "ignored",
            0.08,
            per_day=1 / 14,
            opens={"praise": 2.0, "question": 3.0, "feedback": 2.0, "recommendation": 2.0},
            answered=0.02,
            reacts=0.06,
        ),
        Role("pestered", 0.06, answered=0.3, starts=(0, 0.15)),
        Role("promoter", 0.05, genuine=False, per_day=1 / 14, opens=_ASK, answered=0.05),
        Role("bot", 0.04, genuine=False),
        Role("ring", 0.05, genuine=False),
        Role("pod", 0.03, genuine=False),
    )
}
_AT_LEAST = {"ring": 4, "pod": 4}  # coordination needs company
FEWEST_PEOPLE = 30


@dataclass(frozen=True)
class Account:
    platform: str
    handle: str
    actor: Actor

    @property
    def id(self) -> str:
        return self.actor.id


@dataclass(frozen=True)
class Person:
    """``site``: their own domain, a diary or a shop. ``wakes``: the UTC hour at which their day begins."""

    uid: str
    accounts: tuple[Account, ...]
    voice: Voice
    site: str
    wakes: int


@dataclass(frozen=True)
class House:
    """A brand with its habits: how soon (hours, median), how often, and whether it keeps its word (0..1)."""

    name: str
    accounts: Mapping[str, Account]
    hours: float
    diligence: float
    keeps: float


@dataclass(frozen=True)
class Part:
    """What one person is to one brand, and between which times (milliseconds).

    ``pace`` multiplies the role's rate; ``noticed`` (0..1) its chance of an answer: some people are overlooked.
    """

    person: Person
    house: House
    role: Role
    start: int
    stop: int
    pace: float = 1.0
    noticed: float = 1.0

    @property
    def answered(self) -> float:
        return self.role.answered * self.house.diligence * self.noticed


def houses(rng: Random, start: int) -> tuple[House, ...]:
    habits = (("acme", 0.7, 1.0, 0.85), ("zephory", 4.0, 0.9, 0.5))
    return tuple(
        House(
            name,
            {platform: _brand_account(rng, name, platform, start) for platform in PLATFORMS},
            hours,
            diligence,
            keeps,
        )
        for name, hours, diligence, keeps in habits
    )


def cast(rng: Random, people: int, brands: tuple[House, ...], start: int, end: int) -> list[Part]:
    """Everybody's parts. Raises ``ValueError`` for fewer than ``FEWEST_PEOPLE`` people."""
    if people < FEWEST_PEOPLE:
        raise ValueError(f"{people} people are too few to fill every role; at least {FEWEST_PEOPLE} are needed")
    parts: list[Part] = []
    for name, count in _head_counts(people).items():
        for number in range(count):
            homes = brands if number % 2 == 0 else brands[::-1]
            parts.extend(_parts(rng, ROLES[name], len(parts), homes, (start, end)))
    return parts


def _head_counts(people: int) -> dict[str, int]:
    total = sum(role.share for role in ROLES.values())
    counts = {name: max(_AT_LEAST.get(name, 1), int(people * role.share / total)) for name, role in ROLES.items()}
    counts["asker"] += people - sum(counts.values())
    return counts


def _parts(rng: Random, role: Role, serial: int, homes: tuple[House, ...], span: tuple[int, int]) -> Iterator[Part]:
    window = _window(rng, role, span)
    person = _person(rng, role, serial, window[0])
    yield _part(rng, role, person, homes[0], window)
    if role.name in ("ring", "promoter"):  # they take whoever has an audience
        yield from (_part(rng, role, person, house, window) for house in homes[1:])
    elif role.genuine and rng.random() < TWO_BRANDS:
        other = ROLES[rng.choice(("asker", "passer_by", "ignored", "loyal_fan"))]
        yield _part(rng, other, person, homes[1], _window(rng, other, span))


def _window(rng: Random, role: Role, span: tuple[int, int]) -> tuple[int, int]:
    start, length = span[0], span[1] - span[0]
    return start + int(rng.uniform(*role.starts) * length), start + int(rng.uniform(*role.stops) * length)


def _part(rng: Random, role: Role, person: Person, house: House, window: tuple[int, int]) -> Part:
    pace = rng.lognormvariate(0, 0.4) if role.genuine else 1.0
    noticed = 0.1 if role.genuine and rng.random() < OVERLOOKED else 1.0
    return Part(person, house, role, *window, pace=pace, noticed=noticed)


def _person(rng: Random, role: Role, serial: int, begins: int) -> Person:
    language, learner = "en", False
    if role.genuine:
        draw = rng.random()
        language = rng.choice(_OTHER_LANGUAGES) if draw < 0.18 else "en"
        learner = draw > 0.86
    voice = Voice(
        language=language,
        learner=learner or language != "en",
        lower=rng.random() < 0.2,
        emoji=rng.choice((0.0, 0.0, 0.15, 0.5)),
        typos=rng.choice((0.0, 0.1, 0.3)),
        hostile=0.3 if role.genuine and rng.random() < 0.04 else 0.0,
    )
    handle = "".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(2, 4)))
    if role.name in ("quiet_helper", "bot", "ring") or rng.random() < 0.25:
        handle += str(rng.randrange(10, 9999))
    here = rng.choice(PLATFORMS)
    both = role.genuine and rng.random() < TWO_PLATFORMS
    platforms = PLATFORMS if both else (here,)
    site = domain(rng) if role.name == "promoter" else f"{handle}.pages.example"
    accounts = tuple(_account(rng, role, f"{handle}{serial}", platform, begins) for platform in platforms)
    return Person(f"person-{serial:05d}", accounts, voice, site, rng.randrange(24))


def _account(rng: Random, role: Role, handle: str, platform: str, begins: int) -> Account:
    identifier = f"mastodon:{handle}@{rng.choice(_SERVERS)}" if platform == "mastodon" else _did(rng)
    shown = (
        rng.choice(_HOSTILE_NAMES) if role.genuine and rng.random() < 0.02 else handle.rstrip("0123456789").capitalize()
    )
    age, followers, following, posts = rng.randint(200, 3000), _many(rng, 90), _many(rng, 150), _many(rng, 400)
    automated = False if platform == "mastodon" else None
    if role.name == "quiet_helper":  # looks like a bot to every profile rule, and is none
        age, followers, following, posts, shown = rng.randint(1, 20), rng.randint(0, 2), rng.randint(0, 4), 0, ""
    elif role.name == "newcomer":
        age, followers, following, posts = (
            rng.randint(0, 60),
            rng.randint(0, 25),
            rng.randint(2, 60),
            rng.randint(0, 20),
        )
    elif role.name == "bot":
        automated = True if rng.random() < 0.35 else automated
        age, posts = rng.randint(20, 700), _many(rng, 4000)
    elif role.name == "ring" and rng.random() < 0.5:  # the other half bought grown accounts
        age, followers, posts = rng.randint(1, 25), rng.randint(0, 15), rng.randint(0, 30)
    elif role.name == "pod":
        followers, posts = _many(rng, 2500), _many(rng, 2500)
    known = platform == "mastodon" or role.name == "quiet_helper" or rng.random() < 0.5  # firehoses tell no profile
    if not known:
        return Account(platform, handle, Actor(id=identifier, name=shown))
    created = from_milliseconds((begins - age * DAY) // DAY * DAY)
    actor = Actor(
        id=identifier,
        name=shown,
        created=created,
        followers=followers,
        following=following,
        posts=posts,
        automated=automated,
    )
    return Account(platform, handle, actor)


def _brand_account(rng: Random, name: str, platform: str, start: int) -> Account:
    identifier = f"mastodon:{name}@{name}.example" if platform == "mastodon" else _did(rng)
    created = from_milliseconds(start // DAY * DAY) - timedelta(days=1500)
    actor = Actor(id=identifier, name=name.capitalize(), created=created, followers=24_000, following=310, posts=5_200)
    return Account(platform, name, actor)


def brand_person(house: House) -> Person:
    """The brand as a writer: English, office hours."""
    return Person(house.name, tuple(house.accounts.values()), BRAND_VOICE, f"help.{house.name}.example", 7)


def _did(rng: Random) -> str:
    return "bluesky:did:plc:" + "".join(rng.choices("abcdefghijklmnopqrstuvwxyz234567", k=24))


def _many(rng: Random, median: float) -> int:
    return int(rng.lognormvariate(0, 1.2) * median)
