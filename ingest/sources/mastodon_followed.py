"""What becomes of the statuses that concern a brand: edits, deletions, and answers below them."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from events import Activity
from ingest.source import Cursor, Item, Page, Removed, shown
from ingest.sources.mastodon_acts import Server, Status

FOLLOWED, MOST = timedelta(days=3), 100  # for how long, and how many, are looked up again
TOGETHER = 20  # at once

NEVER = -1  # looked up

Followed = dict[str, Any]  # by local id: uri, time, number of answers when last looked up, brands


@dataclass(frozen=True)
class Read:
    """A page as it was read; ``statuses`` are those of its ``items``, by the ids of their acts."""

    items: list[Item]
    statuses: dict[str, Status]
    cursor: Cursor
    position: datetime


class Reader(Protocol):
    """What is filed under something, and how to read on after a cursor, oldest first."""

    @property
    def name(self) -> str: ...

    @property
    def server(self) -> Server: ...

    def missed(self, cursor: Cursor | None, since: datetime) -> AsyncIterator[Read]: ...


async def pull(reader: Reader, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
    """What was missed, and what becomes of the statuses that concern a brand: each page is one step."""
    server, done = reader.server, set[str]()
    followed: Followed = dict(cursor["followed"]) if cursor else {}
    last: Read | None = None
    async for last in reader.missed(cursor, since):
        _follow(followed, server, last.items, last.statuses)
        yield Page(last.items, {**last.cursor, "followed": dict(followed)}, last.position)
        for numbers in _together(key for key, told in followed.items() if told[2] < 0):
            done |= set(numbers)
            async for items in _looked_up(numbers, followed, server, reader.name):
                yield Page(items, {**last.cursor, "followed": dict(followed)}, last.position)
    assert last  # noqa: S101 - a reader ends with where it stands
    _forget(followed, server.setting.clock() - FOLLOWED)
    for numbers in _together(key for key in followed if key not in done):
        async for items in _looked_up(numbers, followed, server, reader.name):
            yield Page(items, {**last.cursor, "followed": dict(followed)}, last.position)


def _follow(followed: Followed, server: Server, items: Iterable[Item], statuses: Mapping[str, Status]) -> None:
    """Remember those of ``items`` that concern a brand, to be looked up."""
    for item in items:
        act = shown(item)
        if not act or act.type is not Activity.CREATE or act.id not in statuses:
            continue
        status = statuses[act.id]
        if brands := [route.brand for route in server.setting.brands.routes(act) if route.brand]:
            followed.setdefault(status.id, (status.uri, act.published.timestamp(), NEVER, brands))


def _forget(followed: Followed, oldest: datetime) -> None:
    kept = sorted((told[1], key) for key, told in followed.items() if told[1] > oldest.timestamp())[-MOST:]
    for key in followed.keys() - {key for _, key in kept}:
        del followed[key]


def _together(numbers: Iterable[str]) -> Iterator[list[str]]:
    wanted = list(numbers)
    return (wanted[first : first + TOGETHER] for first in range(0, len(wanted), TOGETHER))


async def _looked_up(numbers: list[str], followed: Followed, server: Server, name: str) -> AsyncIterator[list[Item]]:
    """What is gone or reads otherwise, then what was answered below each. ``followed`` is brought up to date."""
    there = await server.statuses("v1/statuses", {"id[]": numbers}, name)
    found = {one.id: one for one in there if isinstance(one, Status)}
    changed: list[Item] = []
    for number in numbers:
        uri, _, _, brands = followed[number]
        if number not in found:
            changed.append(Removed(f"mastodon:{uri}"))
            del followed[number]
        elif found[number].edited_at:
            changed += await server.acts([found[number]], brands)
    if changed:
        yield changed
    for number, status in found.items():
        uri, at, count, brands = followed[number]
        if status.replies_count != max(count, 0):
            answers = (await server.context(number))[1]
            below: list[Item] = [*await server.acts(answers, brands)]
            followed[number] = (uri, at, status.replies_count, brands)
            _follow(followed, server, below, {one.act: one for one in answers})
            yield below
        followed[number] = (uri, at, status.replies_count, brands)
