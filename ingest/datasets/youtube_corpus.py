"""YouTube comment corpus of 2013: 81,241 comments on 96 videos, whose 77 uploaders are the brands.

A comment addresses the uploader of its video; the dump does not say which comment answers which, so none has a
parent. 208 rows with shifted columns are left out (their HAS_LINK is not 0 or 1). An uploader speaks as its own brand
wherever it comments: one comment, on another uploader's video, is therefore that of the commenter's brand.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from events import Activity, Actor, Brand, Interaction
from ingest.datasets.checked import checked, expected, size
from ingest.dead import DeadLetter
from ingest.lines import ReadError, Reading
from ingest.rows import Row, rows

NAME = "youtube_corpus"
UPLOADER = re.compile(r"^AUTHOR_NAME: *(?P<name>.*?) *\n^AUTHOR_URI: .*/(?P<account>\S+)$", re.MULTILINE)


def measure(path: str | Path) -> int:
    return size(path, NAME)


def brands(path: str | Path) -> tuple[Brand, ...]:
    uploaders = dict.fromkeys(_uploaders(_files(path)).values())
    return tuple(Brand(name, frozenset({account})) for name, account in uploaders)


def read(path: str | Path, reading: Reading) -> Iterator[Interaction | DeadLetter]:
    files = _files(path)
    uploaders = _uploaders(files)
    own = {account: name for name, account in uploaders.values()}
    for file in files:
        if file.suffix != ".csv":
            reading.done += file.stat().st_size
            continue
        for row in rows(file, reading):
            if isinstance(row, DeadLetter):
                yield row
            elif row.columns["HAS_LINK"] not in ("0", "1"):
                reading.dropped += 1
            else:
                yield _comment(row, file.stem, uploaders[file.stem], own)


def _files(path: str | Path) -> list[Path]:
    if Path(path).is_file():
        raise ReadError(
            f"{path}: the uploaders are known to the whole {NAME} only; give the folder ({len(expected(NAME))} files)"
        )
    return checked(path, NAME)


def _uploaders(files: list[Path]) -> dict[str, tuple[str, str]]:
    """Video to (name, account) of its uploader, from the ``.info`` beside it."""
    found = {file.stem: UPLOADER.search(file.read_text("utf-8")) for file in files if file.suffix == ".info"}
    return {video: (match["name"], f"youtube:{match['account']}") for video, match in found.items() if match}


def _comment(row: Row, video: str, uploader: tuple[str, str], own: dict[str, str]) -> Interaction:
    brand, account = uploader
    actor = f"youtube:{row.columns['AUTHOR_URI']}"
    return Interaction(
        id=f"youtube:{row.columns['ID']}",
        platform="youtube",
        type=Activity.CREATE,
        published=datetime.fromisoformat(row.columns["PUBLISHED"]).replace(tzinfo=UTC),
        actor=Actor(id=actor, name=row.columns["AUTHOR_NAME"]),
        to=() if actor in own else (account,),
        content=row.columns["CONTENT"],
        conversation=f"youtube:{video}",
        brands=(own.get(actor, brand),),
    )
