"""The classes over time equal a plain computation from the acts, whatever comes, goes or moves."""

from datetime import timedelta
from uuid import uuid4

import pytest
from clickhouse_driver import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import Phase as Step
from hypothesis import strategies as st
from msgspec.structs import replace

from events import Phase, RelationshipClass, Scored
from events.interaction import milliseconds
from tests.warehouse import acts
from warehouse import classes
from warehouse.client import insert
from warehouse.rows import INTERACTION, interaction_row

pytestmark = pytest.mark.engines

DAY_MS = 86_400_000
ACCOUNTS = [f"x:{number}" for number in range(4)]
HISTORIES = """
SELECT brand, person, arrayZip(arrayMap(one -> toUnixTimestamp64Milli(one), begins), classes) FROM class_history FINAL
WHERE notEmpty(begins)
"""

History = dict[tuple[str, str], list[tuple[int, str]]]


def put(client: Client, records: list[Scored]) -> None:
    rows = [interaction_row(record, 0, offset) for offset, record in enumerate(records)]
    insert(client, "interaction", INTERACTION, rows, uuid4().hex)
    classes.store(client, rows)


def plain(records: list[Scored]) -> History:
    """Of which class each relationship is from when on, from the newest version of each act."""
    newest: dict[tuple[str, str], Scored] = {}
    for record in records:
        key = record.interaction.id, record.brand
        if key not in newest or record.revision > newest[key].revision:
            newest[key] = record
    found: History = {}
    ordered = sorted(newest.values(), key=lambda record: (record.interaction.published, record.interaction.id))
    for record in (record for record in ordered if record.phases):
        at = milliseconds(record.interaction.published)
        history = found.setdefault((record.brand, record.person), [])
        history[:] = [(begin, name) for begin, name in history if begin < at]
        history.extend((phase.begins_at, phase.class_.value) for phase in record.phases)
    return {
        key: [
            (begin, name) for place, (begin, name) in enumerate(history) if place == 0 or name != history[place - 1][1]
        ]
        for key, history in found.items()
    }


@st.composite
def versions(draw: st.DrawFn) -> list[Scored]:
    """One to three versions of each of a few acts: other persons, other classes, or none any more."""
    found = []
    for number, record in enumerate(acts.audience(draw(st.integers(1, 12)), brands=2)):
        at = acts.START + timedelta(days=draw(st.integers(0, 9)))
        fact = replace(
            record,
            interaction=replace(record.interaction, id=f"x:a{number}", published=at),
            account=draw(st.sampled_from(ACCOUNTS)),
        )
        for revision in range(draw(st.integers(1, 3))):
            begins = sorted({0, *draw(st.lists(st.integers(1, 6), max_size=2))})[: draw(st.integers(0, 3))]
            kinds = draw(st.lists(st.sampled_from(RelationshipClass), min_size=3, max_size=3))
            phases = tuple(Phase(milliseconds(at) + b * DAY_MS, k) for b, k in zip(begins, kinds, strict=False))
            person = draw(st.sampled_from(ACCOUNTS))
            found.append(replace(fact, person=person, phases=phases, revision=revision))
    return found


@settings(max_examples=30, suppress_health_check=list(HealthCheck), deadline=None, phases=[Step.generate])
@given(data=st.data())
def test_histories_equal_a_recomputation_after_any_deliveries(client: Client, data: st.DataObject) -> None:
    """Late and repeated acts, re-folds, merged and split accounts in any order; then a rebuild changes nothing."""
    for table in ("interaction", "act_class", "account_person", "class_history"):
        client.execute(f"TRUNCATE TABLE {table}")
    told = data.draw(versions())
    for delivery in [*data.draw(st.lists(st.lists(st.sampled_from(told), min_size=1), max_size=4)), told]:
        put(client, data.draw(st.permutations(delivery)))
    wanted = plain(told)
    assert histories(client) == wanted
    assert list(classes.differences(client)) == []
    list(classes.rebuild(client))
    assert histories(client) == wanted


def test_a_merge_in_the_middle_of_a_batch_leaves_nobody_behind(client: Client) -> None:
    """Where an account goes to another person, the old one has no class from then on; and has it back after a split."""
    base = replace(acts.audience(1)[0], brand="acme", account="x:1", person="x:1")
    phases = (Phase(milliseconds(base.interaction.published), RelationshipClass.REAL),)
    alone = replace(base, phases=phases)
    put(client, [alone])
    put(client, [replace(alone, person="x:2", revision=1)])
    assert histories(client).keys() == {("acme", "x:2")}
    put(client, [replace(alone, revision=2)])
    assert histories(client).keys() == {("acme", "x:1")}


def test_rebuilding_mends_acts_and_histories(client: Client) -> None:
    """Wrong, missing and left-over rows of both tables are found, and a rebuild leaves none of them."""
    records = [
        replace(record, phases=(Phase(milliseconds(record.interaction.published), RelationshipClass.EMERGING),))
        for record in acts.audience(60, brands=2, months=3)
    ]
    put(client, records)
    wanted = histories(client)
    assert list(classes.differences(client)) == []
    client.execute("DELETE FROM act_class WHERE id = %(id)s", {"id": records[3].interaction.id})
    client.execute(
        "INSERT INTO act_class SELECT * REPLACE ('lapsed' AS class, 9 AS revision) FROM act_class WHERE id = %(id)s",
        {"id": records[5].interaction.id},
    )
    client.execute("INSERT INTO class_history SELECT 'acme', 'x:nobody', [now()], ['real'], 1")
    client.execute(
        "INSERT INTO class_history SELECT * REPLACE (['real'] AS classes, version + 1 AS version)"
        " FROM class_history LIMIT 1"
    )
    assert {found.table for found in classes.differences(client)} == {"act_class", "class_history"}
    done, total = list(classes.rebuild(client))[-1]
    assert done == total > 3
    assert list(classes.differences(client)) == []
    assert histories(client) == wanted


def histories(client: Client) -> History:
    return {(brand, person): changes for brand, person, changes in client.execute(HISTORIES)}
