"""X: mentions of the brand, what it posts, posts that name it, and the conversations below.

Every post read costs money, so the budget is in dollars: what a call could cost at the most is set aside before it,
and what it did not cost is given back. Likes are not asked for. What users delete has to be deleted: recent posts are
looked up again once a day.
"""

from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Struct

from events import Activity, Brand
from ingest.budget import Budget, Meter, Per
from ingest.client import Parameters
from ingest.dead import DeadLetter
from ingest.errors import Malformed, SourceError, Throttled
from ingest.items import Turning, at_second, each
from ingest.secret import Secret
from ingest.source import Cursor, Edited, Gap, Item, Page, Removed, Setting, Source, shown
from ingest.sources.x_acts import Tweet, User, act_of

CANNOT = "likes, posts older than seven days that only a search finds"

AT_ONCE = 100
SETTLE = timedelta(seconds=30)
WINDOW = timedelta(days=1)
SEARCHED = timedelta(days=7)  # how far back a search sees
FOLLOWED, MOST, LONGEST_QUERY = timedelta(days=3), 100, 500  # conversations that are searched; characters of a query
CHECKED_FOR = timedelta(days=30)
OWNED_PRICE, PRICE = 0.001, 0.005  # dollars for each post read: of one's own account, of others
USER_PRICE = 0.010  # for each author that comes along
FIELDS: Parameters = {
    "tweet.fields": "id,text,author_id,created_at,conversation_id,in_reply_to_user_id,referenced_tweets,lang,entities,"
    "edit_history_tweet_ids",
    "expansions": "author_id,referenced_tweets.id",
    "user.fields": "created_at,public_metrics,username,name",
}


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """``dollars`` is what may be spent. A brand's accounts have their numbers in them: ``x:12345``.

    Every ``recheck_hours`` what was brought is looked up again, since what was deleted there has to be deleted here;
    for ``recheck_dollars``, so that reading goes on when these are spent.
    """

    token: Secret
    url: str = "https://api.x.com/2"
    recheck_hours: Annotated[float, msgspec.Meta(ge=0)] = 24.0
    dollars: Budget = Budget(limit=20.0, per=Per.MONTH)
    recheck_dollars: Budget = Budget(limit=10.0, per=Per.MONTH)


def sources(settings: Settings, setting: Setting) -> list[Source]:
    headers = {"Authorization": f"Bearer {settings.token.read()}"}
    site = Site(
        settings.url,
        headers,
        setting,
        setting.meter("dollars", settings.dollars),
        setting.meter("recheck", settings.recheck_dollars),
    )
    recheck = timedelta(hours=settings.recheck_hours)
    found: list[Source] = []
    for brand in setting.brands:
        numbers = sorted(one.removeprefix("x:") for one in brand.accounts if one.startswith("x:"))
        for number in numbers:
            for what in ("mentions", "tweets"):
                found.append(Posts(f"{setting.name}:{number}:{what}", f"users/{number}/{what}", brand, site, recheck))
        if brand.match:
            name = f"{setting.name}:search:{brand.name}"
            found.append(Posts(name, "tweets/search/recent", brand, site, recheck, queries=True))
    return found


class Includes(Struct):
    users: list[User] = []
    tweets: list[msgspec.Raw] = []


class Meta(Struct):
    next_token: str = ""


class Answered(Struct):
    data: list[msgspec.Raw] = []
    includes: Includes = msgspec.field(default_factory=Includes)
    meta: Meta = msgspec.field(default_factory=Meta)
    errors: list[msgspec.Raw] = []


@dataclass(frozen=True)
class Site:
    url: str
    headers: dict[str, str] = field(repr=False)
    setting: Setting
    dollars: Meter
    recheck: Meter

    async def ask(self, path: str, parameters: Parameters, price: float, dollars: Meter, most: int) -> Answered:
        """One page of at most so many. Raises ``Throttled`` when ``dollars`` do not bear what it may cost at the most.

        What came along is paid for, too: authors, and what is answered or shared.
        """
        reserved = most * (price + PRICE + USER_PRICE)
        dollars.spend(reserved)
        try:
            answer = await self.setting.http.get(f"{self.url}/{path}", {**FIELDS, **parameters}, headers=self.headers)
        except Malformed:
            raise  # it may be paid for, although we cannot read it
        except SourceError:
            dollars.refund(reserved)
            raise
        answered = answer.read(Answered)
        along = len(answered.includes.tweets) * PRICE + len(answered.includes.users) * USER_PRICE
        dollars.refund(reserved - len(answered.data) * price - along)
        return answered

    async def window(self, path: str, asked: Parameters, begin: datetime, end: datetime, price: float) -> list[Item]:
        """All that was posted from ``begin`` to ``end``, oldest first."""
        within: Parameters = {"max_results": AT_ONCE, "start_time": _moment(begin), "end_time": _moment(end)}
        found: list[Item] = []
        turning, token = Turning(), ""
        while True:
            paged: Parameters = {"pagination_token": token} if token else {}
            answered = await self.ask(path, {**asked, **within, **paged}, price, self.dollars, AT_ONCE)
            found += self.acts(answered)
            if not answered.meta.next_token:
                return found[::-1]
            token = turning.to(answered.meta.next_token, path)

    def acts(self, answered: Answered) -> list[Item]:
        users = {user.id: user for user in answered.includes.users}
        quoted = [one for one in each(answered.includes.tweets, Tweet, "x") if isinstance(one, Tweet)]
        authors = {tweet.id: tweet.author_id for tweet in quoted}
        return [
            one if isinstance(one, DeadLetter) else act_of(one, users.get(one.author_id), authors)
            for one in each(answered.data, Tweet, "x")
        ]

    async def looked_up_again(self, keys: Sequence[str]) -> AsyncGenerator[list[Item], None]:
        """Acts as they read now, or gone; for as long as there is money for it."""
        for first in range(0, len(keys), AT_ONCE):
            some = keys[first : first + AT_ONCE]
            ids: Parameters = {"ids": ",".join(key.removeprefix("x:") for key in some)}
            try:
                acts = self.acts(await self.ask("tweets", ids, PRICE, self.recheck, len(some)))
            except Throttled:
                return
            there = {act.id for item in acts if (act := shown(item))}
            yield [*acts, *(Removed(key) for key in some if key not in there)]


@dataclass(frozen=True)
class Posts:
    """Of one listing or search, a day at a time."""

    name: str
    path: str
    brand: Brand
    site: Site
    recheck: timedelta
    queries: bool = False  # whether it is the search, which sees a week and needs words
    resumes = True
    endless = False
    poll_every = 300.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        now = self.site.setting.clock()
        begin = at_second(cursor["until"]) if cursor else since
        followed: dict[str, float] = dict(cursor["followed"]) if cursor else {}
        checked = cursor["checked"] if cursor else now.timestamp()
        if self.queries and begin < now - SEARCHED:
            gap = Gap(begin, now - SEARCHED, "a search of X sees seven days")
            begin = now - SEARCHED + SETTLE
            yield Page([gap], _cursor(begin, followed, checked), begin)
        while begin < now - SETTLE:
            end = min(begin + WINDOW, now - SETTLE)
            items = await self._window(begin, end, followed)
            yield Page(items, _cursor(end, followed, checked), end)
            begin = end
        if now - at_second(checked) >= self.recheck:
            keys = self.site.setting.published(self.name, now - CHECKED_FOR, 10_000)
            async for items in self.site.looked_up_again(keys):
                yield Page(items, _cursor(begin, followed, checked), begin)
            yield Page([], _cursor(begin, followed, now.timestamp()), begin)

    async def _window(self, begin: datetime, end: datetime, followed: dict[str, float]) -> list[Item]:
        """``followed`` is brought up to date: conversations that began lately, by when."""
        if not self.queries:
            return self._ours(await self.site.window(self.path, {}, begin, end, OWNED_PRICE))
        items: list[Item] = []
        for query in _queries([f'"{word}"' for word in self.brand.match]):
            items += await self.site.window(self.path, {"query": query}, begin, end, PRICE)
        old = (end - FOLLOWED).timestamp()
        for act in map(shown, items):
            if act and act.type is Activity.CREATE:
                followed[act.conversation] = act.published.timestamp()
        for key in [key for key, at in followed.items() if at < old] + list(followed)[:-MOST]:
            followed.pop(key, None)
        for query in _queries([f"conversation_id:{key.removeprefix('x:')}" for key in followed]):
            items += await self.site.window(self.path, {"query": query}, begin, end, PRICE)
        return self._ours(items)

    def _ours(self, items: list[Item]) -> list[Item]:
        """Of the brand, each once, oldest first; before them what is no act."""
        others = [one for one in items if not shown(one)]
        acts: dict[str, Item] = {}
        for item in items:
            if act := shown(item):
                ours = msgspec.structs.replace(act, brands=(self.brand.name,))
                acts[act.id] = Edited(ours, item.at) if isinstance(item, Edited) else ours
        return [*others, *sorted(acts.values(), key=_order)]


def _order(item: Item) -> tuple[datetime, str]:
    act = shown(item)
    return (act.published, act.id) if act else (at_second(0), "")


def _cursor(until: datetime, followed: dict[str, float], checked: float) -> Cursor:
    return {"until": until.timestamp(), "followed": dict(followed), "checked": checked}


def _queries(parts: list[str]) -> Iterator[str]:
    """As many of ``parts`` in each as a query may be long."""
    query = ""
    for part in parts:
        if query and len(query) + len(part) + 4 > LONGEST_QUERY:
            yield query
            query = ""
        query = f"{query} OR {part}" if query else part
    if query:
        yield query


def _moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
