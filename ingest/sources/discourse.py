"""Discourse: every public post of a forum, matched here, so that answers are seen wherever they stand.

Posts are numbered, so they are read forwards, some numbers at a time. What changed or is gone is found by looking
recent posts up again. Likes have no time there, and are left out.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Struct

from events import Activity, Actor, Interaction, Reference
from ingest.budget import Budget, Per
from ingest.client import Answer
from ingest.dead import DeadLetter
from ingest.errors import Refused
from ingest.items import Memory, each, plain, when
from ingest.secret import Secret
from ingest.source import Cursor, Edited, Item, Page, Removed, Setting, Source

CANNOT = "likes, followers"

# Discourse gives fifty posts before a number: without that one today, and in older versions with it, and then only what
# has one of these fifty numbers. This many are in the answer of either when asked for those before the next number.
NUMBERS = 49
CHECKED, CHECKED_FOR = 20, timedelta(days=14)
GONE = (403, 404, 410)  # 403: moved to where not everybody reads
TOPICS = 500  # remembered as about a brand
SPOKEN = (1, 2)  # kinds of posts that somebody wrote; the others say that a topic was closed, or are for the team


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """``key`` and ``user`` for a forum that is not public. ``site`` stands in ids, and is the host unless said."""

    url: str
    site: str = ""
    key: Secret | None = None
    user: str = "system"
    budget: Budget = Budget(limit=50, per=Per.MINUTE)


def sources(settings: Settings, setting: Setting) -> list[Source]:
    headers = {"Api-Key": settings.key.read(), "Api-Username": settings.user} if settings.key else {}
    base = settings.url.rstrip("/")
    return [Forum(setting.name, base, settings.site or urlsplit(base).netloc, headers, setting)]


class Post(Struct):
    id: int
    username: str
    created_at: datetime
    topic_id: int
    post_number: int
    cooked: str
    updated_at: datetime | None = None
    reply_to_post_number: int | None = None
    topic_slug: str = ""
    topic_title: str = ""  # only where several posts are listed
    post_type: int = 1
    hidden: bool = False  # flagged, and not yet decided about
    user_deleted: bool = False
    deleted_at: datetime | None = None


class Latest(Struct):
    latest_posts: list[msgspec.Raw]


class User(Struct):
    created_at: datetime | None = None
    name: str | None = None


class Profile(Struct):
    user: User


@dataclass(frozen=True)
class Forum:
    name: str
    url: str
    site: str
    headers: dict[str, str]
    setting: Setting
    posts: Memory[Post | None] = field(default_factory=Memory)
    users: Memory[User] = field(default_factory=Memory)
    resumes = True
    endless = False
    poll_every = 120.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        now, newest = self.setting.clock(), max((post.id for post in await self._until(0)), default=0)
        number = cursor["number"] if cursor else await self._before(since, newest)
        topics: list[str] = cursor["topics"] if cursor else []
        while number < newest:
            upto = min(number + NUMBERS, newest)
            found = await self._window(upto)
            posts = sorted(
                (one for one in found if isinstance(one, Post) and number < one.id <= upto), key=lambda one: one.id
            )
            items: list[Item] = [one for one in found if isinstance(one, DeadLetter)]
            for post in posts:
                if (act := await self._act(post, topics)) and act.published >= since:
                    items.append(act)
            topics = topics[-TOPICS:]
            position = now if upto == newest else max((post.created_at for post in posts), default=since)
            number = upto
            yield Page(sorted(items, key=when), {"number": number, "topics": topics}, position)
        if items := await self._looked_up_again(topics):
            yield Page(items, {"number": number, "topics": topics}, now)

    async def _until(self, number: int) -> list[Post]:
        return [post for post in await self._window(number) if isinstance(post, Post)]

    async def _window(self, number: int) -> list[Post | DeadLetter]:
        """At least the posts with the ``NUMBERS`` numbers up to ``number``; up to the newest for 0."""
        answer = await self._get("posts.json", {"before": number + 1} if number else {})
        return each(answer.read(Latest).latest_posts, Post, self.name)

    async def _before(self, since: datetime, newest: int) -> int:
        """A number before the first post since then; rather too early than too late."""
        low, high = 0, newest
        while high - low > NUMBERS:
            middle = (low + high) // 2
            posts = await self._until(middle)
            if posts and max(post.created_at for post in posts) < since:
                low = middle
            else:
                high = middle
        return low

    async def _act(self, post: Post, topics: list[str]) -> Interaction | None:
        """Nothing for what concerns no brand, nor stands in a topic that does."""
        if post.post_type not in SPOKEN or post.hidden:
            return None
        topic = str(post.topic_id)
        parent = await self._answered(post)
        act = Interaction(
            id=self._id(post.id),
            platform="discourse",
            type=Activity.CREATE,
            published=post.created_at.astimezone(UTC),
            actor=Actor(id=self._account(post.username), name=post.username),
            content=plain(post.cooked),
            url=f"{self.url}/t/{post.topic_slug or '-'}/{post.topic_id}/{post.post_number}",
            in_reply_to=Reference(id=self._id(parent.id), actor=self._account(parent.username)) if parent else None,
            conversation=f"discourse:{self.site}/t/{post.topic_id}",
        )
        self.posts.put(f"{post.topic_id}/{post.post_number}", post)
        titled = msgspec.structs.replace(act, content=post.topic_title)
        opens = post.post_number == 1
        about = (act, titled) if opens else (act,)
        named = {route.brand for one in about for route in self.setting.brands.routes(one)} - {""}
        if opens:
            topics += [f"{topic} {brand}" for brand in sorted(named) if f"{topic} {brand}" not in topics]
        named |= {brand for key, _, brand in (one.partition(" ") for one in topics) if key == topic}
        if not named:
            return None
        return msgspec.structs.replace(act, brands=tuple(sorted(named)), actor=await self._actor(post.username))

    async def _answered(self, post: Post) -> Post | None:
        """Whoever answers nobody in particular answers the topic."""
        if post.post_number == 1:
            return None
        return await self.posts.get(f"{post.topic_id}/{post.reply_to_post_number or 1}", self._by_number)

    async def _by_number(self, place: str) -> Post | None:
        return await self._post(f"posts/by_number/{place}.json")

    async def _post(self, path: str) -> Post | None:
        try:
            return (await self._get(path)).read(Post)
        except Refused as error:
            if error.status in GONE:
                return None
            raise

    async def _looked_up_again(self, topics: list[str]) -> list[Item]:
        items: list[Item] = []
        for key in self.setting.published(self.name, self.setting.clock() - CHECKED_FOR, CHECKED):
            post = await self._post(f"posts/{key.rpartition('/')[2]}.json")
            if post is None or post.user_deleted or post.deleted_at:
                items.append(Removed(key))
            elif act := await self._act(post, topics):
                items.append(Edited(act, post.updated_at.astimezone(UTC)) if post.updated_at else act)
        return items

    async def _actor(self, name: str) -> Actor:
        user = await self.users.get(name, self._user)
        return Actor(id=self._account(name), name=user.name or name, created=user.created_at)

    async def _user(self, name: str) -> User:
        try:
            return (await self._get(f"u/{quote(name, safe='')}.json")).read(Profile).user
        except Refused:  # a profile may be hidden; what is not known is left out
            return User()

    async def _get(self, path: str, parameters: dict[str, str | int] | None = None) -> Answer:
        return await self.setting.http.get(f"{self.url}/{path}", parameters, headers=self.headers)

    def _id(self, number: int) -> str:
        return f"discourse:{self.site}/{number}"

    def _account(self, name: str) -> str:
        return f"discourse:{self.site}/{name}"
