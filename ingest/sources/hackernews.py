"""Hacker News: what names a brand, what the brand says, and what answers either.

Algolia's search finds them; the site's own API has the author of what is answered, since when an account exists, and
what was changed or taken back. Likes, followers and languages do not exist there.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import quote

import msgspec
from msgspec import Struct

from events import Activity, Actor, Brand, Brands, Interaction, Reference
from ingest.budget import Budget, Per
from ingest.client import Parameters
from ingest.dead import DeadLetter
from ingest.errors import Malformed
from ingest.items import Memory, at_second, each, plain
from ingest.source import Cursor, Item, Page, Removed, Setting, Source

CANNOT = "likes, followers, languages, deletions after two days"

SETTLE = timedelta(seconds=60)  # what the search may not have yet
WINDOW = timedelta(days=1)  # of one page; halved where more is found than the search gives out
HITS, PAGES = 100, 10  # on a page of the search; it gives out no more than ten
FOLLOWED, MOST = timedelta(days=7), 1_000  # for how long, and to how many acts, answers are looked for
STORIES = 50  # in which one search looks for answers
CHECKED, CHECKED_FOR = 20, timedelta(days=2)  # looked up again in a pull; later nothing can be taken back there

Followed = dict[str, tuple[str, float]]  # by the number of an act whose answers are wanted: its story and time


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    search: str = "https://hn.algolia.com/api/v1"
    site: str = "https://hacker-news.firebaseio.com/v0"
    budget: Budget = Budget(limit=5_000, per=Per.HOUR)


def sources(settings: Settings, setting: Setting) -> list[Source]:
    return [HackerNews(f"{setting.name}:{brand.name}", brand, settings, setting) for brand in setting.brands]


class Hit(Struct):
    created_at_i: int
    author: str
    id: str = msgspec.field(name="objectID")
    title: str | None = None
    story_text: str | None = None
    comment_text: str | None = None
    story_id: int | None = None
    parent_id: int | None = None

    @property
    def story(self) -> str:
        return str(self.story_id or self.id)


class Found(Struct):
    hits: list[msgspec.Raw]
    pages: int = msgspec.field(name="nbPages")


class Stored(Struct):
    """An item or a user of the site."""

    by: str = ""
    time: int = 0
    title: str = ""
    text: str = ""
    parent: int | None = None
    created: int = 0
    deleted: bool = False
    dead: bool = False


@dataclass(frozen=True)
class HackerNews:
    name: str
    brand: Brand
    settings: Settings
    setting: Setting
    stored: Memory[Stored] = field(default_factory=Memory)
    resumes = True
    endless = False
    poll_every = 60.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        begin = at_second(cursor["until"]) if cursor else since
        followed: Followed = dict(cursor["followed"]) if cursor else {}
        until = self.setting.clock() - SETTLE
        while begin < until:
            end = min(begin + WINDOW, until)
            while (found := await self._window(followed, begin, end)) is None:
                end = _middle(begin, end)
            acts = [one if isinstance(one, DeadLetter) else await self._act(one, followed) for one in found]
            oldest = (end - FOLLOWED).timestamp()
            recent = [(key, told) for key, told in followed.items() if told[1] > oldest]
            followed = dict(recent[-MOST:])
            yield Page([one for one in acts if one], {"until": end.timestamp(), "followed": followed}, end)
            begin = end
        if changed := await self._looked_up_again(followed):
            yield Page(changed, {"until": begin.timestamp(), "followed": followed}, begin)

    async def _window(self, followed: Followed, begin: datetime, end: datetime) -> list[Hit | DeadLetter] | None:
        """What was said in it, oldest first; nothing where it is more than the search gives out."""
        window = f"created_at_i>{int(begin.timestamp())},created_at_i<={int(end.timestamp())}"
        asked = [{"query": f'"{word}"', "tags": "(story,comment)"} for word in self.brand.match]
        asked += [{"tags": f"(story,comment),author_{name}"} for name in self._accounts()]
        found: dict[str, Hit | DeadLetter] = {}
        for one in asked:
            if not await self._search({**one, "numericFilters": window}, found):
                return None
        stories = sorted(
            {told[0] for told in followed.values()} | {h.story for h in found.values() if isinstance(h, Hit)}
        )
        for first in range(0, len(stories), STORIES):
            any_of = ",".join(f"story_{story}" for story in stories[first : first + STORIES])
            if not await self._search({"tags": f"comment,({any_of})", "numericFilters": window}, found):
                return None
        return sorted(found.values(), key=lambda one: one.created_at_i if isinstance(one, Hit) else 0)

    async def _search(self, asked: Mapping[str, str], found: dict[str, Hit | DeadLetter]) -> bool:
        """Add what is found; false where there is more than can be seen."""
        page, pages = 0, 1
        while page < pages:
            parameters: Parameters = {
                **asked,
                "advancedSyntax": "true",
                "typoTolerance": "false",
                "hitsPerPage": HITS,
                "page": page,
            }
            answer = await self.setting.http.get(f"{self.settings.search}/search_by_date", parameters)
            result = answer.read(Found)
            if (pages := result.pages) >= PAGES and page == 0:
                return False
            for place, hit in enumerate(each(result.hits, Hit, f"{self.name}:{page}")):
                found[hit.id if isinstance(hit, Hit) else f"{asked} {page} {place}"] = hit
            page += 1
        return True

    async def _act(self, hit: Hit, followed: Followed) -> Interaction | None:
        """Nothing for what neither names the brand, nor is by it, nor answers what is."""
        act, answered = await self._without_profile(hit), str(hit.parent_id or "")
        if self.brand.name in {route.brand for route in Brands([self.brand]).routes(act)}:
            followed[hit.id] = (hit.story, hit.created_at_i)
        elif answered not in followed and hit.story not in followed:
            return None
        return await self._concerning(act, hit.author)

    async def _without_profile(self, hit: Hit) -> Interaction:
        answered, text = str(hit.parent_id or ""), plain(hit.comment_text or hit.story_text or "")
        parent = (await self.stored.get(f"item/{answered}", self._look_up)).by if answered else ""
        return Interaction(
            id=f"hackernews:{hit.id}",
            platform="hackernews",
            type=Activity.CREATE,
            published=at_second(hit.created_at_i),
            actor=Actor(id=f"hackernews:{hit.author}", name=hit.author),
            content="\n".join(filter(None, (unescape(hit.title or ""), text))),
            url=f"https://news.ycombinator.com/item?id={hit.id}",
            in_reply_to=Reference(id=f"hackernews:{answered}", actor=f"hackernews:{parent}") if parent else None,
            conversation=f"hackernews:{hit.story}",
        )

    async def _concerning(self, act: Interaction, author: str) -> Interaction:
        """``act`` as one of the brand's, with since when its author is there."""
        user = await self.stored.get(f"user/{author}", self._look_up)
        actor = msgspec.structs.replace(act.actor, created=at_second(user.created) if user.created else None)
        return msgspec.structs.replace(act, actor=actor, brands=(self.brand.name,))

    async def _looked_up_again(self, followed: Followed) -> list[Item]:
        """Recent acts as they read now, and what was taken back, or killed by those who moderate there."""
        items: list[Item] = []
        for key in self.setting.published(self.name, self.setting.clock() - CHECKED_FOR, CHECKED):
            number = key.partition(":")[2]
            now = await self._look_up(f"item/{number}")
            if now.deleted or now.dead:
                items.append(Removed(key, by_platform=now.dead and not now.deleted))
            elif now.by:
                story = followed[number][0] if number in followed else number
                hit = Hit(now.time, now.by, number, now.title, None, now.text, int(story), now.parent)
                items.append(await self._concerning(await self._without_profile(hit), now.by))
        return items

    async def _look_up(self, what: str) -> Stored:
        answer = await self.setting.http.get(f"{self.settings.site}/{quote(what)}.json")
        return answer.read(Stored | None) or Stored()  # type: ignore[arg-type] # the site says null for what never was

    def _accounts(self) -> list[str]:
        return sorted(name for kind, _, name in (a.partition(":") for a in self.brand.accounts) if kind == "hackernews")


def _middle(begin: datetime, end: datetime) -> datetime:
    """Half of a window. Raises ``Malformed`` for one of a second, in which nobody says a thousand things."""
    if end - begin <= timedelta(seconds=1):
        raise Malformed(
            f"the search says that more was found in the second of {end:%Y-%m-%d %H:%M:%S} than it gives out"
        )
    return begin + (end - begin) / 2
