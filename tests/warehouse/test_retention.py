"""Text goes before scores, scores before trends, and a setting that is taken back holds no more."""

from datetime import UTC, datetime, timedelta

import pytest
from clickhouse_driver import Client
from msgspec.structs import replace

from events import Phase, RelationshipClass
from events.interaction import milliseconds
from tests.warehouse import acts
from warehouse import classes, trends
from warehouse.batch import DEAD_LETTER
from warehouse.client import insert
from warehouse.retention import Retention, keep
from warehouse.rows import INTERACTION, bucket_of, interaction_row

pytestmark = pytest.mark.engines

NOW = datetime.now(UTC).replace(microsecond=0)


def put(client: Client, days_ago: int) -> None:
    at = NOW - timedelta(days=days_ago)
    base = acts.audience(1)[0]
    real = Phase(milliseconds(at), RelationshipClass.REAL)
    record = replace(
        base, phases=(real,), interaction=replace(base.interaction, id=f"x:{days_ago}", content="hello", published=at)
    )
    rows = [interaction_row(record, 0, 0)]
    insert(client, "interaction", INTERACTION, rows)
    trends.recompute(client, {bucket_of(row) for row in rows})
    classes.store(client, rows)
    insert(client, "dead_letter", DEAD_LETTER, [(f"o{days_ago}", "bad_time", "", milliseconds(at), 2, b"{}")])


def mutations(client: Client) -> list[tuple[int]]:
    return list(client.execute("SELECT count() FROM system.mutations WHERE database = currentDatabase()"))


def merged(client: Client) -> tuple[dict[str, tuple[str, float]], set[str]]:
    """Text and trust by id, and the origins of the dead letters, when ClickHouse has merged."""
    for table in ("interaction", "trend_minute", "dead_letter"):
        client.execute(f"OPTIMIZE TABLE {table} FINAL")
    found = client.execute("SELECT id, content, trust FROM interactions")
    return {name: (text, trust) for name, text, trust in found}, {
        origin for (origin,) in client.execute("SELECT origin FROM dead_letters")
    }


def test_text_goes_before_scores(client: Client) -> None:
    """After its days the text is empty and the score is there; what is younger is untouched."""
    for days in (5, 50):
        put(client, days)
    keep(client, Retention(text_days=30, dead_letter_days=10))
    done = mutations(client)
    keep(client, Retention(text_days=30, dead_letter_days=10))
    assert mutations(client) == done, "what holds already is not made again"
    found, letters = merged(client)
    assert {name: text for name, (text, _) in found.items()} == {"x:5": "hello", "x:50": ""}
    assert found["x:5"][1] == found["x:50"][1] > 0
    assert letters == {"o5"}


def test_what_is_taken_back_holds_no_more(client: Client) -> None:
    """Without a setting everything is kept, from then on."""
    keep(client, Retention(text_days=30, dead_letter_days=10))
    for _ in range(2):
        keep(client, Retention())
    put(client, 50)
    found, letters = merged(client)
    assert found["x:50"][0] == "hello"
    assert letters == {"o50"}


def volumes(client: Client) -> list[int]:
    """Acts by the minutes, the hours and the days."""
    return [
        client.execute(f"SELECT sum(volume + outbound) FROM {view}")[0][0]
        for view in ("trends", "trends_hour", "trends_day")
    ]


def exact(client: Client) -> bool:
    return [*trends.differences(client), *classes.differences(client)] == []


def test_trends_outlive_the_acts(client: Client) -> None:
    """Old acts go, their trends and classes stay: a recomputation, a rebuild and a proof leave them alone."""
    for days in (5, 50, 500):
        put(client, days)
    told = client.execute("SELECT * FROM class_history FINAL")
    keep(client, Retention(score_days=30))
    assert merged(client)[0].keys() == {"x:5"}
    put(client, 5)
    put(client, 50)  # sent again, or late: it is stored for a while, and is in no number
    assert volumes(client) == [3, 3, 3]
    assert exact(client)
    list(trends.rebuild(client))
    list(classes.rebuild(client))
    assert volumes(client) == [3, 3, 3]
    assert client.execute("SELECT * EXCEPT version FROM class_history FINAL") == [row[:-1] for row in told]
    assert exact(client)
    client.execute("DELETE FROM interaction WHERE id = 'x:5'")
    assert not exact(client), "what is young enough is still proven"


def test_what_has_expired_is_not_expected_back(client: Client) -> None:
    """Taken back or made longer, the setting does not make anybody compute what has lost its acts."""
    for days in (5, 50):
        put(client, days)
    keep(client, Retention(score_days=30))
    merged(client)
    for later in (Retention(score_days=300), Retention()):
        keep(client, later)
        keep(client, later)
        list(trends.rebuild(client))
        assert volumes(client) == [2, 2, 2]
        assert exact(client)
    assert client.execute("SELECT score_days FROM retention ORDER BY at") == [(30,), (300,), (0,)]


def test_minutes_go_before_hours(client: Client) -> None:
    """Old minutes go by themselves, and come back where the setting is taken back and everything computed anew."""
    for days in (5, 50):
        put(client, days)
    keep(client, Retention(minute_days=30))
    merged(client)
    put(client, 50)
    list(trends.rebuild(client))
    assert volumes(client) == [1, 2, 2]
    assert exact(client)
    keep(client, Retention())
    assert not exact(client)
    list(trends.rebuild(client))
    assert volumes(client) == [2, 2, 2]
    assert exact(client)
