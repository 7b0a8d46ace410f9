"""Real or spam: how much of what is heard is meant."""

from grafana.dashboard import BRAND, OF_BRAND, ON_PLATFORM, SHARES_OF, Board
from grafana.panels import CALM, DOUBTFUL, RAW, SPAM, TRUSTED, band, bars, colour, lines, stat, steps, table, unit

IN_RANGE = f"{OF_BRAND} AND {ON_PLATFORM} AND published >= $__fromTime AND published <= $__toTime AND counts"
SHARE = steps((None, SPAM), (0.4, DOUBTFUL), (0.7, TRUSTED))


def board() -> Board:
    return Board(
        "rapport-real-or-spam",
        "Real or spam",
        "Raw volume beside trusted volume, and how much of it is real. Orange regions: what was not seen.",
        (
            stat(
                "Real share of the volume",
                f"SELECT avg(trust) AS real_share FROM interactions WHERE {IN_RANGE} AND direction != 'outbound'",
                "Mean trust of everything that the audience did. Bots raise the volume and lower this.",
                unit="percentunit",
                defaults={"min": 0, "max": 1, **SHARE},
            ),
            stat(
                "Raw volume",
                f"SELECT count() AS acts FROM interactions WHERE {IN_RANGE} AND direction != 'outbound'",
                "Acts of the audience, whoever is behind them.",
            ),
            stat(
                "Trusted volume",
                f"SELECT sum(trust) AS trusted FROM interactions WHERE {IN_RANGE} AND direction != 'outbound'",
                "The same, each act weighed by its trust.",
                defaults={"decimals": 0, **steps((None, TRUSTED))},
            ),
            stat(
                "People behind it, and trusted ones",
                "SELECT uniqExact(person) AS people, uniqExactIf(person, verdict = 'genuine') AS trusted"
                f" FROM interactions WHERE {IN_RANGE} AND direction != 'outbound'",
                "Different persons; and those with at least one act judged genuine.",
            ),
            lines(
                "Raw volume against trusted volume",
                "SELECT $__timeInterval(minute) AS time, sum(volume) AS raw, sum(trusted_volume) AS trusted FROM trends"
                f" WHERE {OF_BRAND} AND {ON_PLATFORM} AND $__timeFilter(minute) GROUP BY time ORDER BY time",
                "The gap between the two is noise.",
                overrides=(colour("raw", RAW), colour("trusted", TRUSTED)),
            ),
            lines(
                "Real share, with its 90 % interval",
                "SELECT time, real_share, real_share_low AS low, real_share_high AS high,"
                f" people_share AS of_people FROM {SHARES_OF} ORDER BY time",
                "Share of the volume that is real, and of the people. Wide band: little known.",
                unit="percentunit",
                defaults={"min": 0, "max": 1},
                overrides=(colour("real_share", TRUSTED), colour("of_people", CALM), *band("low", "high")),
            ),
            lines(
                "What it was judged to be",
                "SELECT $__timeInterval(hour) AS time, sum(genuine) AS genuine, sum(insufficient) AS insufficient,"
                " sum(doubtful) AS doubtful, sum(spam) AS spam FROM trends_hour"
                f" WHERE {OF_BRAND} AND {ON_PLATFORM} AND hour >= toStartOfHour($__fromTime) AND hour <= $__toTime"
                " GROUP BY time ORDER BY time",
                "Acts of the audience by verdict.",
                stacked=True,
                bars=True,
                points=60,
                overrides=(
                    colour("genuine", TRUSTED),
                    colour("insufficient", RAW),
                    colour("doubtful", DOUBTFUL),
                    colour("spam", SPAM),
                ),
            ),
            bars(
                "Real share by platform",
                "SELECT platform, sum(trusted_volume) / sum(volume) AS real_share FROM trends_hour"
                f" WHERE {OF_BRAND} AND hour >= toStartOfHour($__fromTime) AND hour <= $__toTime"
                " GROUP BY platform HAVING sum(volume) > 0 ORDER BY real_share DESC",
                "Where the audience means what it says.",
                unit="percentunit",
                defaults={"min": 0, "max": 1, **SHARE},
            ),
            table(
                "Loud and little trusted",
                "SELECT person, count() AS acts, sum(trust) AS trusted, avg(trust) AS mean_trust,"
                f" max(published) AS newest FROM interactions WHERE {IN_RANGE} AND direction != 'outbound'"
                " GROUP BY person ORDER BY acts - trusted DESC LIMIT 20",
                "Who adds most volume that is not believed.",
                width=12,
                overrides=(unit("mean_trust", "percentunit"),),
            ),
            table(
                "What was listened to, and what was not seen",
                "SELECT source, state, since, until, reason, last_event_at FROM source_status"
                f" WHERE brand IN ('', {BRAND}) ORDER BY since DESC LIMIT 50",
                "A gap is time in which nothing could be seen; no number says anything about it.",
                width=12,
            ),
        ),
    )
