"""Reddit's site: tokens, things, and what a thing is as an act."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
import msgspec
from msgspec import Struct

from events import Activity, Actor, Interaction, Reference
from ingest.client import Answer, Parameters
from ingest.dead import DeadLetter
from ingest.errors import Refused
from ingest.items import Memory, at_second, each
from ingest.source import Edited, Setting

AT_ONCE = 100
EARLY = timedelta(minutes=1)  # before its end a token is asked for anew
NOBODY = ("[deleted]", "[removed]")


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
    """``by``: the user whom Reddit wants to know. ``key``: of its application, and the secret."""

    by: str
    key: str = field(repr=False)
    url: str
    token_url: str
    setting: Setting
    things: Memory[Thing | None] = field(default_factory=Memory)
    joined: Memory[datetime | None] = field(default_factory=Memory)
    _token: str = field(default="", repr=False)
    _until: datetime | None = None

    async def get(self, path: str, parameters: Parameters | None = None) -> Answer:
        """Raises what the client raises; a token that was withdrawn is replaced once."""
        agent = {"User-Agent": f"python:rapport:1 (by /u/{self.by})"}
        asked, url = {"raw_json": 1, **(parameters or {})}, f"{self.url}/{path}"
        try:
            return await self.setting.http.get(url, asked, headers=agent | await self._authorized(agent))
        except Refused as error:
            if error.status != httpx.codes.UNAUTHORIZED:
                raise
            self._until = None
        return await self.setting.http.get(url, asked, headers=agent | await self._authorized(agent))

    async def _authorized(self, agent: dict[str, str]) -> dict[str, str]:
        now = self.setting.clock()
        if self._until is None or now >= self._until:
            basic = base64.b64encode(self.key.encode()).decode()
            answer = await self.setting.http.post(
                self.token_url,
                form={"grant_type": "client_credentials"},
                headers={**agent, "Authorization": f"Basic {basic}"},
            )
            token = answer.read(Token)
            self._token, self._until = token.access_token, now + timedelta(seconds=token.expires_in) - EARLY
        return {"Authorization": f"Bearer {self._token}"}

    async def act(self, thing: Thing, brand: str = "") -> Interaction | Edited | None:
        """Nothing where it concerns none of the brands, nor stands below a post that does."""
        parent = await self.things.get(thing.parent_id, self.look_up) if thing.parent_id else None
        whose = account(parent.author) if parent and not parent.is_gone else ""
        act = Interaction(
            id=f"reddit:{thing.name}",
            platform="reddit",
            type=Activity.CREATE,
            published=at_second(thing.created_utc),
            actor=Actor(id=account(thing.author), name=thing.author),
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
        found = things_of(answer.read(Wrapped), "api/info") if answer else []
        return {one.name: one for one in found if isinstance(one, Thing)}

    async def remember_parents(self, things: Sequence[Thing]) -> None:
        """A hundred in one call, instead of a call for each."""
        unknown = sorted({thing.parent_id for thing in things if thing.parent_id})
        unknown = [name for name in unknown if name not in self.things]
        for first in range(0, len(unknown), AT_ONCE):
            names = unknown[first : first + AT_ONCE]
            there = await self.information(names)
            for name in names:
                self.things.put(name, there.get(name))

    async def _joined(self, name: str) -> datetime | None:
        try:
            about = (await self.get(f"user/{name}/about")).read(User).data
        except Refused:  # suspended, or deleted
            return None
        return at_second(about.created_utc) if about.created_utc else None


def things_of(wrapped: Wrapped, origin: str) -> list[Thing | DeadLetter]:
    return each([child.data for child in wrapped.data.children if child.kind in ("t1", "t3")], Thing, origin)


def flat(wrapped: Wrapped, origin: str) -> Iterator[Thing | DeadLetter]:
    """Comments with what is below them. What Reddit folds away as «more» is not there."""
    for one in things_of(wrapped, origin):
        yield one
        if isinstance(one, Thing) and isinstance(one.replies, Wrapped):
            yield from flat(one.replies, origin)


def account(name: str) -> str:
    return f"reddit:{name.lower()}"
