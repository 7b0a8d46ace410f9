"""What is true of a simulation, told from what was generated: acts, relationships, debts, identities, months.

**The class of a (brand, person) pair at the end** follows from behaviour, never from the role's name: a loyal fan
whom the brand by chance never answered is not ``real``. The count is in *units*: one (conversation, day) in which a
side wrote or shared something (Create or Announce; likes and follows are no units). An *exchange* is a conversation in
which the person wrote and the brand wrote to that person. A unit is *free* when it gives something unasked: help,
praise, feedback, a recommendation, a share, talk with peers. The first that holds:

1. ``spam_driven``: at least two acts by the person, and fewer than half of all are genuine.
2. ``insufficient``: fewer than three units of both sides together.
3. ``one_sided_us``: the brand at least three units, the person at most a quarter of that.
4. ``one_sided_them``: the person at least three units, the brand at most a quarter of that.
5. ``transactional``: at least one exchange, and less than a quarter of the person's units are free. An asker's
   silence is no lapse: such people come when they need something.
6. ``lapsed``: at least three exchanges, and no unit by the person in the last 60 days.
7. ``real``: at least four exchanges, 30 days or more between the first and the last.
8. ``emerging``: at least one exchange that moved in the last 45 days.
9. ``insufficient``: the rest.

**Owed at the end**, of the last 45 days. By the brand: a genuine question or complaint to it (or details it asked for)
with no later word of the brand to that person in the conversation, unless the person said there that it is solved; and
a promise that was not kept: no later closing word of the brand, no thanks. By the person: the brand's question (for
details, or whether it helped) in a thread which that person opened and where the person wrote nothing since.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct, field

from events import Activity, Brand, Brands, Direction, RelationshipClass
from events.interaction import from_milliseconds
from rapport.demo.conduct import ASKING, Planted
from rapport.demo.people import DAY, Part
from rapport.demo.stage import Post

FREE = frozenset({"help", "praise", "feedback", "recommendation", "burst", "announce", "peer_chat", "chat"})
BRAND_ASKS = frozenset({"brand_ask", "brand_follow_up"})
SILENT_DAYS = 60
FRESH_DAYS = 45
LASTING_DAYS = 30
MONTH_DAYS = 30
_PLANTED = {
    "spam_wave": {"spun"},
    "genuine_spike": {"burst"},
    "outage": {"outage"},
    "pod_burst": {"pod_post", "pod_reply"},
}


class Act(Struct, frozen=True):
    """One interaction. ``role``: the actor's towards the brand (``brand`` for its own acts); ``why``: the intent."""

    genuine: bool
    role: str
    why: str


class Pair(Struct, frozen=True, rename="camel"):
    """One brand and one account (in ``Truth.people``: one human with all accounts). ``gave``, ``got``: units."""

    brand: str
    person: str
    role: str
    genuine: bool
    class_: RelationshipClass = field(name="class")
    gave: int
    got: int
    exchanges: int


class Owed(Struct, frozen=True):
    """An open debt: act ``id`` waits since ``since``. ``by``: ``brand`` or ``person``; ``kind``: the act's intent."""

    id: str
    brand: str
    person: str
    by: str
    kind: str
    since: datetime


class Promise(Struct, frozen=True):
    """The brand said in ``id`` that it would come back to ``person``; ``kept`` when it did before the end."""

    id: str
    brand: str
    person: str
    kept: bool


class Month(Struct, frozen=True):
    """Inbound and peer acts for one brand in the 30 days before ``until``, and how many of them are genuine."""

    until: datetime
    brand: str
    volume: int
    genuine: int

    @property
    def real_share(self) -> float:
        return self.genuine / self.volume


class Event(Struct, frozen=True):
    """Something planted: ``spam_wave``, ``genuine_spike``, ``outage`` or ``pod_burst``; an empty brand means all."""

    kind: str
    brand: str
    at: datetime
    until: datetime
    ids: tuple[str, ...]


class Truth(Struct, frozen=True):
    """``acts`` by interaction id; ``identities``: account to human; ``people``: pairs of humans with two accounts;
    ``learners``: accounts whose English, or only language, is not a native speaker's English."""

    end: datetime
    acts: dict[str, Act]
    pairs: tuple[Pair, ...]
    people: tuple[Pair, ...]
    owed: tuple[Owed, ...]
    promises: tuple[Promise, ...]
    identities: dict[str, str]
    learners: tuple[str, ...]
    months: tuple[Month, ...]
    planted: tuple[Event, ...]


def establish(
    posts: list[Post], brands: Iterable[Brand], parts: list[Part], planted: Iterable[Planted], end: int
) -> Truth:
    """The truth of ``posts``, which are in published order."""
    known = Brands(brands)
    identities = {account.id: part.person.uid for part in parts for account in part.person.accounts}
    played = {(part.house.name, account.id): part for part in parts for account in part.person.accounts}
    several = {part.person.uid for part in parts if len(part.person.accounts) > 1}
    by_account: dict[tuple[str, str], list[Post]] = defaultdict(list)
    by_human: dict[tuple[str, str], list[Post]] = defaultdict(list)
    volume: dict[tuple[datetime, str], list[bool]] = defaultdict(list)
    for post in posts:
        for route in known.routes(post.interaction):
            if route.direction is not Direction.OUTBOUND:
                volume[_month(post.at, end), route.brand].append(post.genuine)
            if route.person:
                by_account[route.brand, route.person].append(post)
                if identities[route.person] in several:
                    by_human[route.brand, identities[route.person]].append(post)
    uids = {(part.house.name, part.person.uid): part for part in parts}
    return Truth(
        end=from_milliseconds(end),
        acts={
            post.interaction.id: Act(post.genuine, post.part.role.name if post.part else "brand", post.why)
            for post in posts
        },
        pairs=tuple(_pair(key, played[key], by_account[key], end) for key in sorted(by_account)),
        people=tuple(_pair(key, uids[key], by_human[key], end) for key in sorted(by_human)),
        owed=tuple(debt for key in sorted(by_account) for debt in _owed(key, by_account[key], end)),
        promises=tuple(word for key in sorted(by_account) for word in _promises(key, by_account[key])),
        identities=dict(sorted(identities.items())),
        learners=tuple(sorted({one.id for part in parts if part.person.voice.learner for one in part.person.accounts})),
        months=tuple(Month(*key, len(volume[key]), sum(volume[key])) for key in sorted(volume)),
        planted=tuple(_event(one, posts) for one in planted),
    )


def _month(at: int, end: int) -> datetime:
    """When the simulated month of ``at`` ends: 30 days each, counted back from the end, so that the last is whole."""
    return from_milliseconds(end - (end - 1 - at) // (MONTH_DAYS * DAY) * MONTH_DAYS * DAY)


def _pair(key: tuple[str, str], part: Part, acts: list[Post], end: int) -> Pair:
    theirs, ours = _units(post for post in acts if post.part), _units(post for post in acts if not post.part)
    exchanges = _exchanges(acts)
    kind = _class(acts, theirs, ours, exchanges, end)
    return Pair(*key, part.role.name, part.role.genuine, kind, len(theirs), len(ours), len(exchanges))


def _units(acts: Iterable[Post]) -> dict[tuple[str, int], set[str]]:
    """The intents in each (conversation, day)."""
    units: dict[tuple[str, int], set[str]] = defaultdict(set)
    for post in acts:
        if post.interaction.type in (Activity.CREATE, Activity.ANNOUNCE):
            units[post.interaction.conversation, post.at // DAY].add(post.why)
    return units


def _exchanges(acts: Iterable[Post]) -> list[int]:
    """When each conversation in which both wrote last moved, in ascending order of that time."""
    sides: dict[str, set[bool]] = defaultdict(set)
    moved: dict[str, int] = {}
    for post in acts:
        if post.interaction.type is Activity.CREATE:
            sides[post.interaction.conversation].add(post.part is None)
            moved[post.interaction.conversation] = post.at
    return sorted(moved[conversation] for conversation, both in sides.items() if len(both) == 2)


def _class(
    acts: list[Post],
    theirs: dict[tuple[str, int], set[str]],
    ours: dict[tuple[str, int], set[str]],
    exchanges: list[int],
    end: int,
) -> RelationshipClass:
    genuine = [post.genuine for post in acts if post.part]
    gave, got = len(theirs), len(ours)
    free = sum(1 for kinds in theirs.values() if kinds & FREE)
    silence = end - max((day for _, day in theirs), default=0) * DAY
    rules = (
        (RelationshipClass.SPAM_DRIVEN, len(genuine) >= 2 and sum(genuine) * 2 < len(genuine)),
        (RelationshipClass.INSUFFICIENT, gave + got < 3),
        (RelationshipClass.ONE_SIDED_US, got >= 3 and gave * 4 <= got),
        (RelationshipClass.ONE_SIDED_THEM, gave >= 3 and got * 4 <= gave),
        (RelationshipClass.TRANSACTIONAL, bool(exchanges) and free * 4 < gave),
        (RelationshipClass.LAPSED, len(exchanges) >= 3 and silence > SILENT_DAYS * DAY),
        (RelationshipClass.REAL, len(exchanges) >= 4 and exchanges[-1] - exchanges[0] >= LASTING_DAYS * DAY),
        (RelationshipClass.EMERGING, bool(exchanges) and end - exchanges[-1] <= FRESH_DAYS * DAY),
    )
    return next((kind for kind, holds in rules if holds), RelationshipClass.INSUFFICIENT)


def _threads(acts: list[Post]) -> Iterable[list[Post]]:
    threads: dict[str, list[Post]] = defaultdict(list)
    for post in acts:
        if post.interaction.type is Activity.CREATE:
            threads[post.interaction.conversation].append(post)
    return threads.values()


def _promises(key: tuple[str, str], acts: list[Post]) -> Iterable[Promise]:
    for thread in _threads(acts):
        for place, post in enumerate(thread):
            if post.why == "brand_promise":
                kept = any(later.why == "brand_close" for later in thread[place + 1 :])
                yield Promise(post.interaction.id, *key, kept)


def _owed(key: tuple[str, str], acts: list[Post], end: int) -> Iterable[Owed]:
    for thread in _threads(acts):
        for place, post in enumerate(thread):
            later = thread[place + 1 :]
            if end - post.at <= FRESH_DAYS * DAY and (by := _debtor(post, thread, later)):
                yield Owed(post.interaction.id, *key, by, post.why, post.interaction.published)


def _debtor(post: Post, thread: list[Post], later: list[Post]) -> str:
    """Who still owes an answer to ``post``: ``brand``, ``person`` or nobody (empty)."""
    if post.part is None:
        if post.why in BRAND_ASKS and thread[0].part and not any(other.part for other in later):
            return "person"
        kept = any(other.why in ("brand_close", "thanks") for other in later)
        return "brand" if post.why == "brand_promise" and not kept else ""
    settled = any(other.part is None or other.why == "thanks" for other in later)
    return "brand" if post.genuine and post.why in ASKING and not settled else ""


def _event(planted: Planted, posts: list[Post]) -> Event:
    ids = tuple(
        post.interaction.id
        for post in posts
        if post.why in _PLANTED[planted.kind]
        and planted.at <= post.at <= planted.until
        and planted.brand in ("", post.house.name)
    )
    return Event(planted.kind, planted.brand, from_milliseconds(planted.at), from_milliseconds(planted.until), ids)
