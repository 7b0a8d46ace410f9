"""The set-up step of the embedded Kafka: ``python -m rapport.embedded.jars``.

Resolves Apache Kafka with jgo, checks every jar against the committed sums and installs them all or none. A second run
finds them there and touches no network. At run time only the installed folder is used.
"""

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

from kafka import KafkaProducer
from kafka.errors import KafkaError

from rapport.embedded import kafka
from rapport.embedded.service import EmbeddedError, started

# slf4j-simple because Kafka without a logger dies without a word.
COORDINATES = "org.apache.kafka:kafka_2.13:4.1.1+org.slf4j:slf4j-simple:1.7.36"
SUMS = Path(__file__).with_name("kafka-jars.sha256")


def expected() -> dict[str, str]:
    """Sum by file name."""
    pairs = (line.split(maxsplit=1) for line in SUMS.read_text().splitlines())
    return {name.lstrip("*").strip(): digest for digest, name in pairs}


def found(folder: Path) -> dict[str, str]:
    return {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in folder.glob("*.jar")}


def check(folder: Path, wanted: dict[str, str]) -> None:
    """Raises EmbeddedError for the first jar that is missing, changed or not ours."""
    there = found(folder)
    for name in sorted(wanted.keys() | there.keys()):
        if name not in there:
            raise EmbeddedError(f"{name} is missing from what was resolved; run: make setup")
        if name not in wanted:
            raise EmbeddedError(f"{name} is not listed in {SUMS.name}; refusing jars nobody checked")
        if there[name] != wanted[name]:
            raise EmbeddedError(f"{name} is not the file {SUMS.name} lists (its sum differs); refusing it")


def resolve(folder: Path) -> None:
    """Fetch the jars into ``folder``. Raises EmbeddedError."""
    try:
        import jgo  # noqa: PLC0415 - an extra, only needed here
    except ImportError as error:
        raise EmbeddedError("jgo is missing; run: pip install 'rapport[embedded]'") from error
    try:
        jars = jgo.build(COORDINATES).all_jars
    except Exception as error:  # jgo has no error of its own: network, cache and pom errors come as they are
        raise EmbeddedError(f"cannot fetch Kafka's jars ({' '.join(str(error).split())[:200]}); try again") from error
    for jar in jars:
        shutil.copy(jar, folder / jar.name)


def install(target: Path = kafka.JARS, wanted: dict[str, str] | None = None) -> bool:
    """All jars in ``target``, or as before and EmbeddedError. Returns whether anything was done."""
    wanted = expected() if wanted is None else wanted
    try:
        check(target, wanted)
    except EmbeddedError:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            fresh = Path(scratch) / "jars"
            fresh.mkdir()
            resolve(fresh)
            check(fresh, wanted)
            shutil.rmtree(target, ignore_errors=True)
            fresh.rename(target)
        return True
    return False


def make_start_archive() -> None:
    """One run of Kafka that records its classes, so that the next ones start in half the time."""
    archive = kafka.start_archive()
    with tempfile.TemporaryDirectory(dir=archive.parent) as scratch:
        fresh = Path(scratch) / archive.name
        broker = kafka.prepare(Path(scratch) / "data", java_options=(f"-XX:AOTCacheOutput={fresh}", "-Xlog:disable"))
        service = broker.service
        with started(service):
            KafkaProducer(bootstrap_servers=broker.address).close()
        if fresh.exists():
            fresh.rename(archive)


def main() -> int:
    try:
        if install():
            say(f"Kafka's {len(expected())} jars are in {kafka.JARS}")
            for stale in kafka.HOME.glob("kafka-*.aot"):
                stale.unlink()
    except (EmbeddedError, OSError) as error:
        say(f"error: {error}")
        return 1
    if not kafka.start_archive().exists():
        say("recording Kafka's start, so that it starts faster (about 15 s, once)")
        try:
            make_start_archive()
        except (EmbeddedError, OSError, KafkaError) as error:
            say(f"not recorded, so Kafka starts a second or two later: {error}")
    return 0


def say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
