"""The protocols of the content model: what is measured is what is deployed."""

import math
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from scoring import content
from scoring.encoder import Vectors, default

pytest.importorskip("sklearn", reason="scikit-learn fits the models; it is in the dev extra")

from bench.science import data
from bench.science.fit import Fitted, _folds, fit, log_odds, matrix
from bench.science.measures import calibration_error, measures, spam_probability

FOLDER = Path(os.environ.get("RAPPORT_DATASETS", data.ROOT.parent / "shared" / "data"))
needs_data = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no data sets at {FOLDER} (RAPPORT_DATASETS)")

ASKING = [
    "subscribe to my channel",
    "check out my new video",
    "visit www.win.example.top for free money",
    "follow me please",
]
SAYING = ["lovely song", "this made me cry", "who played the drums here?", "my sister sings this every day"]


def flat(texts: Sequence[str]) -> Vectors:
    return np.full((len(texts), 384), 384**-0.5, np.float32)


def rows() -> list[data.Row]:
    return [data.Row(f"{text} {i}", text in SAYING, f"video {i % 2}") for i in range(3) for text in (*ASKING, *SAYING)]


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    given = rows()
    spam = np.array([not row.genuine for row in given])
    return fit(matrix(given, flat), spam, [row.group for row in given], matrix(given[4:8], flat))


def test_what_is_measured_is_what_is_deployed(fitted: Fitted) -> None:
    """The protocols score whole matrices, the product text by text: the log-odds are the same."""
    given = rows()
    measured = log_odds(fitted.weights, matrix(given, flat))
    one_by_one = content.ContentModel(flat, fitted.weights)([row.text for row in given])
    assert np.allclose([scored.log_odds for scored in one_by_one], measured, atol=1e-3)
    assert measures(np.array([not row.genuine for row in given]), spam_probability(measured))["auc"] == 1.0


def test_weights_survive_their_file(fitted: Fitted, tmp_path: Path) -> None:
    """What is written is what is read, to three decimals of a score."""
    content.write(fitted.weights, tmp_path / "content.npz")
    x = matrix(rows(), flat)
    assert np.allclose(log_odds(fitted.weights, x), log_odds(content.read(tmp_path / "content.npz"), x), atol=1e-3)


def test_inner_validation_never_splits_a_video() -> None:
    """No group is on both sides of an inner fold."""
    groups = np.array(["a", "b", "a", "c", "b", "c"])
    for train, held in _folds(np.array([True, False] * 3), groups):
        assert not set(groups[train]) & set(groups[held])


def test_calibration_error_of_honest_and_of_bold_probabilities() -> None:
    """One half said of a coin is right, certainty is wrong half the time."""
    coin = np.array([True, False] * 50)
    assert calibration_error(coin, np.full(100, 0.5)) == 0.0
    assert math.isclose(calibration_error(coin, np.ones(100)), 0.5)


@needs_data
@pytest.mark.datasets
def test_the_data_are_the_named_ones() -> None:
    """Row counts and spam counts are the published ones, and each file read is remembered by its sha256."""
    inputs = data.Inputs()
    comments = data.comments(inputs)
    assert (len(comments), sum(not row.genuine for row in comments)) == (1956, 1005)
    assert len(inputs.sha256) == 5
    inbound, outbound = data.tweets(inputs)
    assert len(inbound) + len(outbound) > 4_990


@needs_data
@pytest.mark.datasets
@pytest.mark.engines
def test_the_committed_model_lets_customers_through() -> None:
    """At most 2 % of customer tweets, some of which it was trained with, are called spam by their content."""
    model = content.load(default())
    inbound, _ = data.tweets(data.Inputs())
    scored = model([row.text for row in inbound[::10]])
    assert np.mean([entry.log_odds < math.log(0.3 / 0.7) for entry in scored]) <= 0.02


@needs_data
@pytest.mark.datasets
@pytest.mark.engines
def test_a_video_left_out() -> None:
    """A piece of protocol A1, 80 comments of each video: AUC .97 on a video it has never seen."""
    inputs, encoder = data.Inputs(), default()
    comments = data.comments(inputs)
    few = [row for video in data.VIDEOS for row in [r for r in comments if r.group == video][:80]]
    x, spam = matrix(few, encoder), np.array([not row.genuine for row in few])
    held = np.array([row.group == "LMFAO" for row in few])
    others = matrix(data.requests(inputs)[:100], encoder)
    fitted = fit(x[~held], spam[~held], [row.group for row in few if row.group != "LMFAO"], others)
    assert measures(spam[held], spam_probability(log_odds(fitted.weights, x[held])))["auc"] >= 0.97
