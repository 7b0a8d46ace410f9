"""GitHub: issues, pull requests, discussions, their comments, and who likes them, in repositories about a brand.

Comments on issues are flat there: whoever is mentioned is answered, and else whoever opened the issue. Followers and
the age of an account are known. Comments on lines of code, and stars, are left out. Discussions need a token.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from ingest.budget import Budget, Per
from ingest.client import Parameters
from ingest.dead import DeadLetter
from ingest.errors import Refused
from ingest.items import Turning, each, when
from ingest.secret import Secret
from ingest.source import Cursor, Item, Page, Removed, Setting, Source
from ingest.sources.github_acts import AT_ONCE, GONE, Post, Repository
from ingest.sources.github_discussions import Discussions

CANNOT = "comments on lines, likes of replies in discussions, what a comment answers where nobody is mentioned"

CHECKED, CHECKED_FOR = 10, timedelta(days=14)


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
        if settings.token:
            found.append(Discussions(f"{setting.name}:{repository}:discussions", site))
    return found


@dataclass(frozen=True)
class Listed:
    """Issues or comments by when they were last changed: what is new and what was edited come the same way."""

    name: str
    what: str
    site: Repository
    resumes = True
    endless = False
    poll_every = 120.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        changed = datetime.fromisoformat(cursor["changed"]) if cursor else since
        page, now, turning = 1, self.site.setting.clock(), Turning()
        while True:
            asked: Parameters = {"since": f"{changed:%Y-%m-%dT%H:%M:%SZ}", "sort": "updated", "direction": "asc"}
            answer = await self.site.get(
                f"repos/{self.site.repository}/{self.what}",
                {**asked, "page": page, "per_page": AT_ONCE, "state": "all"},
            )
            found = each(answer.read(list[msgspec.Raw]), Post, self.name)
            posts = [one for one in found if isinstance(one, Post)]
            turning.to(" ".join(str(post.id) for post in posts), self.name)
            items: list[Item] = [one for one in found if isinstance(one, DeadLetter)]
            for post in posts:
                if post.created_at >= since:
                    items += await self.site.acts(post)
            newest = max((post.updated_at for post in posts), default=changed)
            # Keyset paging: what is edited meanwhile moves to the end, and would shift numbered pages under us.
            page = 1 if newest > changed else page + 1
            changed, last = newest, len(found) < AT_ONCE
            yield Page(sorted(items, key=when), {"changed": changed.isoformat()}, now if last else changed)
            if last:
                break
        if items := await self._looked_up_again():
            yield Page(sorted(items, key=when), {"changed": changed.isoformat()}, now)

    async def _looked_up_again(self) -> list[Item]:
        """What is gone of recent posts, and who likes those that are there; GitHub announces neither."""
        items: list[Item] = []
        setting = self.site.setting
        for key in setting.published(self.name, setting.clock() - CHECKED_FOR, CHECKED):
            if "/reactions/" in key:
                continue
            try:
                answer = await self.site.get(f"repos/{self.site.repository}/{self.what}/{key.rpartition('/')[2]}")
            except Refused as error:
                if error.status not in GONE:
                    raise
                items.append(Removed(key))
            else:
                if (post := answer.read(Post)).reactions.total_count:
                    items += await self.site.acts(post)
        return items
