"""Reddit: posts that name a brand with their comments, comments of chosen subreddits, and what the brand says.

Reddit gives keys on application only. Votes are nobody's there, and there are no followers. A listing ends after about
a thousand things: what lies between its end and our last look is a gap. What users delete is found by looking again.
"""

import base64
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from events import Activity, Actor, Interaction, Reference
from ingest.budget import Budget, Per
from ingest.client import Answer, Parameters
from ingest.dead import DeadLetter
from ingest.errors import Refused
from ingest.items import Memory, Turning, at_second, each
from ingest.secret import Secret
from ingest.source import Cursor, Edited, Gap, Item, Page, Removed, Setting, Source

AT_ONCE = 100
SETTLE = timedelta(minutes=10)  # what a search may not have yet
FOLLOWED, MOST = timedelta(days=7), 100  # for how long, and below how many posts, comments are looked for
CHECKED, CHECKED_FOR = 100, timedelta(days=30)
EARLY = timedelta(minutes=1)  # before its end a token is asked for anew
NOBODY = ("[deleted]", "[removed]")


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
    site = Site(settings, f"{settings.client.read()}:{settings.secret.read()}", setting)
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


OWN = ("comments", "submitted")


class Token(Struct):
    access_token: str
    expires_in: float


class Thing(Struct):
    """A post (t3) or a comment (t1)."""

    name: str
    author: str
    created_utc: float
    permalink: str = ""
    body: str = ""
    title: str = ""
    selftext: str = ""
    parent_id: str = ""
    link_id: str = ""
    link_title: str = ""
    num_comments: int = 0
    edited: float | bool = False
    replies: "Wrapped | str" = ""

    @property
    def is_gone(self) -> bool:
        return self.author in NOBODY or self.body in NOBODY or self.selftext in NOBODY


class Child(Struct):
    kind: str
    data: msgspec.Raw


class Children(Struct):
    children: list[Child]
    after: str | None = None


class Wrapped(Struct):
    data: Children


class About(Struct):
    created_utc: float | None = None


class User(Struct):
    data: About


@dataclass
class Site:
    settings: Settings
    key: str
    setting: Setting
    things: Memory[Thing | None] = field(default_factory=Memory)
    joined: Memory[datetime | None] = field(default_factory=Memory)
    _token: str = field(default="", repr=False)
    _until: datetime | None = None

    async def get(self, path: str, parameters: Parameters | None = None) -> Answer:
        headers = {"User-Agent": f"python:rapport:1 (by /u/{self.settings.by})"}
        now = self.setting.clock()
        if self._until is None or now >= self._until:
            basic = base64.b64encode(self.key.encode()).decode()
            answer = await self.setting.http.post(
                self.settings.token_url,
                form={"grant_type": "client_credentials"},
                headers={**headers, "Authorization": f"Basic {basic}"},
            )
            token = answer.read(Token)
            self._token, self._until = token.access_token, now + timedelta(seconds=token.expires_in) - EARLY
        try:
            return await self.setting.http.get(
                f"{self.settings.url}/{path}",
                {"raw_json": 1, **(parameters or {})},
                headers={**headers, "Authorization": f"Bearer {self._token}"},
            )
        except Refused as error:
            if error.status == 401:
                self._until = None  # it was withdrawn: the next pull asks for another
            raise

    async def act(self, thing: Thing, brand: str = "") -> Interaction | Edited | None:
        """Nothing where it concerns none of the brands, nor stands below a post that does."""
        parent = await self.things.get(thing.parent_id, self.look_up) if thing.parent_id else None
        whose = _account(parent.author) if parent and not parent.is_gone else ""
        act = Interaction(
            id=f"reddit:{thing.name}",
            platform="reddit",
            type=Activity.CREATE,
            published=at_second(thing.created_utc),
            actor=Actor(id=_account(thing.author), name=thing.author),
            content="\n".join(filter(None, (thing.title, thing.selftext, thing.body))),
            url=f"https://www.reddit.com{thing.permalink}",
            in_reply_to=Reference(id=f"reddit:{thing.parent_id}", actor=whose) if thing.parent_id else None,
            conversation=f"reddit:{thing.link_id or thing.name}",
        )
        above = msgspec.structs.replace(act, content=thing.link_title)
        named = {route.brand for one in (act, above) for route in self.setting.brands.routes(one)} | {brand}
        if not (named := named - {""}):
            return None
        joined = await self.joined.get(thing.author, self._joined)
        act = msgspec.structs.replace(
            act, brands=tuple(sorted(named)), actor=msgspec.structs.replace(act.actor, created=joined)
        )
        return Edited(act, at_second(thing.edited)) if thing.edited and thing.edited is not True else act

    async def look_up(self, name: str) -> Thing | None:
        return (await self.information([name])).get(name)

    async def information(self, names: list[str]) -> dict[str, Thing]:
        """What there is under ``names``, at most a hundred."""
        answer = await self.get("api/info", {"id": ",".join(names)}) if names else None
        return {thing.name: thing for thing in _things(answer.read(Wrapped), "api/info")} if answer else {}

    async def _joined(self, name: str) -> datetime | None:
        try:
            about = (await self.get(f"user/{name}/about")).read(User).data
        except Refused:  # suspended, or deleted
            return None
        return at_second(about.created_utc) if about.created_utc else None


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
        found, gap = await self._newer(begin)
        newest = max([begin.timestamp(), *(thing.created_utc for thing in found)])
        for thing in found:
            self.site.things.put(thing.name, thing)
        if self.path == "search":
            posts |= {thing.name: [thing.created_utc, 0] for thing in found if thing.name not in posts}
            posts = {name: told for name, told in posts.items() if told[0] > (now - FOLLOWED).timestamp()}
            posts = dict(list(posts.items())[-MOST:])
        items: list[Item] = [gap] if gap else []
        yield Page([*items, *await self._acts(found)], {"at": newest, "posts": posts}, begin)
        for name, post in (await self.site.information(list(posts))).items():
            if post.num_comments != posts[name][1]:
                comments = [thing for thing in await self._below(name) if at_second(thing.created_utc) >= since]
                posts = {**posts, name: [posts[name][0], post.num_comments]}
                yield Page(await self._acts(comments), {"at": newest, "posts": posts}, begin)
        yield Page(await self._gone(), {"at": newest, "posts": posts}, now)

    async def _acts(self, things: list[Thing]) -> list[Item]:
        """Oldest first, those that concern a brand."""
        in_order = sorted(things, key=lambda one: (one.created_utc, one.name))
        acts = [await self.site.act(thing, self._brand) for thing in in_order if not thing.is_gone]
        return [act for act in acts if act]

    @property
    def _brand(self) -> str:
        return self.name.split(":")[2] if self.path == "search" else ""

    async def _newer(self, begin: datetime) -> tuple[list[Thing], Gap | None]:
        """All from ``begin`` on; with a gap where the listing ends before it gets there."""
        found: list[Thing] = []
        turning, after = Turning(), ""
        while True:
            asked: Parameters = {"sort": "new", "limit": AT_ONCE, **self.asked, **({"after": after} if after else {})}
            listed = (await self.site.get(self.path, asked)).read(Wrapped)
            found += (things := list(_things(listed, self.name)))
            if not listed.data.after:
                cut = bool(found) and len(found) >= 900 and at_second(found[-1].created_utc) > begin
                reason = "the listing ended before our last look"
                gap = Gap(begin, at_second(found[-1].created_utc), reason) if cut else None
                break
            if things and at_second(min(thing.created_utc for thing in things)) < begin:
                gap = None
                break
            after = turning.to(listed.data.after, self.name)
        return [thing for thing in found if at_second(thing.created_utc) >= begin], gap

    async def _below(self, name: str) -> list[Thing]:
        answer = await self.site.get(f"comments/{name.removeprefix('t3_')}", {"sort": "new", "limit": 500})
        found = [thing for part in answer.read(list[Wrapped])[1:] for thing in _flat(part, self.name)]
        for thing in found:
            self.site.things.put(thing.name, thing)
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


def _things(wrapped: Wrapped, origin: str) -> Iterator[Thing]:
    raw = [child.data for child in wrapped.data.children if child.kind in ("t1", "t3")]
    return (thing for thing in each(raw, Thing, origin) if not isinstance(thing, DeadLetter))


def _flat(wrapped: Wrapped, origin: str) -> Iterator[Thing]:
    """Comments with what is below them. What Reddit folds away as «more» is not there."""
    for thing in _things(wrapped, origin):
        yield thing
        if isinstance(thing.replies, Wrapped):
            yield from _flat(thing.replies, origin)


def _account(name: str) -> str:
    return f"reddit:{name.lower()}"
