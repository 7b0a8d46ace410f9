"""The stage: an agenda in time order, and the record of every act with what is true of it."""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from events import Activity, Interaction, Reference
from events.interaction import from_milliseconds
from rapport.demo.people import DAY, Account, House, Part, Person
from rapport.demo.texts import say, spoken

HOUR = DAY // 24
Action = Callable[[int], None]
_TID = "234567abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Post:
    """One act with its hidden truth. ``part``: None for the brand's own acts; ``why``: the intent; ``at``: in ms."""

    interaction: Interaction
    house: House
    part: Part | None
    why: str
    genuine: bool
    account: Account
    at: int


class Stage:
    """Runs actions in time order up to ``end`` (milliseconds), so that nobody answers what is not yet written."""

    def __init__(self, rng: Random, houses: tuple[House, ...], parts: list[Part], end: int) -> None:
        self.rng, self.houses, self.parts, self.end = rng, houses, parts, end
        self.helpers = [part for part in parts if part.role.helps]
        self.posts: list[Post] = []
        self._agenda: list[tuple[int, int, Action]] = []
        self._serial = 0
        self._recent: dict[tuple[str, str], deque[Post]] = {}

    def later(self, at: int, action: Action) -> None:
        if at < self.end:
            self._serial += 1
            heapq.heappush(self._agenda, (at, self._serial, action))

    def run(self) -> None:
        while self._agenda:
            at, _, action = heapq.heappop(self._agenda)
            action(at)

    def soon(self, at: int, hours: float) -> int:
        """A time after ``at`` whose median distance is ``hours``: people are mostly quick and sometimes very late."""
        return at + 20_000 + int(self.rng.lognormvariate(0, 1.0) * hours * HOUR)

    def awake(self, person: Person, after: int) -> int:
        """A moment within a day after ``after`` at which ``person`` is up."""
        hour = person.wakes + self.rng.triangular(0, 16, 9)
        return after + (int(hour * HOUR) - after) % DAY

    def recent(self, house: House, platform: str) -> deque[Post]:
        """What genuine people and the brand wrote lately: what others answer, like and prey on."""
        return self._recent.setdefault((house.name, platform), deque(maxlen=40))

    def text(self, person: Person, house: House, kind: str, **slots: str) -> str:
        """A text of ``kind`` by ``person``; ``slots`` fixes what would be drawn."""
        rng = self.rng
        links = {
            "docs": f"https://help.{house.name}.example/{rng.randrange(100, 999)}",
            "own": self._own_link(person),
            "link": rng.choice(
                (
                    f"https://{person.site}/{rng.randrange(2020, 2027)}/{rng.randrange(1, 90)}",
                    f"https://pics.example/{rng.randrange(16**6):06x}",
                    f"https://help.{house.name}.example/{rng.randrange(100, 999)}",
                    f"https://lnk.example/{rng.randrange(36**4):x}",
                )
            ),
        }
        return say(rng, person.voice, kind, house.name, links | slots)

    def _own_link(self, person: Person) -> str:
        rng = self.rng
        return (
            f"https://lnk.example/{rng.randrange(36**4):x}"
            if rng.random() < 0.2
            else f"https://{person.site}/{rng.randrange(9)}"
        )

    def write(
        self,
        at: int,
        part: Part | None,
        house: House,
        account: Account,
        why: str,
        *,
        content: str,
        language: str = "en",
        parent: Post | None = None,
        to: tuple[str, ...] = (),
        genuine: bool = True,
    ) -> Post:
        """A text, by ``part`` or by the brand itself; a reply where there is a ``parent``."""
        brand_account = house.accounts[account.platform].id
        reference = None
        conversation = native = self._native(at, account, "post")
        if parent is not None:
            reference = Reference(id=parent.interaction.id, actor=parent.account.id)
            conversation = parent.interaction.conversation
            to = (parent.account.id, *to)
            if account.platform == "mastodon" and brand_account not in (*to, account.id):
                to = (*to, brand_account)  # a Mastodon thread carries its mentions along
        if account.platform == "mastodon" and to and self.rng.random() < 0.6:
            content = f"@{parent.account.handle if parent else house.name} {content}"
        named = brand_account in (*to, account.id)
        interaction = Interaction(
            id=native,
            platform=account.platform,
            type=Activity.CREATE,
            published=from_milliseconds(at),
            actor=account.actor,
            to=tuple(dict.fromkeys(to)),
            content=content,
            language="" if self.rng.random() < 0.1 else language,
            url=f"https://{account.platform}.example/{account.handle}/{native.rsplit(':', 1)[-1].rsplit('/', 1)[-1]}",
            in_reply_to=reference,
            conversation=conversation,
            brands=() if named else (house.name,),  # a connector knows for which brand it searched
        )
        post = self._keep(Post(interaction, house, part, why, genuine, account, at))
        if genuine:
            self.recent(house, account.platform).append(post)
        return post

    def say(
        self, at: int, part: Part, account: Account, why: str, *, parent: Post | None = None, to: tuple[str, ...] = ()
    ) -> Post:
        """A genuine person's text of the kind ``why``, in that person's voice."""
        content = self.text(part.person, part.house, why)
        language = spoken(part.person.voice, why)
        return self.write(at, part, part.house, account, why, content=content, language=language, parent=parent, to=to)

    def touch(
        self, at: int, part: Part | None, account: Account, kind: Activity, post: Post, *, genuine: bool = True
    ) -> None:
        """A like of, a share of, or a follow after ``post``."""
        brand_account = post.house.accounts[account.platform].id
        followed = kind is Activity.FOLLOW
        target = brand_account if followed else post.account.id
        interaction = Interaction(
            id=self._native(at, account, kind.value.lower()),
            platform=account.platform,
            type=kind,
            published=from_milliseconds(at),
            actor=account.actor,
            to=(target,),
            object=brand_account if followed else post.interaction.id,
            conversation="" if followed else post.interaction.conversation,
            brands=() if brand_account in (target, account.id) else (post.house.name,),
        )
        self._keep(Post(interaction, post.house, part, kind.value.lower(), genuine, account, at))

    def _keep(self, post: Post) -> Post:
        self.posts.append(post)
        return post

    def _native(self, at: int, account: Account, kind: str) -> str:
        self._serial += 1
        if account.platform == "mastodon":
            return f"mastodon:{(at << 20) + self._serial % 2**20}"
        number, digits = at * 2**20 + self._serial % 2**20, ""
        while number:
            number, digit = divmod(number, 32)
            digits = _TID[digit] + digits
        return f"bluesky:at://{account.id.removeprefix('bluesky:')}/app.bsky.feed.{kind}/{digits}"
