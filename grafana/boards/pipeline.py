"""Pipeline: does everything arrive, and what could not be used."""

from grafana.dashboard import Board
from grafana.panels import SPAM, TRUSTED, lines, stat, steps, table

RANGE = "at >= $__fromTime AND at <= $__toTime"


def board() -> Board:
    return Board(
        "rapport-pipeline",
        "Pipeline",
        "For who runs it: what waits, how fresh it is, what could not be used.",
        (
            stat(
                "Messages that wait",
                "SELECT sum(newest) AS messages FROM (SELECT argMax(messages, at) AS newest FROM pipeline_lag"
                " WHERE at >= now() - INTERVAL 5 MINUTE GROUP BY consumer, topic)",
                "At the newest measurement, of the last five minutes.",
                width=8,
                defaults=steps((None, TRUSTED), (10_000, SPAM)),
            ),
            stat(
                "Newest interaction",
                "SELECT toUnixTimestamp(max(minute)) * 1000 AS newest FROM trends"
                " WHERE minute >= (SELECT max(day) FROM trends_day)",
                "When it was published, by the minute.",
                width=8,
                unit="dateTimeFromNow",
            ),
            stat(
                "Dead letters",
                f"SELECT count() AS letters FROM dead_letters WHERE {RANGE}",
                "Messages that could not be used, in the time shown.",
                width=8,
                defaults=steps((None, TRUSTED), (1, "yellow"), (100, SPAM)),
            ),
            lines(
                "What waits for whom",
                "SELECT $__timeInterval(at) AS time, concat(consumer, ': ', topic) AS what, max(messages) AS messages"
                f" FROM pipeline_lag WHERE {RANGE} GROUP BY time, what ORDER BY time, what",
                "Messages of a topic that a consumer has not handled yet. Measured by the sink: no line, no sink.",
            ),
            lines(
                "What arrived, by when it was published",
                "SELECT $__timeInterval(minute) AS time, toString(platform) AS source, sum(volume + outbound) AS acts"
                " FROM trends WHERE minute >= toStartOfMinute($__fromTime) AND minute <= $__toTime"
                " GROUP BY time, source ORDER BY time, source",
                "Acts per platform; one that ends while others go on has stopped bringing anything.",
                stacked=True,
                bars=True,
                points=60,
            ),
            lines(
                "Dead letters by reason",
                f"SELECT $__timeInterval(at) AS time, toString(reason) AS why, count() AS letters FROM dead_letters"
                f" WHERE {RANGE} GROUP BY time, why ORDER BY time, why",
                "What the reasons mean stands in docs/events.md.",
                stacked=True,
                bars=True,
                points=60,
            ),
            table(
                "Freshness by platform",
                "SELECT platform, max(minute) AS newest, dateDiff('second', newest, now()) AS seconds_ago,"
                " sum(volume + outbound) AS acts FROM trends GROUP BY platform ORDER BY newest",
                "The newest act that each platform brought.",
                width=12,
            ),
            table(
                "Sources",
                "SELECT source, brand, state, since, until, reason, last_event_at, lag_seconds, heartbeat_at"
                " FROM source_status"
                " ORDER BY since DESC LIMIT 50",
                "live: listening; gap: not seen; filled: read afterwards; stopped: nothing more is read.",
                width=12,
            ),
            table(
                "The newest dead letters",
                "SELECT at, reason, origin, detail, bytes, toValidUTF8(substring(body, 1, 200)) AS body"
                f" FROM dead_letters WHERE {RANGE} ORDER BY at DESC, origin LIMIT 20",
                "With their origin: a line of a file, or a place in Kafka.",
                width=12,
            ),
        ),
        of_brand=False,
        since="now-6h",
    )
