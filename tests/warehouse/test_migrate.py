"""A warehouse of an older version becomes one of this version, with everything in it."""

import shutil
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from msgspec import structs

from events import Content, Scored
from tests.warehouse import acts
from warehouse import history, migrate
from warehouse.client import ClickHouse, connect, insert
from warehouse.rows import INTERACTION, interaction_row

pytestmark = pytest.mark.engines

NEW = ("reading", "intents", "account", "class", "later", "edited_by", "withdrawn_by")


def by_id(records: list[Scored]) -> list[Scored]:
    return sorted(records, key=lambda record: record.interaction.id)


def test_rows_of_an_older_schema_are_kept(
    clickhouse: ClickHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Acts stored before texts were read come back as they were, and the views show them beside new ones."""
    settings = replace(clickhouse, database=f"m{uuid4().hex[:12]}")
    for file in sorted(migrate.MIGRATIONS.glob("*.sql"))[:9]:
        shutil.copy(file, tmp_path)
    with monkeypatch.context() as older:
        older.setattr(migrate, "MIGRATIONS", tmp_path)
        assert migrate.migrate(settings)[-1] == "0009_dead_letters.sql"
    client = connect(settings)
    before, after = acts.audience(200, prefix="old"), acts.audience(50, seed=1, prefix="new")
    rows = [dict(zip(INTERACTION, interaction_row(record, 0, n), strict=True)) for n, record in enumerate(before)]
    columns = [name for name in INTERACTION if name not in NEW]
    insert(client, "interaction", columns, [[row[name] for name in columns] for row in rows])
    assert migrate.migrate(settings)[0] == "0010_interaction_reading.sql"
    after = [structs.replace(record, content=Content(log_odds=1.5, intents=("thanks",))) for record in after]
    insert(client, "interaction", INTERACTION, [interaction_row(record, 0, n) for n, record in enumerate(after)])
    found = history.history(client, {record.person for record in before + after})
    assert by_id([row for rows in found.values() for row in rows]) == by_id(before + after)
    shown = client.execute("SELECT intents, count() FROM interactions GROUP BY intents ORDER BY intents")
    assert shown == [([], 200), (["thanks"], 50)]
    assert migrate.migrate(settings) == []
    client.execute(f"DROP DATABASE {settings.database} SYNC")
    client.disconnect()
