"""Jetstream: everything that happens on Bluesky, as it happens, searched here for the brands.

It keeps 36 hours. What is older, and threads that began before we listened, the kind ``bluesky`` brings.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from events import Brands, Interaction
from ingest.dead import dead_letter
from ingest.errors import Refused, SourceError, Throttled, Unreachable
from ingest.items import Memory, at_second
from ingest.source import Cursor, Edited, Gap, Item, Page, Removed, Setting, Source
from ingest.sources.bluesky_acts import FOLLOW, LIKE, POST, REPOST, TYPES, Profiles, Record, act, owner

CANNOT = "profiles, what is older than 36 hours, edits"

KEPT = timedelta(hours=36)
REWIND = timedelta(seconds=5)  # the clocks of two instances differ, and repeating is harmless
MOST, SECONDS = 500, 0.5  # of a page
SILENT = 30.0  # seconds without any event, on a network where hundreds happen in each
REMEMBERED = 100_000  # acts about a brand, below which answers, likes and shares are recognised
RECENT = 200  # of them are in the cursor, with their brands, for whoever is killed
REMEMBERED_FOR = timedelta(days=14)
LARGEST = 2_000_000  # bytes of an event
GONE = {"deleted": False, "takendown": True}  # states of an account that end its acts; whether the platform did it


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """``profiles`` is asked who the authors are; nobody is where it is empty."""

    url: str = "wss://jetstream2.us-east.bsky.network/subscribe"
    profiles: str = "https://public.api.bsky.app"


def sources(settings: Settings, setting: Setting) -> list[Source]:
    return [Jetstream(setting.name, settings, setting)]


class Commit(Struct):
    operation: str
    collection: str
    rkey: str
    record: msgspec.Raw = msgspec.Raw()


class Account(Struct):
    active: bool = True
    status: str = ""


class Event(Struct):
    did: str
    time_us: int
    commit: Commit | None = None
    account: Account | None = None


EVENTS, RECORDS = msgspec.json.Decoder(Event), msgspec.json.Decoder(Record)


@dataclass
class Matcher:
    """What of the stream concerns ``brands``: what they are named in, what they do, and what is below either."""

    brands: Brands
    origin: str
    known: Memory[tuple[str, ...]] = field(default_factory=lambda: Memory(REMEMBERED))  # brands by address
    recent: Memory[tuple[str, ...]] = field(default_factory=lambda: Memory(RECENT))

    def __post_init__(self) -> None:
        self._dids = {a.partition(":")[2] for a in self.brands.by_account if a.startswith("bluesky:")}

    def items(self, event: Event, received: datetime) -> list[Item]:
        """Mostly nothing. Deletions are told of whatever it was: others know what was published."""
        if event.account:
            return self._of_account(event.did, event.account, received)
        commit = event.commit
        if commit is None or commit.collection not in TYPES:
            return []
        uri = f"at://{event.did}/{commit.collection}/{commit.rkey}"
        if commit.operation == "delete":
            return [Removed(f"bluesky:{uri}", received)]
        found = self._act(uri, event.did, _record(commit), received)
        if found is None:
            return []
        return [Edited(found, received) if commit.operation == "update" else found]

    def _act(self, uri: str, did: str, record: Record | None, received: datetime) -> Interaction | None:
        """Looked at more closely only where something may be found."""
        if record is None:
            return None
        above = (record.reply.parent.uri, record.reply.root.uri) if record.reply else (record.about,)
        told = {brand for one in above if one for brand in self.known.known(one) or ()}
        likely = told or record.facets or record.embed or did in self._dids
        if not likely and not any(owner(one) in self._dids for one in above) and not self.brands.named(record.text):
            return None
        found = act(uri, record, received, sorted(told))
        concerned = tuple(route.brand for route in self.brands.routes(found) if route.brand) if found else ()
        if not concerned:
            return None
        if f"/{POST}/" in uri:
            self.remember(uri, concerned)
        return found

    def remember(self, uri: str, brands: tuple[str, ...]) -> None:
        self.known.put(uri, brands)
        self.recent.put(uri, brands)

    def _of_account(self, did: str, told: Account, received: datetime) -> list[Item]:
        if told.active or told.status not in GONE:
            return []
        mine = [uri for uri in self.known if owner(uri) == did]
        return [Removed(f"bluesky:{uri}", received, GONE[told.status]) for uri in mine]


@dataclass
class Jetstream:
    name: str
    settings: Settings
    setting: Setting
    resumes = True
    endless = True
    poll_every = 1.0

    def __post_init__(self) -> None:
        self.matcher = Matcher(self.setting.brands, self.name)
        self.profiles = Profiles(self.setting.http, self.settings.profiles)
        names = tuple(self.setting.brands.by_name)
        for key in self.setting.published(self.name, self.setting.clock() - REMEMBERED_FOR, REMEMBERED):
            self.matcher.known.put(key.removeprefix("bluesky:"), names if len(names) == 1 else ())

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        now = self.setting.clock()
        for uri, brands in (cursor or {}).get("recent", {}).items():
            self.matcher.remember(uri, tuple(brands))
        begin, oldest = at_second(cursor["time_us"] / 1e6) if cursor else now, now - KEPT + REWIND
        if begin < oldest:
            gap = Gap(begin, oldest, "Jetstream keeps what happened for 36 hours")
            yield Page([gap], self._cursor(_micros(oldest)), oldest)
            begin = oldest
        self.setting.http.meter.spend(1.0)
        try:
            async with self._connected(begin - REWIND) as socket:
                reached = _micros(begin)
                while True:
                    items, reached = await self._batch(socket, reached)
                    if self.settings.profiles:
                        items = await self.profiles.told(items)
                    yield Page(items, self._cursor(reached), at_second(reached / 1e6))
        except InvalidStatus as error:
            if error.response.status_code == 400 and b"CursorTooOld" in (error.response.body or b""):
                gap = Gap(begin, now, "Jetstream no longer has what happened then")
                yield Page([gap], self._cursor(_micros(now)), now)
            else:
                raise self._refusal(error.response.status_code) from error
        except (WebSocketException, OSError, TimeoutError) as error:
            raise Unreachable(f"{self.settings.url}: {_told(error)}") from error

    def _cursor(self, reached: int) -> Cursor:
        recent = self.matcher.recent
        return {"time_us": reached, "recent": {uri: recent.known(uri) for uri in recent}}

    def _connected(self, begin: datetime) -> connect:
        wanted = "&".join(f"wantedCollections={collection}" for collection in (POST, LIKE, REPOST, FOLLOW))
        return connect(
            f"{self.settings.url}?{wanted}&cursor={_micros(begin)}",
            max_size=LARGEST,
            user_agent_header=self.setting.http.hosts.connections.headers["User-Agent"],
            proxy=None,
            compression=None,
        )

    async def _batch(self, socket: ClientConnection, reached: int) -> tuple[list[Item], int]:
        """What concerns a brand, of at most half a second. Raises ``TimeoutError`` when nothing at all happens."""
        items: list[Item] = []
        clock = asyncio.get_running_loop().time
        async with asyncio.timeout(SILENT):
            frame = await socket.recv(decode=False)
        deadline = clock() + SECONDS
        try:
            async with asyncio.timeout_at(deadline):
                while True:
                    reached = max(reached, self._read(frame, items))
                    if len(items) >= MOST or clock() > deadline:
                        break
                    frame = await socket.recv(decode=False)
        except TimeoutError:
            pass
        return items, reached

    def _read(self, frame: bytes, items: list[Item]) -> int:
        """Add what is found; the time of the event."""
        try:
            event = EVENTS.decode(frame)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            items.append(dead_letter("not_json", str(error), self.name, frame))
            return 0
        items += self.matcher.items(event, at_second(event.time_us / 1e6))
        return event.time_us

    def _refusal(self, status: int) -> SourceError:
        if status == 429:
            return Throttled(f"{self.settings.url}: too many connections", self.setting.clock() + timedelta(minutes=1))
        kind = Unreachable if status >= 500 else Refused
        return kind(f"{self.settings.url}: HTTP {status}")


def _record(commit: Commit) -> Record | None:
    """Nothing for what is not as documented: anybody may write anything, but nobody gets to see it as a post."""
    try:
        return RECORDS.decode(commit.record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _micros(time: datetime) -> int:
    return int(time.timestamp() * 1e6)


def _told(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"nothing happened for {SILENT:.0f} s"
    return "the connection has ended" if isinstance(error, ConnectionClosed) else type(error).__name__
