"""Loaders of public data sets, each written for exactly the files whose sha256 is in ``SHA256SUMS``.

The data stay outside the repository: most of their licences are unstated. A loader needs more than a mapping file
can say: who is answered, in which conversation, and which one brand an act concerns. Each act concerns exactly one
brand, so that a row of the warehouse is a row of the data set.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from events import Brand, Interaction
from ingest.datasets import ibm_cc, twcs, youtube_corpus, youtube_spam
from ingest.dead import DeadLetter
from ingest.lines import Reading


class Dataset(Protocol):
    """A module below this one. ``path`` is a file of the data set or its folder; other files raise ``ReadError``."""

    def read(self, path: str | Path, reading: Reading) -> Iterator[Interaction | DeadLetter]: ...

    def brands(self, path: str | Path) -> tuple[Brand, ...]: ...

    def measure(self, path: str | Path) -> int: ...


DATASETS: dict[str, Dataset] = {
    "twcs": twcs,
    "ibm_cc": ibm_cc,
    "youtube_corpus": youtube_corpus,
    "youtube_spam": youtube_spam,
}
