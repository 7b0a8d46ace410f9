"""How a command reaches Kafka and the warehouse: configured servers, a run on the data folder, or the folder itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException

from rapport import logs, run
from rapport.config import Config
from rapport.embedded.clickhouse import ADMIN, READER, credentials, served
from rapport.errors import ADMINISTRATOR, UserError
from warehouse.client import ClickHouse, connect


def clickhouse(config: Config, address: str, user: str = ADMIN) -> ClickHouse:
    """``address`` with what the configuration, or the data folder of an embedded one, says about users."""
    host, _, port = address.rpartition(":")
    section = config.file.clickhouse
    settings = ClickHouse(host=host, port=int(port), database=section.database)
    if section.address:
        return replace(settings, user=section.user, password=config.password(), read_only=user == READER)
    return replace(settings, user=user, password=credentials(config.data)[user])


def kafka(config: Config) -> str:
    """Kafka's address. Raises ``UserError`` when nothing runs."""
    return config.file.kafka.address or _running(config).kafka


def clickhouse_address(config: Config) -> str:
    """ClickHouse's address. Raises ``UserError`` when nothing runs."""
    return config.file.clickhouse.address or _running(config).clickhouse


def _running(config: Config) -> run.Run:
    if found := run.running(config.data):
        return found
    raise UserError(f"nothing runs on {config.data}; start it with: rapport up --data {config.data}")


@contextmanager
def warehouse(config: Config, user: str = READER) -> Iterator[Client]:
    """A client of the warehouse, also when nothing runs: then the data folder is served for this one command."""
    logs.for_people()
    found = run.running(config.data)
    if address := config.file.clickhouse.address or (found.clickhouse if found else None):
        with closing(connect(clickhouse(config, address, user))) as client, _noted(user):
            yield client
    elif (config.data / "clickhouse").is_dir():
        with (
            served(config.data) as address,
            closing(connect(clickhouse(config, address, user))) as client,
            _noted(user),
        ):
            yield client
    else:
        raise UserError(f"nothing is stored in {config.data} yet; run: rapport demo  (or rapport up)")


@contextmanager
def _noted(user: str) -> Iterator[None]:
    """What ClickHouse says to an administrator is noted as such: it had none of a reader's limits."""
    try:
        yield
    except ServerException as error:
        if user == ADMIN:
            error.add_note(ADMINISTRATOR)
        raise


@contextmanager
def closing(client: Client) -> Iterator[Client]:
    try:
        yield client
    finally:
        client.disconnect()
