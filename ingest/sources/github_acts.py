"""GitHub's posts and reactions as acts, for one repository."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from msgspec import Struct

from events import Activity, Actor, Interaction, Reference
from ingest.client import Answer, Parameters
from ingest.errors import Refused
from ingest.items import Memory, each
from ingest.source import Edited, Setting

AT_ONCE = 100
GONE = (404, 410)
MENTION = re.compile(r"(?<![\w`/])@([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))")
QUOTED = re.compile(r"^>.*$", re.MULTILINE)
LIKING = frozenset({"+1", "heart", "hooray", "laugh", "rocket"})  # not: -1, confused, eyes


class User(Struct, frozen=True):
    login: str = "ghost"
    type: str = "User"


class Profile(Struct):
    created_at: datetime | None = None
    followers: int | None = None
    following: int | None = None
    name: str | None = None


class Counted(Struct):
    total_count: int = 0


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
    reactions: Counted = msgspec.field(default_factory=Counted)

    @property
    def issue(self) -> str:
        return str(self.number or self.issue_url.rpartition("/")[2])

    @property
    def author(self) -> User:
        return self.user or User()


class Reaction(Struct):
    id: int
    content: str
    created_at: datetime
    user: User | None = None


@dataclass(frozen=True)
class Repository:
    """``brand``: whose every post there is, named or not."""

    repository: str
    url: str
    brand: str
    headers: dict[str, str]
    setting: Setting
    issues: Memory[Post | None] = field(default_factory=Memory)
    profiles: Memory[Profile] = field(default_factory=Memory)

    async def acts(self, post: Post) -> list[Interaction | Edited]:
        """``post``, and who likes it."""
        act = await self._without_brands(post)
        issue = None if post.number else await self.issues.get(post.issue, self._issue)
        act = self.concerning(act, await self._without_brands(issue) if issue else None)
        likes: list[Interaction] = []
        if post.reactions.total_count:
            place = f"issues/{post.number}" if post.number else f"issues/comments/{post.id}"
            answer = await self.get(f"repos/{self.repository}/{place}/reactions", {"per_page": AT_ONCE})
            found = each(answer.read(list[msgspec.Raw]), Reaction, self.repository)
            likes = await self.likes(act, (one for one in found if isinstance(one, Reaction)))
        return [Edited(act, post.updated_at) if post.updated_at > post.created_at else act, *likes]

    async def likes(self, act: Interaction, reactions: Iterable[Reaction]) -> list[Interaction]:
        return [
            Interaction(
                id=f"github:{self.repository}/reactions/{one.id}",
                platform="github",
                type=Activity.LIKE,
                published=one.created_at,
                actor=await self.actor(one.user or User()),
                to=(act.actor.id,),
                object=act.id,
                conversation=act.conversation,
                brands=act.brands,
            )
            for one in reactions
            if one.content in LIKING
        ]

    def concerning(self, act: Interaction, above: Interaction | None) -> Interaction:
        """``act`` with its brands: those it names, and those that what stands ``above`` it names."""
        every = [one for one in (act, above) if one]
        named = {route.brand for one in every for route in self.setting.brands.routes(one)} | {self.brand}
        return msgspec.structs.replace(act, brands=tuple(sorted(named - {""})))

    async def actor(self, user: User) -> Actor:
        profile = await self.profiles.get(user.login, self._profile)
        return Actor(
            id=account(user.login),
            name=profile.name or user.login,
            created=profile.created_at,
            followers=profile.followers,
            following=profile.following,
            automated=user.type == "Bot",
        )

    async def _without_brands(self, post: Post) -> Interaction:
        to = mentioned(post.body or "")
        return Interaction(
            id=self._id(post),
            platform="github",
            type=Activity.CREATE,
            published=post.created_at,
            actor=await self.actor(post.author),
            to=to,
            content="\n".join(filter(None, (post.title, (post.body or "").strip()))),
            url=post.html_url,
            in_reply_to=None if post.number else await self._answered(post, to),
            conversation=f"github:{self.repository}/{post.issue}",
        )

    async def _answered(self, post: Post, to: tuple[str, ...]) -> Reference | None:
        """The last thing that who is mentioned said there before, or the issue."""
        issue = await self.issues.get(post.issue, self._issue)
        whom = next((name for name in to if name != account(post.author.login)), "")
        if issue and whom in ("", account(issue.author.login)):
            return Reference(id=self._id(issue), actor=account(issue.author.login))
        if not whom:
            return None
        answer = await self.get(f"repos/{self.repository}/issues/{post.issue}/comments", {"per_page": AT_ONCE})
        said = [
            one
            for one in each(answer.read(list[msgspec.Raw]), Post, self.repository)
            if isinstance(one, Post) and account(one.author.login) == whom and one.created_at < post.created_at
        ]
        return Reference(id=self._id(said[-1]) if said else "", actor=whom)

    async def _issue(self, number: str) -> Post | None:
        """Nothing for one that was deleted meanwhile, or moved out of sight."""
        try:
            return (await self.get(f"repos/{self.repository}/issues/{number}")).read(Post)
        except Refused as error:
            if error.status not in GONE:
                raise
            return None

    async def _profile(self, login: str) -> Profile:
        try:
            return (await self.get(f"users/{login}")).read(Profile)
        except Refused as error:
            if error.status not in GONE:
                raise
            return Profile()

    async def get(self, under: str, parameters: Parameters | None = None) -> Answer:
        return await self.setting.http.get(f"{self.url}/{under}", parameters, headers=self.headers)

    def _id(self, post: Post) -> str:
        place = f"issues/{post.number}" if post.number else f"comments/{post.id}"
        return f"github:{self.repository}/{place}"


def account(login: str) -> str:
    return f"github:{login.lower()}"


def mentioned(body: str) -> tuple[str, ...]:
    """Accounts that ``body`` addresses; what it quotes of others addresses nobody."""
    return tuple(dict.fromkeys(account(name) for name in MENTION.findall(QUOTED.sub("", body))))
