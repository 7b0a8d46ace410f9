"""Stack Exchange: questions that name a brand or have its tag, with their answers and comments; what the brand says.

Votes are nobody's there, and there are no followers.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape

import msgspec
from msgspec import Struct

from events import Activity, Actor, Brand, Interaction, Reference
from ingest.budget import Budget
from ingest.client import Parameters
from ingest.dead import DeadLetter
from ingest.errors import Throttled
from ingest.items import Memory, Turning, at_second, each, plain
from ingest.secret import Secret
from ingest.source import Cursor, Edited, Item, Page, Removed, Setting, Source

CANNOT = "who votes, followers, age of accounts, languages"

SETTLE = timedelta(seconds=60)
WINDOW = timedelta(days=7)
FOLLOWED, MOST = timedelta(days=30), 100  # for how long, and below how many questions, answers are looked for
CHECKED, CHECKED_FOR = 50, timedelta(days=14)
LONGEST_BACKOFF = 30.0  # seconds that are waited for within a pull


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """With a ``key`` the platform allows 10,000 calls a day, without one 300 for each address.

    ``tags`` by brand: every question with one of them is about it.
    """

    sites: tuple[str, ...] = ("stackoverflow",)
    tags: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    key: Secret | None = None
    url: str = "https://api.stackexchange.com/2.3"
    budget: Budget = Budget(limit=300)


def sources(settings: Settings, setting: Setting) -> list[Source]:
    key = settings.key.read() if settings.key else ""
    return [
        Site(
            f"{setting.name}:{site}:{brand.name}",
            site,
            brand,
            settings.tags.get(brand.name, ()),
            key,
            settings.url,
            setting,
        )
        for site in settings.sites
        for brand in setting.brands
    ]


class User(Struct, frozen=True):
    """One that was deleted has no id."""

    user_id: int | None = None
    display_name: str = ""


class Post(Struct):
    """A question, an answer, or a comment: what it is follows from which id it has."""

    creation_date: int
    body: str
    owner: User = User()
    link: str = ""
    title: str = ""
    question_id: int | None = None
    answer_id: int | None = None
    comment_id: int | None = None
    post_id: int | None = None
    last_edit_date: int | None = None
    reply_to_user: User | None = None

    @property
    def key(self) -> str:
        if self.comment_id:
            return f"c/{self.comment_id}"
        return f"a/{self.answer_id}" if self.answer_id else f"q/{self.question_id}"


class Wrapper(Struct):
    items: list[msgspec.Raw]
    has_more: bool
    backoff: float = 0.0
    quota_remaining: int = 1


@dataclass(frozen=True)
class Site:
    name: str
    site: str
    brand: Brand
    tags: tuple[str, ...]
    key: str
    url: str
    setting: Setting
    posts: Memory[Post] = field(default_factory=Memory)  # by number: questions and answers share their numbers
    resumes = True
    endless = False

    @property
    def poll_every(self) -> float:
        return 900.0 if self.key else 3_600.0

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        begin = at_second(cursor["until"]) if cursor else since
        questions: dict[str, int] = dict(cursor["questions"]) if cursor else {}
        until = self.setting.clock() - SETTLE
        while begin < until:
            end = min(begin + WINDOW, until)
            items = await self._window(questions, int(begin.timestamp()) + 1, int(end.timestamp()))
            yield Page(items, {"until": int(end.timestamp()), "questions": questions}, end)
            begin = end
        if items := await self._looked_up_again():
            yield Page(items, {"until": int(begin.timestamp()), "questions": questions}, begin)

    async def _window(self, questions: dict[str, int], begin: int, end: int) -> list[Item]:
        """What was said from ``begin`` to ``end``, oldest first; ``questions`` is brought up to date."""
        found: dict[str, Post] = {}
        dead: list[Item] = []
        window: Parameters = {"fromdate": begin, "todate": end, "sort": "creation", "order": "asc"}

        async def add(path: str, more: Parameters) -> list[Post]:
            got = await self._all(path, {**window, **more})
            dead.extend(one for one in got if isinstance(one, DeadLetter))
            posts = [one for one in got if isinstance(one, Post)]
            found.update((post.key, post) for post in posts)
            return posts

        searches: list[tuple[str, Parameters]] = [("search/advanced", {"q": f'"{word}"'}) for word in self.brand.match]
        searches += [("search/advanced", {"tagged": tag}) for tag in self.tags]
        if users := self._accounts():
            searches += [(f"users/{users}/{what}", {}) for what in ("questions", "answers", "comments")]
        for path, asked in searches:
            for post in await add(path, asked):
                if post.question_id:
                    questions[str(post.question_id)] = post.creation_date
        recent = sorted((at, key) for key, at in questions.items() if at >= end - FOLLOWED.total_seconds())[-MOST:]
        questions.clear()
        questions.update({key: at for at, key in recent})
        if followed := list(questions):
            await add(f"questions/{';'.join(followed)}/answers", {})
            answers = await self._all(f"questions/{';'.join(followed)}/answers", {"sort": "creation", "order": "desc"})
            numbers = [*followed, *(str(one.answer_id) for one in answers if isinstance(one, Post))]
            self._remember([*found.values(), *(one for one in answers if isinstance(one, Post))])
            for first in range(0, len(numbers), MOST):
                await add(f"posts/{';'.join(numbers[first : first + MOST])}/comments", {})
        acts = [await self._act(post) for post in sorted(found.values(), key=lambda post: post.creation_date)]
        return [*dead, *acts]

    async def _act(self, post: Post) -> Interaction | Edited:
        parent = await self._answered(post)
        whose = post.reply_to_user or (parent.owner if parent else User())
        act = Interaction(
            id=self._id(post.key),
            platform="stackexchange",
            type=Activity.CREATE,
            published=at_second(post.creation_date),
            actor=Actor(id=self._account(post.owner), name=unescape(post.owner.display_name)),
            content="\n".join(filter(None, (unescape(post.title), plain(post.body)))),
            url=post.link,
            in_reply_to=Reference(id=self._id(parent.key), actor=self._account(whose)) if parent else None,
            conversation=self._id(f"q/{post.question_id or (parent.question_id if parent else '')}"),
            brands=(self.brand.name,),
        )
        return Edited(act, at_second(post.last_edit_date)) if post.last_edit_date else act

    async def _answered(self, post: Post) -> Post | None:
        if post.comment_id:
            return await self.posts.get(str(post.post_id), self._look_up)
        return await self.posts.get(str(post.question_id), self._look_up) if post.answer_id else None

    async def _look_up(self, number: str) -> Post:
        """A question or an answer; one that is gone meanwhile is known by its number alone."""
        for path in ("questions", "answers"):
            for one in await self._all(f"{path}/{number}", {}):
                if isinstance(one, Post):
                    return one
        return Post(0, "", question_id=int(number))

    def _remember(self, posts: Iterable[Post]) -> None:
        for post in posts:
            if not post.comment_id:
                self.posts.put(str(post.answer_id or post.question_id), post)

    async def _looked_up_again(self) -> list[Item]:
        """Recent acts as they read now; what is not given any more was taken back."""
        prefix = self._id("")
        published = self.setting.published(self.name, self.setting.clock() - CHECKED_FOR, CHECKED)
        keys = [key.removeprefix(prefix) for key in published]
        items: list[Item] = []
        for path, letter in (("questions", "q"), ("answers", "a"), ("comments", "c")):
            numbers = [key[2:] for key in keys if key[0] == letter]
            if not numbers:
                continue
            there = [one for one in await self._all(f"{path}/{';'.join(numbers)}", {}) if isinstance(one, Post)]
            items += [await self._act(post) for post in there]
            gone = {f"{letter}/{number}" for number in numbers} - {post.key for post in there}
            items += [Removed(self._id(key)) for key in sorted(gone)]
        return items

    async def _all(self, path: str, parameters: Parameters) -> list[Post | DeadLetter]:
        """Every page of it. Raises what the client raises, and ``Throttled`` where it asks us to wait for long."""
        found: list[Post | DeadLetter] = []
        asked: Parameters = {"site": self.site, "filter": "withbody", "pagesize": 100, **parameters}
        page, more, turning = 1, True, Turning()
        while more:
            keyed = {**asked, "page": page, **({"key": self.key} if self.key else {})}
            wrapper = (await self.setting.http.get(f"{self.url}/{path}", keyed)).read(Wrapper)
            found += each(wrapper.items, Post, self.name)
            turning.to(str(hash(tuple(map(bytes, wrapper.items)))), f"{self.name} {path}")
            now = self.setting.clock()
            if wrapper.quota_remaining <= 0:
                tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
                raise Throttled(f"{self.url}: the calls of today are used up", tomorrow)
            if wrapper.backoff > LONGEST_BACKOFF:
                until = now + timedelta(seconds=wrapper.backoff)
                raise Throttled(f"{self.url} asks for {wrapper.backoff:.0f} seconds without a call", until)
            await asyncio.sleep(wrapper.backoff)
            page, more = page + 1, wrapper.has_more
        return found

    def _id(self, key: str) -> str:
        return f"stackexchange:{self.site}/{key}"

    def _account(self, user: User) -> str:
        """Who was deleted, or never signed up, has no number."""
        return f"stackexchange:{self.site}/{user.user_id or f'without-number/{unescape(user.display_name)}'}"

    def _accounts(self) -> str:
        prefix = self._id("")
        return ";".join(sorted(one.removeprefix(prefix) for one in self.brand.accounts if one.startswith(prefix)))
