"""A server of Bluesky as it answers, asked with the session of one account."""

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct

from events import Interaction
from ingest.client import Answer, Parameters
from ingest.dead import DeadLetter
from ingest.errors import Refused
from ingest.items import Memory, each, when
from ingest.secret import Secret
from ingest.source import Item, Removed, Setting
from ingest.sources.bluesky_acts import POST, Profiles, Record, act

SESSION = timedelta(minutes=90)  # an access token lasts two hours
CHECKED, CHECKED_FOR = 100, timedelta(days=7)
TOGETHER = 25
EXPIRED = (400, 401)


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

    url: str
    identifier: str
    password: Secret
    setting: Setting
    answers: Memory[int] = field(default_factory=Memory)
    _headers: dict[str, str] = field(default_factory=dict)
    _begun: datetime | None = None

    def __post_init__(self) -> None:
        self.profiles = Profiles(self.setting.http, self.url, self._headers)

    async def get(self, path: str, parameters: Parameters) -> Answer:
        if not self._begun or self.setting.clock() - self._begun > SESSION:
            await self._begin()
        url = f"{self.url}/xrpc/{path}"
        try:
            return await self.setting.http.get(url, parameters, headers=self._headers)
        except Refused as error:
            if error.status not in EXPIRED:
                raise
        await self._begin()  # sessions can be ended elsewhere
        return await self.setting.http.get(url, parameters, headers=self._headers)

    async def _begin(self) -> None:
        asked = {"identifier": self.identifier, "password": self.password.read()}
        answer = await self.setting.http.post(f"{self.url}/xrpc/com.atproto.server.createSession", content=asked)
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
