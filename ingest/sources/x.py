"""X: what mentions the brand, what it posts, what names it, and the conversations below; every post read is paid for.

A window is paid for before it is read, at the price of the most it can hold, and what it did not hold is given back.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct

from events import Activity, Actor, Brand, Interaction, Reference
from ingest.budget import Budget, Meter, Per
from ingest.client import Answer, Parameters
from ingest.dead import DeadLetter
from ingest.errors import SourceError
from ingest.items import Turning, at_second, each, when
from ingest.secret import Secret
from ingest.source import Cursor, Edited, Gap, Item, Page, Removed, Setting, Source

SETTLE, WINDOW = timedelta(seconds=30), timedelta(days=1)
RECENT = timedelta(days=7)  # of which the search knows
LIMIT = 100
LETTERS, MOST, FOLLOWED = 512, 34, timedelta(days=3)  # of a query; conversations that are followed, and for how long
CHECKED, CHECKED_FOR = 100, timedelta(days=30)
SNOWFLAKES = 1_288_834_974_657  # milliseconds since 1970 from which ids count
FIELDS = {
    "tweet.fields": (
        "author_id,conversation_id,created_at,edit_history_tweet_ids,entities,in_reply_to_user_id,lang,referenced_tweets"
    ),
    "user.fields": "created_at,name,public_metrics,username",
    "expansions": "author_id",
}


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """``budget`` and ``checks`` in dollars; the latter is what is spent on finding out what was deleted.

    ``post``, ``owned`` and ``user`` are the prices of reading one.
    """

    token: Secret
    post: float = 0.005
    owned: float = 0.001
    user: float = 0.010
    url: str = "https://api.x.com/2"
    budget: Budget = Budget(limit=25.0, per=Per.MONTH)
    checks: Budget = Budget(limit=5.0, per=Per.MONTH)


def sources(settings: Settings, setting: Setting) -> list[Source]:
    site = Site(settings, {"Authorization": f"Bearer {settings.token.read()}"}, setting)
    mine = sorted(a.partition(":")[2] for a in setting.brands.by_account if a.startswith("x:"))
    found: list[Posts | Search] = [
        *(Posts(f"{setting.name}:mentions:{number}", site, f"users/{number}/mentions") for number in mine),
        *(Posts(f"{setting.name}:own:{number}", site, f"users/{number}/tweets") for number in mine),
        *(Search(f"{setting.name}:search:{brand.name}", site, brand) for brand in setting.brands if brand.match),
    ]
    meter = setting.meter("checks", settings.checks)
    return [*found, Deletions(f"{setting.name}:deletions", site, [one.name for one in found], meter)]


class Named(Struct):
    id: str = ""


class Entities(Struct):
    mentions: list[Named] = []


class Referenced(Struct):
    type: str
    id: str


class Metrics(Struct):
    followers_count: int | None = None
    following_count: int | None = None
    tweet_count: int | None = None


class User(Struct):
    id: str
    name: str = ""
    created_at: datetime | None = None
    public_metrics: Metrics | None = None


class Post(Struct):
    id: str
    text: str
    author_id: str
    created_at: datetime
    conversation_id: str = ""
    edit_history_tweet_ids: list[str] = []
    in_reply_to_user_id: str = ""
    referenced_tweets: list[Referenced] = []
    entities: Entities | None = None
    lang: str = ""


class Includes(Struct):
    users: list[User] = []


class Meta(Struct):
    next_token: str = ""


class Found(Struct):
    """Without any, there are no ``data``, but a ``meta`` that counts none."""

    meta: Meta
    data: list[msgspec.Raw] = []
    includes: Includes = msgspec.field(default_factory=Includes)


class Failed(Struct):
    resource_id: str = ""


class There(Struct):
    """Those of the posts asked for that are there, and an error for each other one."""

    data: list[Named] = []
    errors: list[Failed] = []


@dataclass(frozen=True)
class Site:
    settings: Settings
    headers: Mapping[str, str]
    setting: Setting

    async def get(self, path: str, parameters: Parameters, reserved: float, meter: Meter) -> Answer:
        """Pay first: ``reserved``, which is given back where nothing was read. Raises ``Throttled`` without money."""
        meter.spend(reserved)
        try:
            return await self.setting.http.get(
                f"{self.settings.url}/{path}", parameters, headers=self.headers, cost=0.0
            )
        except SourceError:
            meter.refund(reserved)
            raise

    async def posts(
        self, path: str, asked: Mapping[str, str], price: float, name: str, brands: tuple[str, ...] = ()
    ) -> list[Item]:
        """Acts of all pages, and dead letters."""
        items: list[Item] = []
        token, turning = "", Turning()
        paging = "next_token" if path.endswith("recent") else "pagination_token"
        meter, reserved = self.setting.http.meter, LIMIT * (price + self.settings.user)
        while True:
            more = {paging: token} if token else {}
            answer = await self.get(path, {**FIELDS, **asked, **more, "max_results": LIMIT}, reserved, meter)
            page = answer.read(Found)
            meter.refund(reserved - len(page.data) * price - len(page.includes.users) * self.settings.user)
            users = {user.id: user for user in page.includes.users}
            items += [
                one if isinstance(one, DeadLetter) else _act(one, users, brands) for one in each(page.data, Post, name)
            ]
            if not page.meta.next_token:
                return items
            token = turning.to(page.meta.next_token, name)


@dataclass
class Posts:
    """Posts of an account of the brand, or that mention it: its owner reads them for less."""

    name: str
    site: Site
    path: str
    resumes = True
    endless = False
    poll_every = 60.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        begin, until = at_second(cursor["until"]) if cursor else since, self.site.setting.clock() - SETTLE
        while begin < until:
            end = min(begin + WINDOW, until)
            items = await self.site.posts(self.path, _window(begin, end), self.site.settings.owned, self.name)
            yield Page(_sorted(items), {"until": end.timestamp()}, end)
            begin = end


@dataclass
class Search:
    """Posts of the last week that name one brand, and what is said in their conversations."""

    name: str
    site: Site
    brand: Brand
    resumes = True
    endless = False
    poll_every = 300.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        now = self.site.setting.clock()
        begin, until = at_second(cursor["until"]) if cursor else since, now - SETTLE
        followed: dict[str, float] = dict(cursor["followed"]) if cursor else {}
        if begin < now - RECENT:
            oldest = now - RECENT + SETTLE
            gap = Gap(begin, oldest, "the search of X knows the last seven days only")
            yield Page([gap], {"until": oldest.timestamp(), "followed": followed}, oldest)
            begin = oldest
        while begin < until:
            end = min(begin + WINDOW, until)
            items = await self._window(begin, end, followed)
            yield Page(_sorted(items), {"until": end.timestamp(), "followed": dict(followed)}, end)
            begin = end

    async def _window(self, begin: datetime, end: datetime, followed: dict[str, float]) -> list[Item]:
        words = [f'"{word}"' for word in self.brand.match]
        items = await self._found(words, " -is:retweet", begin, end)
        for act in (item.interaction if isinstance(item, Edited) else item for item in items):
            if isinstance(act, Interaction):
                followed[act.conversation.removeprefix("x:")] = act.published.timestamp()
        kept = sorted((at, key) for key, at in followed.items() if key and at > (end - FOLLOWED).timestamp())[-MOST:]
        followed.clear()
        followed.update({key: at for at, key in kept})
        return [*items, *await self._found([f"conversation_id:{key}" for key in followed], "", begin, end)]

    async def _found(self, terms: Sequence[str], rest: str, begin: datetime, end: datetime) -> list[Item]:
        items: list[Item] = []
        for query in _queries(terms, rest):
            asked = {"query": query, **_window(begin, end)}
            price = self.site.settings.post
            items += await self.site.posts("tweets/search/recent", asked, price, self.name, (self.brand.name,))
        return items


@dataclass
class Deletions:
    """Looks up in turn what the ``names`` brought: X asks that what is deleted there is deleted here."""

    name: str
    site: Site
    names: Sequence[str]
    meter: Meter
    resumes = True
    endless = False
    poll_every = 6 * 3600.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        now, price = self.site.setting.clock(), self.site.settings.post
        for name in self.names:
            keys = [key.removeprefix("x:") for key in self.site.setting.published(name, now - CHECKED_FOR, CHECKED)]
            if not keys:
                continue
            reserved = len(keys) * price
            found = (await self.site.get("tweets", {"ids": ",".join(keys)}, reserved, self.meter)).read(There)
            self.meter.refund(reserved - len(found.data) * price)
            there, told = {one.id for one in found.data}, {one.resource_id for one in found.errors}
            yield Page([Removed(f"x:{key}") for key in keys if key in told - there], {}, now)


def _act(post: Post, users: Mapping[str, User], brands: tuple[str, ...]) -> Interaction | Edited:
    """An edit is a post with another id; the first one stays the act's, and its time, which is part of it."""
    first = next(iter(post.edit_history_tweet_ids), post.id)
    referenced = {one.type: one.id for one in post.referenced_tweets}
    answered, shared = referenced.get("replied_to", ""), referenced.get("retweeted", "")
    user = users.get(post.author_id) or User(post.author_id)
    metrics = user.public_metrics or Metrics()
    mentioned = [f"x:{one.id}" for one in (post.entities.mentions if post.entities else ()) if one.id]
    answered_to = f"x:{post.in_reply_to_user_id}" if post.in_reply_to_user_id else ""
    act = Interaction(
        id=f"x:{first}",
        platform="x",
        type=Activity.ANNOUNCE if shared else Activity.CREATE,
        published=post.created_at.astimezone(UTC) if first == post.id else _made(first),
        actor=Actor(
            id=f"x:{post.author_id}",
            name=user.name,
            created=user.created_at,
            followers=metrics.followers_count,
            following=metrics.following_count,
            posts=metrics.tweet_count,
        ),
        to=tuple(dict.fromkeys(mentioned[:1] if shared else mentioned)),
        content="" if shared else post.text,
        language=post.lang,
        url=f"https://x.com/i/web/status/{post.id}",
        in_reply_to=Reference(id=f"x:{answered}", actor=answered_to) if answered else None,
        object=f"x:{shared}" if shared else "",
        conversation=f"x:{post.conversation_id}" if post.conversation_id else "",
        brands=brands,
    )
    return act if first == post.id else Edited(act, post.created_at.astimezone(UTC))


def _made(number: str) -> datetime:
    return at_second(((int(number) >> 22) + SNOWFLAKES) / 1000)


def _window(begin: datetime, end: datetime) -> dict[str, str]:
    """X includes the begin, leaves out the end, and knows whole seconds only."""
    return {"start_time": f"{begin:%Y-%m-%dT%H:%M:%SZ}", "end_time": f"{end:%Y-%m-%dT%H:%M:%SZ}"}


def _queries(terms: Sequence[str], rest: str) -> list[str]:
    """``terms`` by OR, in as few queries as their length allows."""
    queries: list[list[str]] = []
    for term in terms:
        if queries and len(" OR ".join([*queries[-1], term])) + len(rest) + 2 <= LETTERS:
            queries[-1].append(term)
        else:
            queries.append([term])
    return [f"({' OR '.join(query)}){rest}" for query in queries]


def _sorted(items: Sequence[Item]) -> list[Item]:
    """Oldest first, each once: a conversation repeats what was found by a word."""
    once: dict[object, Item] = {}
    for item in items:
        act = item.interaction if isinstance(item, Edited) else item
        once[act.id if isinstance(act, Interaction) else len(once)] = item
    return sorted(once.values(), key=when)
