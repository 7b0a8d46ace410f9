"""A dashboard as the JSON that Grafana reads from a file: variables, gaps drawn on every chart, panels in places."""

from dataclasses import dataclass

from grafana.panels import DATASOURCE, Json, Panel, placed

SCHEMA_VERSION = 41
PLUGIN_VERSION = "4.22.1"

# Names come from strangers. A variable between quotes could leave them; one that is percent-encoded cannot.
BRAND = "decodeURLComponent('${brand:percentencode}')"
PLATFORM = "decodeURLComponent('${platform:percentencode}')"
SINCE, UNTIL = "toUnixTimestamp($__fromTime)", "toUnixTimestamp($__toTime)"
STEP = "greatest(60, $__interval_s)"
TRENDS_OF = f"trends_of(brand = {BRAND}, platform = {PLATFORM}, step = {STEP}, since = {SINCE}, until = {UNTIL})"
SHARES_OF = TRENDS_OF.replace("trends_of", "shares_of")
CLASSES_OF = f"classes_of(brand = {BRAND}, step = {STEP}, since = {SINCE}, until = {UNTIL})"
OF_BRAND = f"brand = {BRAND}"
ON_PLATFORM = f"{PLATFORM} IN ('*', platform)"

BRANDS = "SELECT DISTINCT toString(brand) AS brand FROM trends_day WHERE brand != '' ORDER BY brand"
PLATFORMS = """SELECT value, text FROM
(
    SELECT '*' AS value, 'all platforms' AS text, 0 AS place
    UNION ALL SELECT DISTINCT toString(platform), toString(platform), 1 FROM trends_day
) ORDER BY place, text"""
GAPS = f"""SELECT since AS time, coalesce(until, now64(3)) AS timeEnd, concat(source, ' saw nothing: ', reason) AS text
FROM source_status
WHERE state = 'gap' AND brand IN ('', {BRAND})
    AND since <= $__toTime AND coalesce(until, now64(3)) >= $__fromTime
ORDER BY time"""
ALERTS = f"""SELECT starts_at AS time, coalesce(ends_at, now64(3)) AS timeEnd, summary AS text, [rule, severity] AS tags
FROM alerts
WHERE brand IN ('', {BRAND}) AND starts_at <= $__toTime AND coalesce(ends_at, now64(3)) >= $__fromTime
ORDER BY time"""


@dataclass(frozen=True)
class Board:
    """``uid`` is in links and alert rules: it never changes. ``of_brand``: its panels are of one brand."""

    uid: str
    title: str
    description: str
    panels: tuple[Panel, ...]
    of_brand: bool = True
    since: str = "now-30d"


def as_json(board: Board) -> Json:
    return {
        "uid": board.uid,
        "title": board.title,
        "description": board.description,
        "tags": ["rapport"],
        "timezone": "utc",
        "editable": True,
        "graphTooltip": 1,
        "refresh": "1m",
        "time": {"from": board.since, "to": "now"},
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "links": [
            {
                "type": "dashboards",
                "tags": ["rapport"],
                "title": "Rapport",
                "asDropdown": True,
                "keepTime": True,
                "includeVars": True,
            }
        ],
        "templating": {"list": _variables(board)},
        "annotations": {"list": _annotations() if board.of_brand else []},
        "panels": [_panel(number, panel, place) for number, (panel, place) in enumerate(placed(board.panels), 1)],
    }


def _panel(number: int, panel: Panel, place: Json) -> Json:
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": DATASOURCE,
        "gridPos": place,
        "maxDataPoints": panel.points,
        "targets": [_target(panel.sql, panel.format)],
        "transformations": list(panel.transformations),
        "fieldConfig": {
            "defaults": {"unit": panel.unit, "custom": panel.custom, **panel.defaults},
            "overrides": list(panel.overrides),
        },
        "options": panel.options,
    }


def _target(sql: str, form: int) -> Json:
    return {
        "refId": "A",
        "datasource": DATASOURCE,
        "editorType": "sql",
        "rawSql": sql,
        "format": form,
        "queryType": "table" if form else "timeseries",
        "pluginVersion": PLUGIN_VERSION,
        "meta": {"timezone": "UTC"},
    }


def _variables(board: Board) -> list[Json]:
    source = {
        "type": "datasource",
        "name": "ds",
        "label": "data source",
        "query": DATASOURCE["type"],
        "current": {},
        "hide": 0,
    }
    if not board.of_brand:
        return [source]
    return [source, _query_variable("brand", BRANDS), _query_variable("platform", PLATFORMS)]


def _query_variable(name: str, sql: str) -> Json:
    return {
        "type": "query",
        "name": name,
        "label": name,
        "datasource": DATASOURCE,
        "query": sql,
        "definition": sql,
        "refresh": 2,
        "sort": 0,
        "multi": False,
        "includeAll": False,
        "current": {},
        "hide": 0,
    }


def _annotations() -> list[Json]:
    return [_annotation("what was not seen", GAPS, "orange"), _annotation("alerts", ALERTS, "red")]


def _annotation(name: str, sql: str, colour: str) -> Json:
    return {
        "name": name,
        "datasource": DATASOURCE,
        "enable": True,
        "hide": False,
        "iconColor": colour,
        "target": _target(sql, 1),
    }
