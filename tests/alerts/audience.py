"""A simulated audience in which nothing happens but what a test plants, stored as the sink would have stored it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from events import Brand, Brands, Interaction, SourceStatus
from events.campaigns import Campaign, Membership
from events.interaction import milliseconds
from rapport import offline
from rapport.demo import conduct, prey
from rapport.demo.conduct import Planted
from rapport.demo.people import DAY, cast, houses
from rapport.demo.simulator import _calendar, _declared
from rapport.demo.stage import Stage
from rapport.demo.truth import Truth, establish
from tests.scoring.readings import Reader
from tests.warehouse.simulated import campaigns_of, store
from warehouse.campaigns import CAMPAIGN, MEMBER, campaign_row, member_row
from warehouse.client import ClickHouse, connect, insert
from warehouse.rows import SOURCE, source_row

END = datetime(2026, 11, 1, tzinfo=UTC)
Plant = Callable[[Stage], list[Planted]]


@dataclass(frozen=True)
class Audience:
    interactions: list[Interaction]
    brands: tuple[Brand, ...]
    truth: Truth


def quiet(stage: Stage) -> list[Planted]:
    """Announcements as every week has them, and nothing else."""
    return []


def simulate(seed: int, days: int, people: int, plant: Plant = quiet) -> Audience:
    """``rapport.demo.simulator.simulate`` with what ``plant`` puts on the stage instead of its own events."""
    rng = Random(seed)
    stop = milliseconds(END)
    start = stop - days * DAY
    brand_houses = houses(rng, start)
    parts = cast(rng, people, brand_houses, start, stop)
    stage = Stage(rng, brand_houses, parts, stop)
    for house in brand_houses:
        _calendar(stage, house, start)
    planted = plant(stage)
    for part in parts:
        (conduct if part.role.genuine else prey).enter(stage, part)
    stage.run()
    brands = tuple(_declared(house) for house in brand_houses)
    posts = sorted(stage.posts, key=lambda post: post.interaction.order)
    return Audience([post.interaction for post in posts], brands, establish(posts, brands, parts, planted, stop))


def fill(
    settings: ClickHouse, acts: list[Interaction], brands: tuple[Brand, ...], sources: list[SourceStatus] | None = None
) -> None:
    rows, ties = offline.score(acts, Brands(brands), Reader())
    store(settings, rows, ties)
    client = connect(settings)
    told = campaigns_of(rows)
    found = [campaign_row(one, 0, number) for number, one in enumerate(told) if isinstance(one, Campaign)]
    members = [member_row(one, 0, number) for number, one in enumerate(told) if isinstance(one, Membership)]
    for table, columns, values in (
        ("campaign", CAMPAIGN, found),
        ("campaign_member", MEMBER, members),
        ("source", SOURCE, [source_row(one) for one in sources or []]),
    ):
        if values:
            insert(client, table, columns, values)
    client.disconnect()
