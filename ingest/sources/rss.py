"""RSS and Atom: articles that name a brand. A name is all that is known of who wrote them, and nobody answers anybody.

So there is trust in a text and no reciprocity. A feed shows its last entries only: when it ran over between two looks,
what fell out of it is a gap. It announces no deletions.
"""

import calendar
import hashlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import feedparser
from msgspec import Struct

from events import Activity, Actor, Interaction
from ingest.errors import Malformed
from ingest.items import at_second, plain
from ingest.source import Cursor, Edited, Gap, Item, Page, Setting, Source

CANNOT = "answers, likes, followers, deletions"

KNOWN = 1_000  # entries remembered of one feed


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """``brand``: whose every entry is, also where it is not named; for a feed that is about nothing else."""

    urls: list[str]
    brand: str = ""


def sources(settings: Settings, setting: Setting) -> list[Source]:
    return [Feed(f"{setting.name}:{url}", url, settings.brand, setting) for url in settings.urls]


@dataclass(frozen=True)
class Feed:
    name: str
    url: str
    brand: str
    setting: Setting
    resumes = True
    endless = False
    poll_every = 900.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        now, looked = self.setting.clock(), at_second(cursor["at"]) if cursor else since
        known: list[str] = cursor["known"] if cursor else []
        answer = await self.setting.http.get(self.url, json=False)
        if answer.unchanged and cursor:
            yield Page([], {**cursor, "at": now.timestamp()}, now)
            return
        received = self.setting.clock()  # what was published while we asked is in the answer
        feed = feedparser.parse(answer.body, response_headers={"content-type": answer.headers.get("Content-Type", "")})
        if not feed.get("version"):
            raise Malformed(f"{self.url}: neither RSS nor Atom")
        acts = sorted(
            (self._act(entry, looked, received) for entry in feed.entries), key=lambda one: _created(one).published
        )
        here = [_created(one).id for one in acts]
        items: list[Item] = [one for one in acts if _created(one).published >= since or _created(one).id in known]
        if known and here and not set(known) & set(here):
            oldest = min(max(_created(acts[0]).published, looked), now)
            items.insert(0, Gap(looked, oldest, "the feed ran over: none of its entries was there before"))
        kept = [*(key for key in known if key not in here), *here][-KNOWN:]
        yield Page(items, {"at": now.timestamp(), "known": kept}, now)

    def _act(self, entry: Any, looked: datetime, received: datetime) -> Interaction | Edited:
        """An entry without a time was published after the last look, and before this one; none is from the future."""
        host = urlsplit(self.url).netloc
        title, link = entry.get("title", ""), entry.get("link", "")
        html = entry.content[0].value if entry.get("content") else entry.get("summary", "")
        text = "\n".join(filter(None, (plain(title), plain(html))))
        key = entry.get("id") or link or hashlib.sha256(text.encode()).hexdigest()
        by = entry.get("author_detail", {})
        who = by.get("href") or f"{host}/{by.get('name') or entry.get('author') or ''}"
        written, changed = _time(entry.get("published_parsed")), _time(entry.get("updated_parsed"))
        act = Interaction(
            id=f"rss:{key}" if "://" in key else f"rss:{host}/{key}",
            platform="rss",
            type=Activity.CREATE,
            published=min(written or changed or looked, received),
            actor=Actor(id=f"rss:{who}", name=by.get("name") or entry.get("author") or host),
            content=text,
            url=link,
            brands=(self.brand,) if self.brand else (),
        )
        return Edited(act, min(changed, received)) if written and changed and changed > written else act


def _created(one: Interaction | Edited) -> Interaction:
    return one.interaction if isinstance(one, Edited) else one


def _time(parsed: Any) -> datetime | None:
    return at_second(calendar.timegm(parsed)) if parsed else None
