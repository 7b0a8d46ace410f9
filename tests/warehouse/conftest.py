"""A migrated database of its own for every test that asks for one, and one that many may read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import pytest
from clickhouse_driver import Client

from warehouse.client import ClickHouse, connect
from warehouse.migrate import migrate


@contextmanager
def migrated(clickhouse: ClickHouse) -> Iterator[ClickHouse]:
    settings = replace(clickhouse, database=f"w{uuid4().hex[:12]}")
    migrate(settings)
    yield settings
    admin = connect(clickhouse)
    admin.execute(f"DROP DATABASE {settings.database} SYNC")
    admin.disconnect()


@pytest.fixture
def warehouse(clickhouse: ClickHouse) -> Iterator[ClickHouse]:
    """An empty warehouse."""
    with migrated(clickhouse) as settings:
        yield settings


@pytest.fixture(scope="module")
def schema(clickhouse: ClickHouse) -> Iterator[Client]:
    """An empty warehouse for the tests that only look at its tables and views, and write nothing."""
    with migrated(clickhouse) as settings:
        connected = connect(settings)
        yield connected
        connected.disconnect()


@pytest.fixture
def client(warehouse: ClickHouse) -> Iterator[Client]:
    connected = connect(warehouse)
    yield connected
    connected.disconnect()
