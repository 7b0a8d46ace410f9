"""The encoder: a vector depends on its text alone, and a missing model is said in one line."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from scoring.encoder import FOLDER, SHA256, Cached, MiniLM, ModelError, Vectors, verify

TEXTS = [
    "ok",
    "Thanks, that fixed it!",
    "a much longer text about a parcel that never came " * 20,
    "",
    "спасибо большое",
    "\ud800 lone",
]


class Counting:
    """Gives every text its length, and counts what it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, texts: Sequence[str]) -> Vectors:
        self.asked += len(texts)
        return np.array([[len(text), 1.0] for text in texts], np.float32).reshape(len(texts), 2)


def test_the_cache_asks_once_per_text() -> None:
    """Texts seen before, in this call or an earlier one, are not encoded again, and come out the same."""
    counting = Counting()
    cached = Cached(counting)
    first = cached(["a", "bb", "a"])
    assert (cached(["bb", "a"]) == first[[1, 0]]).all()
    assert counting.asked == 2


def test_the_cache_is_bounded() -> None:
    """The oldest text is forgotten first."""
    counting = Counting()
    cached = Cached(counting, texts=2)
    cached(["a", "bb", "ccc"])
    cached(["bb", "ccc"])
    assert counting.asked == 3
    cached(["a"])
    assert counting.asked == 4


def test_nothing_gives_nothing() -> None:
    """No texts give an empty matrix."""
    assert Cached(Counting())([]).shape == (0, 2)


def test_a_missing_model_is_one_clear_line(tmp_path: Path) -> None:
    """The message says what is missing and which command installs it."""
    with pytest.raises(ModelError, match=r"missing.*run: make setup") as caught:
        MiniLM(folder=tmp_path)
    assert "\n" not in str(caught.value)


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    """One wrong byte is enough."""
    for name in SHA256:
        (tmp_path / name).write_bytes(b"not the model")
    with pytest.raises(ModelError, match=r"damaged.*run: make setup"):
        verify(tmp_path)


@pytest.mark.engines
def test_a_vector_depends_on_its_text_alone() -> None:
    """Alone, in any batch and in any order, with any number of threads: the same bytes."""
    verify(FOLDER)
    encoder, single = MiniLM(threads=2), MiniLM(threads=1)
    together = encoder(TEXTS)
    assert together.shape == (len(TEXTS), 384)
    assert np.allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-5)
    alone = np.vstack([single([text]) for text in TEXTS])
    assert alone.tobytes() == together.tobytes()
    order = np.random.default_rng(1).permutation(len(TEXTS))
    assert encoder([TEXTS[i] for i in order]).tobytes() == together[order].tobytes()


@pytest.mark.engines
def test_meaning_is_near_meaning() -> None:
    """Two ways of saying thanks are nearer to each other than to an advertisement."""
    thanks, solved, spam = MiniLM()(["Thanks, that fixed it!", "Thank you, solved.", "Check out my channel"])
    assert thanks @ solved > thanks @ spam
