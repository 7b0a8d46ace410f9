"""Bluesky: what names the brand, what reaches its account, what it does, and who answers below.

Jetstream (the kind ``jetstream``) brings the same at once; this brings the past, and threads that began before.
Posts cannot be edited there.
"""

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct

from events import Brand, Interaction
from ingest.budget import Budget, Per
from ingest.client import Answer, Parameters
from ingest.dead import DeadLetter
from ingest.errors import Refused
from ingest.items import Memory, Turning, at_second, each, when
from ingest.secret import Secret
from ingest.source import Cursor, Item, Page, Removed, Setting, Source
from ingest.sources.bluesky_acts import FOLLOW, LIKE, POST, REPOST, Profiles, Record, act

SETTLE, OVERLAP = timedelta(seconds=30), timedelta(minutes=10)  # the search learns late of some
WINDOW = timedelta(days=1)  # of one search: it does not lead to the end of a longer list
SESSION = timedelta(minutes=90)  # an access token lasts two hours
CHECKED, CHECKED_FOR = 100, timedelta(days=7)
TOGETHER, LIMIT = 25, 100
EXPIRED = (400, 401)
BASE32 = "234567abcdefghijklmnopqrstuvwxyz"


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """``identifier`` and an app ``password`` of the brand's account, at the server ``url`` where it lives."""

    identifier: str
    password: Secret
    url: str = "https://bsky.social"
    budget: Budget = Budget(limit=500, per=Per.MINUTE)


def sources(settings: Settings, setting: Setting) -> list[Source]:
    server = Server(settings, setting)
    own = sorted(a.partition(":")[2] for a in setting.brands.by_account if a.startswith("bluesky:"))
    return [
        *(Search(f"{setting.name}:search:{brand.name}", server, brand) for brand in setting.brands),
        Notifications(f"{setting.name}:notifications", server),
        *(Own(f"{setting.name}:own:{did}:{kind}", server, did, kind) for did in own for kind in KINDS),
    ]


KINDS = {"posts": POST, "likes": LIKE, "reposts": REPOST, "follows": FOLLOW}


class Session(Struct, rename="camel"):
    access_jwt: str


class Author(Struct):
    did: str


class View(Struct, rename="camel"):
    """A post, or a notification, as it is shown."""

    uri: str
    record: Record
    indexed_at: datetime
    reply_count: int = 0
    reason: str = ""


class Found(Struct):
    posts: list[msgspec.Raw]
    cursor: str | None = None


class Notified(Struct):
    notifications: list[msgspec.Raw]
    cursor: str | None = None


class Stored(Struct):
    uri: str
    value: Record


class Records(Struct):
    records: list[msgspec.Raw]
    cursor: str | None = None


class Node(Struct):
    """A place in a thread; what was deleted or is blocked has no post."""

    post: msgspec.Raw = msgspec.Raw()
    replies: list["Node"] = []


class Thread(Struct):
    thread: Node


@dataclass
class Server:
    """One session, renewed in time. ``answers`` is how many answers a post had when its thread was last read."""

    settings: Settings
    setting: Setting
    answers: Memory[int] = field(default_factory=Memory)
    _headers: dict[str, str] = field(default_factory=dict)
    _begun: datetime | None = None

    def __post_init__(self) -> None:
        self.profiles = Profiles(self.setting.http, self.settings.url, self._headers)

    async def get(self, path: str, parameters: Parameters) -> Answer:
        if not self._begun or self.setting.clock() - self._begun > SESSION:
            await self._begin()
        url = f"{self.settings.url}/xrpc/{path}"
        try:
            return await self.setting.http.get(url, parameters, headers=self._headers)
        except Refused as error:
            if error.status not in EXPIRED:
                raise
        await self._begin()  # sessions can be ended elsewhere
        return await self.setting.http.get(url, parameters, headers=self._headers)

    async def _begin(self) -> None:
        asked = {"identifier": self.settings.identifier, "password": self.settings.password.read()}
        answer = await self.setting.http.post(
            f"{self.settings.url}/xrpc/com.atproto.server.createSession", content=asked
        )
        self._headers["Authorization"] = f"Bearer {answer.read(Session).access_jwt}"
        self._begun = self.setting.clock()

    async def acts(self, views: Iterable[View | DeadLetter], brands: tuple[str, ...] = ()) -> list[Item]:
        """Dead letters, and acts, oldest first, with what is known of their actors; each once."""
        items: dict[object, Item] = {}
        for one in views:
            if isinstance(one, DeadLetter):
                items[len(items)] = one
            elif shown := act(one.uri, one.record, one.indexed_at.astimezone(UTC), brands):
                items[one.uri] = shown
        return await self.profiles.told(sorted(items.values(), key=when))

    async def below(self, view: View) -> list[View | DeadLetter]:
        """The answers below a post, where there are others than when last asked."""
        if view.reply_count == (self.answers.known(view.uri) or 0):
            return []
        try:
            answer = await self.get("app.bsky.feed.getPostThread", {"uri": view.uri, "depth": 100, "parentHeight": 0})
        except Refused as error:
            if error.status not in EXPIRED:
                raise
            return []  # it was deleted meanwhile
        found: list[msgspec.Raw] = []
        nodes = list(answer.read(Thread).thread.replies)
        while nodes:
            node = nodes.pop()
            nodes += node.replies
            found += [node.post] if bytes(node.post) else []
        self.answers.put(view.uri, view.reply_count)
        return list(each(found, View, view.uri))

    async def looked_up_again(self, name: str) -> AsyncGenerator[list[Item], None]:
        """What is gone of what ``name`` brought, and what was answered below the rest."""
        prefix, now = "bluesky:", self.setting.clock()
        keys = [key for key in self.setting.published(name, now - CHECKED_FOR, CHECKED) if f"/{POST}/" in key]
        for first in range(0, len(keys), TOGETHER):
            uris = [key.removeprefix(prefix) for key in keys[first : first + TOGETHER]]
            shown = (await self.get("app.bsky.feed.getPosts", {"uris": uris})).read(Found).posts
            there = {view.uri: view for view in each(shown, View, name) if isinstance(view, View)}
            if gone := [uri for uri in uris if uri not in there]:
                yield [Removed(f"{prefix}{uri}") for uri in gone]
            for view in there.values():
                if items := await self.acts(await self.below(view), self.concerned(view)):
                    yield items

    def concerned(self, view: View) -> tuple[str, ...]:
        shown = act(view.uri, view.record, view.indexed_at)
        routes = self.setting.brands.routes(shown) if isinstance(shown, Interaction) else ()
        return tuple(route.brand for route in routes if route.brand)


@dataclass
class Search:
    """Posts that name one brand, or mention its accounts, and what is answered below them."""

    name: str
    server: Server
    brand: Brand
    resumes = True
    endless = False
    poll_every = 60.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        begin = at_second(cursor["until"]) - OVERLAP if cursor else since
        until = self.server.setting.clock() - SETTLE
        while begin < until:
            end = min(begin + WINDOW, until)
            place = {"until": end.timestamp()}
            views = await self._window(begin, end)
            yield Page(await self.server.acts(views), place, end)
            for view in views:
                if isinstance(view, View) and (below := await self.server.below(view)):
                    yield Page(await self.server.acts(below, (self.brand.name,)), place, end)
            begin = end
        async for items in self.server.looked_up_again(self.name):
            yield Page(items, {"until": begin.timestamp()}, begin)

    async def _window(self, begin: datetime, end: datetime) -> list[View | DeadLetter]:
        asked: list[dict[str, str | int]] = [{"q": f'"{word}"'} for word in self.brand.match]
        dids = (a.partition(":")[2] for a in sorted(self.brand.accounts) if a.startswith("bluesky:"))
        asked += [{"q": "*", "mentions": did} for did in dids]
        found: list[View | DeadLetter] = []
        for one in asked:
            window = {**one, "sort": "latest", "since": _zulu(begin), "until": _zulu(end), "limit": LIMIT}
            token, turning = "", Turning()
            while True:
                answer = await self.server.get(
                    "app.bsky.feed.searchPosts", {**window, **({"cursor": token} if token else {})}
                )
                page = answer.read(Found)
                found += each(page.posts, View, self.name)
                if not page.cursor or not page.posts:
                    break
                token = turning.to(page.cursor, self.name)
        return found


@dataclass
class Notifications:
    """What reaches the account of the session: answers, mentions, quotes, likes, reposts, follows."""

    name: str
    server: Server
    resumes = True
    endless = False
    poll_every = 60.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        begin, now = (at_second(cursor["until"]) - OVERLAP if cursor else since), self.server.setting.clock()
        found: list[View | DeadLetter] = []
        token, turning = "", Turning()
        while True:
            asked: Parameters = {"limit": LIMIT, **({"cursor": token} if token else {})}
            page = (await self.server.get("app.bsky.notification.listNotifications", asked)).read(Notified)
            views = list(each(page.notifications, View, self.name))
            found += [one for one in views if isinstance(one, DeadLetter) or one.indexed_at >= begin]
            past = any(isinstance(one, View) and one.indexed_at < begin for one in views)
            if past or not page.cursor or not views:
                break
            token = turning.to(page.cursor, self.name)
        yield Page(await self.server.acts(found), {"until": now.timestamp()}, now)
        async for items in self.server.looked_up_again(self.name):
            yield Page(items, {"until": now.timestamp()}, now)


@dataclass
class Own:
    """What an account of the brand writes, likes, reposts, or whom it follows: its records of one kind."""

    name: str
    server: Server
    did: str
    kind: str
    resumes = True
    endless = False
    poll_every = 120.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        now, turning = self.server.setting.clock(), Turning()
        key = cursor["key"] if cursor else _key(since)
        while True:
            asked: Parameters = {
                "repo": self.did,
                "collection": KINDS[self.kind],
                "limit": LIMIT,
                "reverse": "true",
                "cursor": turning.to(key, self.name),
            }
            page = (await self.server.get("com.atproto.repo.listRecords", asked)).read(Records)
            found = list(each(page.records, Stored, self.name))
            stored = [one for one in found if isinstance(one, Stored)]
            key = max((one.uri.rpartition("/")[2] for one in stored), default=key)
            views = [View(one.uri, one.value, now) if isinstance(one, Stored) else one for one in found]
            yield Page(await self.server.acts(views), {"key": key}, now)
            if not page.cursor or not stored:
                break
        async for items in self.server.looked_up_again(self.name):
            yield Page(items, {"key": key}, now)


def _zulu(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _key(time: datetime) -> str:
    """The lowest key that a record of that time has: microseconds, in an alphabet that sorts."""
    number = int(time.timestamp() * 1e6) << 10
    return "".join(BASE32[number >> shift & 31] for shift in range(60, -1, -5))
