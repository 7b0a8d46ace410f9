"""The reciprocity protocol counts what it says, on made-up communities whose answer is known."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from bench.science import reciprocity, snap_data
from bench.science.data import Inputs
from bench.science.snap_data import COMMUNITIES, Community, Cut, replay

SMALL = Community("small", "snap/small.txt.gz", 10, 10, 20)


def cuts_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[tuple[int, int, float]]) -> list[Cut]:
    (tmp_path / "snap").mkdir()
    text = "".join(f"{source} {target} {int(day * 86_400)}\n" for source, target, day in lines)
    (tmp_path / SMALL.file).write_bytes(gzip.compress(text.encode()))
    monkeypatch.setenv("RAPPORT_DATASETS", str(tmp_path))
    return list(replay(SMALL, Inputs()))


def test_rows_are_pairs_with_contact_in_the_window_and_outcomes_come_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1 and 2 write every other day, 3 writes to 1 once on day 0: only the first are in later rows, and are mutual."""
    lines = [(1, 2, day) if day % 4 == 0 else (2, 1, day) for day in range(0, 100, 2)]
    cuts = cuts_of(tmp_path, monkeypatch, [(3, 1, 0.0), *lines])
    late = cuts[-1].rows
    assert {(row.person, row.brand) for row in late} == {(1, 2), (2, 1)}
    assert all(row.mutual and row.answered for row in late)
    assert all(row.tie.last_at <= cuts[-1].at for row in late)


def test_training_cuts_end_before_the_test_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No outcome of a training row reaches into the tested part."""
    cuts = cuts_of(tmp_path, monkeypatch, [(1, 2, day) for day in range(0, 150, 3)])
    first = min(cut.at for cut in cuts if cut.tested)
    assert any(not cut.tested for cut in cuts)
    assert all(cut.at + 10 * 86_400_000 <= first for cut in cuts if not cut.tested)


def test_calibration_and_the_biggest_receivers() -> None:
    """A forecast that is always right in its bins has no error; AUC inside a brand ignores the other brands."""
    y, p = np.array([0.0, 1.0] * 50), np.full(100, 0.5)
    assert reciprocity.calibration_error(y, p) == pytest.approx(0.0)
    brand = np.array([1, 1, 2, 2])
    assert reciprocity.within_biggest(brand, np.array([0.0, 1, 0, 1]), np.array([0.8, 0.9, 0.1, 0.2])) == 1.0


@pytest.mark.datasets
def test_classes_are_ordered_by_what_comes_on_real_data() -> None:
    """CollegeMsg: two-way contact in the next window falls strictly from real to insufficient."""
    if not (Inputs().folder / COMMUNITIES[0].file).is_file():
        pytest.skip(f"{COMMUNITIES[0].file} is not in RAPPORT_DATASETS")
    found = reciprocity.table(COMMUNITIES[0], Inputs())
    rates = reciprocity.by_class(found)
    order = [rates[f"two-way contact, {kind.value}"] for kind in reciprocity.ORDER]
    assert order == sorted(order, reverse=True)
    figures = reciprocity.refitted(found)
    assert figures["rows tested"] == 7606
    assert figures["mutual ece"] <= 0.030
    assert figures["mutual auc of biggest"] >= 0.774
    assert snap_data.TRAINED == 0.6
