"""Our own behaviour: how fast and how reliably we answer, what we give, and which promises we keep."""

from grafana.dashboard import OF_BRAND, ON_PLATFORM, Board
from grafana.panels import CALM, RAW, SPAM, TRUSTED, bars, colour, lines, stat, steps, table, unit

RANGE = "published >= $__fromTime AND published <= $__toTime"
ASKED = f"""asked AS
(
    SELECT id, published FROM interactions
    WHERE {OF_BRAND} AND {ON_PLATFORM} AND direction = 'inbound' AND type = 'Create' AND counts AND verdict != 'spam'
        AND (notEmpty(addressed) OR is_reply) AND {RANGE}
),
answers AS
(
    SELECT in_reply_to AS id, min(published) AS first_answer, count() AS times FROM interactions
    WHERE {OF_BRAND} AND direction = 'outbound' AND counts AND in_reply_to != '' AND published >= $__fromTime
    GROUP BY in_reply_to
)"""
OWN = f"{OF_BRAND} AND {ON_PLATFORM} AND direction = 'outbound' AND counts AND {RANGE}"
GIVEN = {"first": "spoke first", "unasked": "gave unasked", "thanks": "thanks", "help": "help", "credit": "credit"}
SUMS = ", ".join(f"sum(r.{name}_{side}) AS {name}_{side}" for name in GIVEN for side in ("ours", "theirs"))
GIFTS = ", ".join(f"('{said}', {name}_ours, {name}_theirs)" for name, said in GIVEN.items())


def board() -> Board:
    return Board(
        "rapport-own-behaviour",
        "Our own behaviour",
        "The same questions asked of ourselves. rapport audit says more, and reads our texts as a stranger's.",
        (
            stat(
                "Answered",
                f"WITH {ASKED} SELECT if(count() = 0, NULL, countIf(times > 0) / count()) AS answered"
                " FROM asked LEFT JOIN answers USING (id)",
                "Of what was said to us and was not spam. What is not answered counts.",
                unit="percentunit",
                defaults={"min": 0, "max": 1, **steps((None, SPAM), (0.5, "yellow"), (0.8, TRUSTED))},
            ),
            stat(
                "Half of them are answered within",
                f"WITH {ASKED} SELECT if(countIf(times > 0) * 2 < count(), NULL, arraySort(groupArray(if(times > 0,"
                " toFloat64(dateDiff('second', published, first_answer)), 1e12)))[toUInt64(ceil(count() / 2))]) AS wait"
                " FROM asked LEFT JOIN answers USING (id)",
                "Median wait, with the unanswered counted as the longest. No value: more than half are not answered.",
                unit="s",
            ),
            stat(
                "Promises kept, of those settled",
                "SELECT if(sum(kept) + sum(broken) = 0, NULL, sum(kept) / (sum(kept) + sum(broken))) AS kept"
                f" FROM promises WHERE {OF_BRAND}",
                "We will look into it: did we?",
                unit="percentunit",
            ),
            stat(
                "Share of our acts that answer somebody",
                f"SELECT if(count() = 0, NULL, countIf(is_reply) / count()) AS replies FROM interactions WHERE {OWN}",
                "The rest we say to nobody in particular.",
                unit="percentunit",
            ),
            lines(
                "Asked and answered",
                f"WITH {ASKED} SELECT $__timeInterval(published) AS time, countIf(times > 0) AS answered,"
                " countIf(times = 0) AS unanswered FROM asked LEFT JOIN answers USING (id) GROUP BY time ORDER BY time",
                "By when it was said to us.",
                stacked=True,
                bars=True,
                points=60,
                overrides=(colour("answered", TRUSTED), colour("unanswered", SPAM)),
            ),
            lines(
                "What we did, and the effort in it",
                "SELECT $__timeInterval(published) AS time, countIf(is_reply) AS replies,"
                " countIf(NOT is_reply) AS others, sum(effort) AS effort"
                f" FROM interactions WHERE {OWN} GROUP BY time ORDER BY time",
                "Replies and other acts; effort is the sum of 0..1 per act.",
                points=60,
                overrides=(colour("replies", TRUSTED), colour("others", RAW), colour("effort", CALM)),
            ),
            bars(
                "Who gave what",
                f"SELECT g.1 AS gift, g.2 AS ours, g.3 AS theirs FROM (SELECT {SUMS} FROM relationships_now"
                f" AS r WHERE r.{OF_BRAND}) ARRAY JOIN [{GIFTS}] AS g",
                "Over all relationships, as of now.",
                overrides=(colour("ours", CALM), colour("theirs", TRUSTED)),
            ),
            bars(
                "What our words are for",
                f"SELECT intent, count() AS acts FROM interactions ARRAY JOIN intents AS intent WHERE {OWN}"
                " GROUP BY intent ORDER BY acts DESC",
                "Solicitation at the top is what spammers look like.",
            ),
            table(
                "Promises that are open or broken",
                f"SELECT person, made, kept, open, broken FROM promises WHERE {OF_BRAND} AND open > 0"
                " ORDER BY broken DESC, open DESC, person LIMIT 20",
                "Broken after a week.",
                width=12,
            ),
            table(
                "How reliably we answer whom",
                "SELECT person, reliability_ours AS we, reliability_low_ours AS low, reliability_high_ours AS high,"
                " observed_ours AS waits, realness FROM relationships_now"
                f" WHERE {OF_BRAND} AND observed_ours >= 3 ORDER BY realness DESC, person LIMIT 20",
                "Probability that we answer within our usual time, with its 90 % interval.",
                width=12,
                overrides=tuple(unit(name, "percentunit") for name in ("we", "low", "high", "realness")),
            ),
        ),
    )
