"""The shares of what is real equal a plain computation over the acts."""

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from clickhouse_driver import Client
from msgspec.structs import replace

from events import Direction, Phase, RelationshipClass, Scored
from events.interaction import from_milliseconds, milliseconds
from tests.warehouse import acts
from warehouse import classes
from warehouse.client import insert
from warehouse.rows import INTERACTION, interaction_row
from warehouse.shares import trends

pytestmark = pytest.mark.engines

DAY = timedelta(days=1)
DAY_MS = 86_400_000
Z90 = 1.6449
KINDS = (
    *(RelationshipClass.REAL, RelationshipClass.EMERGING, RelationshipClass.LAPSED),
    *(RelationshipClass.TRANSACTIONAL, RelationshipClass.INSUFFICIENT),
)


def audience(seed: int) -> list[Scored]:
    """Forty acts of few persons over twenty days; each leaves one to three phases behind."""
    chance, found = random.Random(seed), []
    for number, record in enumerate(acts.audience(40, seed=seed)):
        at = acts.START + timedelta(milliseconds=chance.randrange(20 * DAY_MS))
        begins = sorted({milliseconds(at), *(milliseconds(at) + chance.randrange(15 * DAY_MS) for _ in range(2))})
        found.append(
            replace(
                record,
                interaction=replace(record.interaction, published=at, platform="mastodon"),
                brand="acme",
                person=f"x:{number % 7}",
                phases=tuple(Phase(begin, chance.choice(KINDS)) for begin in begins[: chance.randint(1, 3)]),
            )
        )
    return found


def classes_at(records: Sequence[Scored], at: datetime) -> dict[str, RelationshipClass]:
    """Class of each person just before ``at``."""
    newest: dict[str, Scored] = {}
    for record in sorted(records, key=lambda record: (record.interaction.published, record.interaction.id)):
        if record.interaction.published < at:
            newest[record.person] = record
    return {
        person: [phase.class_ for phase in record.phases if from_milliseconds(phase.begins_at) < at][-1]
        for person, record in newest.items()
    }


def ties_at(records: Sequence[Scored], at: datetime) -> tuple[int, int]:
    """How many ties there are just before ``at``, and how many of them are real."""
    classes = classes_at(records, at).values()
    return (
        sum(kind is not RelationshipClass.INSUFFICIENT for kind in classes),
        sum(kind is RelationshipClass.REAL for kind in classes),
    )


@pytest.mark.parametrize("seed", range(3))
def test_shares_and_intervals_equal_a_plain_computation(client: Client, seed: int) -> None:
    """Volume and people from the mean trust of each person, ties from what each newest act left behind."""
    records = audience(seed)
    rows = [interaction_row(record, 0, number) for number, record in enumerate(records)]
    for some in (rows, [*random.Random(seed).sample(rows, 20)]):  # repeats count once
        insert(client, "interaction", INTERACTION, some, f"shares {seed} {len(some)}")
        classes.store(client, some)
    since, until = acts.START + 5 * DAY, acts.START + 18 * DAY
    table = trends(client, since, until, "acme", 86_400)
    assert len(table.rows) > 8
    for row in table.rows:
        found = dict(zip(table.columns, row, strict=True))
        start = found["time"].replace(tzinfo=UTC)
        of_person: dict[str, list[float]] = defaultdict(list)
        for record in records:
            heard = record.direction is not Direction.OUTBOUND
            if heard and start <= record.interaction.published < start + DAY:
                of_person[record.person].append(record.trust)
        volume = sum(map(len, of_person.values()))
        assert (found["volume"], found["people"]) == (volume, len(of_person))
        if volume:
            means = {person: (len(each), sum(each) / len(each)) for person, each in of_person.items()}
            share = sum(n * m for n, m in means.values()) / volume
            width = Z90 * math.sqrt(sum(n * n * m * (1 - m) for n, m in means.values())) / volume
            of_people = sum(m for _, m in means.values()) / len(means)
            wide = Z90 * math.sqrt(sum(m * (1 - m) for _, m in means.values())) / len(means)
            assert found["real_share"] == pytest.approx(share)
            assert found["real_share_low"] == pytest.approx(max(0.0, share - width))
            assert found["real_share_high"] == pytest.approx(min(1.0, share + width))
            assert found["people_share"] == pytest.approx(of_people)
            assert found["people_share_high"] == pytest.approx(min(1.0, of_people + wide))
        ties, real = ties_at(records, start + DAY)
        assert (found["ties"], found["real_ties"]) == (ties, real)
        if ties:
            assert found["ties_share"] == pytest.approx(real / ties)
            low, high = wilson(real, ties)
            assert found["ties_share_low"] == pytest.approx(low)
            assert found["ties_share_high"] == pytest.approx(high)


def test_platforms_together_count_each_person_once(client: Client) -> None:
    """The platform * adds up what every platform has, and a person of two of them is one."""
    records = [
        replace(record, interaction=replace(record.interaction, platform=("mastodon", "x")[number % 2]))
        for number, record in enumerate(audience(5))
    ]
    insert(client, "interaction", INTERACTION, [interaction_row(record, 0, 0) for record in records])
    call = "FROM trends_of(brand = 'acme', platform = {}, step = 604800, since = '2026-01-01', until = '2026-02-01')"
    apart = client.execute(f"SELECT sum(volume), sum(people), uniqExact(platform) {call.format(chr(39) * 2)}")
    together = client.execute(
        f"SELECT sum(volume), uniqExact(platform), any(platform) {call.format(chr(39) + '*' + chr(39))}"
    )
    assert together == [(apart[0][0], 1, "")]
    assert apart[0][2] == 2
    step = f"SELECT people {call.format(chr(39) + '*' + chr(39))} ORDER BY time"
    heard = [record for record in records if record.direction is not Direction.OUTBOUND]
    weeks = sorted({record.interaction.published.isocalendar()[1] for record in heard})
    wanted = [len({r.person for r in heard if r.interaction.published.isocalendar()[1] == week}) for week in weeks]
    assert [people for (people,) in client.execute(step) if people] == wanted


@pytest.mark.parametrize("seed", range(3))
def test_classes_over_time_equal_a_plain_computation(client: Client, seed: int) -> None:
    """Who is of which class at the end of each step, and what each class gained less what it lost."""
    records = audience(seed)
    classes.store(client, [interaction_row(record, 0, 0) for record in records])
    rows = client.execute(
        "SELECT time, class, people, gained, lost FROM classes_of("
        "brand = 'acme', step = 86400, since = '2026-01-06', until = '2026-01-19') ORDER BY time, class"
    )
    assert len(rows) == 13 * 8
    for time, name, people, gained, lost in rows:
        before = classes_at(records, time.replace(tzinfo=UTC))
        after = classes_at(records, time.replace(tzinfo=UTC) + DAY)
        assert people == sum(kind.value == name for kind in after.values()), (time, name)
        was = sum(kind.value == name for kind in before.values())
        assert (gained - lost == people - was) and min(gained, lost) >= 0
        assert gained >= sum(kind.value == name and before.get(person) is not kind for person, kind in after.items()), (
            time,
            name,
        )


def wilson(hits: int, count: int) -> tuple[float, float]:
    p, z = hits / count, Z90
    middle, scale = p + z * z / (2 * count), 1 + z * z / count
    width = z * math.sqrt(p * (1 - p) / count + z * z / (4 * count * count))
    return max(0.0, (middle - width) / scale), min(1.0, (middle + width) / scale)
