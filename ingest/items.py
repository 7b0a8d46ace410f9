"""What connectors share when they turn an answer into acts."""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Generic, TypeVar

import msgspec
from bs4 import BeautifulSoup

from events import Interaction
from ingest.dead import DeadLetter, dead_letter
from ingest.errors import Malformed
from ingest.source import Item

T = TypeVar("T")

LINES = ("br", "p", "li", "pre", "blockquote", "h1", "h2", "h3", "div", "tr")


def each(raw: Sequence[msgspec.Raw], kind: type[T], origin: str) -> list[T | DeadLetter]:
    """Each of ``raw`` as a ``kind``; one that is none is a dead letter and does not spoil the others.

    Raises ``Malformed`` when not one of several is: then it is the platform that has changed, or is ill.
    """
    found: list[T | DeadLetter] = []
    for one in raw:
        try:
            found.append(msgspec.json.decode(one, type=kind))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            reason = "missing_field" if "missing required field" in str(error) else "wrong_type"
            found.append(dead_letter(reason, str(error), origin, bytes(one)))
    if len(found) > 1 and all(isinstance(one, DeadLetter) for one in found):
        raise Malformed(f"{origin}: none of {len(found)} items is what is documented: {found[0].detail}")  # type: ignore[union-attr]
    return found


def when(item: Item) -> datetime:
    """By which a page is sorted: when an act was published; first of all what is no act, or known already."""
    return item.published if isinstance(item, Interaction) else datetime.min.replace(tzinfo=UTC)


def plain(html: str) -> str:
    """What a reader sees of ``html``, a line for each line."""
    if "<" not in html and "&" not in html:
        return html.strip()
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.find_all(LINES):
        tag.insert_before("\n") if tag.name != "br" else tag.replace_with("\n")
    return re.sub(r"[ \t]*\n\s*", "\n", soup.get_text()).strip()


def at_second(seconds: float) -> datetime:
    """Seconds since 1970 as a time in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


class Turning:
    """Pages by token; a platform that leads round in a circle is found out."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def to(self, token: str, where: str) -> str:
        """``token`` itself. Raises ``Malformed`` when it was there before."""
        if token in self._seen:
            raise Malformed(f"{where}: the pages lead round in a circle")
        self._seen.add(token)
        return token


class Memory(Generic[T]):
    """What was looked up lately, so that it is not asked for again; the oldest is forgotten first."""

    def __init__(self, most: int = 5_000) -> None:
        self._most = most
        self._known: dict[str, T] = {}

    async def get(self, key: str, ask: Callable[[str], Awaitable[T]]) -> T:
        """What is known of ``key``, or what ``ask`` says. Raises what ``ask`` raises, and remembers nothing then."""
        if key not in self._known:
            self.put(key, await ask(key))
        return self._known[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def known(self, key: str) -> T | None:
        return self._known.get(key)

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def put(self, key: str, value: T) -> None:
        self._known.pop(key, None)
        self._known[key] = value
        while len(self._known) > self._most:
            del self._known[next(iter(self._known))]
