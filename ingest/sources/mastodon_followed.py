"""What becomes of the statuses that concern a brand: edits, deletions, and answers below them."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from events import Activity, Interaction
from ingest.source import Cursor, Edited, Item, Page, Removed
from ingest.sources.mastodon_acts import Server, Status

FOLLOWED, MOST = timedelta(days=3), 100  # for how long, and how many, are looked up again
TOGETHER = 20  # at once

Followed = dict[str, Any]  # by local id: uri, time, number of answers, brands


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
    """What was missed, and what became of the statuses that concern a brand."""
    server = reader.server
    followed: Followed = dict(cursor["followed"]) if cursor else {}
    last: Read | None = None
    async for read in reader.missed(cursor, since):
        _follow(server, followed, read.items, read.statuses)
        yield Page(read.items, {**read.cursor, "followed": followed}, read.position)
        last = read
    assert last  # noqa: S101 - a reader ends with where it stands
    items = await _followed_up(server, followed, reader.name)
    yield Page(items, {**last.cursor, "followed": followed}, last.position)


def _follow(server: Server, followed: Followed, items: Iterable[Item], statuses: Mapping[str, Status]) -> None:
    for item in items:
        act = item.interaction if isinstance(item, Edited) else item
        if not isinstance(act, Interaction) or act.type is not Activity.CREATE or act.id not in statuses:
            continue
        status = statuses[act.id]
        if brands := [route.brand for route in server.setting.brands.routes(act) if route.brand]:
            followed.setdefault(status.id, (status.uri, act.published.timestamp(), 0, brands))
    oldest = (server.setting.clock() - FOLLOWED).timestamp()
    kept = sorted((key for key, told in followed.items() if told[1] > oldest), key=lambda key: followed[key][1])[-MOST:]
    for key in followed.keys() - set(kept):
        del followed[key]


async def _followed_up(server: Server, followed: Followed, origin: str) -> list[Item]:
    """What reads otherwise, what is gone, and what was answered below. ``followed`` is brought up to date."""
    numbers, changed, answers = list(followed), list[Item](), dict[str, tuple[Status, list[str]]]()
    for first in range(0, len(numbers), TOGETHER):
        asked = numbers[first : first + TOGETHER]
        found = {
            one.id: one
            for one in await server.statuses("v1/statuses", {"id[]": asked}, origin)
            if isinstance(one, Status)
        }
        for number in asked:
            uri, at, count, brands = followed[number]
            if number not in found:
                changed.append(Removed(f"mastodon:{uri}"))
                del followed[number]
                continue
            status = found[number]
            changed += await server.acts([status] if status.edited_at else [], brands)
            if status.replies_count != count:
                answers |= {
                    one.id: (one, brands) for one in (await server.context(number))[1] if server.may_be_read(one)
                }
                followed[number] = (uri, at, status.replies_count, brands)
    below: list[Item] = []
    for one, brands in sorted(answers.values(), key=lambda told: told[0].created_at):
        below.append(await server.act(one, brands))
    _follow(server, followed, below, {one.act: one for one, _ in answers.values()})
    return [*below, *changed]
