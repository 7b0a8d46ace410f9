"""Clients of the shared gateway: the admin in a database of its own, and the reader of the same one."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clickhouse_driver import Client

from rapport.embedded.clickhouse import READER, credentials
from warehouse.client import ClickHouse

Connect = Callable[..., Client]


@pytest.fixture
def connect(empty_database: ClickHouse) -> Iterator[Connect]:
    """Further plain clients of the same database; keywords go to the driver."""
    clients = []

    def connected(**options: Any) -> Client:
        given = {
            "port": empty_database.port,
            "user": empty_database.user,
            "password": empty_database.password,
            "database": empty_database.database,
        }
        clients.append(Client("127.0.0.1", **(given | options)))
        return clients[-1]

    yield connected
    for client in clients:
        client.disconnect()


@pytest.fixture
def client(connect: Connect) -> Client:
    return connect()


@pytest.fixture
def reader_settings(empty_database: ClickHouse, clickhouse_data: Path) -> ClickHouse:
    return replace(empty_database, user=READER, password=credentials(clickhouse_data)[READER])


@pytest.fixture
def reader(reader_settings: ClickHouse, connect: Connect) -> Client:
    return connect(user=reader_settings.user, password=reader_settings.password)
