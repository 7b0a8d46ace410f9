"""A new connector keeps the contract before anybody has changed a line of it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.scaffold.__main__ import scaffold

ROOT = Path(__file__).parents[2]
COPIED = ("events", "ingest", "rapport", "scoring", "tests", "warehouse", "streams", "pyproject.toml")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What the contract needs of the repository."""
    skipped = shutil.ignore_patterns("__pycache__")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=skipped)
        else:
            shutil.copy(source, tmp_path / name)
    (tmp_path / "docs/sources").mkdir(parents=True)
    return tmp_path


def test_a_new_connector_keeps_the_contract(copy: Path) -> None:
    """It is listed, short, formatted, and passes every test of the contract."""
    written = scaffold("newkind", copy)
    connector = copy / "ingest/sources/newkind.py"
    assert connector in written
    assert len(connector.read_text().splitlines()) < 90
    ruff = [Path(sys.executable).parent / "ruff", "check", "--no-cache", *written[:2], written[-1]]
    assert subprocess.run(ruff, cwd=copy, capture_output=True, check=False).returncode == 0
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "tests/ingest/sources/test_contract.py",
            "-k",
            "newkind",
        ],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(copy)},
    )
    assert done.returncode == 0, done.stdout[-2_000:]


@pytest.mark.parametrize("name", ["New", "1a", "a-b", "", "../x", "rss"])
def test_a_name_that_cannot_be_one_is_refused(copy: Path, name: str) -> None:
    """Nothing is written, nor written over."""
    before = sorted(copy.rglob("*.py"))
    with pytest.raises(ValueError, match=r"a kind is|is there already"):
        scaffold(name, copy)
    assert sorted(copy.rglob("*.py")) == before
