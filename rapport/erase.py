"""A person taken out of everything that is kept, for ever: the worker forgets them first, then every row goes."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from clickhouse_driver import Client
from kafka import KafkaProducer

import alerts.record
from alerts import outbox
from alerts.store import NAME as OUTBOX
from alerts.store import Store
from events import encode
from events.campaigns import Membership, topic_key
from events.erasures import Erased
from events.interaction import from_milliseconds, milliseconds
from events.topics import CAMPAIGNS, CORRECTIONS, ERASURES, FINGERPRINTS, IDENTITIES
from ingest.erased import ErasedReader
from ingest.ledger import NAME as LEDGER
from ingest.ledger import Ledger
from rapport import access, drained
from rapport.attached import attached
from rapport.config import Config
from rapport.correct import LONGEST_AUTHOR, LONGEST_REASON, kept
from rapport.embedded.clickhouse import ADMIN
from rapport.errors import UserError
from rapport.identities import LONGEST_ACCOUNT, check_no_brand
from rapport.people import stored
from streams.wishes import send, wish
from warehouse import erase as tables

TIES = "SELECT countIf(interactions > 0), count() FROM relationship FINAL WHERE person IN %(accounts)s"

Say = Callable[[str], None]
Left = Callable[[int], None]


@dataclass(frozen=True)
class Found:
    """What there is to erase: all accounts of the person, acts by them or by a brand to them, and relationships."""

    accounts: tuple[str, ...]
    acts: int
    relationships: int


def find(config: Config, person: str) -> Found:
    """Raises ``UserError``: nobody knows them, or they are a brand."""
    kept("account", person, LONGEST_ACCOUNT)
    with access.warehouse(config) as client:
        accounts = stored(client).accounts(person)
        for account in accounts:
            check_no_brand(client, config, account, "and a brand's own acts are not a person's to be erased")
        acts = len(tables.acts(client, accounts).all)
        ((ties, old),) = client.execute(TIES, {"accounts": accounts})
        if not (acts or old or len(accounts) > 1):
            raise UserError(f"nobody knows the account {person}; see the accounts with: rapport sql")
    return Found(accounts, acts, ties)


def erase(
    config: Config, found: Found, *, author: str, reason: str, say: Say, progress: Left = lambda left: None
) -> int:
    """Returns when nothing of the person is left, and how many acts have gone. May be done again after a crash.

    Raises ``UserError``, and the errors of Kafka, ClickHouse and SQLite.
    """
    author, reason = kept("author", author, LONGEST_AUTHOR), kept("reason", reason, LONGEST_REASON)
    at = from_milliseconds(milliseconds(datetime.now(UTC)))
    accounts = found.accounts
    with attached(config, say):
        kafka = access.kafka(config)
        with (
            ErasedReader(kafka) as reader,
            closing(KafkaProducer(bootstrap_servers=kafka, acks="all", linger_ms=5)) as producer,
        ):
            erased = reader.caught_up()
            _suppress(producer, erased, accounts, at)
            wish(producer, accounts)
            drained.wait(kafka, progress)  # from here on nothing new of them comes out of the pipeline
            with access.warehouse(config, ADMIN) as client:
                acts = tables.acts(client, accounts)
                _suppress(producer, erased, acts.own, at)
                _empty(producer, FINGERPRINTS, acts.all)
                _empty(producer, CORRECTIONS, tables.corrected(client, accounts, acts.all))
                wish(producer, tables.naming(client, accounts, acts.own))
                drained.wait(kafka, progress)
                if tables.naming(client, accounts, acts.own):
                    raise UserError("others who name them are still being folded again; run the same command again")
                _empty(producer, CAMPAIGNS, [topic_key(Membership(id=one, key="")) for one in acts.all])
                _elsewhere(config, client, accounts, acts)
                _empty(producer, IDENTITIES, accounts)
                tables.erase(client, accounts, acts)
                tables.note(client, erased.erasure(accounts[0], at), author=author, reason=reason, acts=len(acts.all))
    return len(acts.all)


def _suppress(producer: KafkaProducer, erased: Erased, names: Iterable[str], at: datetime) -> None:
    told = [erased.erasure(name, at) for name in names]
    send(producer, ERASURES, ((each.digest, encode(each)) for each in told))


def _empty(producer: KafkaProducer, topic: str, keys: Iterable[str]) -> None:
    """Tombstones: Kafka forgets what it holds under ``keys``."""
    send(producer, topic, ((key, None) for key in keys))


def _elsewhere(config: Config, client: Client, accounts: Sequence[str], acts: tables.Acts) -> None:
    """What the processes beside the pipeline keep of them."""
    if (config.data / LEDGER).exists():
        with closing(Ledger(config.data / LEDGER)) as ledger:
            ledger.erase({*accounts, *acts.own}, set(acts.all))
    if (config.data / OUTBOX).exists():
        with closing(Store(config.data)) as store:
            outbox.erase(store, accounts)
    alerts.record.erase(client, accounts)
