"""A Mastodon server as it answers, and the acts that its statuses are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from events import Activity, Actor, Interaction, Reference
from ingest.client import Answer, Parameters
from ingest.dead import DeadLetter
from ingest.errors import Refused
from ingest.items import Memory, each, plain
from ingest.source import Edited, Setting

GONE = (404, 410)


class Account(Struct):
    id: str
    acct: str
    display_name: str = ""
    bot: bool | None = None
    created_at: datetime | None = None
    followers_count: int | None = None
    following_count: int | None = None
    statuses_count: int | None = None
    noindex: bool | None = None


class Mention(Struct):
    id: str
    acct: str


class Status(Struct):
    """``id`` is this server's, ``uri`` the same on every server."""

    id: str
    uri: str
    created_at: datetime
    account: Account
    content: str
    visibility: str
    url: str | None = None
    edited_at: datetime | None = None
    in_reply_to_id: str | None = None
    in_reply_to_account_id: str | None = None
    mentions: list[Mention] = []
    language: str | None = None
    replies_count: int = 0
    reblog: "Status | None" = None

    @property
    def act(self) -> str:
        return f"mastodon:{self.uri}"


class Context(Struct):
    ancestors: list[msgspec.Raw]
    descendants: list[msgspec.Raw]


class Parent(Struct, frozen=True):
    act: str
    account: str
    conversation: str


@dataclass(frozen=True)
class Server:
    """One server, asked with the token of one account. ``domain`` is what its accounts end in."""

    url: str
    domain: str
    token: str
    setting: Setting
    parents: Memory[Parent] = field(default_factory=Memory)
    _me: Memory[str] = field(default_factory=Memory)

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def get(self, path: str, parameters: Parameters | None = None) -> Answer:
        return await self.setting.http.get(f"{self.url}/api/{path}", parameters, headers=self.headers)

    async def statuses(self, path: str, parameters: Parameters, origin: str) -> list[Status | DeadLetter]:
        return each((await self.get(path, parameters)).read(list[msgspec.Raw]), Status, origin)

    async def context(self, status: str) -> tuple[list[Status], list[Status]]:
        """What stands above and below a status; nothing where that is gone."""
        try:
            found = (await self.get(f"v1/statuses/{status}/context")).read(Context)
        except Refused as error:
            if error.status in GONE:
                return [], []
            raise
        above = [one for one in each(found.ancestors, Status, self.domain) if isinstance(one, Status)]
        return above, [one for one in each(found.descendants, Status, self.domain) if isinstance(one, Status)]

    async def me(self) -> str:
        """The account of the token."""
        return await self._me.get("", self._ask_me)

    async def _ask_me(self, _: str) -> str:
        return self.account((await self.get("v1/accounts/verify_credentials")).read(Account).acct)

    def account(self, acct: str) -> str:
        return f"mastodon:{acct}" if "@" in acct else f"mastodon:{acct}@{self.domain}"

    def may_be_read(self, status: Status) -> bool:
        """What is public; from those who want not to be found, or not to be listed, only what is said to a brand."""
        brands = self.setting.brands.by_account
        if self.account(status.account.acct) in brands:
            return status.visibility in ("public", "unlisted")
        addressed = any(self.account(mention.acct) in brands for mention in status.mentions)
        if status.visibility == "unlisted" or status.account.noindex:
            return addressed and status.visibility in ("public", "unlisted")
        return status.visibility == "public"

    async def acts(self, statuses: Iterable[Status], brands: Sequence[str] = ()) -> list[Interaction | Edited]:
        """Acts of those that may be read, oldest first; they concern ``brands`` whatever they say."""
        wanted = sorted(filter(self.may_be_read, statuses), key=lambda status: status.created_at)
        return [await self.act(status, brands) for status in wanted]

    async def act(self, status: Status, brands: Sequence[str] = ()) -> Interaction | Edited:
        if status.reblog:
            return self.shared(status, status.reblog)
        parent = await self._parent(status)
        self.remember(status, parent)
        answered = parent or self._known_of_parent(status)
        act = Interaction(
            id=status.act,
            platform="mastodon",
            type=Activity.CREATE,
            published=status.created_at.astimezone(UTC),
            actor=self.actor(status.account),
            to=tuple(self.account(mention.acct) for mention in status.mentions),
            content=plain(status.content),
            language=status.language or "",
            url=status.url or "",
            in_reply_to=Reference(id=answered.act, actor=answered.account) if answered else None,
            conversation=answered.conversation if answered else status.act,
            brands=tuple(brands),
        )
        return Edited(act, status.edited_at.astimezone(UTC)) if status.edited_at else act

    def shared(self, status: Status, shared: Status) -> Interaction:
        return Interaction(
            id=status.act,
            platform="mastodon",
            type=Activity.ANNOUNCE,
            published=status.created_at.astimezone(UTC),
            actor=self.actor(status.account),
            to=(self.account(shared.account.acct),),
            object=shared.act,
        )

    def actor(self, account: Account) -> Actor:
        return Actor(
            id=self.account(account.acct),
            name=account.display_name,
            created=account.created_at,
            followers=account.followers_count,
            following=account.following_count,
            posts=account.statuses_count,
            automated=account.bot,
        )

    def remember(self, status: Status, parent: Parent | None) -> None:
        conversation = parent.conversation if parent else status.act
        self.parents.put(status.id, Parent(status.act, self.account(status.account.acct), conversation))

    async def _parent(self, status: Status) -> Parent | None:
        """What is answered: known, or found together with all that stands above it."""
        if not status.in_reply_to_id:
            return None
        if not (parent := self.parents.known(status.in_reply_to_id)):
            root: Parent | None = None
            for one in (await self.context(status.id))[0]:
                self.remember(one, root)
                root = root or self.parents.known(one.id)
            parent = self.parents.known(status.in_reply_to_id)
        return parent

    def _known_of_parent(self, status: Status) -> Parent | None:
        """Of a parent that cannot be seen it may be told whose it is."""
        for mention in status.mentions:
            if mention.id == status.in_reply_to_account_id:
                return Parent("", self.account(mention.acct), status.act)
        return None
