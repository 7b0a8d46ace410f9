"""Records of the AT Protocol, and the acts that they are: the same from the live stream and from a search."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from events import Activity, Actor, Interaction, Reference
from ingest.client import Client
from ingest.items import Memory
from ingest.source import Edited, Item, shown

POST, LIKE, REPOST, FOLLOW = (
    "app.bsky.feed.post",
    "app.bsky.feed.like",
    "app.bsky.feed.repost",
    "app.bsky.graph.follow",
)
TYPES = {POST: Activity.CREATE, LIKE: Activity.LIKE, REPOST: Activity.ANNOUNCE, FOLLOW: Activity.FOLLOW}
PROFILES = 25  # that are told at once


class Ref(Struct):
    uri: str = ""


class Reply(Struct):
    root: Ref
    parent: Ref


class Feature(Struct):
    did: str = ""


class Facet(Struct):
    features: list[Feature] = []


class Quoted(Struct):
    """A record, or a record with a picture beside it."""

    uri: str = ""
    record: Ref | None = None


class Embed(Struct):
    record: Quoted | None = None


class Record(Struct, rename="camel"):
    created_at: str
    text: str = ""
    reply: Reply | None = None
    facets: list[Facet] | None = None
    embed: Embed | None = None
    langs: list[str] | None = None
    subject: Ref | str | None = None

    @property
    def about(self) -> str:
        """What is liked, shared or followed."""
        return self.subject.uri if isinstance(self.subject, Ref) else self.subject or ""


class Profile(Struct, rename="camel"):
    did: str
    handle: str = ""
    display_name: str = ""
    created_at: datetime | None = None
    followers_count: int | None = None
    follows_count: int | None = None
    posts_count: int | None = None


class Asked(Struct):
    profiles: list[Profile]


def account(did: str) -> str:
    return f"bluesky:{did}"


def owner(uri: str) -> str:
    """Whose a record is: its address says so."""
    return uri.removeprefix("at://").partition("/")[0]


def act(uri: str, record: Record, received: datetime, brands: Sequence[str] = ()) -> Interaction | None:
    """The act that ``record`` is, at the time it claims, but not later than it was ``received``."""
    did, _, rest = uri.removeprefix("at://").partition("/")
    collection, _, key = rest.partition("/")
    if collection not in TYPES:
        return None
    if collection == POST:
        quoted = record.embed.record if record.embed else None
        mentioned = [feature.did for facet in record.facets or () for feature in facet.features]
        to = [*mentioned, owner((quoted.uri or (quoted.record.uri if quoted.record else "")) if quoted else "")]
    else:
        to = [owner(record.about)]
    return Interaction(
        id=f"bluesky:{uri}",
        platform="bluesky",
        type=TYPES[collection],
        published=_at(record.created_at, received),
        actor=Actor(id=account(did)),
        to=tuple(account(one) for one in dict.fromkeys(to) if one),
        content=record.text,
        language=(record.langs or [""])[0],
        url=f"https://bsky.app/profile/{did}/post/{key}" if collection == POST else "",
        in_reply_to=_reference(record.reply.parent.uri) if record.reply else None,
        object=f"bluesky:{record.about}" if collection in (LIKE, REPOST) else "",
        conversation="" if collection != POST else f"bluesky:{record.reply.root.uri if record.reply else uri}",
        brands=tuple(brands),
    )


def _reference(uri: str) -> Reference:
    return Reference(id=f"bluesky:{uri}", actor=account(owner(uri)))


def _at(claimed: str, received: datetime) -> datetime:
    try:
        time = datetime.fromisoformat(claimed)
        return min((time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC), received)
    except (ValueError, OverflowError):
        return received


@dataclass(frozen=True)
class Profiles:
    """Who acts: asked for twenty-five at once, remembered for a while."""

    http: Client
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    known: Memory[Profile] = field(default_factory=Memory)

    async def told(self, items: Iterable[Item]) -> list[Item]:
        """``items`` with what is known of their actors. Raises what ``http`` raises."""
        found = list(items)
        dids = {did for item in found if (did := _did(item)) and not self.known.known(did)}
        wanted = sorted(dids)
        for first in range(0, len(wanted), PROFILES):
            some = wanted[first : first + PROFILES]
            url = f"{self.url}/xrpc/app.bsky.actor.getProfiles"
            answer = await self.http.get(url, {"actors": some}, headers=self.headers)
            told = {profile.did: profile for profile in answer.read(Asked).profiles}
            for did in some:
                self.known.put(did, told.get(did) or Profile(did))
        return [self._with_profile(item) for item in found]

    def _with_profile(self, item: Item) -> Item:
        told = shown(item)
        if not told or not (profile := self.known.known(_did(item))):
            return item
        actor = Actor(
            id=told.actor.id,
            name=profile.display_name or profile.handle,
            created=profile.created_at,
            followers=profile.followers_count,
            following=profile.follows_count,
            posts=profile.posts_count,
        )
        act = msgspec.structs.replace(told, actor=actor)
        return Edited(act, item.at) if isinstance(item, Edited) else act


def _did(item: Item) -> str:
    told = shown(item)
    return told.actor.id.removeprefix("bluesky:") if told else ""
