"""YouTube: comments under the videos of a brand's channels, or under chosen ones, with their replies.

Likes are numbers there and nobody's. Google allows nothing to be kept for longer than thirty days unless it is fetched
again: what was not seen for 25 days is, and what cannot be within thirty is deleted here as if it were deleted there.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from msgspec import Struct

from events import Brand
from ingest.budget import Budget, Meter
from ingest.client import Parameters
from ingest.errors import Refused
from ingest.items import each
from ingest.secret import Secret
from ingest.source import Cursor, Page, Setting, Source
from ingest.sources.youtube_comments import LOOKED_UP, Born, Comments, Listed

CANNOT = "who likes, languages, whom a reply is meant for beyond its handle"

PACIFIC = "America/Los_Angeles"  # where a day of quota begins
VIDEOS, WATCHED = 30, timedelta(days=14)  # found by a search: of how many, and for how long, comments are read


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """``channels`` are ids (UC…); a brand's accounts of the platform are taken where none are named.

    ``searches`` a day are counted apart from the other units; with none, only channels and ``videos`` are read.
    """

    key: Secret
    channels: tuple[str, ...] = ()
    videos: tuple[str, ...] = ()
    url: str = "https://www.googleapis.com/youtube/v3"
    budget: Budget = Budget(limit=10_000, zone=PACIFIC)
    searches: Budget = Budget(limit=100, zone=PACIFIC)


def sources(settings: Settings, setting: Setting) -> list[Source]:
    accounts = [account.removeprefix("youtube:") for brand in setting.brands for account in sorted(brand.accounts)]
    channels = settings.channels or tuple(account for account in accounts if account.startswith("UC"))
    key = settings.key.read()
    places = [("allThreadsRelatedToChannelId", one) for one in channels] + [("videoId", one) for one in settings.videos]
    found: list[Source] = [
        Comments(f"{setting.name}:{place}", {by: place}, settings.url, key, setting) for by, place in places
    ]
    if settings.searches.limit:
        meter = setting.meter("searches", settings.searches)
        for brand in setting.brands:
            name = f"{setting.name}:search:{brand.name}"
            if brand.match:
                found.append(Search(name, brand, Comments(name, {}, settings.url, key, setting), meter))
    return found


class VideoId(Struct, rename="camel"):
    video_id: str


class Video(Struct):
    id: VideoId
    snippet: Born


@dataclass(frozen=True)
class Search:
    """New videos that name ``brand``, and those comments on them that name it, too."""

    name: str
    brand: Brand
    comments: Comments
    meter: Meter
    resumes = True
    endless = False
    poll_every = 3600.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        now, begin = self.comments.setting.clock(), datetime.fromisoformat(cursor["until"]) if cursor else since
        videos: dict[str, Cursor] = dict(cursor["videos"]) if cursor else {}  # when published, and their own cursors
        while items := await self.comments.kept_fresh(now):
            yield Page(items, {"until": begin.isoformat(), "videos": dict(videos)}, begin)
        for video in await self._found(begin - timedelta(days=1)):
            told: Cursor = {"at": (video.snippet.published_at or now).timestamp(), "cursor": None}
            videos.setdefault(video.id.video_id, told)
        old = (min(begin, now) - WATCHED).timestamp()
        newest = sorted(videos, key=lambda key: videos[key]["at"])[-VIDEOS:]
        videos = {key: videos[key] for key in newest if videos[key]["at"] > old}
        refused: list[Refused] = []
        for key, told in list(videos.items()):
            place = replace(self.comments, place={"videoId": key})
            try:
                async for page in place.pull(told["cursor"], since):
                    videos[key] = {**videos[key], "cursor": page.cursor}
                    yield Page(page.items, {"until": begin.isoformat(), "videos": dict(videos)}, begin)
            except Refused as error:  # comments are switched off, or the video is gone
                refused.append(error)
        if len(refused) == len(videos) > 1:
            raise refused[0]
        yield Page([], {"until": now.isoformat(), "videos": dict(videos)}, now)

    async def _found(self, begin: datetime) -> list[Video]:
        """The search has room for one question with many words, and a day's worth is more than it shows."""
        asked: Parameters = {
            "part": "snippet",
            "type": "video",
            "order": "date",
            "maxResults": LOOKED_UP,
            "q": "|".join(f'"{word}"' for word in self.brand.match),
            "publishedAfter": f"{begin:%Y-%m-%dT%H:%M:%SZ}",
        }
        listed = (await self.comments.get("search", asked, self.meter)).read(Listed)
        return [one for one in each(listed.items, Video, self.name) if isinstance(one, Video)]
