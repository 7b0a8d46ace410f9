"""Every dashboard is well formed, is the one in the repository, and every query in it answers."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from clickhouse_driver import Client
from msgspec import structs
from ruamel.yaml import YAML

from events import Direction
from grafana.__main__ import FOLDER, generated
from grafana.alerts import RULES
from grafana.boards import BOARDS
from grafana.dashboard import BRANDS, GAPS, PLATFORMS, as_json
from grafana.macros import Range, expanded, interpolated
from grafana.panels import TIME_SERIES, Panel
from tests.hostile import NAMES
from tests.warehouse import acts
from warehouse.client import ClickHouse, connect, insert
from warehouse.migrate import migrate
from warehouse.rows import INTERACTION, bucket_of, interaction_row
from warehouse.trends import recompute

PANELS = [(board, panel) for board in BOARDS for panel in board.panels]
RANGES = {"a day": (1, 900), "a week": (7, 7_200), "90 days": (90, 86_400)}
# Nothing broken, and no median while more than half of all questions are not answered.
MAY_BE_EMPTY = {"Promises that are open or broken", "Half of them are answered within"}

each_board = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
each_panel = pytest.mark.parametrize(
    "panel", [panel for _, panel in PANELS], ids=[f"{b.uid}: {p.title}" for b, p in PANELS]
)


def test_what_is_committed_is_what_is_made() -> None:
    """``make dashboards`` changes nothing, and no file is left over from a dashboard that is gone."""
    made = generated()
    assert {path: path.read_text() for path in made} == made
    assert set((FOLDER / "dashboards").glob("*")) <= made.keys()


@each_board
def test_a_dashboard_is_well_formed(board: Any) -> None:
    """Ids are unique, panels lie inside the grid and on nothing else, and everything says what it is."""
    told = as_json(board)
    panels = told["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) > 5
    assert all(panel["title"] and panel["description"] for panel in panels)
    assert len({panel["title"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert place["x"] + place["w"] <= 24
        assert not cells & taken
        taken |= cells
    text = json.dumps(told)
    names = {variable["name"] for variable in told["templating"]["list"]}
    assert ("${brand" in text) <= ("brand" in names)
    assert all(panel["datasource"]["uid"] == "${ds}" for panel in panels)


def test_provisioning_is_consistent() -> None:
    """Alert rules point at the data source and at dashboards that exist; the rules use no variable of a browser."""
    yaml = YAML(typ="safe")
    source = yaml.load((FOLDER / "provisioning/datasources/clickhouse.yaml").read_text())["datasources"][0]
    rules = yaml.load((FOLDER / "provisioning/alerting/rules.yaml").read_text())["groups"][0]["rules"]
    uids = {board.uid for board in BOARDS}
    assert [rule["uid"] for rule in rules] == [rule.uid for rule in RULES]
    for rule in rules:
        assert rule["annotations"]["__dashboardUid__"] in uids
        assert [query["datasourceUid"] for query in rule["data"]] == [source["uid"], "__expr__", "__expr__"]
        assert "${" not in rule["data"][0]["model"]["rawSql"]
    compose = yaml.load((Path(__file__).parents[2] / "docker-compose.yml").read_text())["services"]["grafana"]
    assert any(f"{source['type']}@" in str(value) for value in compose["environment"].values())


@pytest.mark.engines
def test_the_reader_may_read_every_view(reader: Client) -> None:
    """In docker-compose and on a server of one's own: the views and nothing else, and ClickHouse can read the words."""
    root = Path(__file__).parents[2]
    users = YAML(typ="safe").load((root / "docker/clickhouse-grafana.yaml").read_text())
    in_compose = users["users"]["grafana"]["grants"]["query"]
    views = {
        name
        for (name,) in reader.execute("SELECT name FROM system.tables WHERE database = 'simulated' AND engine = 'View'")
    }
    assert {grant.removeprefix("GRANT SELECT ON rapport.") for grant in in_compose} == views
    script = (root / "warehouse/server/reader.sql").read_text()
    statements = [part.strip() for part in re.sub(r"^--.*$", "", script, flags=re.MULTILINE).split(";") if part.strip()]
    assert [part for part in statements if part.startswith("GRANT")] == [f"{grant} TO grafana" for grant in in_compose]
    for statement in statements:
        assert reader.execute("SELECT formatQuery(%(sql)s)", {"sql": statement})
    limits = users["profiles"]["reader"]
    for name in ("max_execution_time", "max_result_rows", "max_memory_usage", "max_rows_to_read", "readonly"):
        assert f"{name} = {limits[name]}" in script


@pytest.fixture(scope="module")
def reader(simulated: ClickHouse) -> Iterator[Client]:
    client = connect(simulated)
    yield client
    client.disconnect()


@pytest.fixture(scope="module")
def brand(reader: Client) -> str:
    """The first of the variable's values."""
    return str(reader.execute(BRANDS)[0][0])


def over(days: int, step: int) -> Range:
    until = datetime.now(UTC)
    return Range(until - timedelta(days=days), until, step)


@pytest.mark.engines
@each_panel
@pytest.mark.parametrize("name", RANGES)
def test_every_panel_answers(reader: Client, brand: str, panel: Panel, name: str) -> None:
    """Columns of the right kinds, no infinity, times in order, and something to see within 90 days."""
    sql = expanded(interpolated(panel.sql, {"brand": brand, "platform": "*"}), over(*RANGES[name]))
    rows, columns = reader.execute(sql, with_column_types=True)
    names, kinds = [column for column, _ in columns], [kind for _, kind in columns]
    assert len(set(names)) == len(names)
    numbers = [value for row in rows for value in row if isinstance(value, float)]
    assert all(math.isfinite(value) for value in numbers)
    if panel.format == TIME_SERIES:
        assert names[0] == "time"
        assert kinds[0].startswith("DateTime")
        assert any(is_number(kind) for kind in kinds[1:])
        assert sum("String" in kind for kind in kinds) <= 1
        assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    if panel.kind == "stat":
        assert len(rows) == 1
        assert all(is_number(kind) for kind in kinds)
    if panel.kind == "bargauge":
        assert "String" in kinds[0]
        assert all(is_number(kind) for kind in kinds[1:])
    if panel.unit == "percentunit":
        assert all(0 <= value <= 1 for value in numbers)
    if name == "90 days" and panel.title not in MAY_BE_EMPTY:
        assert rows, "nothing to see"
        assert any(value is not None for row in rows for value in row[panel.format == TIME_SERIES :])


def is_number(kind: str) -> bool:
    return kind.removeprefix("Nullable(").startswith(("Int", "UInt", "Float", "Decimal"))


@pytest.mark.engines
def test_variables_and_gaps_answer(reader: Client, brand: str) -> None:
    """Brands and platforms to choose from, and the gap where one source saw nothing."""
    assert reader.execute(PLATFORMS)[0] == ("*", "all platforms")
    assert len(reader.execute(PLATFORMS)) > 1
    gaps = reader.execute(expanded(interpolated(GAPS, {"brand": brand}), over(7, 7_200)))
    assert [text for *_, text in gaps] == ["mastodon:search saw nothing: quota used up"]
    assert gaps[0][0] < gaps[0][1]


@pytest.mark.engines
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.uid)
def test_every_alert_rule_answers(reader: Client, rule: Any) -> None:
    """A time, one label, one number per row."""
    rows, columns = reader.execute(expanded(rule.sql, over(1, 60)), with_column_types=True)
    assert columns[0][1].startswith("DateTime")
    assert columns[1][1] in {"String", "LowCardinality(String)"}
    assert is_number(columns[2][1])
    assert len(columns) == 3
    assert all(math.isfinite(value) for *_, value in rows)


@pytest.mark.engines
def test_hostile_names_are_only_names(simulated: ClickHouse, empty_database: ClickHouse) -> None:
    """Each panel, asked for a brand that tries to leave its string, finds that brand's acts or nothing."""
    migrate(empty_database)
    client = connect(empty_database)
    base = structs.replace(acts.audience(1)[0], direction=Direction.INBOUND)
    act = base.interaction
    rows = [
        interaction_row(
            structs.replace(base, brand=name, interaction=structs.replace(act, id=name, content=name)), 0, 0
        )
        for name in NAMES
    ]
    insert(client, "interaction", INTERACTION, rows)
    recompute(client, {bucket_of(row) for row in rows})
    client.disconnect()
    reading = connect(replace(simulated, database=empty_database.database))
    assert {name for (name,) in reading.execute(BRANDS)} == set(NAMES)
    shown = Range(acts.START - timedelta(days=1), acts.START + timedelta(days=300), 86_400)
    for name in NAMES:
        for _, panel in PANELS:
            reading.execute(expanded(interpolated(panel.sql, {"brand": name, "platform": "*"}), shown))
        volume = next(panel for _, panel in PANELS if panel.title == "Raw volume")
        assert reading.execute(expanded(interpolated(volume.sql, {"brand": name, "platform": "*"}), shown)) == [(1,)]
    reading.disconnect()
