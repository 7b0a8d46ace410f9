"""What the views say of campaigns and of corrections."""

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest
from clickhouse_driver import Client
from msgspec.structs import replace

from events import Scored, Verdict
from events.campaigns import Campaign, Kind, Membership
from tests.warehouse import acts
from warehouse import queries
from warehouse.campaigns import CAMPAIGN, MEMBER, campaign_row, member_row
from warehouse.client import insert
from warehouse.rows import CORRECTION, INTERACTION, correction_row, interaction_row

pytestmark = pytest.mark.engines


def tell(
    client: Client, campaigns: Sequence[Campaign] = (), members: Sequence[Membership] = (), offset: int = 0
) -> None:
    """As if these were the messages from ``offset`` on."""
    if campaigns:
        insert(client, "campaign", CAMPAIGN, [campaign_row(c, 0, offset + n) for n, c in enumerate(campaigns)])
    if members:
        insert(client, "campaign_member", MEMBER, [member_row(m, 0, offset + n) for n, m in enumerate(members)])


def put(client: Client, records: Sequence[Scored]) -> None:
    insert(client, "interaction", INTERACTION, [interaction_row(record, 0, n) for n, record in enumerate(records)])


def merged(name: str, into: str) -> Campaign:
    return Campaign(id=name, kind=Kind.NEAR_DUPLICATE, version=9, merged_into=into)


def members(client: Client) -> list[tuple[str, str, str]]:
    return client.execute("SELECT campaign, id, person FROM campaign_members ORDER BY ALL")


def test_a_campaign_has_a_row_for_each_brand(client: Client) -> None:
    """Two brands, two rows with the same numbers; where no brand is concerned, one row with an empty brand."""
    tell(client, [acts.campaign("a", brands=("acme", "lumen")), acts.campaign("b", log_odds=-3.0)])
    rows = client.execute("SELECT campaign, brand, accounts, targets, interactions, busiest_day FROM campaigns")
    assert sorted(rows) == [("a", "acme", 4, 3, 5, 4), ("a", "lumen", 4, 3, 5, 4), ("b", "", 4, 3, 5, 4)]
    assert [row[:2] for row in queries.campaigns(client).rows] == [("b", ""), ("a", "acme"), ("a", "lumen")]
    assert [row[:2] for row in queries.campaigns(client, "lumen").rows] == [("a", "lumen")]
    assert [row[:2] for row in queries.campaigns(client, limit=1).rows] == [("b", "")]


def test_the_newest_message_holds_whatever_its_version(client: Client) -> None:
    """A campaign that was forgotten and began anew counts from little again, and a merged one may come back."""
    big, small = replace(acts.campaign("a"), version=900), replace(acts.campaign("a"), version=3, accounts=3)
    tell(client, [big, merged("a", "b")])
    assert client.execute("SELECT * FROM campaigns") == []
    tell(client, [small], offset=2)
    tell(client, [big], offset=0)
    assert client.execute("SELECT campaign, accounts, version FROM campaigns") == [("a", 3, 3)]


def test_the_example_is_the_text_of_its_first_act(client: Client) -> None:
    """In whatever brand's row it stands; the id where the text is not stored, or is none."""
    base = acts.audience(1)[0]
    first = replace(
        base, brand="lumen", interaction=replace(base.interaction, id="x:1", published=acts.START, content="WIN")
    )
    bare = replace(first, interaction=replace(first.interaction, id="x:3", content=""))
    put(client, [first, replace(first, brand="acme"), replace(first, revision=2), bare])
    tell(
        client,
        [
            acts.campaign("stored", brands=("acme", "other"), examples=("x:1", "x:2")),
            acts.campaign("gone", examples=("x:2",)),
            acts.campaign("bare", examples=("x:3",)),
            acts.campaign("none"),
        ],
    )
    rows = client.execute("SELECT campaign, brand, example, example_ids FROM campaigns ORDER BY ALL")
    assert rows == [
        ("bare", "", "x:3", ["x:3"]),
        ("gone", "", "x:2", ["x:2"]),
        ("none", "", "", []),
        ("stored", "acme", "WIN", ["x:1", "x:2"]),
        ("stored", "other", "WIN", ["x:1", "x:2"]),
    ]


def test_an_example_that_was_edited_shows_its_newest_text(client: Client) -> None:
    """Not one of those it had before."""
    (said,) = acts.audience(1, brands=1)
    said = replace(said, interaction=replace(said.interaction, published=acts.START, content="as it was"))
    put(client, [said])
    put(client, [replace(said, interaction=replace(said.interaction, content="as it is now"), revision=1)])
    tell(client, [acts.campaign("a", examples=(said.interaction.id,))])
    assert client.execute("SELECT example FROM campaigns") == [("as it is now",)]


def test_members_are_found_under_the_name_that_holds_now(client: Client) -> None:
    """Through a long chain of merges; an act that was in two campaigns which became one is in it once."""
    chain = [merged(f"c{number}", f"c{number + 1}") for number in range(60)]
    tell(
        client,
        [*chain, acts.campaign("c60"), acts.campaign("other")],
        [
            Membership(id="x:1", key="x:ann", campaigns=("c0", "c7")),
            Membership(id="x:2", key="x:bob", campaigns=("c60", "other")),
            Membership(id="x:3", key="x:eve", campaigns=("other",)),
            Membership(id="x:3", key="x:eve"),
        ],
    )
    assert members(client) == [("c60", "x:1", "x:ann"), ("c60", "x:2", "x:bob"), ("other", "x:2", "x:bob")]


def test_names_that_lead_nowhere_end_nowhere(client: Client) -> None:
    """A ring, a campaign merged into one not told yet, and a name never told: no row and no endless query."""
    names = [merged("a", "b"), merged("b", "a"), merged("c", "later")]
    tell(client, names, [Membership(id="x:1", key="x:ann", campaigns=("a", "b", "c", "never"))])
    assert members(client) == []
    tell(client, [acts.campaign("later")], offset=9)
    assert members(client) == [("later", "x:1", "x:ann")]


def test_examples_are_looked_up_without_reading_the_table(client: Client) -> None:
    """Among 200,000 acts, the text of one campaign's example costs a few granules."""
    client.execute(
        """
        INSERT INTO interaction (id, brand, platform, type, published, person, actor, verdict, direction, content)
        SELECT 'x:' || toString(number), 'acme', 'x', 'Create', toDateTime64('2026-01-01 00:00:00', 3, 'UTC') + number,
            'x:p', 'x:p', 'genuine', 'inbound', 'text ' || toString(number)
        FROM numbers(200000)
        """
    )
    client.execute("OPTIMIZE TABLE interaction FINAL")
    tell(client, [replace(acts.campaign("a", examples=("x:777",)), first_at=acts.START + timedelta(seconds=777))])
    assert client.execute("SELECT example FROM campaigns") == [("text 777",)]
    plan = "\n".join(line for (line,) in client.execute("EXPLAIN indexes = 1 SELECT * FROM campaigns"))
    of_acts = plan[plan.index(".interaction") :]
    total = int(re.findall(r"Granules: \d+/(\d+)", of_acts)[0])
    read = int(re.findall(r"Parts: \d+ \| Granules: (\d+)", of_acts)[0])
    assert total > 20, plan
    assert read <= 3, plan


def test_every_word_is_kept_and_the_newest_is_valid(client: Client) -> None:
    """A later word on an id takes over from an earlier one, in whatever order they came; `insufficient` takes back."""
    said = [
        acts.correction("x:1", Verdict.SPAM, 5),
        acts.correction("x:1", Verdict.GENUINE, 3),
        acts.correction("x:2", Verdict.SPAM, 1),
        acts.correction("x:2", Verdict.INSUFFICIENT, 2, reason="'; DROP TABLE correction --"),
        acts.correction("x:3", Verdict.GENUINE, 4),
    ]
    insert(client, "correction", CORRECTION, [correction_row(record) for record in said], "c")
    insert(client, "correction", CORRECTION, [correction_row(said[0])])
    table = queries.corrections(client)
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert [(row["id"], row["verdict"], bool(row["valid"])) for row in rows] == [
        ("x:1", "spam", True),
        ("x:3", "genuine", True),
        ("x:1", "genuine", False),
        ("x:2", "insufficient", True),
        ("x:2", "spam", False),
    ]
    assert (rows[0]["author"], rows[0]["reason"], rows[0]["person"]) == ("eve", "I know her", "x:ann")
    assert queries.labels(client).rows == [
        ("x:3", "genuine", "x:ann", acts.START + timedelta(minutes=4)),
        ("x:1", "spam", "x:ann", acts.START + timedelta(minutes=5)),
    ]
    assert len(queries.corrections(client, limit=2).rows) == 2
