"""Reddit: posts that name a brand with their comments, comments of chosen subreddits, and what the brand says.

Reddit gives keys on application only. Votes are nobody's there, and there are no followers. A listing ends after about
a thousand things: what lies between its end and our last look is a gap. What users delete is found by looking again.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec import Struct

from ingest.budget import Budget, Per
from ingest.client import Parameters
from ingest.dead import DeadLetter
from ingest.items import Turning, at_second
from ingest.secret import Secret
from ingest.source import Cursor, Gap, Item, Page, Removed, Setting, Source
from ingest.sources.reddit_site import AT_ONCE, Site, Thing, Wrapped, flat, things_of

CANNOT = "who votes, followers, languages, more than a thousand things back"

ENDS = 900  # things after which a listing ends because it is one, and not because there is no more
SETTLE = timedelta(minutes=10)  # what a search may not have yet
FOLLOWED, MOST = timedelta(days=7), 100  # for how long, and below how many posts, comments are looked for
CHECKED, CHECKED_FOR = 100, timedelta(days=30)
OWN = ("comments", "submitted")  # what is listed of the brand's account


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """``by``: the Reddit user who runs this, which Reddit wants to know with every request."""

    client: Secret
    secret: Secret
    by: str
    subreddits: tuple[str, ...] = ()
    url: str = "https://oauth.reddit.com"
    token_url: str = "https://www.reddit.com/api/v1/access_token"  # noqa: S105 - an address, no token
    budget: Budget = Budget(limit=100, per=Per.MINUTE)


def sources(settings: Settings, setting: Setting) -> list[Source]:
    key = f"{settings.client.read()}:{settings.secret.read()}"
    site = Site(settings.by, key, settings.url, settings.token_url, setting)
    found: list[Source] = []
    for brand in setting.brands:
        found += [
            Listing(f"{setting.name}:search:{brand.name}:{word}", "search", {"q": f'"{word}"', "type": "link"}, site)
            for word in brand.match
        ]
        for kind, _, name in (account.partition(":") for account in sorted(brand.accounts)):
            if kind == "reddit":
                found += [
                    Listing(f"{setting.name}:user:{name}:{what}", f"user/{name}/{what}", {}, site) for what in OWN
                ]
    return found + [Listing(f"{setting.name}:r:{sub}", f"r/{sub}/comments", {}, site) for sub in settings.subreddits]


@dataclass(frozen=True)
class Listing:
    """One listing, newest first there; what lies below the posts of a search is read, too."""

    name: str
    path: str
    asked: Parameters
    site: Site
    resumes = True
    endless = False
    poll_every = 120.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        now, begin = self.site.setting.clock(), at_second(cursor["at"]) - SETTLE if cursor else since
        posts: dict[str, list[float]] = dict(cursor["posts"]) if cursor else {}  # time, and comments seen
        found, items = await self._newer(begin)
        newest = max([begin.timestamp(), *(thing.created_utc for thing in found)])
        for thing in found:
            self.site.things.put(thing.name, thing)
        if self.path == "search":
            posts |= {thing.name: [thing.created_utc, 0] for thing in found if thing.name not in posts}
            posts = {name: told for name, told in posts.items() if told[0] > (now - FOLLOWED).timestamp()}
            posts = dict(list(posts.items())[-MOST:])
        yield Page([*items, *await self._acts(found)], {"at": newest, "posts": posts}, begin)
        for name, post in (await self.site.information(list(posts))).items():
            if post.num_comments != posts[name][1]:
                below = await self._below(name)
                dead = [one for one in below if isinstance(one, DeadLetter)]
                comments = [one for one in below if isinstance(one, Thing) and at_second(one.created_utc) >= since]
                posts = {**posts, name: [posts[name][0], post.num_comments]}
                yield Page([*dead, *await self._acts(comments)], {"at": newest, "posts": posts}, begin)
        yield Page(await self._gone(), {"at": newest, "posts": posts}, now)

    async def _acts(self, things: list[Thing]) -> list[Item]:
        """Oldest first, those that concern a brand."""
        in_order = sorted(things, key=lambda one: (one.created_utc, one.name))
        await self.site.remember_parents(in_order)
        acts = [await self.site.act(thing, self._brand) for thing in in_order if not thing.is_gone]
        return [act for act in acts if act]

    @property
    def _brand(self) -> str:
        return self.name.split(":")[2] if self.path == "search" else ""

    async def _newer(self, begin: datetime) -> tuple[list[Thing], list[Item]]:
        """All from ``begin`` on; what cannot be read, and a gap where the listing ends before it gets there."""
        found: list[Thing] = []
        others: list[Item] = []
        turning, after = Turning(), ""
        while True:
            asked: Parameters = {"sort": "new", "limit": AT_ONCE, **self.asked, **({"after": after} if after else {})}
            listed = (await self.site.get(self.path, asked)).read(Wrapped)
            read = things_of(listed, self.name)
            things = [one for one in read if isinstance(one, Thing)]
            found += things
            others += [one for one in read if isinstance(one, DeadLetter)]
            if not listed.data.after:
                if len(found) >= ENDS and (oldest := at_second(found[-1].created_utc)) > begin:
                    others.append(Gap(begin, oldest, "the listing ended before our last look"))
                break
            if things and at_second(min(thing.created_utc for thing in things)) < begin:
                break
            after = turning.to(listed.data.after, self.name)
        return [thing for thing in found if at_second(thing.created_utc) >= begin], others

    async def _below(self, name: str) -> list[Thing | DeadLetter]:
        answer = await self.site.get(f"comments/{name.removeprefix('t3_')}", {"sort": "new", "limit": 500})
        found = [one for part in answer.read(list[Wrapped])[1:] for one in flat(part, self.name)]
        for one in found:
            if isinstance(one, Thing):
                self.site.things.put(one.name, one)
        return found

    async def _gone(self) -> list[Item]:
        """Recent acts as they read now, and those that are gone; moderators remove, users delete."""
        setting = self.site.setting
        keys = setting.published(self.name, setting.clock() - CHECKED_FOR, CHECKED)
        there = await self.site.information([key.removeprefix("reddit:") for key in keys])
        items: list[Item] = []
        for key in keys:
            thing = there.get(key.removeprefix("reddit:"))
            if thing is None or thing.is_gone:
                items.append(
                    Removed(key, by_platform=thing is not None and "[removed]" in (thing.body, thing.selftext))
                )
            elif thing.edited and (act := await self.site.act(thing, self._brand)):
                items.append(act)
        return items
