"""A migrated database of its own for every test that asks for one."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from clickhouse_driver import Client

from warehouse.client import ClickHouse, connect
from warehouse.migrate import migrate


@pytest.fixture
def warehouse(clickhouse: ClickHouse) -> Iterator[ClickHouse]:
    """An empty warehouse."""
    settings = replace(clickhouse, database=f"w{uuid4().hex[:12]}")
    migrate(settings)
    yield settings
    admin = connect(clickhouse)
    admin.execute(f"DROP DATABASE {settings.database} SYNC")
    admin.disconnect()


@pytest.fixture
def client(warehouse: ClickHouse) -> Iterator[Client]:
    connected = connect(warehouse)
    yield connected
    connected.disconnect()
