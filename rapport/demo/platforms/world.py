"""An invented world of people and one brand: what was said to whom, when; what was changed, and what taken back."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    POST = "post"  # names the brand, answers nobody
    ANSWER = "answer"
    LIKE = "like"
    SHARE = "share"
    FOLLOW = "follow"


@dataclass(frozen=True)
class Person:
    """``number`` is what platforms with numeric ids call them."""

    handle: str
    number: int
    name: str
    joined: datetime
    followers: int = 10
    following: int = 10
    posts: int = 10
    automated: bool = False


@dataclass(frozen=True)
class Said:
    """``number`` is unique and grows with time. ``about`` is the number of what is answered, liked or shared."""

    number: int
    kind: Kind
    author: Person
    at: datetime
    text: str = ""
    about: int | None = None
    depth: int = 0  # of an answer: 1 below a post, 2 below another answer
    edited: tuple[datetime, str] | None = None  # when, and how it reads since
    deleted: datetime | None = None

    def text_at(self, now: datetime) -> str:
        return self.edited[1] if self.edited and self.edited[0] <= now else self.text

    def changed_at(self, now: datetime) -> datetime | None:
        return self.edited[0] if self.edited and self.edited[0] <= now else None

    def there_at(self, now: datetime) -> bool:
        return self.at <= now and not (self.deleted and self.deleted <= now)


@dataclass
class World:
    """``brand`` is the account of the brand, ``word`` what its name is in a text. ``clock`` says what is visible."""

    brand: Person
    word: str
    people: Sequence[Person]
    clock: Callable[[], datetime]
    said: list[Said] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.said.sort(key=lambda one: one.number)
        self._by_number = {one.number: one for one in self.said}

    def now(self) -> datetime:
        return self.clock()

    def there(self, *kinds: Kind) -> Iterator[Said]:
        """What can be seen now, oldest first; of some kinds, or all."""
        now = self.now()
        return (one for one in self.said if one.there_at(now) and (not kinds or one.kind in kinds))

    def get(self, number: int) -> Said | None:
        """What can be seen now under ``number``."""
        one = self._by_number.get(number)
        return one if one and one.there_at(self.now()) else None

    def ever(self, number: int) -> Said:
        """What was said under ``number``, deleted or not. Raises ``KeyError``."""
        return self._by_number[number]

    def __contains__(self, number: int) -> bool:
        """Whether it was ever said."""
        return number in self._by_number

    def root(self, one: Said) -> Said:
        """The post with which the thread of ``one`` began."""
        while one.about is not None:
            one = self.ever(one.about)
        return one


def invented(clock: Callable[[], datetime], begin: datetime, count: int, every: timedelta, word: str) -> World:
    """``count`` acts, one each ``every`` from ``begin``.

    Posts that name ``word``, the brand's answers, thanks, helpers who answer others, likes, shares and follows. Some of
    the texts are edited later, some taken back.
    """
    brand = Person(word, 1, word.title(), begin - timedelta(days=900), 500, 50, 2000)
    people = [
        Person(f"{name}{n}", 2 + n, name.title(), begin - timedelta(days=100 + 7 * n), 20 + n, 30 + n, 40 + n)
        for n, name in enumerate(["ada", "ben", "cleo", "dag", "eva", "finn", "gus", "hana", "ivo", "jun"] * 2)
    ]
    said: list[Said] = []
    posts: list[Said] = []
    for number in range(1, count + 1):
        at = begin + every * number
        someone = people[(number * 7) % len(people)]
        step = number % 8
        if step in (1, 4) or not posts:
            one = Said(number, Kind.POST, someone, at, f"My {word} number {number} came today and it works well")
            posts.append(one)
        elif step in (2, 7):
            one = Said(
                number, Kind.ANSWER, brand, at, f"Thank you! Tell us how number {number} does", posts[-1].number, 1
            )
        elif step == 3:
            about = next(s for s in reversed(said) if s.kind in (Kind.ANSWER, Kind.POST))
            one = Said(
                number,
                Kind.ANSWER,
                posts[-1].author,
                at,
                f"I will, thanks for asking ({number})",
                about.number,
                about.depth + 1,
            )
        elif step == 5:
            helper = next(person for person in people[number % 5 :] if person != posts[-1].author)
            one = Said(
                number, Kind.ANSWER, helper, at, f"It helped me to clean it first, try {number}", posts[-1].number, 1
            )
        elif step == 6:
            one = Said(number, Kind.LIKE, someone, at, about=posts[-1].number)
        else:
            kind = Kind.SHARE if number % 16 else Kind.FOLLOW
            one = Said(number, kind, someone, at, about=posts[-1].number if kind is Kind.SHARE else None)
        said.append(_changed(one, number, every))
    return World(brand, word, people, clock, said)


def _changed(one: Said, number: int, every: timedelta) -> Said:
    if one.kind not in (Kind.POST, Kind.ANSWER):
        return one
    edited = (one.at + every * 5, one.text + " (edited)") if number % 10 == 0 or number % 10 == 4 else None
    deleted = one.at + every * 9 if number % 16 == 5 else None  # a helper's answer, which nobody answers
    return replace(one, edited=edited, deleted=deleted)
