"""GitHub: issues, pull requests and their comments in repositories of a brand or about it.

Comments are flat there: whoever is mentioned is answered, and else whoever opened the issue. Reactions have no time,
and are left out. Followers and the age of an account are known.
"""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from events import Activity, Actor, Interaction, Reference
from ingest.budget import Budget, Per
from ingest.client import Answer, Parameters
from ingest.dead import DeadLetter
from ingest.errors import Refused
from ingest.items import Memory, each
from ingest.secret import Secret
from ingest.source import Cursor, Edited, Item, Page, Removed, Setting, Source

AT_ONCE = 100
CHECKED, CHECKED_FOR = 20, timedelta(days=14)
MENTION = re.compile(r"(?<![\w`/])@([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))")
QUOTED = re.compile(r"^>.*$", re.MULTILINE)
GONE = (404, 410)


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """``brand``: whose every issue there is, also where it is not named. Without a ``token``, 60 calls an hour."""

    repositories: tuple[str, ...]
    brand: str = ""
    token: Secret | None = None
    url: str = "https://api.github.com"
    budget: Budget = Budget(limit=5_000, per=Per.HOUR)


def sources(settings: Settings, setting: Setting) -> list[Source]:
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    if settings.token:
        headers["Authorization"] = f"Bearer {settings.token.read()}"
    found: list[Source] = []
    for repository in settings.repositories:
        site = Repository(repository, settings.url.rstrip("/"), settings.brand, headers, setting)
        found += [Listed(f"{setting.name}:{repository}:{what}", what, site) for what in ("issues", "issues/comments")]
    return found


class User(Struct, frozen=True):
    login: str = "ghost"
    type: str = "User"


class Profile(Struct):
    created_at: datetime | None = None
    followers: int | None = None
    following: int | None = None
    name: str | None = None


class Post(Struct):
    """An issue, a pull request, or a comment, which has an ``issue_url`` and no ``number``."""

    id: int
    created_at: datetime
    updated_at: datetime
    html_url: str
    body: str | None = None
    user: User | None = None  # none: the account was deleted
    number: int | None = None
    title: str = ""
    issue_url: str = ""

    @property
    def issue(self) -> str:
        return str(self.number or self.issue_url.rpartition("/")[2])

    @property
    def author(self) -> User:
        return self.user or User()


@dataclass(frozen=True)
class Listed:
    """Issues or comments by when they were last changed: what is new and what was edited come the same way."""

    name: str
    what: str
    site: "Repository"
    resumes = True
    endless = False
    poll_every = 120.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        changed = datetime.fromisoformat(cursor["changed"]) if cursor else since
        page, now = 1, self.site.setting.clock()
        while True:
            asked: Parameters = {"since": _moment(changed), "sort": "updated", "direction": "asc", "page": page}
            answer = await self.site.get(
                f"repos/{self.site.repository}/{self.what}", {**asked, "per_page": AT_ONCE, "state": "all"}
            )
            found = each(answer.read(list[msgspec.Raw]), Post, self.name)
            posts = [one for one in found if isinstance(one, Post)]
            items: list[Item] = [one for one in found if isinstance(one, DeadLetter)]
            for post in sorted(posts, key=lambda post: (post.created_at, post.id)):
                if post.created_at >= since:
                    items.append(await self.site.act(post))
            newest = max((post.updated_at for post in posts), default=changed)
            # Keyset paging: what is edited meanwhile moves to the end, and would shift numbered pages under us.
            page = 1 if newest > changed else page + 1
            changed, last = newest, len(found) < AT_ONCE
            yield Page(items, {"changed": changed.isoformat()}, now if last else changed)
            if last:
                break
        if items := await self.site.looked_up_again(self.name, self.what):
            yield Page(items, {"changed": changed.isoformat()}, now)


@dataclass(frozen=True)
class Repository:
    repository: str
    url: str
    brand: str
    headers: dict[str, str]
    setting: Setting
    issues: Memory[Post] = field(default_factory=Memory)
    profiles: Memory[Profile] = field(default_factory=Memory)

    async def act(self, post: Post) -> Interaction | Edited:
        act = await self._without_brands(post)
        about = act if post.number else await self._without_brands(await self.issue(post.issue))
        named = {route.brand for one in (act, about) for route in self.setting.brands.routes(one)} | {self.brand}
        act = msgspec.structs.replace(act, brands=tuple(sorted(named - {""})))
        return Edited(act, post.updated_at) if post.updated_at > post.created_at else act

    async def _without_brands(self, post: Post) -> Interaction:
        profile = await self.profiles.get(post.author.login, self._profile)
        mentioned = [_account(name) for name in MENTION.findall(QUOTED.sub("", post.body or ""))]
        return Interaction(
            id=self._id(post),
            platform="github",
            type=Activity.CREATE,
            published=post.created_at,
            actor=Actor(
                id=_account(post.author.login),
                name=profile.name or post.author.login,
                created=profile.created_at,
                followers=profile.followers,
                following=profile.following,
                automated=post.author.type == "Bot",
            ),
            to=tuple(dict.fromkeys(mentioned)),
            content="\n".join(filter(None, (post.title, (post.body or "").strip()))),
            url=post.html_url,
            in_reply_to=None if post.number else await self._answered(post, mentioned),
            conversation=f"github:{self.repository}/{post.issue}",
        )

    async def _answered(self, post: Post, mentioned: list[str]) -> Reference:
        """The last thing that who is mentioned said there before, or the issue."""
        issue = await self.issue(post.issue)
        whom = next((name for name in mentioned if name != _account(post.author.login)), "")
        if not whom or whom == _account(issue.author.login):
            return Reference(id=self._id(issue), actor=_account(issue.author.login))
        answer = await self.get(f"repos/{self.repository}/issues/{post.issue}/comments", {"per_page": AT_ONCE})
        said = [
            one
            for one in each(answer.read(list[msgspec.Raw]), Post, self.repository)
            if isinstance(one, Post) and _account(one.author.login) == whom and one.created_at < post.created_at
        ]
        return Reference(id=self._id(said[-1]) if said else "", actor=whom)

    async def looked_up_again(self, source: str, what: str) -> list[Item]:
        """What is gone of what ``source`` brought lately; edits come by themselves."""
        items: list[Item] = []
        for key in self.setting.published(source, self.setting.clock() - CHECKED_FOR, CHECKED):
            try:
                await self.get(f"repos/{self.repository}/{what}/{key.rpartition('/')[2]}")
            except Refused as error:
                if error.status not in GONE:
                    raise
                items.append(Removed(key))
        return items

    async def issue(self, number: str) -> Post:
        return await self.issues.get(number, self._issue)

    async def _issue(self, number: str) -> Post:
        return (await self.get(f"repos/{self.repository}/issues/{number}")).read(Post)

    async def _profile(self, login: str) -> Profile:
        try:
            return (await self.get(f"users/{login}")).read(Profile)
        except Refused as error:
            if error.status not in GONE:
                raise
            return Profile()

    async def get(self, path: str, parameters: Parameters | None = None) -> Answer:
        return await self.setting.http.get(f"{self.url}/{path}", parameters, headers=self.headers)

    def _id(self, post: Post) -> str:
        """By the number under which it can be looked up."""
        return (
            f"github:{self.repository}/issues/{post.number}"
            if post.number
            else f"github:{self.repository}/comments/{post.id}"
        )


def _account(login: str) -> str:
    return f"github:{login.lower()}"


def _moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
