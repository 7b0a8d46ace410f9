"""Bluesky: what names the brand, what reaches its account, what it does, and who answers below.

Jetstream (the kind ``jetstream``) brings the same at once; this brings the past, and threads that began before.
Posts cannot be edited there.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from events import Brand
from ingest.budget import Budget, Per
from ingest.client import Parameters
from ingest.dead import DeadLetter
from ingest.items import Turning, at_second, each
from ingest.secret import Secret
from ingest.source import Cursor, Page, Setting, Source
from ingest.sources.bluesky_acts import FOLLOW, LIKE, POST, REPOST
from ingest.sources.bluesky_server import Found, Notified, Records, Server, Stored, View

CANNOT = "likes and reposts of what others say, edits"

SETTLE, OVERLAP = timedelta(seconds=30), timedelta(minutes=10)  # the search learns late of some
WINDOW = timedelta(days=1)  # of one search: it does not lead to the end of a longer list
LIMIT = 100
KINDS = {"posts": POST, "likes": LIKE, "reposts": REPOST, "follows": FOLLOW}
BASE32 = "234567abcdefghijklmnopqrstuvwxyz"


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """``identifier`` and an app ``password`` of the brand's account, at the server ``url`` where it lives."""

    identifier: str
    password: Secret
    url: str = "https://bsky.social"
    budget: Budget = Budget(limit=500, per=Per.MINUTE)


def sources(settings: Settings, setting: Setting) -> list[Source]:
    server = Server(settings.url, settings.identifier, settings.password, setting)
    own = sorted(a.partition(":")[2] for a in setting.brands.by_account if a.startswith("bluesky:"))
    return [
        *(Search(f"{setting.name}:search:{brand.name}", server, brand) for brand in setting.brands),
        Notifications(f"{setting.name}:notifications", server),
        *(Own(f"{setting.name}:own:{did}:{kind}", server, did, kind) for did in own for kind in KINDS),
    ]


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
