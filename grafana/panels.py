"""Grafana's classic dashboard model, as far as the dashboards of this project need it.

A panel is what is shown and the query behind it; ``grafana.dashboard`` gives it its place. Colours are the same
everywhere: green is trusted, grey is raw, red is spam.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

DATASOURCE = {"type": "grafana-clickhouse-datasource", "uid": "${ds}"}
TRUSTED, RAW, SPAM, DOUBTFUL, CALM = "green", "#8e8e8e", "red", "yellow", "blue"
CLASS_COLOURS = {
    "real": "green",
    "emerging": "light-green",
    "one_sided_them": "blue",
    "one_sided_us": "purple",
    "transactional": "yellow",
    "spam_driven": "red",
    "lapsed": "orange",
    "insufficient": "#8e8e8e",
}
TIME_SERIES, TABLE = 0, 1  # the plugin's values of `format`

Json = dict[str, Any]


@dataclass(frozen=True)
class Panel:
    """``width`` and ``height`` in Grafana's grid of 24 columns; ``points`` bounds the steps of a time series."""

    kind: str
    title: str
    sql: str
    description: str
    width: int = 12
    height: int = 8
    unit: str = "short"
    format: int = TABLE
    points: int = 100
    defaults: Json = field(default_factory=dict)
    custom: Json = field(default_factory=dict)
    options: Json = field(default_factory=dict)
    overrides: tuple[Json, ...] = ()
    transformations: tuple[Json, ...] = ()


def colour(name: str, value: str) -> Json:
    return _override(name, "color", {"mode": "fixed", "fixedColor": value})


def unit(name: str, value: str) -> Json:
    return _override(name, "unit", value)


def band(low: str, high: str) -> tuple[Json, ...]:
    """The area between two series, as an interval: no lines, and no entry in the legend."""
    quiet = {"viz": False, "legend": True, "tooltip": False}
    return (
        *(_override(name, "custom.lineWidth", 0) for name in (low, high)),
        *(_override(name, "custom.hideFrom", quiet) for name in (low, high)),
        _override(high, "custom.fillBelowTo", low),
        _override(high, "custom.fillOpacity", 15),
    )


def lines(title: str, sql: str, description: str, *, stacked: bool = False, bars: bool = False, **more: Any) -> Panel:
    """Values over time: the first column is the time, a text column names the series."""
    custom = {
        "drawStyle": "bars" if bars else "line",
        "lineWidth": 1 if stacked else 2,
        "fillOpacity": 60 if stacked or bars else 0,
        "showPoints": "auto",
        "spanNulls": False,
        "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
    }
    options = {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    return Panel("timeseries", title, sql, description, format=TIME_SERIES, custom=custom, options=options, **more)


def stat(title: str, sql: str, description: str, **more: Any) -> Panel:
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "value",
        "graphMode": "none",
        "textMode": "auto",
    }
    return Panel("stat", title, sql, description, options=options, **{"width": 6, "height": 4, **more})


def table(title: str, sql: str, description: str, **more: Any) -> Panel:
    options = {"showHeader": True, "cellHeight": "sm"}
    custom = {"align": "auto", "cellOptions": {"type": "auto"}, "filterable": True}
    return Panel("table", title, sql, description, options=options, custom=custom, **{"width": 24, **more})


def bars(title: str, sql: str, description: str, **more: Any) -> Panel:
    """One bar per row: the first column is its name, the others are values."""
    options = {
        "displayMode": "basic",
        "orientation": "horizontal",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": True},
        "showUnfilled": True,
    }
    return Panel("bargauge", title, sql, description, options=options, **more)


def points(title: str, sql: str, description: str, *, x: str, y: str, names: str, **more: Any) -> Panel:
    """One point per row, ``y`` over ``x``, named by ``names``."""
    options = {
        "mapping": "auto",
        "series": [
            {"x": {"matcher": {"id": "byName", "options": x}}, "y": {"matcher": {"id": "byName", "options": y}}}
        ],
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "single", "sort": "none"},
    }
    custom = {"show": "points", "pointSize": {"fixed": 6}}
    split = {"id": "partitionByValues", "options": {"fields": [names], "keepFields": True}}
    return Panel("xychart", title, sql, description, options=options, custom=custom, transformations=(split,), **more)


def _override(name: str, prop: str, value: Any) -> Json:
    return {"matcher": {"id": "byName", "options": name}, "properties": [{"id": prop, "value": value}]}


def class_colours() -> tuple[Json, ...]:
    return tuple(colour(name, value) for name, value in CLASS_COLOURS.items())


def steps(*marks: tuple[float | None, str]) -> Json:
    """Thresholds: a colour from each mark on."""
    return {"thresholds": {"mode": "absolute", "steps": [{"value": value, "color": name} for value, name in marks]}}


def placed(panels: Sequence[Panel]) -> list[tuple[Panel, Json]]:
    """Panels from left to right, a new row where one does not fit."""
    found, x, y, row = [], 0, 0, 0
    for panel in panels:
        if x + panel.width > 24:
            x, y, row = 0, y + row, 0
        found.append((panel, {"x": x, "y": y, "w": panel.width, "h": panel.height}))
        x, row = x + panel.width, max(row, panel.height)
    return found
