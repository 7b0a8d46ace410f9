"""Campaigns: the same words from many accounts."""

from grafana.dashboard import OF_BRAND, ON_PLATFORM, Board
from grafana.panels import RAW, SPAM, colour, lines, stat, table, unit

MEMBERS = "SELECT id FROM campaign_members"
HEARD = (
    f"{OF_BRAND} AND {ON_PLATFORM} AND direction != 'outbound' AND counts"
    " AND published >= $__fromTime AND published <= $__toTime"
)
RUNNING = f"{OF_BRAND} AND last_at >= $__fromTime AND first_at <= $__toTime"


def board() -> Board:
    return Board(
        "rapport-campaigns",
        "Campaigns",
        "Accounts that post the same. A campaign is evidence and not yet spam: fans come at once, too.",
        (
            stat(
                "Campaigns",
                f"SELECT count() AS campaigns FROM campaign_numbers WHERE {RUNNING}",
                "With an act in the time shown.",
                width=8,
            ),
            stat(
                "Campaigns that weigh against their members",
                f"SELECT countIf(log_odds < 0) AS campaigns FROM campaign_numbers WHERE {RUNNING}",
                "Those whose shape is not that of a crowd of fans.",
                width=8,
            ),
            stat(
                "Share of the volume",
                f"SELECT if(count() = 0, 0, countIf(id IN ({MEMBERS})) / count()) AS share"
                f" FROM interactions WHERE {HEARD}",
                "Acts of the audience that are part of a campaign.",
                unit="percentunit",
                width=8,
            ),
            lines(
                "Volume of campaigns against the rest",
                f"SELECT $__timeInterval(published) AS time, countIf(id IN ({MEMBERS})) AS campaigns,"
                f" count() - campaigns AS rest FROM interactions WHERE {HEARD} GROUP BY time ORDER BY time",
                "Acts of the audience.",
                width=24,
                stacked=True,
                bars=True,
                points=60,
                overrides=(colour("campaigns", SPAM), colour("rest", RAW)),
            ),
            table(
                "Which campaigns",
                "SELECT campaign, kind, log_odds, accounts, targets, interactions, first_at, last_at, busiest_hour,"
                f" agreement, link FROM campaign_numbers WHERE {RUNNING} ORDER BY log_odds, accounts DESC LIMIT 50",
                "Numbers are of the whole campaign, not only of what concerns this brand.",
                overrides=(unit("agreement", "percentunit"),),
            ),
            table(
                "What they say",
                f"WITH first AS (SELECT campaign, arrayJoin(example_ids) AS id FROM (SELECT campaign, example_ids"
                f" FROM campaign_numbers WHERE {RUNNING} ORDER BY log_odds, accounts DESC LIMIT 20))"
                " SELECT first.campaign AS campaign, i.content AS text, i.person AS person, i.published AS published,"
                " i.trust AS trust FROM interactions AS i INNER JOIN first ON first.id = i.id"
                f" WHERE i.{OF_BRAND} AND i.id IN (SELECT id FROM first) ORDER BY campaign, published LIMIT 100",
                "The first acts of each, one per account.",
                overrides=(unit("trust", "percentunit"),),
            ),
        ),
    )
