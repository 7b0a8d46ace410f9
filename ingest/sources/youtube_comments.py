"""Threads of comments on YouTube, with their replies, and what is done so that nothing is kept for too long."""

import re
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from events import Activity, Actor, Interaction, Reference
from ingest.budget import Meter
from ingest.client import Answer, Parameters
from ingest.dead import DeadLetter
from ingest.errors import SourceError
from ingest.items import Memory, Turning, each
from ingest.source import Cursor, Edited, Item, Page, Removed, Setting

AT_ONCE, LOOKED_UP = 100, 50
FOLLOWED, MOST = timedelta(days=14), 200  # for how long, and of how many threads, new replies are looked for
REFRESHED, KEPT = timedelta(days=25), timedelta(days=30)
HANDLE = re.compile(r"^\s*(@[\w.-]+)")


class Channel(Struct):
    value: str = ""


class Snippet(Struct, rename="camel"):
    author_display_name: str
    text_original: str
    published_at: datetime
    updated_at: datetime
    video_id: str = ""
    channel_id: str = ""
    parent_id: str = ""
    author_channel_id: Channel | None = None  # none: the channel is gone

    @property
    def account(self) -> str:
        return f"youtube:{self.author_channel_id.value if self.author_channel_id else self.author_display_name}"


class Comment(Struct):
    id: str
    snippet: Snippet


class ThreadSnippet(Struct, rename="camel"):
    top_level_comment: Comment
    total_reply_count: int = 0
    video_id: str = ""
    channel_id: str = ""


class Replies(Struct):
    comments: list[Comment]


class Thread(Struct):
    id: str
    snippet: ThreadSnippet
    replies: Replies | None = None


class Listed(Struct, rename="camel"):
    items: list[msgspec.Raw]
    next_page_token: str = ""


class Statistics(Struct, rename="camel"):
    subscriber_count: str = ""
    video_count: str = ""


class Born(Struct, rename="camel"):
    published_at: datetime | None = None


class Profile(Struct):
    id: str
    snippet: Born
    statistics: Statistics


@dataclass(frozen=True)
class Comments:
    name: str
    place: Parameters
    url: str
    key: str = field(repr=False)
    setting: Setting
    profiles: Memory[Profile | None] = field(default_factory=Memory)
    tops: Memory[Thread | None] = field(default_factory=Memory)
    resumes = True
    endless = False
    poll_every = 600.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        now, begin = self.setting.clock(), datetime.fromisoformat(cursor["until"]) if cursor else since
        followed: dict[str, list[float]] = dict(cursor["followed"]) if cursor else {}  # time, and replies seen
        while items := await self.kept_fresh(now):  # first of all, since it may be that nothing else can be asked
            yield Page(items, {"until": begin.isoformat(), "followed": followed}, begin)
        dead, threads = await self._threads(begin)
        newest = max([begin, *(one.snippet.top_level_comment.snippet.published_at for one in threads)])
        tops = sorted((one.snippet.top_level_comment for one in threads), key=lambda one: one.snippet.published_at)
        for thread in threads:
            self.tops.put(thread.id, thread)
            followed[thread.id] = [thread.snippet.top_level_comment.snippet.published_at.timestamp(), 0]
        followed = dict(list(followed.items())[-MOST:])
        old = (now - FOLLOWED).timestamp()
        followed = {key: told for key, told in followed.items() if told[0] > old}
        yield Page([*dead, *await self._acts(tops)], {"until": newest.isoformat(), "followed": followed}, begin)
        async for thread in self._changed(followed):
            replies = [one for one in await self._replies(thread) if one.snippet.published_at >= since]
            followed = {**followed, thread.id: [followed[thread.id][0], thread.snippet.total_reply_count]}
            yield Page(await self._acts(replies), {"until": newest.isoformat(), "followed": followed}, begin)
        recent = self.setting.published(self.name, now - FOLLOWED, LOOKED_UP)
        yield Page(await self._looked_up_again(recent), {"until": newest.isoformat(), "followed": followed}, now)

    async def _threads(self, begin: datetime) -> tuple[list[DeadLetter], list[Thread]]:
        """Those that began since then."""
        found: list[Thread | DeadLetter] = []
        turning, token = Turning(), ""
        while True:
            asked: Parameters = {**self.place, "part": "snippet", "order": "time", "maxResults": AT_ONCE}
            listed = (await self.get("commentThreads", {**asked, **({"pageToken": token} if token else {})})).read(
                Listed
            )
            some = each(listed.items, Thread, self.name)
            found += some
            threads = [one for one in some if isinstance(one, Thread)]
            if not listed.next_page_token or any(_began(one) < begin for one in threads):
                break
            token = turning.to(listed.next_page_token, self.name)
        dead = [one for one in found if isinstance(one, DeadLetter)]
        return dead, [one for one in found if isinstance(one, Thread) and _began(one) >= begin]

    async def _changed(self, followed: dict[str, list[float]]) -> AsyncGenerator[Thread, None]:
        """Threads that have more replies than when last looked at."""
        for some in _chunks(list(followed)):
            listed = (await self.get("commentThreads", {"part": "snippet", "id": ",".join(some)})).read(Listed)
            for thread in each(listed.items, Thread, self.name):
                if isinstance(thread, Thread) and thread.snippet.total_reply_count != followed[thread.id][1]:
                    self.tops.put(thread.id, thread)
                    yield thread

    async def _replies(self, thread: Thread) -> list[Comment]:
        """All of them, oldest first."""
        found: list[Comment] = []
        turning, token = Turning(), ""
        while True:
            asked: Parameters = {"part": "snippet", "parentId": thread.id, "maxResults": AT_ONCE}
            listed = (await self.get("comments", {**asked, **({"pageToken": token} if token else {})})).read(Listed)
            found += [one for one in each(listed.items, Comment, self.name) if isinstance(one, Comment)]
            if not listed.next_page_token:
                return sorted(found, key=lambda one: (one.snippet.published_at, one.id))
            token = turning.to(listed.next_page_token, self.name)

    async def _acts(self, comments: list[Comment]) -> list[Item]:
        await self._look_up({one.snippet.account.removeprefix("youtube:") for one in comments})
        return [await self._act(comment, comments) for comment in comments]

    async def _act(self, comment: Comment, beside: Iterable[Comment]) -> Interaction | Edited:
        said, thread = comment.snippet, await self.tops.get(comment.snippet.parent_id or comment.id, self._thread)
        channel = said.channel_id or (thread.snippet.channel_id if thread else "")
        video = said.video_id or (thread.snippet.video_id if thread else "")
        profile = await self.profiles.get(said.account.removeprefix("youtube:"), self._nobody)
        counts = profile.statistics if profile else Statistics()
        owner = f"youtube:{channel}"
        act = Interaction(
            id=f"youtube:{comment.id}",
            platform="youtube",
            type=Activity.CREATE,
            published=said.published_at,
            actor=Actor(
                id=said.account,
                name=said.author_display_name,
                created=profile.snippet.published_at if profile else None,
                followers=_count(counts.subscriber_count),
                posts=_count(counts.video_count),
            ),
            to=(owner,) if channel and not said.parent_id else (),
            content=said.text_original,
            url=f"https://www.youtube.com/watch?v={video}&lc={comment.id}",
            in_reply_to=self._answered(comment, thread, beside) if said.parent_id else None,
            conversation=f"youtube:{said.parent_id or comment.id}",
            brands=tuple(sorted(self.setting.brands.by_account.get(owner, ()))),
        )
        return Edited(act, said.updated_at) if said.updated_at > said.published_at else act

    def _answered(self, comment: Comment, thread: Thread | None, beside: Iterable[Comment]) -> Reference:
        """Replies all hang on the first comment; who is meant is told by a handle in the text alone."""
        said, handle = comment.snippet, HANDLE.match(comment.snippet.text_original)
        meant = [
            one
            for one in beside
            if handle and one.snippet.author_display_name == handle[1] and one.snippet.published_at < said.published_at
        ]
        if meant:
            return Reference(id=f"youtube:{meant[-1].id}", actor=meant[-1].snippet.account)
        top = thread.snippet.top_level_comment.snippet.account if thread else ""
        return Reference(id=f"youtube:{said.parent_id}", actor=top)

    async def kept_fresh(self, now: datetime) -> list[Item]:
        """What was not seen for long, as it reads now; what cannot be looked up in time is deleted."""
        try:
            return await self._looked_up_again(self.setting.stale(self.name, now - REFRESHED, LOOKED_UP))
        except SourceError:  # whatever it is: a used-up quota, a key that is not valid any more, no network
            return [Removed(key) for key in self.setting.stale(self.name, now - KEPT, LOOKED_UP)]

    async def _looked_up_again(self, ids: Sequence[str]) -> list[Item]:
        """Acts as they read now; what is not given any more was taken back."""
        if not ids:
            return []
        keys = [key.removeprefix("youtube:") for key in ids]
        listed = (await self.get("comments", {"part": "snippet", "id": ",".join(keys)})).read(Listed)
        there = [one for one in each(listed.items, Comment, self.name) if isinstance(one, Comment)]
        acts = await self._acts(sorted(there, key=lambda one: one.snippet.published_at))
        return [*acts, *(Removed(f"youtube:{key}") for key in keys if key not in {one.id for one in there})]

    async def _thread(self, key: str) -> Thread | None:
        listed = (await self.get("commentThreads", {"part": "snippet", "id": key})).read(Listed)
        return next((one for one in each(listed.items, Thread, self.name) if isinstance(one, Thread)), None)

    async def _look_up(self, channels: set[str]) -> None:
        for some in _chunks(sorted(channel for channel in channels if channel not in self.profiles)):
            listed = (await self.get("channels", {"part": "snippet,statistics", "id": ",".join(some)})).read(Listed)
            for profile in each(listed.items, Profile, self.name):
                if isinstance(profile, Profile):
                    self.profiles.put(profile.id, profile)

    async def _nobody(self, channel: str) -> Profile | None:
        """Of a channel that was looked up and not found."""
        return None

    async def get(self, path: str, parameters: Parameters, meter: Meter | None = None) -> Answer:
        """The key goes in a header: addresses are written down in many places."""
        asked: Parameters = {**parameters, "textFormat": "plainText"} if path != "search" else parameters
        headers = {"X-Goog-Api-Key": self.key}
        return await self.setting.http.get(f"{self.url}/{path}", asked, headers=headers, meter=meter)


def _began(thread: Thread) -> datetime:
    return thread.snippet.top_level_comment.snippet.published_at


def _chunks(keys: list[str]) -> Iterable[list[str]]:
    return (keys[first : first + LOOKED_UP] for first in range(0, len(keys), LOOKED_UP))


def _count(text: str) -> int | None:
    """Numbers are strings there; a channel may hide them."""
    return int(text) if text.isdigit() else None
