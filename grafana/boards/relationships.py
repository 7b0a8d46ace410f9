"""Relationships: who is real, who became so, who is waiting."""

from grafana.dashboard import CLASSES_OF, OF_BRAND, TRENDS_OF, Board
from grafana.panels import (
    CALM,
    SPAM,
    TRUSTED,
    band,
    bars,
    class_colours,
    colour,
    lines,
    points,
    stat,
    table,
    unit,
)


def board() -> Board:
    return Board(
        "rapport-relationships",
        "Relationships",
        "Who would go out of their way for you, who became so, who ceased to, and who waits for a word.",
        (
            stat(
                "Real relationships",
                f"SELECT countIf(class = 'real') AS real FROM relationships_now WHERE {OF_BRAND}",
                "Both sides speak, reliably and repeatedly. As of now.",
                defaults={"color": {"mode": "fixed", "fixedColor": TRUSTED}},
            ),
            stat(
                "Emerging",
                f"SELECT countIf(class = 'emerging') AS emerging FROM relationships_now WHERE {OF_BRAND}",
                "On the way there.",
            ),
            stat(
                "They give, we do not",
                f"SELECT countIf(class = 'one_sided_them') AS waiting FROM relationships_now WHERE {OF_BRAND}",
                "People who keep giving and get nothing back.",
            ),
            stat(
                "Words we owe",
                f"SELECT count() AS owed FROM owed WHERE {OF_BRAND} AND by = 'us'",
                "Questions, complaints and promises that wait for us.",
            ),
            lines(
                "Classes over time",
                f"SELECT time, class, people FROM {CLASSES_OF} WHERE class != 'insufficient' ORDER BY time, class",
                "How many relationships are of which class. Silence moves them, too.",
                stacked=True,
                points=60,
                overrides=class_colours(),
            ),
            lines(
                "Real ones gained and lost",
                f"SELECT time, gained, -toInt64(lost) AS lost FROM {CLASSES_OF} WHERE class = 'real' ORDER BY time",
                "Relationships that became real, and those that ceased to be.",
                bars=True,
                points=60,
                overrides=(colour("gained", TRUSTED), colour("lost", SPAM)),
            ),
            bars(
                "Classes now",
                f"SELECT class, count() AS people FROM relationships_now WHERE {OF_BRAND}"
                " GROUP BY class ORDER BY people DESC",
                "Of all who were ever heard.",
            ),
            lines(
                "Share of the ties that is real, with its 90 % interval",
                "SELECT time, max(ties_share) AS real_share, max(ties_share_low) AS low, max(ties_share_high) AS high"
                f" FROM {TRENDS_OF} GROUP BY time ORDER BY time",
                "Of all relationships that enough is known about, on all platforms.",
                unit="percentunit",
                defaults={"min": 0, "max": 1},
                overrides=(colour("real_share", CALM), *band("low", "high")),
            ),
            points(
                "Giving against receiving",
                "SELECT received, given, toString(class) AS class, person FROM relationships_now"
                f" WHERE {OF_BRAND} AND class != 'insufficient' ORDER BY realness DESC LIMIT 500",
                "Effort times trust, decayed to now. On the diagonal both give alike.",
                x="received",
                y="given",
                names="class",
                height=10,
                overrides=class_colours(),
            ),
            table(
                "Whom we owe a word",
                "SELECT person, kind, since, waited_days, asks, class, realness FROM owed"
                f" WHERE {OF_BRAND} AND by = 'us' ORDER BY score DESC LIMIT 20",
                "The most pressing first: realness, trust and how long it waits. Reasons in words: rapport owed.",
                width=12,
                height=10,
                overrides=(unit("waited_days", "d"), unit("realness", "percentunit")),
            ),
            table(
                "The most real relationships",
                "SELECT person, class, realness, balance, given, received, reliability_ours, reliability_theirs,"
                f" last_at, arrayStringConcat(reasons, '; ') AS why FROM relationships_now WHERE {OF_BRAND}"
                " ORDER BY realness DESC, person LIMIT 20",
                "Probability that both speak within the next 30 days, times trust.",
                overrides=tuple(
                    unit(name, "percentunit")
                    for name in ("realness", "balance", "reliability_ours", "reliability_theirs")
                ),
            ),
        ),
    )
