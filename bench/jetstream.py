"""``python -m bench.jetstream``: how many events of Jetstream a second one core reads, and whether memory stays flat.

A million made-up events come from a local websocket server in a process of its own; fifty brands with ten words each
are looked for. The ceiling is what is read when the server sends as fast as it can.
"""

import asyncio
import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from websockets.asyncio.server import ServerConnection, serve

from events import Brand, Brands, Interaction, Route, SourceStatus
from ingest.budget import Budget, Meter
from ingest.client import Client, hosts
from ingest.dead import DeadLetter
from ingest.follow import Following, follow
from ingest.ledger import Ledger
from ingest.source import Setting
from ingest.sources.jetstream import Settings, sources

EVENTS, SEED, BRANDS, WORDS = 1_000_000, 5, 50, 10
KINDS = ("app.bsky.feed.post", "app.bsky.feed.like", "app.bsky.feed.repost", "app.bsky.graph.follow")
SHARES, DELETED = (30, 52, 8, 10), 0.06  # of the kinds, as a day of the network has them, roughly
BEGIN = 1_793_534_400_000_000  # microseconds since 1970
EACH = "?" * 13  # stands for what differs in each event
NAMED = 0.002  # of the posts name one of the brands
SPEECH = [
    "the",
    "of",
    "a",
    "and",
    "it",
    "was",
    "in",
    "my",
    "new",
    "to",
    "is",
    "we",
    "really",
    "coffee",
    "never",
    "people",
]


def frame(chance: random.Random) -> str:
    did, rkey = f"did:plc:{chance.getrandbits(44):011x}{EACH}", EACH
    (collection,) = chance.choices(KINDS, SHARES)
    commit = {"rev": rkey, "operation": "create", "collection": collection, "rkey": rkey, "cid": "bafyrei" + "a" * 52}
    subject = {"cid": "bafyrei" + "b" * 52, "uri": f"at://did:plc:{chance.getrandbits(90):024x}/{KINDS[0]}/{rkey}"}
    if chance.random() < DELETED:
        commit = {"rev": rkey, "operation": "delete", "collection": collection, "rkey": rkey}
    elif collection == KINDS[0]:
        text = chance.choices(SPEECH, k=chance.randrange(3, 45))
        if chance.random() < NAMED:
            text.append(f"Brand{chance.randrange(BRANDS)}word{chance.randrange(WORDS)}!")
        record = {"$type": collection, "createdAt": "2026-11-01T12:00:00.000Z", "langs": ["en"], "text": " ".join(text)}
        if chance.random() < 0.4:
            record["reply"] = {"parent": subject, "root": subject}
        if chance.random() < 0.25:
            record["facets"] = [{"index": {"byteStart": 0, "byteEnd": 9}, "features": [{"uri": "https://a.example"}]}]
        commit["record"] = record
    else:
        about = subject if collection != KINDS[3] else did
        commit["record"] = {"$type": collection, "createdAt": "2026-11-01T12:00:00.000Z", "subject": about}
    return json.dumps({"did": did, "time_us": 0, "kind": "commit", "commit": commit}, separators=(",", ":"))


def server(port: "multiprocessing.Queue[int]", count: int) -> None:
    chance = random.Random(SEED)
    frames = [frame(chance) for _ in range(20_000)]

    async def send(socket: ServerConnection) -> None:
        for number in range(count):
            told = frames[number % len(frames)].replace(EACH, f"{number:013x}")
            await socket.send(told.replace('"time_us":0', f'"time_us":{BEGIN + number * 500}'))
        await socket.wait_closed()

    async def run() -> None:
        async with serve(send, "127.0.0.1", 0, compression=None) as served:
            port.put(next(iter(served.sockets)).getsockname()[1])
            await served.serve_forever()

    asyncio.run(run())


class Counted:
    """In place of Kafka."""

    def __init__(self) -> None:
        self.acts = 0

    def publish(self, interaction: Interaction, routes_by_key: dict[str, tuple[Route, ...]]) -> None:
        self.acts += 1

    def dead_letter(self, letter: DeadLetter, at: datetime) -> None:
        """Nothing."""

    def status(self, status: SourceStatus) -> None:
        """Nothing."""

    def flush(self) -> None:
        """Nothing."""


async def read(port: int, count: int, folder: Path) -> dict[str, float]:
    """Followed as by ``rapport ingest run``, with the ledger; only Kafka is not there."""
    brands = Brands(Brand(f"b{n}", match=tuple(f"brand{n}word{m}" for m in range(WORDS))) for n in range(BRANDS))
    ledger, kafka, stopping = Ledger(folder / "ledger"), Counted(), asyncio.Event()
    settings = Settings(f"ws://127.0.0.1:{port}/subscribe", profiles="")
    seen, figures = 0, {}

    def clock() -> datetime:
        return datetime.now(UTC)

    def meter(name: str, budget: Budget) -> Meter:
        return Meter(name, budget, ledger, clock)

    async with hosts("", "bench") as connections:
        http = Client(connections, meter("", Budget(limit=1e9)), clock)
        setting = Setting("bench", http, brands, clock, ledger.published, ledger.stale, meter)
        (source,) = sources(settings, setting)
        matcher = source.matcher  # type: ignore[attr-defined]
        original = matcher.items

        def counted(*told: object) -> object:
            nonlocal seen
            seen += 1
            if seen in (count // 10, count):
                figures[f"RSS at {seen:,} events, MB"] = rss()
            if seen == count:
                stopping.set()
            return original(*told)

        matcher.items = counted
        begin, used = time.perf_counter(), time.process_time()
        await follow(source, clock(), 1.0, Following(kafka, ledger, brands, clock, stopping))
        seconds, cpu = time.perf_counter() - begin, time.process_time() - used
    return {
        "events": seen,
        "acts found": kafka.acts,
        "ceiling, events per s": seen / seconds,
        "events per s of CPU": seen / cpu,
        **figures,
    }


def rss() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    port: multiprocessing.Queue[int] = multiprocessing.Queue()
    serving = multiprocessing.Process(target=server, args=(port, count), daemon=True)
    serving.start()
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[-1]})  # one core
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(read(port.get(), count, Path(folder)))
    serving.kill()
    for name, value in figures.items():
        print(f"{name:<40} {value:>12,.1f}")
    target = Path("artifacts") / "bench-jetstream.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps({"seed": SEED, **figures}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
