"""How long the warehouse keeps what: ClickHouse drops it while it merges, some hours after its day.

Trends outlive the acts that they were computed from. So what is older than ``COMPLETE`` is never computed anew: it
would come out smaller, or empty.
"""

from dataclasses import dataclass

from clickhouse_driver import Client

TEXT = ("content", "actor_profile", "url")
# Days that what trends are computed from stays after its time, so that a whole day is there until nobody reads it.
MARGIN_DAYS = 2
_SINCE = (
    "if(argMax({days}, at) = 0, toDateTime(0, 'UTC'), toStartOfDay(now('UTC') - toIntervalDay(argMax({days}, at))))"
)
# Begin of the first day of which every act, and of which every minute is there, as SQL.
COMPLETE = f"(SELECT greatest(max(complete_from), {_SINCE.format(days='score_days')}) FROM retention)"  # noqa: S608
COMPLETE_MINUTES = f"greatest({COMPLETE}, (SELECT {_SINCE.format(days='minute_days')} FROM retention))"  # noqa: S608


@dataclass(frozen=True)
class Retention:
    """Days from publication, or from when a dead letter was put aside; ``None`` keeps it for ever.

    ``text_days`` is of what strangers wrote and told of themselves; scores, evidence and trends outlive it.
    ``score_days`` is of the acts with all that is known of them, ``minute_days`` of the minutes of the trends; hours,
    days, relationships and their classes over time outlive both.
    """

    text_days: int | None = None
    dead_letter_days: int | None = None
    score_days: int | None = None
    minute_days: int | None = None


def keep(client: Client, retention: Retention) -> None:
    """Make ``retention`` hold, also for what is stored already. What holds already costs nothing."""
    days = (retention.score_days or 0, retention.minute_days or 0)
    if client.execute("SELECT argMax((score_days, minute_days), at) FROM retention") != [(days,)]:
        client.execute(
            "INSERT INTO retention (at, score_days, minute_days, complete_from)"
            f" SELECT now64(3), %(score)s, %(minute)s, {COMPLETE}",
            {"score": days[0], "minute": days[1]},
        )
    for column in TEXT:
        _keep(client, "interaction", f"MODIFY COLUMN {column}", "published", retention.text_days)
    _keep(client, "interaction", "MODIFY", "published", retention.score_days, MARGIN_DAYS)
    _keep(client, "trend_minute", "MODIFY", "minute", retention.minute_days, MARGIN_DAYS)
    _keep(client, "dead_letter", "MODIFY", "at", retention.dead_letter_days)


def _keep(  # noqa: PLR0917 - what is kept, and how long
    client: Client, table: str, modify: str, since: str, days: int | None, margin: int = 0
) -> None:
    """``modify`` is of a column, or of the table itself."""
    *_, column = modify.split()
    begins = "TTL " if column == modify else f"`{column}` "
    ((created,),) = client.execute(f"SHOW CREATE TABLE {table}")
    lines = [line.strip() for line in str(created).splitlines()]
    now = next((line for line in lines if line.startswith(begins) and "TTL " in line), "")
    if days is not None and f"toIntervalDay({days + margin:d})" not in now:
        client.execute(f"ALTER TABLE {table} {modify} TTL toDateTime({since}) + toIntervalDay({days + margin:d})")
    elif days is None and now:
        client.execute(f"ALTER TABLE {table} {'' if column == modify else modify} REMOVE TTL")
