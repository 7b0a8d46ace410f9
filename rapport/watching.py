"""The alerts process: evaluates the rules every minute, writes what is to be told, and lets the couriers tell it."""

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from clickhouse_driver import Client

from alerts import outbox
from alerts.courier import Courier
from alerts.links import to_grafana
from alerts.record import record
from alerts.store import Store, opened
from alerts.watch import evaluate, tell
from rapport import alert_settings
from rapport.alerting import facts_now
from rapport.config import Config, seconds
from rapport.model import fitted
from warehouse.client import ClickHouse, connect, passing

POLL = 0.5  # seconds
LAST_WORDS = 10.0  # seconds for what is being sent when we are to stop; later it is sent again
PRUNE_EVERY = timedelta(hours=1)

log = structlog.get_logger(__name__)


def run(config: Config, clickhouse: ClickHouse, running: Callable[[], bool], ready: Callable[[], None]) -> None:
    """Until ``running()`` is false. Raises ``UserError`` where a receiver cannot be used as it is configured."""
    stopping = threading.Event()
    couriers = list(alert_settings.couriers(config, os.environ))
    with opened(config.data) as store:
        threads = [_started(courier, config, stopping) for courier in couriers]
        ready()
        try:
            _watch(config, connect(clickhouse), store, running)
        finally:
            stopping.set()
            until = time.monotonic() + LAST_WORDS
            for thread in threads:
                thread.join(max(0.0, until - time.monotonic()))


def _started(courier: Courier, config: Config, stopping: threading.Event) -> threading.Thread:
    name = f"courier {courier.receiver}"
    thread = threading.Thread(target=courier.run, args=(config.data, stopping), name=name, daemon=True)
    thread.start()
    return thread


def _watch(config: Config, client: Client, store: Store, running: Callable[[], bool]) -> None:
    section = config.file.alerts
    audiences, timing = alert_settings.audiences(section), alert_settings.timing(section)
    evaluated = pruned = datetime.min.replace(tzinfo=UTC)
    due: datetime | None = None
    while running():
        now = datetime.now(UTC)
        if now - evaluated >= seconds(section.every):
            evaluated = now
            look(config, client, store, now)
            due = now
        if now - pruned >= PRUNE_EVERY:
            pruned = now
            outbox.prune(store, now)
        if due and now >= due:
            due = tell(store, audiences, timing, now)
        time.sleep(POLL)


def look(config: Config, client: Client, store: Store, now: datetime) -> None:
    """One evaluation. A warehouse that is away is asked again the next time: meanwhile nothing begins or ends."""
    section = config.file.alerts
    try:
        facts = facts_now(client, now.replace(second=0, microsecond=0), fitted(config.data))
        evaluate(store, facts, alert_settings.settings(section), to_grafana(section.grafana or ""))
        record(client, store)
    except Exception as error:
        if not passing(error):
            raise
        log.warning("alerts not evaluated", error=str(error))
