"""YouTube: comments on the brand's channels, on videos that name it, and the answers below them.

Likes have no names there, and nothing is told of a language. What may be kept for thirty days only is looked up again
in time, and what is gone, or can no longer be looked up, is taken back.
"""

from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct

from events import Activity, Actor, Brand, Interaction, Reference
from ingest.budget import Budget, Meter
from ingest.client import Answer, Parameters
from ingest.dead import DeadLetter
from ingest.errors import Refused, SourceError
from ingest.items import Memory, Turning, at_second, each, when
from ingest.secret import Secret
from ingest.source import Cursor, Edited, Item, Page, Removed, Setting, Source

ZONE = "America/Los_Angeles"  # where a day of quota begins
OVERLAP = timedelta(days=3)  # threads that are read again: for new answers, and for edits
FOLLOWED, VIDEOS = timedelta(days=14), 50  # for how long, and on how many, comments on found videos are read
OLD, GRACE = timedelta(days=25), timedelta(days=5)  # together the thirty days for which the terms let us keep it
TOGETHER, LIMIT, MOST = 50, 100, 500
EVER = datetime(1970, 1, 2, tzinfo=UTC)


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """``videos`` beside those of the brand's channels. ``searches`` are counted apart from the other units."""

    key: Secret
    videos: tuple[str, ...] = ()
    url: str = "https://www.googleapis.com/youtube/v3"
    budget: Budget = Budget(limit=10_000, zone=ZONE)
    searches: Budget = Budget(limit=100, zone=ZONE)


def sources(settings: Settings, setting: Setting) -> list[Source]:
    site = Site(settings.url, {"X-Goog-Api-Key": settings.key.read()}, setting)
    by_account = setting.brands.by_account
    channels = [
        (a.partition(":")[2], tuple(sorted(by_account[a]))) for a in sorted(by_account) if a.startswith("youtube:")
    ]
    threads = [
        *(
            Threads(f"{setting.name}:channel:{id_}", site, "allThreadsRelatedToChannelId", id_, names)
            for id_, names in channels
        ),
        *(Threads(f"{setting.name}:video:{video}", site, "videoId", video) for video in settings.videos),
    ]
    meter = setting.meter("searches", settings.searches)
    found = [Search(f"{setting.name}:search:{b.name}", site, b, meter) for b in setting.brands if b.match]
    names = [*(source.name for source in threads), *(source.name for source in found)]
    refresh = Refresh(f"{setting.name}:refresh", site, names)
    return [*threads, *found, refresh]


class Author(Struct, frozen=True):
    value: str = "deleted"


class Comment(Struct, rename="camel"):
    published_at: datetime
    updated_at: datetime
    text_original: str = ""
    author_display_name: str = ""
    author_channel_id: Author = Author()
    parent_id: str = ""
    video_id: str = ""
    channel_id: str = ""


class Resource(Struct):
    id: str
    snippet: Comment

    @property
    def account(self) -> str:
        return f"youtube:{self.snippet.author_channel_id.value}"


class Top(Struct, rename="camel"):
    top_level_comment: Resource
    total_reply_count: int = 0


class Replies(Struct):
    comments: list[Resource] = []


class Thread(Struct):
    snippet: Top
    replies: Replies | None = None


class Statistics(Struct, frozen=True, rename="camel"):
    subscriber_count: str | None = None
    video_count: str | None = None


class Snippet(Struct, rename="camel"):
    published_at: datetime


class Channel(Struct):
    id: str
    snippet: Snippet | None = None
    statistics: Statistics = Statistics()


class VideoId(Struct, rename="camel"):
    video_id: str


class Video(Struct):
    id: VideoId
    snippet: Snippet


class Listed(Struct, rename="camel"):
    items: list[msgspec.Raw]
    next_page_token: str = ""


@dataclass(frozen=True)
class Site:
    url: str
    headers: dict[str, str]
    setting: Setting
    channels: Memory[Channel] = field(default_factory=Memory)

    async def get(self, path: str, parameters: Parameters, meter: Meter | None = None) -> Answer:
        """One unit of quota; the key is a header, so that no address ever holds it."""
        return await self.setting.http.get(f"{self.url}/{path}", parameters, headers=self.headers, meter=meter)

    async def threads(self, which: Parameters, begin: datetime, name: str) -> list[Thread | DeadLetter]:
        """Threads since ``begin``, with all their answers."""
        found: list[Thread | DeadLetter] = []
        token, turning = "", Turning()
        while True:
            asked: Parameters = {
                "part": "snippet,replies",
                "order": "time",
                "maxResults": LIMIT,
                "textFormat": "plainText",
                **which,
                **({"pageToken": token} if token else {}),
            }
            page = (await self.get("commentThreads", asked)).read(Listed)
            some = each(page.items, Thread, name)
            found += [one for one in some if isinstance(one, DeadLetter) or _at(one) >= begin]
            if not page.next_page_token or any(isinstance(one, Thread) and _at(one) < begin for one in some):
                break
            token = turning.to(page.next_page_token, name)
        for one in found:
            if isinstance(one, Thread) and one.snippet.total_reply_count > len(
                one.replies.comments if one.replies else ()
            ):
                one.replies = Replies(await self._replies(one.snippet.top_level_comment.id, name))
        return found

    async def _replies(self, parent: str, name: str) -> list[Resource]:
        found: list[Resource] = []
        token, turning = "", Turning()
        while True:
            asked: Parameters = {"part": "snippet", "parentId": parent, "maxResults": LIMIT, "textFormat": "plainText"}
            page = (await self.get("comments", {**asked, **({"pageToken": token} if token else {})})).read(Listed)
            found += [one for one in each(page.items, Resource, name) if isinstance(one, Resource)]
            if not page.next_page_token:
                return found
            token = turning.to(page.next_page_token, name)

    async def acts(self, threads: Iterable[Thread | DeadLetter], brands: tuple[str, ...] = ()) -> list[Item]:
        """Oldest first. An answer concerns whom its thread concerns."""
        items: list[Item] = []
        for thread in threads:
            if isinstance(thread, DeadLetter):
                items.append(thread)
                continue
            top = thread.snippet.top_level_comment
            named = tuple(sorted({*brands, *self.setting.brands.named(top.snippet.text_original)}))
            below = sorted(thread.replies.comments if thread.replies else (), key=lambda one: one.snippet.published_at)
            await self._look_up([top, *below])
            items += [self.act(top, None, named)]
            items += [self.act(one, _answered(one, [top, *below[:place]]), named) for place, one in enumerate(below)]
        return sorted(items, key=lambda item: when(item.interaction if isinstance(item, Edited) else item))

    async def _look_up(self, comments: Sequence[Resource]) -> None:
        dids = {one.snippet.author_channel_id.value for one in comments} - {"deleted"}
        wanted = sorted(did for did in dids if not self.channels.known(did))
        for first in range(0, len(wanted), TOGETHER):
            some = wanted[first : first + TOGETHER]
            answer = await self.get(
                "channels", {"part": "snippet,statistics", "id": ",".join(some), "maxResults": TOGETHER}
            )
            told = {
                one.id: one for one in each(answer.read(Listed).items, Channel, "channels") if isinstance(one, Channel)
            }
            for did in some:
                self.channels.put(did, told.get(did) or Channel(did))

    def act(self, one: Resource, answered: Resource | None, brands: tuple[str, ...]) -> Interaction | Edited:
        told, channel = one.snippet, self.channels.known(one.snippet.author_channel_id.value) or Channel("")
        root = told.parent_id or one.id
        owner = f"youtube:{told.channel_id}"
        act = Interaction(
            id=f"youtube:{one.id}",
            platform="youtube",
            type=Activity.CREATE,
            published=told.published_at.astimezone(UTC),
            actor=Actor(
                id=one.account,
                name=told.author_display_name,
                created=channel.snippet.published_at if channel.snippet else None,
                followers=_number(channel.statistics.subscriber_count),
                posts=_number(channel.statistics.video_count),
            ),
            to=(owner,) if owner in self.setting.brands.by_account and not answered and owner != one.account else (),
            content=told.text_original,
            url=f"https://www.youtube.com/watch?v={told.video_id}&lc={one.id}" if told.video_id else "",
            in_reply_to=Reference(id=f"youtube:{answered.id}", actor=answered.account) if answered else None,
            conversation=f"youtube:{root}",
            brands=brands,
        )
        changed = told.updated_at != told.published_at
        return Edited(act, told.updated_at.astimezone(UTC)) if changed else act


@dataclass
class Threads:
    """Comments on all videos of a channel, or on one video."""

    name: str
    site: Site
    by: str
    key: str
    brands: tuple[str, ...] = ()
    resumes = True
    endless = False
    poll_every = 600.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        begin, now = (at_second(cursor["until"]) - OVERLAP if cursor else since), self.site.setting.clock()
        items = await self.site.acts(await self.site.threads({self.by: self.key}, begin, self.name), self.brands)
        for first in range(0, len(items) - MOST, MOST):
            some = items[first : first + MOST]
            yield Page(some, {"until": (begin + OVERLAP).timestamp()}, max(begin, when(some[-1])))
        last = items[(len(items) - 1) // MOST * MOST :] if items else []
        yield Page(last, {"until": now.timestamp()}, now)


@dataclass
class Search:
    """Videos that name a brand, and the comments on them that do."""

    name: str
    site: Site
    brand: Brand
    meter: Meter
    resumes = True
    endless = False
    poll_every = 3600.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        begin, now = (at_second(cursor["until"]) if cursor else since), self.site.setting.clock()
        videos: dict[str, float] = dict(cursor["videos"]) if cursor else {}
        asked: Parameters = {
            "part": "snippet",
            "type": "video",
            "order": "date",
            "maxResults": TOGETHER,
            "q": "|".join(f'"{word}"' for word in self.brand.match),
            "publishedAfter": max(begin - OVERLAP, since).isoformat().replace("+00:00", "Z"),
        }
        answer = await self.site.get("search", asked, self.meter)
        for video in each(answer.read(Listed).items, Video, self.name):
            if isinstance(video, Video):
                videos[video.id.video_id] = video.snippet.published_at.timestamp()
        oldest = min(since, now - FOLLOWED).timestamp()
        kept = sorted((at, key) for key, at in videos.items() if at >= oldest)[-VIDEOS:]
        items, refused = list[Item](), list[Refused]()
        for _, key in kept:
            try:
                threads = await self.site.threads({"videoId": key}, max(begin - OVERLAP, since), self.name)
                items += await self.site.acts(threads)
            except Refused as error:  # comments are switched off, or the video is gone
                refused.append(error)
        if refused and len(refused) == len(kept):
            raise refused[0]
        yield Page(sorted(items, key=when), {"until": now.timestamp(), "videos": {key: at for at, key in kept}}, now)


@dataclass
class Refresh:
    """Looks up again what the ``names`` brought, all of it in turn, well within thirty days."""

    name: str
    site: Site
    names: Sequence[str]
    resumes = True
    endless = False
    poll_every = 600.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        now, published = self.site.setting.clock(), self.site.setting.published
        refreshed = at_second(cursor["refreshed"]) if cursor else now
        try:
            for name in self.names:
                if keys := list(published(name, EVER, TOGETHER)):
                    yield Page(await self._looked_up(keys), {"refreshed": now.timestamp()}, now)
        except SourceError:
            if now - refreshed > GRACE:
                young = {key for name in self.names for key in published(name, now - OLD, 10**6)}
                old = [key for name in self.names for key in published(name, EVER, 10**6) if key not in young]
                for first in range(0, len(old), MOST):
                    gone = [Removed(key, by_platform=False) for key in old[first : first + MOST]]
                    yield Page(gone, {"refreshed": refreshed.timestamp()}, now)
            raise
        yield Page([], {"refreshed": now.timestamp()}, now)

    async def _looked_up(self, keys: list[str]) -> list[Item]:
        ids = [key.removeprefix("youtube:") for key in keys]
        answer = await self.site.get("comments", {"part": "snippet", "id": ",".join(ids), "textFormat": "plainText"})
        found = [one for one in each(answer.read(Listed).items, Resource, self.name) if isinstance(one, Resource)]
        gone = set(ids) - {one.id for one in found}
        changed = [one for one in found if one.snippet.updated_at != one.snippet.published_at]
        # What is known already needs no names of brands: only its text is compared.
        return [
            *(Removed(f"youtube:{key}") for key in sorted(gone)),
            *(self.site.act(one, None, tuple(self.site.setting.brands.by_name)) for one in changed),
        ]


def _at(thread: Thread) -> datetime:
    return thread.snippet.top_level_comment.snippet.published_at


def _answered(one: Resource, before: Sequence[Resource]) -> Resource:
    """The top comment, or the last one by whoever the text names first: answers to answers are told so only there."""
    handle = one.snippet.text_original.partition(" ")[0]
    if handle.startswith("@"):
        for other in reversed(before):
            if other.snippet.author_display_name == handle:
                return other
    return before[0]


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
