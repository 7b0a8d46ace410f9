"""The refit replaces weights only when it wins on later data, and is bounded where realness must be monotone."""

import random

from scoring.ties.realness import DEFAULT_NAMES, FADES, FALLING, Weights
from scoring.ties.refit import refit_realness

CURRENT = Weights(bias=-1.0, features=dict.fromkeys(DEFAULT_NAMES, 0.0), means=dict.fromkeys(DEFAULT_NAMES, 0.0))


def history(seed: int, sign: float) -> tuple[list[dict[str, float]], list[bool], list[float]]:
    """Ten cuts, a month apart, in which contact follows the turns (or, below zero, shuns them)."""
    source = random.Random(seed)
    rows, outcomes, days = [], [], []
    for cut in range(10):
        for _ in range(200):
            row = {name: source.random() for name in DEFAULT_NAMES}
            rows.append(row)
            outcomes.append(source.random() < 0.5 + sign * 0.45 * (2 * row["turns"] - 1))
            days.append(30.0 * cut)
    return rows, outcomes, days


def test_a_refit_that_wins_replaces_the_weights() -> None:
    """What the community shows is learnt, and the loss on later data is reported."""
    found = refit_realness(*history(1, 1.0), CURRENT)
    assert found.replaced
    assert found.weights.features["turns"] > 1.0
    assert found.loss_after is not None
    assert found.loss_before is not None
    assert found.loss_after < found.loss_before


def test_a_refit_that_does_not_win_leaves_them() -> None:
    """The second time there is nothing left to gain on noise."""
    rows, outcomes, days = history(2, 0.0)
    best = Weights(bias=0.0, features=CURRENT.features, means=CURRENT.means)
    found = refit_realness(rows, outcomes, days, best)
    assert not found.replaced
    assert found.weights is best


def test_signs_hold_against_the_data() -> None:
    """Where contact shuns turns, their weight stops at zero."""
    found = refit_realness(*history(3, -1.0), CURRENT)
    assert all(found.weights.features[name] >= 0.0 for name in DEFAULT_NAMES if name in FADES)
    assert all(found.weights.features[name] <= 0.0 for name in FALLING)


def test_little_history_is_left_alone_with_a_reason() -> None:
    """Two cuts, or hardly an outcome, change nothing."""
    rows, outcomes, days = history(4, 1.0)
    assert "cuts" in refit_realness(rows[:300], outcomes[:300], days[:300], CURRENT).reason
    assert "outcomes" in refit_realness(rows, [False] * len(rows), days, CURRENT).reason
