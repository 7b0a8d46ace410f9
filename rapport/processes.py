"""Our own long-running processes: ``python -m rapport.processes worker|campaigns|sink|alerts|ingest``."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import stamina
import typer

from events import Scored
from rapport import access, logs
from rapport.cli.options import DATA, ConfigOption, DataOption, say
from rapport.config import Config, load
from rapport.errors import explained
from warehouse.client import ClickHouse, connect, passing
from warehouse.history import accounts_of, history

T = TypeVar("T")

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)


@app.command()
def worker(config: ConfigOption = None, data: DataOption = DATA) -> None:
    """Score what arrives: the Faust worker."""
    from faust import Worker  # noqa: PLC0415 - the sink needs no Faust

    from rapport.model import text_reader  # noqa: PLC0415
    from rapport.watchdog import Watchdog  # noqa: PLC0415
    from streams.agents import create_app  # noqa: PLC0415
    from streams.settings import StreamSettings  # noqa: PLC0415

    settings = load(config, data)
    kafka = access.kafka(settings)
    streams = StreamSettings(kafka=kafka, datadir=str(data / "faust"), partitions=settings.file.kafka.partitions)
    data.mkdir(parents=True, exist_ok=True)
    watchdog = Watchdog()
    history = WarehouseHistory(_warehouse(settings))
    faust_app = create_app(streams, settings.brands, history, text_reader(), watchdog.progressed)
    faust_app.on_partitions_assigned.connect(_ready, weak=False)
    watchdog.start(faust_app, kafka)
    Worker(faust_app, loglevel="WARNING", redirect_stdouts=False, quiet=True).execute_from_commandline()


@app.command()
def sink(config: ConfigOption = None, data: DataOption = DATA) -> None:
    """Store what was scored."""
    from warehouse.lag import watch  # noqa: PLC0415 - the worker needs no sink
    from warehouse.sink import SinkSettings, run  # noqa: PLC0415

    settings = load(config, data)
    running = _until_stopped()
    _ready()
    watch(access.kafka(settings), _warehouse(settings))
    run(SinkSettings(access.kafka(settings), _warehouse(settings)), running)


@app.command()
def campaigns(config: ConfigOption = None, data: DataOption = DATA) -> None:
    """Find who posts the same."""
    from streams.clustering import run  # noqa: PLC0415

    run(access.kafka(load(config, data)), _until_stopped(), _ready)


@app.command()
def alerts(config: ConfigOption = None, data: DataOption = DATA) -> None:
    """Watch what is stored, and tell the receivers."""
    from rapport.watching import run  # noqa: PLC0415 - nobody else needs numpy's rules

    settings = load(config, data)
    run(settings, _warehouse(settings), _until_stopped(), _ready)


@app.command()
def ingest(config: ConfigOption = None, data: DataOption = DATA) -> None:
    """Listen to the configured sources; without any, wait to be stopped."""
    from rapport.listening import listening  # noqa: PLC0415 - nobody else needs the connectors

    settings = load(config, data)
    if settings.file.sources:
        listening(settings, ready=_ready)
        return
    running = _until_stopped()
    _ready()
    while running():
        time.sleep(1)


class WarehouseHistory:
    """``streams.refold.History`` from the warehouse; a re-fold waits for one that is away."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self.client = connect(clickhouse)

    def rows(self, accounts: Sequence[str]) -> dict[str, list[Scored]]:
        return self._asked(lambda: history(self.client, accounts))

    def accounts(self, persons: Sequence[str]) -> dict[str, list[str]]:
        return self._asked(lambda: accounts_of(self.client, persons))

    def _asked(self, ask: Callable[[], T]) -> T:
        for attempt in stamina.retry_context(on=passing, attempts=None, timeout=None, wait_max=5.0):
            with attempt:
                return ask()
        raise AssertionError("unlimited attempts ended")


def _until_stopped() -> Callable[[], bool]:
    """Says no from the first signal to stop on."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    return lambda: not stopping.is_set()


def _warehouse(config: Config) -> ClickHouse:
    return access.clickhouse(config, access.clickhouse_address(config))


def _ready(*_: object, **__: object) -> None:
    if path := os.environ.get("RAPPORT_READY_FILE"):
        Path(path).touch()


def main() -> None:
    logs.for_machines()
    try:
        app()
    except Exception as error:
        if (line := explained(error)) is None:
            raise
        say(f"error: {line}")
        sys.exit(1)


if __name__ == "__main__":
    main()
