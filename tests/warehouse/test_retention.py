"""Text goes before scores, dead letters go by themselves, and a setting that is taken back holds no more."""

from datetime import UTC, datetime, timedelta

import pytest
from clickhouse_driver import Client
from msgspec.structs import replace

from events.interaction import milliseconds
from tests.warehouse import acts
from warehouse.batch import DEAD_LETTER
from warehouse.client import insert
from warehouse.retention import Retention, keep
from warehouse.rows import INTERACTION, interaction_row

pytestmark = pytest.mark.engines


def put(client: Client, days_ago: int) -> None:
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=days_ago)
    base = acts.audience(1)[0]
    record = replace(base, interaction=replace(base.interaction, id=f"x:{days_ago}", content="hello", published=at))
    insert(client, "interaction", INTERACTION, [interaction_row(record, 0, 0)])
    insert(client, "dead_letter", DEAD_LETTER, [(f"o{days_ago}", "bad_time", "", milliseconds(at), 2, b"{}")])


def mutations(client: Client) -> list[tuple[int]]:
    return list(client.execute("SELECT count() FROM system.mutations WHERE database = currentDatabase()"))


def merged(client: Client) -> tuple[dict[str, tuple[str, float]], set[str]]:
    """Text and trust by id, and the origins of the dead letters, when ClickHouse has merged."""
    for table in ("interaction", "dead_letter"):
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
