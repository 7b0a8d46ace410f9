"""Discussions of a repository on GitHub, which only its GraphQL has: each that changed is read as a whole."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from events import Activity, Interaction, Reference
from ingest.dead import DeadLetter
from ingest.errors import Malformed, Refused, Throttled
from ingest.items import Turning, each, when
from ingest.source import Cursor, Edited, Item, Page, Removed
from ingest.sources.github_acts import Reaction, Repository, User, account, mentioned

T = TypeVar("T")

HOUR = timedelta(hours=1)
AGAIN = timedelta(hours=12)  # for how long a thread is read again, should an answer not count as a change of it
CHECKED, CHECKED_FOR = 50, timedelta(days=14)
HEARTS = {"THUMBS_UP": "+1", "HEART": "heart", "HOORAY": "hooray", "LAUGH": "laugh", "ROCKET": "rocket"}

IN = "query($owner: String!, $name: String!, $number: Int = 0, $after: String) { repository(owner: $owner, name: $name)"
SAID = "id url body createdAt lastEditedAt author { login __typename }"
LIKED = "reactions(first: 100) { nodes { databaseId content createdAt user { login } } }"
MORE = "pageInfo { hasNextPage endCursor }"
CHANGED = f"""{IN} {{ discussions(first: 100, after: $after, orderBy: {{field: UPDATED_AT, direction: DESC}}) {{
  {MORE} nodes {{ number updatedAt }} }} }} }}"""
THREAD = f"""{IN} {{ discussion(number: $number) {{ {SAID} {LIKED} title comments(first: 25, after: $after) {{
  {MORE} nodes {{ {SAID} {LIKED} deletedAt replies(first: 100) {{ nodes {{ {SAID} deletedAt }} }} }} }} }} }} }}"""
THERE = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on DiscussionComment { deletedAt } } }"


class Author(Struct):
    login: str
    kind: str = msgspec.field(name="__typename", default="User")

    @property
    def user(self) -> User:
        return User(self.login, self.kind)


class PageInfo(Struct, rename="camel"):
    has_next_page: bool = False
    end_cursor: str | None = None


class Nodes(Struct, rename="camel"):
    nodes: list[msgspec.Raw]
    page_info: PageInfo = msgspec.field(default_factory=PageInfo)


class Liked(Struct, rename="camel"):
    database_id: int
    content: str
    created_at: datetime
    user: Author | None = None


class Said(Struct, rename="camel"):
    """A discussion, a comment, or a reply to one."""

    id: str
    url: str
    body: str
    created_at: datetime
    last_edited_at: datetime | None = None
    deleted_at: datetime | None = None  # only the place of it is left, for the sake of its replies
    author: Author | None = None  # none: the account was deleted
    title: str = ""
    reactions: Nodes | None = None
    comments: Nodes | None = None
    replies: Nodes | None = None

    @property
    def account(self) -> str:
        return account(self.author.login if self.author else User().login)


class Touched(Struct, rename="camel"):
    number: int
    updated_at: datetime


class Inside(Struct):
    discussions: Nodes | None = None
    discussion: Said | None = None


class Data(Struct):
    repository: Inside | None


class There(Struct, rename="camel"):
    id: str = ""
    deleted_at: datetime | None = None


class Found(Struct):
    nodes: list[There | None]


class Fault(Struct):
    type: str = ""
    message: str = ""


class Reply(Struct, Generic[T]):
    data: T | None = None
    errors: list[Fault] = msgspec.field(default_factory=list)


@dataclass(frozen=True)
class Discussions:
    name: str
    site: Repository
    resumes = True
    endless = False
    poll_every = 300.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        changed, now = datetime.fromisoformat(cursor["changed"]) if cursor else since, self.site.setting.clock()
        for one in await self._changed(max(since, changed - AGAIN)):
            items = await self._thread(one.number, since)
            changed = max(changed, one.updated_at)
            yield Page(sorted(items, key=when), {"changed": changed.isoformat()}, min(changed, now))
        yield Page(await self._gone(), {"changed": changed.isoformat()}, now)

    async def _changed(self, since: datetime) -> list[Touched]:
        """Which discussions changed since then, the longest unchanged first."""
        found: list[Touched] = []
        turning, after = Turning(), ""
        while True:
            listed = (await self._ask(CHANGED, {"after": after or None})).discussions
            nodes = listed.nodes if listed else []
            page = [one for one in each(nodes, Touched, self.name) if isinstance(one, Touched)]
            found += [one for one in page if one.updated_at >= since]
            if not listed or not listed.page_info.has_next_page or any(one.updated_at < since for one in page):
                return sorted(found, key=lambda one: (one.updated_at, one.number))
            after = turning.to(listed.page_info.end_cursor or "", self.name)

    async def _thread(self, number: int, since: datetime) -> list[Item]:
        """Everything in it that was said since then, and who likes it."""
        items: list[Item] = []
        turning, after, every, above = Turning(), "", [], None
        while True:
            discussion = (await self._ask(THREAD, {"number": number, "after": after or None})).discussion
            if discussion is None:  # gone since it was listed
                return items
            if above is None:
                above = await self._act(discussion, number, None, [])
                items += await self._told(discussion, above, None, since)
                every = [(discussion, discussion)]
            for comment in self._read(discussion.comments, items):
                for said in (comment, *self._read(comment.replies, items)):
                    top = discussion if said is comment else comment
                    if said.deleted_at is None:
                        act = await self._act(said, number, top, every)
                        items += await self._told(said, act, above, since)
                    every.append((said, comment))
            more = discussion.comments.page_info if discussion.comments else PageInfo()
            if not more.has_next_page:
                return items
            after = turning.to(more.end_cursor or "", self.name)

    def _read(self, nodes: Nodes | None, items: list[Item]) -> list[Said]:
        found = each(nodes.nodes, Said, self.name) if nodes else []
        items += [one for one in found if isinstance(one, DeadLetter)]
        return [one for one in found if isinstance(one, Said)]

    async def _told(self, said: Said, act: Interaction, above: Interaction | None, since: datetime) -> list[Item]:
        act = self.site.concerning(act, above)
        items: list[Item] = []
        if said.created_at >= since:
            items.append(Edited(act, said.last_edited_at) if said.last_edited_at else act)
        for one in each(said.reactions.nodes if said.reactions else [], Liked, self.name):
            if isinstance(one, Liked) and one.content in HEARTS and one.created_at >= since:
                user = one.user.user if one.user else User()
                items += await self.site.likes(
                    act, [Reaction(one.database_id, HEARTS[one.content], one.created_at, user)]
                )
        return items

    async def _act(self, said: Said, number: int, top: Said | None, every: list[tuple[Said, Said]]) -> Interaction:
        """Who is mentioned is answered, the last thing they said before (below the same comment); else ``top``."""
        to = mentioned(said.body)
        whom = next((name for name in to if name != said.account), "")
        below = [one for one, comment in every if top in (every[0][0], comment)]
        spoken = [one for one in below if one.account == whom and one.created_at <= said.created_at]
        answered = spoken[-1] if spoken else top
        return Interaction(
            id=self._id(said),
            platform="github",
            type=Activity.CREATE,
            published=said.created_at,
            actor=await self.site.actor(said.author.user if said.author else User()),
            to=to,
            content="\n".join(filter(None, (said.title, said.body.strip()))),
            url=said.url,
            in_reply_to=Reference(id=self._id(answered), actor=answered.account) if answered else None,
            conversation=f"github:{self.site.repository}/discussions/{number}",
        )

    async def _gone(self) -> list[Item]:
        setting = self.site.setting
        keys = [
            key
            for key in setting.published(self.name, setting.clock() - CHECKED_FOR, CHECKED)
            if "/reactions/" not in key
        ]
        if not keys:
            return []
        asked = {"ids": [key.rpartition("/")[2] for key in keys]}
        found = await self._post(THERE, asked, Found)
        there = {one.id for one in found.nodes if one and one.deleted_at is None}
        return [Removed(key) for key in keys if key.rpartition("/")[2] not in there]

    async def _ask(self, query: str, asked: Mapping[str, object]) -> Inside:
        owner, _, name = self.site.repository.partition("/")
        found = await self._post(query, {"owner": owner, "name": name, **asked}, Data)
        if found.repository is None:
            raise Refused(f"{self.name}: there is no such repository, or the token does not see it", 404)
        return found.repository

    async def _post(self, query: str, asked: Mapping[str, object], kind: type[T]) -> T:
        """What is asked for, also where part of it is not there. Raises ``Throttled`` and ``Malformed``, too."""
        answer = await self.site.setting.http.post(
            f"{self.site.url}/graphql", content={"query": query, "variables": asked}, headers=self.site.headers
        )
        reply = answer.read(Reply[kind])  # type: ignore[valid-type]
        if any(fault.type == "RATE_LIMITED" for fault in reply.errors):
            raise Throttled(f"{self.name}: the points of this hour are used up", self.site.setting.clock() + HOUR)
        if reply.data is None:
            told = reply.errors[0].message if reply.errors else "neither data nor errors"
            raise Malformed(f"{self.name}: {told}")
        return reply.data

    def _id(self, said: Said) -> str:
        return f"github:{self.site.repository}/discussions/{said.id}"
