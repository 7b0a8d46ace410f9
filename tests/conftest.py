"""The real engines, one of each for the whole run, started when the first test asks."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from events.topics import topics
from rapport.embedded import clickhouse as embedded_clickhouse
from rapport.embedded import kafka as embedded_kafka
from rapport.embedded.service import started
from tests.warehouse.simulated import fill
from warehouse.client import ClickHouse, connect
from warehouse.migrate import create_topics

PARTITIONS = 4
# They begin, the first two each in a lane of its own: the longest must not be what the other lane waits for at the end.
LONGEST = ("test_pipeline_datasets.py", "test_kill.py", "test_tables.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``host:port`` of a real Kafka that has the pipeline's topics."""
    engine = embedded_kafka.prepare(tmp_path_factory.mktemp("kafka"))
    with started(engine.service):
        create_topics(engine.address, topics("tests-changelog"), PARTITIONS)
        yield engine.address


@pytest.fixture(scope="session")
def clickhouse_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder behind ``clickhouse``, where its passwords are."""
    return tmp_path_factory.mktemp("clickhouse")


@pytest.fixture(scope="session")
def clickhouse(clickhouse_data: Path) -> Iterator[ClickHouse]:
    """A real ClickHouse and its admin user; the database is ``default``."""
    with embedded_clickhouse.served(clickhouse_data) as address:
        admin = embedded_clickhouse.ADMIN
        yield ClickHouse(
            port=int(address.rpartition(":")[2]),
            database="default",
            user=admin,
            password=embedded_clickhouse.credentials(clickhouse_data)[admin],
        )


@pytest.fixture(scope="session")
def simulated(clickhouse: ClickHouse, clickhouse_data: Path) -> ClickHouse:
    """The read-only user of a warehouse that holds a simulated audience up to this hour."""
    settings = replace(clickhouse, database="simulated")
    fill(settings, datetime.now(UTC).replace(minute=0, second=0, microsecond=0))
    reader = embedded_clickhouse.READER
    return replace(settings, user=reader, password=embedded_clickhouse.credentials(clickhouse_data)[reader])


@pytest.fixture
def empty_database(clickhouse: ClickHouse) -> Iterator[ClickHouse]:
    """A database of its own for one test, gone afterwards."""
    settings = replace(clickhouse, database=f"t{uuid4().hex[:12]}")
    client = connect(clickhouse)
    client.execute(f"CREATE DATABASE {settings.database}")
    yield settings
    client.execute(f"DROP DATABASE {settings.database} SYNC")
    client.disconnect()
