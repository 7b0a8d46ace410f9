"""The import order is the architecture: lower rooms know nothing of higher ones."""

import ast
from pathlib import Path

import pytest

MAY_IMPORT = {
    "events": set(),
    "scoring": {"events"},
    "ingest": {"events"},
    "streams": {"events", "scoring"},
    "warehouse": {"events"},
    "alerts": {"events", "warehouse"},
    "rapport": {"events", "scoring", "ingest", "streams", "warehouse", "alerts"},
}
HEAVY = {"faust": "streams", "clickhouse_driver": "warehouse", "chdb": "rapport", "jgo": "rapport"}
ROOT = Path(__file__).parents[1]
FILES = [path for package in MAY_IMPORT for path in sorted((ROOT / package).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_only_downward(path: Path) -> None:
    """A package imports itself and what lies below it, nothing else of ours."""
    package = path.relative_to(ROOT).parts[0]
    ours = imported(path) & MAY_IMPORT.keys()
    assert ours <= MAY_IMPORT[package] | {package}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_engines_stay_in_their_rooms(path: Path) -> None:
    """Faust is known only to streams and the front door, the ClickHouse driver only to the warehouse and it."""
    package = path.relative_to(ROOT).parts[0]
    strangers = {name for name in imported(path) & HEAVY.keys() if package not in (HEAVY[name], "rapport")}
    assert not strangers


def test_scoring_has_no_clock_and_no_io() -> None:
    """Scoring is pure: time is a parameter, and nothing is read or written."""
    forbidden = {"time", "random", "socket", "subprocess", "kafka", "httpx", "requests"}
    for path in (ROOT / "scoring").rglob("*.py"):
        assert not imported(path) & forbidden, path
