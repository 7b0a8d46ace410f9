"""The configured sources, followed by one process for a data folder."""

import asyncio
import fcntl
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from events.erasures import Erased
from ingest.erased import ErasedReader
from ingest.ledger import NAME as LEDGER
from ingest.ledger import Ledger
from ingest.listen import Listening, listen
from ingest.publish import Publisher, connect
from rapport import access
from rapport.cli.options import say
from rapport.config import Config
from rapport.errors import UserError
from rapport.progress import progress

if TYPE_CHECKING:
    from ingest.change import Change
    from ingest.source import Page

Counted = Callable[[str, "Change", "Page"], None]


def listening(
    config: Config,
    *,
    since: datetime | None = None,
    counted: Counted = lambda source, change, page: None,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Until SIGINT or SIGTERM. Raises ``UserError``, ``SettingsError``, ``SecretError``, ``PublishError``."""
    tables = config.file.sources
    if not tables:
        raise UserError(f"{config.path or 'rapport.toml'}: there is no [sources.…] to listen to; see docs/sources.md")
    asked = Listening(tables, config.brands, config.file.ingest.contact, version("rapport"), since)
    kafka = access.kafka(config)
    with (
        _alone(config.data),
        closing(Ledger(config.data / LEDGER)) as ledger,
        Publisher(connect(kafka)) as publisher,
        ErasedReader(kafka) as reader,
    ):
        asyncio.run(_until_told(asked, publisher, ledger, reader.caught_up, counted=counted, ready=ready))


async def _until_told(
    asked: Listening,
    publisher: Publisher,
    ledger: Ledger,
    erased: Callable[[], Erased],
    *,
    counted: Counted,
    ready: Callable[[], None],
) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    await listen(asked, publisher, ledger, stopping, counted=counted, ready=ready, erased=erased)


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Two processes with one set of cursors would each read the half."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "ingest.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UserError(
                f"the sources of {data} are listened to already (`rapport up` does);"
                " to read the past, write since = 2026-01-31 into [sources.…] and start it again"
            ) from error
        yield


@contextmanager
def listening_words() -> Iterator[Counted]:
    """Progress for who looks on, and in the end what each source brought."""
    acts: Counter[str] = Counter()
    positions: dict[str, datetime] = {}
    with progress("listening") as bar:

        def counted(source: str, change: "Change", page: "Page") -> None:
            acts[source] += len(change.acts)
            positions[source] = page.position
            bar(0, 0, f"{acts.total():,} acts; {source} read until {page.position:%Y-%m-%d %H:%M}")

        try:
            yield counted
        finally:
            for source, position in sorted(positions.items()):
                print(f"{source}  acts {acts[source]}  read until {position:%Y-%m-%d %H:%M:%S}")
            if not positions:
                say("nothing was read")
            sys.stdout.flush()
