"""YouTube Spam Collection: 1,956 labelled comments of five videos, three of them listed twice (1,953 ids).

The label (CLASS) is the truth that scoring is measured against, so it never enters an event. The uploaders' accounts
are not in the data; a brand here is a video's artist, named in every comment on it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from events import Activity, Actor, Brand, Interaction
from ingest.datasets.checked import checked, size
from ingest.dead import DeadLetter
from ingest.lines import Reading
from ingest.rows import rows

NAME = "youtube_spam"
ARTISTS = {
    "01-9bZkp7q19f0.csv": "Psy",
    "04-CevxZvSJLk8.csv": "KatyPerry",
    "07-KQ6zr6kCPj8.csv": "LMFAO",
    "08-uelHwf8o7_U.csv": "Eminem",
    "09-pRpeEdMmmQ0.csv": "Shakira",
}


def measure(path: str | Path) -> int:
    return size(path, NAME)


def brands(path: str | Path) -> tuple[Brand, ...]:
    return tuple(Brand(ARTISTS[file.name]) for file in checked(path, NAME))


def read(path: str | Path, reading: Reading) -> Iterator[Interaction | DeadLetter]:
    for file in checked(path, NAME):
        video = file.stem.split("-", 1)[1]
        for row in rows(file, reading):
            if isinstance(row, DeadLetter):
                yield row
                continue
            yield Interaction(
                id=f"youtube:{row.columns['COMMENT_ID']}",
                platform="youtube",
                type=Activity.CREATE,
                published=datetime.fromisoformat(row.columns["DATE"]).replace(tzinfo=UTC),
                actor=Actor(id=f"youtube:{row.columns['AUTHOR']}", name=row.columns["AUTHOR"]),
                content=row.columns["CONTENT"],
                conversation=f"youtube:{video}",
                brands=(ARTISTS[file.name],),
            )
