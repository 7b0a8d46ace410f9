"""A running pipeline for one command: the one that runs, or one of its own for as long as the command takes."""

from collections.abc import Iterator
from contextlib import contextmanager

from rapport import run
from rapport.config import Config
from rapport.up import Say, pipeline


@contextmanager
def attached(config: Config, say: Say) -> Iterator[bool]:
    """Whether the pipeline ends with the block: then the block has to wait for what it asked for.

    Raises what ``pipeline`` does.
    """
    if config.file.kafka.address or run.running(config.data):
        yield False
        return
    say(f"nothing runs on {config.data}: starting the pipeline for this command")
    with pipeline(config, say) as (supervisor, _), supervisor.watching():
        yield True
