"""How long the warehouse keeps what: ClickHouse drops it while it merges, some hours after its day."""

from dataclasses import dataclass

from clickhouse_driver import Client

TEXT = ("content", "actor_profile", "url")


@dataclass(frozen=True)
class Retention:
    """Days from publication, or from when a dead letter was put aside; ``None`` keeps it for ever.

    ``text_days`` is of what strangers wrote and told of themselves. Scores, evidence and trends outlive it.
    """

    text_days: int | None = None
    dead_letter_days: int | None = None


def keep(client: Client, retention: Retention) -> None:
    """Make ``retention`` hold, also for what is stored already. What holds already costs nothing."""
    for column in TEXT:
        _keep(client, "interaction", f"MODIFY COLUMN {column}", "published", retention.text_days)
    _keep(client, "dead_letter", "MODIFY", "at", retention.dead_letter_days)


def _keep(client: Client, table: str, modify: str, since: str, days: int | None) -> None:
    """``modify`` is of a column, or of the table itself."""
    *_, column = modify.split()
    begins = "TTL " if column == modify else f"`{column}` "
    ((created,),) = client.execute(f"SHOW CREATE TABLE {table}")
    lines = [line.strip() for line in str(created).splitlines()]
    now = next((line for line in lines if line.startswith(begins) and "TTL " in line), "")
    if days is not None and f"toIntervalDay({days:d})" not in now:
        client.execute(f"ALTER TABLE {table} {modify} TTL toDateTime({since}) + toIntervalDay({days:d})")
    elif days is None and now:
        client.execute(f"ALTER TABLE {table} {'' if column == modify else modify} REMOVE TTL")
