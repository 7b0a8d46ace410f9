"""A warehouse as the sink would leave it after some months with a simulated audience, without Kafka."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import structs

from events import Brands, Correction, Direction, Scored, SourceState, SourceStatus, Verdict
from events.campaigns import Campaign, Membership
from events.interaction import milliseconds
from rapport import offline
from rapport.demo import simulator
from scoring.campaigns import Act, Clusters, observe
from tests.scoring.readings import Reader
from warehouse import classes
from warehouse.batch import DEAD_LETTER
from warehouse.campaigns import CAMPAIGN, MEMBER, campaign_row, member_row
from warehouse.client import ClickHouse, connect, insert
from warehouse.migrate import migrate
from warehouse.rows import (
    CORRECTION,
    INTERACTION,
    RELATIONSHIP,
    SOURCE,
    bucket_of,
    correction_row,
    interaction_row,
    relationship_row,
    source_row,
)
from warehouse.trends import recompute

GAP = timedelta(hours=6)  # how long one source saw nothing, a day before the end


def fill(settings: ClickHouse, end: datetime) -> None:
    """120 days with 120 persons up to ``end``: campaigns, a correction, sources with a gap, a dead letter, some lag."""
    simulation = simulator.simulate(1, 120, 120, end)
    acts, brands = simulation.interactions, Brands(simulation.brands)
    said = corrected(offline.score(acts, brands, Reader())[0])
    rows, ties = offline.score(acts, brands, Reader(), corrections=said)
    store(settings, rows, ties)
    admin = connect(settings)
    told = campaigns_of(rows)
    found = [campaign_row(one, 0, n) for n, one in enumerate(told) if isinstance(one, Campaign)]
    insert(admin, "campaign", CAMPAIGN, found)
    members = [member_row(one, 0, n) for n, one in enumerate(told) if isinstance(one, Membership)]
    insert(admin, "campaign_member", MEMBER, members)
    insert(admin, "correction", CORRECTION, [correction_row(one) for one in said.values()])
    insert(admin, "source", SOURCE, [source_row(one) for one in sources(end)])
    waiting = [(milliseconds(end) // 1000 - 10 * n, "worker", "interactions", n) for n in range(30)]
    insert(admin, "lag", ("at", "consumer", "topic", "messages"), waiting)
    admin.disconnect()


def store(settings: ClickHouse, rows: list[Scored], ties: list[Any]) -> None:
    """Acts, relationships, the trends of both, and a dead letter."""
    migrate(settings)
    client = connect(settings)
    acts = [interaction_row(row, 0, offset) for offset, row in enumerate(rows)]
    insert(client, "interaction", INTERACTION, acts)
    insert(client, "relationship", RELATIONSHIP, [relationship_row(tie) for tie in ties])
    letter = ("file:example.jsonl:6", "bad_time", "no time", milliseconds(datetime.now(UTC)), 2, b"{}")
    insert(client, "dead_letter", DEAD_LETTER, [letter])
    recompute(client, {bucket_of(row) for row in acts})
    classes.store(client, acts)
    client.disconnect()


def corrected(rows: list[Scored]) -> dict[str, Correction]:
    """A person's word on one act of the audience."""
    row = next(row for row in rows if row.direction is Direction.INBOUND and row.brand)
    said = Correction(id=row.interaction.id, verdict=Verdict.SPAM, author="ada", reason="seen", at=datetime.now(UTC))
    return {said.id: structs.replace(said, person=row.person)}


def campaigns_of(rows: list[Scored]) -> list[Campaign | Membership]:
    """What the campaign finder would have told in the end."""
    clusters = Clusters()
    acts = [Act(row.interaction, row.person, (row.brand,)) for row in rows if row.direction is not Direction.OUTBOUND]
    clusters.add(member for member in observe(acts) if member)
    return list(clusters.settle())


def sources(end: datetime) -> list[SourceStatus]:
    gone = end - timedelta(days=1)
    gap = SourceStatus(
        source="mastodon:search",
        state=SourceState.GAP,
        since=gone,
        until=gone + GAP,
        at=end,
        reason="quota used up",
        last_event_at=gone,
    )
    live = structs.replace(gap, state=SourceState.LIVE, since=gone + GAP, until=None, reason="", last_event_at=end)
    return [gap, live]
