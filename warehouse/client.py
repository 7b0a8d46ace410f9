"""The one way to ClickHouse: clickhouse-driver, with the settings that delivery relies on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from clickhouse_driver import Client
from clickhouse_driver.errors import Error as ClickHouseError
from clickhouse_driver.errors import ErrorCodes

PASSING = {  # down, starting, overloaded or full: waiting helps. Anything else is our bug or a wrong configuration.
    ErrorCodes.TIMEOUT_EXCEEDED,
    ErrorCodes.DNS_ERROR,
    ErrorCodes.TOO_MANY_SIMULTANEOUS_QUERIES,
    ErrorCodes.NO_FREE_CONNECTION,
    ErrorCodes.SOCKET_TIMEOUT,
    ErrorCodes.NETWORK_ERROR,
    ErrorCodes.ABORTED,
    ErrorCodes.MEMORY_LIMIT_EXCEEDED,
    ErrorCodes.TABLE_IS_READ_ONLY,
    ErrorCodes.NOT_ENOUGH_SPACE,
    ErrorCodes.TOO_MANY_PARTS,
    ErrorCodes.TOO_LESS_LIVE_REPLICAS,
    ErrorCodes.UNKNOWN_STATUS_OF_INSERT,
    ErrorCodes.QUERY_WAS_CANCELLED,
    ErrorCodes.KEEPER_EXCEPTION,
}

INSERT_SETTINGS = {  # with inserts only: a read-only user may not send any
    "async_insert": 0,  # servers from 26.2 on default to 1, where a deduplication token would not name our block
    "max_partitions_per_insert_block": 1000,  # a backfill may span every month since 1970
}

READER_LIMITS = {  # seconds, rows and bytes of a query of somebody who only reads
    "max_execution_time": 60,
    "max_result_rows": 1_000_000,
    "max_memory_usage": 2_000_000_000,
}


Connection = Client  # for who asks and need not know the driver


@dataclass(frozen=True)
class ClickHouse:
    """Where the warehouse is, and as whom to speak to it; ``read_only`` has the server refuse everything else."""

    host: str = "127.0.0.1"
    port: int = 9000
    database: str = "rapport"
    user: str = "default"
    password: str = field(default="", repr=False)
    secure: bool = False
    read_only: bool = False


def connect(settings: ClickHouse) -> Client:
    """A client that connects when first used and again after an error. One thread may use it at a time."""
    return Client(
        settings.host,
        port=settings.port,
        database=settings.database,
        user=settings.user,
        password=settings.password,
        secure=settings.secure,
        compression=False,
        connect_timeout=5,
        settings={**READER_LIMITS, "readonly": 2} if settings.read_only else None,
    )


def insert(client: Client, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], token: str = "") -> None:
    """Insert ``rows`` as one block. Doing it again with the same ``token`` changes nothing."""
    client.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES",
        [list(column) for column in zip(*rows, strict=True)],
        columnar=True,
        settings={**INSERT_SETTINGS, "insert_deduplication_token": token},
    )


def passing(error: Exception) -> bool:
    """Whether the same call can succeed later without anybody changing anything."""
    if isinstance(error, ClickHouseError):
        return error.code in PASSING
    return isinstance(error, OSError | EOFError)
