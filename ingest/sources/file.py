"""Files that something else writes: acts of the contract, one JSON object a line, appended while we read.

A file is known by its inode, so that one which is moved away while it is written to (as logs are) is read to its end.
``rapport ingest file`` is for files that are complete, for CSV and for gzip.
"""

import glob
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

from msgspec import Struct

from events import Invalid, decode_interaction
from events.codec import MAX_BYTES
from ingest.dead import dead_letter, too_large
from ingest.errors import Unreachable
from ingest.source import Cursor, Item, Page, Setting, Source

CANNOT = "nothing but what is written"

LINES = 1_000  # of one page
SKIPPED = 65_536  # bytes at once of a line that is too long


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """``path`` may have wildcards: ``/var/spool/acts/*.jsonl``."""

    path: str


def sources(settings: Settings, setting: Setting) -> list[Source]:
    return [Files(setting.name, settings.path, setting)]


@dataclass(frozen=True)
class Files:
    name: str
    pattern: str
    setting: Setting
    resumes = True
    endless = False
    poll_every = 1.0

    async def pull(self, cursor: Cursor | None, since: object) -> AsyncGenerator[Page, None]:
        read: Cursor = dict(cursor or {})  # bytes by inode
        found = sorted(glob.glob(self.pattern, recursive=True))  # noqa: PTH207 - the pattern may be absolute
        inodes = {}
        for path in found:
            try:
                inodes[str(Path(path).stat().st_ino)] = path
            except FileNotFoundError:  # moved away since it was listed; its new name is found next time
                continue
        read = {inode: done for inode, done in read.items() if inode in inodes}
        for inode, path in inodes.items():
            try:
                while True:
                    items, read[inode] = _next(Path(path), read.get(inode, 0), self)
                    if not items:
                        break
                    yield Page(items, dict(read), self.setting.clock())
            except OSError as error:
                raise Unreachable(f"{path}: {error.strerror}") from error


def _next(path: Path, begin: int, source: Files) -> tuple[list[Item], int]:
    """The next whole lines from byte ``begin`` on, and where they end; a file that became shorter begins anew."""
    items: list[Item] = []
    with path.open("rb") as file:
        begin = begin if begin <= path.stat().st_size else 0
        file.seek(begin)
        while len(items) < LINES:
            line = file.readline(MAX_BYTES + 2)
            if not line.endswith(b"\n"):
                if len(line) <= MAX_BYTES + 1:
                    break  # still being written
                kept, size = line, len(line)
                while (rest := file.readline(SKIPPED)) and not rest.endswith(b"\n"):
                    size += len(rest)
                if not rest:
                    break
                items.append(too_large(f"file:{path.name}:{begin}", kept, size + len(rest)))
            elif line.strip():
                items.append(_act(line.strip(), f"file:{path.name}:{begin}", source))
            begin = file.tell()
    return items, begin


def _act(payload: bytes, origin: str, source: Files) -> Item:
    try:
        return decode_interaction(payload, source.setting.clock())
    except Invalid as error:
        return dead_letter(error.reason, error.detail, origin, payload)
