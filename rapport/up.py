"""The whole pipeline on one machine: engines, tables, topics, then worker, campaign finder, sink and sources."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import msgspec

from events.topics import topics
from rapport import access, run
from rapport.alert_settings import couriers
from rapport.config import Config
from rapport.embedded import clickhouse as embedded_clickhouse
from rapport.embedded import kafka as embedded_kafka
from rapport.embedded.service import Service
from rapport.supervisor import Supervisor
from scoring.encoder import FOLDER, verify
from streams.settings import StreamSettings
from warehouse.client import connect
from warehouse.migrate import create_topics, migrate, pair
from warehouse.retention import Retention, keep

STOP_SECONDS = 20.0

Say = Callable[[str], None]


@contextmanager
def pipeline(
    config: Config, say: Say, workers: int = 1, *, alerts: bool = False, listen: bool = False
) -> Iterator[tuple[Supervisor, run.Run]]:
    """Everything started and ready; stopped in order at the end.

    ``alerts``: for whoever stays to hear of them. ``listen``: to the configured sources, too.

    Raises ``UserError``, ``EmbeddedError`` and ``ModelError``.
    """
    verify(FOLDER)  # nothing is scored without the text model: say so before anything starts
    if alerts:
        list(couriers(config, os.environ))  # nor is anybody told without the receiver's secrets
    with run.owned(config.data):
        supervisor = Supervisor()
        try:
            ours = ["worker"] if workers == 1 else [f"worker-{number}" for number in range(1, workers + 1)]
            ours += ["campaigns", "sink", *(["alerts"] if alerts else [])]
            ours += ["ingest"] if listen and config.file.sources else []
            yield supervisor, _start(config, say, supervisor, ours)
        finally:
            say("stopping")
            supervisor.stop()


def _start(config: Config, say: Say, supervisor: Supervisor, ours: Sequence[str]) -> run.Run:
    section = config.file
    engines: list[Service] = []
    kafka, clickhouse = section.kafka.address, section.clickhouse.address
    if not kafka:
        broker = embedded_kafka.prepare(config.data / "kafka", section.kafka.port)
        kafka = broker.address
        engines.append(broker.service)
    if not clickhouse:
        server = embedded_clickhouse.prepare(config.data, section.clickhouse.port)
        clickhouse = server.address
        engines.append(server.service)
    supervisor.start(engines)
    say(f"Kafka at {kafka}, ClickHouse at {clickhouse}")
    prepare_engines(config, kafka, clickhouse, say)
    supervisor.changed = lambda pids: run.write(config.data, run.Run(kafka, clickhouse, pids))
    supervisor.report()
    supervisor.start([process(config, name) for name in ours])
    return run.Run(kafka, clickhouse)


def prepare_engines(config: Config, kafka: str, clickhouse: str, say: Say) -> None:
    """Tables and topics as this version needs them; what is there already stays. Raises ``Mismatch``."""
    for name in migrate(access.clickhouse(config, clickhouse)):
        say(f"migrated {name}")
    settings = StreamSettings(kafka=kafka, datadir="", partitions=config.file.kafka.partitions)
    made = create_topics(kafka, topics(settings.changelog), settings.partitions)
    if made:
        say(f"topics made: {', '.join(made)}")
    with access.closing(connect(access.clickhouse(config, clickhouse))) as client:
        keep(client, Retention(**msgspec.structs.asdict(config.file.retention)))
        pair(client, kafka)


def process(config: Config, name: str) -> Service:
    """One of our own processes as a child: ready when it has written its ready file."""
    ready = config.data / "ready" / name
    ready.parent.mkdir(parents=True, exist_ok=True)
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "rapport.processes", name.split("-", maxsplit=1)[0], "--data", str(config.data)]
    if config.path:
        command += ["--config", str(config.path)]
    return Service(
        name=name,
        command=command,
        env={"RAPPORT_READY_FILE": str(ready)},
        ready=ready.exists,
        log=config.data / "logs" / f"{name}.log",
        stop_seconds=STOP_SECONDS,
    )
