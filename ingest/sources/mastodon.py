"""Mastodon: what reaches the brand's account, what stands under its hashtags, what it says, and who answers below.

Likes and shares are seen of the own account's statuses only; a server shows what has reached it, not the whole network.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx_sse
import msgspec
from msgspec import Struct

from events import Activity, Interaction
from ingest.budget import Budget, Per
from ingest.client import Parameters
from ingest.dead import DeadLetter
from ingest.errors import Malformed, Unreachable
from ingest.items import Memory, Turning, at_second, each, when
from ingest.live import batches
from ingest.secret import Secret
from ingest.source import Cursor, Edited, Item, Page, Removed, Setting, Source
from ingest.sources.mastodon_acts import Account, Server, Status
from ingest.sources.mastodon_followed import Read, pull

CANNOT = "likes and boosts of other people's posts, answers below posts older than three days"

OVERLAP = timedelta(minutes=10)  # other servers deliver late, and a status is filed under the time it was written
LIMIT = 40
BEAT = 2.0  # seconds after which a stream says that it lives
KINDS = ("mention", "status", "reblog", "favourite", "follow", "quote", "update")


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """``token`` of the brand's own account at ``url``. ``domain`` is what accounts there end in: the host, unless said.

    ``tags`` beside the match words that can be hashtags.
    """

    url: str
    token: Secret
    domain: str = ""
    tags: tuple[str, ...] = ()
    live: bool = True
    budget: Budget = Budget(limit=60, per=Per.MINUTE)


def sources(settings: Settings, setting: Setting) -> list[Source]:
    base = settings.url.rstrip("/")
    server = Server(base, settings.domain or urlsplit(base).netloc, settings.token.read(), setting)
    words = [word for brand in setting.brands for word in brand.match if re.fullmatch(r"\w+", word)]
    tags = sorted({word.casefold().removeprefix("#") for word in (*settings.tags, *words)})
    mine = sorted(a.partition(":")[2] for a in setting.brands.by_account if a.startswith("mastodon:"))
    hashtags = [Timeline(f"{setting.name}:tag:{tag}", server, f"v1/timelines/tag/{tag}") for tag in tags]
    own = [Timeline(f"{setting.name}:own:{acct}", server, "", acct) for acct in mine]
    inbox = Notifications(f"{setting.name}:notifications", server)
    if not settings.live:
        return [inbox, *own, *hashtags]
    streams = [
        Stream(f"{setting.name}:live:{tag}", server, "hashtag", {"tag": tag}, timeline)
        for tag, timeline in zip(tags, hashtags, strict=True)
    ]
    return [inbox, *own, *hashtags, Stream(f"{setting.name}:live", server, "user/notification", {}, inbox), *streams]


class Urls(Struct):
    streaming: str


class Configuration(Struct):
    urls: Urls


class Instance(Struct):
    configuration: Configuration


class Notification(Struct):
    id: str
    type: str
    created_at: datetime
    account: Account
    status: Status | None = None


@dataclass
class Timeline:
    """Statuses under a hashtag, or of the account ``acct``."""

    name: str
    server: Server
    path: str
    acct: str = ""
    resumes = True
    endless = False
    poll_every = 120.0

    def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        return pull(self, cursor, since)

    async def missed(self, cursor: Cursor | None, since: datetime) -> AsyncIterator[Read]:
        begin = at_second(cursor["until"]) - OVERLAP if cursor else since
        path = self.path or f"v1/accounts/{await self._number()}/statuses"
        newest, turning = str(int(begin.timestamp() * 1000) << 16), Turning()  # ids begin with the time
        while found := await self.server.statuses(
            path, {"min_id": turning.to(newest, path), "limit": LIMIT}, self.name
        ):
            there = [one for one in found if isinstance(one, Status)]
            newest = max((one.id for one in there), key=int, default=newest)
            position = max((one.created_at.astimezone(UTC) for one in there), default=begin)
            items: list[Item] = [one for one in found if isinstance(one, DeadLetter)]
            items += await self.server.acts(there)
            yield Read(items, {one.act: one for one in there}, {"until": position.timestamp()}, position)
        now = self.server.setting.clock()
        yield Read([], {}, {"until": now.timestamp()}, now)

    async def _number(self) -> str:
        return (await self.server.get("v1/accounts/lookup", {"acct": self.acct})).read(Account).id


@dataclass
class Notifications:
    """What reaches the account of the token."""

    name: str
    server: Server
    resumes = True
    endless = False
    poll_every = 60.0

    def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        return pull(self, cursor, since)

    async def missed(self, cursor: Cursor | None, since: datetime) -> AsyncIterator[Read]:
        newest, position = (cursor["newest"] if cursor else await self._before(since)), since
        turning = Turning()
        while found := await self._some({"min_id": turning.to(newest, self.name)}):
            there = [one for one in found if isinstance(one, Notification)]
            newest = max((one.id for one in there), key=int, default=newest)
            position = max((one.created_at.astimezone(UTC) for one in there), default=position)
            items: list[Item] = [one for one in found if isinstance(one, DeadLetter)]
            items += [act for one in there if one.created_at >= since and (act := await self.act(one))]
            items.sort(key=when)
            statuses = {one.status.act: one.status for one in there if one.status}
            yield Read(items, statuses, {"newest": newest}, position)
        yield Read([], {}, {"newest": newest}, self.server.setting.clock())

    async def act(self, one: Notification) -> Interaction | Edited | None:
        """Nothing for what may not be read."""
        if one.type in ("mention", "status", "quote", "update"):
            return next(iter(await self.server.acts([one.status] if one.status else [])), None)
        kind = {"favourite": Activity.LIKE, "reblog": Activity.ANNOUNCE, "follow": Activity.FOLLOW}.get(one.type)
        if kind is None:
            return None
        return Interaction(
            id=f"mastodon:{self.server.domain}/notification/{one.id}",
            platform="mastodon",
            type=kind,
            published=one.created_at.astimezone(UTC),
            actor=self.server.actor(one.account),
            to=(self.server.account(one.status.account.acct) if one.status else await self.server.me(),),
            object=one.status.act if one.status else "",
        )

    async def _before(self, since: datetime) -> str:
        """The number of the last one before that: numbers are counted up, and tell nothing of a time."""
        asked, turning = dict[str, str](), Turning()
        while found := [one for one in await self._some(asked) if isinstance(one, Notification)]:
            if earlier := [one.id for one in found if one.created_at < since]:
                return max(earlier, key=int)
            asked = {"max_id": turning.to(min((one.id for one in found), key=int), self.name)}
        return "0"

    async def _some(self, asked: Mapping[str, str]) -> list[Notification | DeadLetter]:
        parameters: Parameters = {"limit": LIMIT, "types[]": KINDS, **asked}
        return each(
            (await self.server.get("v1/notifications", parameters)).read(list[msgspec.Raw]), Notification, self.name
        )


@dataclass
class Stream:
    """The same as ``reader`` reads, as it happens. What was missed in between is read first."""

    name: str
    server: Server
    path: str
    asked: Mapping[str, str]
    reader: Timeline | Notifications
    resumes = True
    endless = True
    poll_every = 1.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        clock, here = self.server.setting.clock, Memory[Status]()
        base = (await self.server.get("v2/instance")).read(Instance).configuration.urls.streaming
        url = f"{base.replace('ws', 'http', 1).rstrip('/')}/api/v1/streaming/{self.path}"
        async with self.server.setting.http.stream(url, self.asked, headers=self.server.headers) as response:
            place: Cursor = {}
            async for read in self.reader.missed(cursor, since if cursor else clock()):
                yield Page(read.items, read.cursor, read.position)
                place = dict(read.cursor)
            try:
                async with aclosing(batches(httpx_sse.EventSource(response).aiter_sse(), 100, BEAT)) as all_of_them:
                    async for events in all_of_them:
                        items: list[Item] = []
                        for event in events:
                            items += await self._items(event, here, place)
                        if "until" in place:
                            place["until"] = clock().timestamp()
                        yield Page(sorted(items, key=when), dict(place), clock())
            except httpx_sse.SSEError as error:
                raise Malformed(f"{self.name}: no stream of events: {error}") from error
        raise Unreachable(f"{self.name}: the stream has ended")

    async def _items(self, event: httpx_sse.ServerSentEvent, here: Memory[Status], place: Cursor) -> list[Item]:
        """What an event means. Deletions name a status by its id here; those of others are found by looking again."""
        if event.event == "delete":
            gone = here.known(event.data)
            return [Removed(gone.act)] if gone else []
        raw = msgspec.Raw(event.data.encode())
        if event.event in ("update", "status.update"):
            (status,) = each([raw], Status, self.name)
            if isinstance(status, DeadLetter):
                return [status]
            here.put(status.id, status)
            return [*await self.server.acts([status])]
        if event.event == "notification":
            (one,) = each([raw], Notification, self.name)
            if isinstance(one, DeadLetter):
                return [one]
            place["newest"] = max(one.id, place.get("newest", "0"), key=int)
            act = await self.reader.act(one) if isinstance(self.reader, Notifications) else None
            return [act] if act else []
        return []
