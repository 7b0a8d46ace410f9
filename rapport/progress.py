"""A bar on stderr for long work, where a person looks on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn


class Tell(Protocol):
    def __call__(self, done: int, total: int, said: str = "") -> None:
        """How much of how many is done, in words ``said``; a ``total`` of 0 is not known yet."""


@contextmanager
def progress(what: str) -> Iterator[Tell]:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[said]}"),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=None, said="")

        def tell(done: int, total: int, said: str = "") -> None:
            bar.update(task, completed=done, total=total or None, said=said or f"{done:,} of {total:,}")

        yield tell
