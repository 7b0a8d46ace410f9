"""Realness reads one tie the same way everywhere, and silence only lowers it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.ties.habits import DAY_MS, fold_habits
from scoring.ties.realness import BRAND, DEFAULT_NAMES, FADES, FALLING, Weights, default_weights, features, realness
from scoring.ties.state import Act, Tie, fold_tie
from tests.scoring.ties.acts import START, anything, folded, friends, theirs


@settings(max_examples=100, deadline=None)
@given(st.lists(anything, min_size=1, max_size=20), st.floats(0, 2000), st.floats(0, 2000))
def test_silence_never_makes_a_relationship_more_real(acts: list[Act], sooner: float, longer: float) -> None:
    """For any past, and any two times after the last act."""
    tie: Tie | None = None
    for act in acts:
        tie = fold_tie(tie, act)
    assert tie is not None
    first, second = (tie.last_at + int(days * DAY_MS) for days in sorted((sooner, longer)))
    assert realness(tie, second, default_weights()) <= realness(tie, first, default_weights()) + 1e-12


def test_more_conversations_are_more_real() -> None:
    """Each further conversation of the same rhythm raises realness."""
    values = [realness(tie, tie.last_at, default_weights()) for tie in (folded(*friends(n)) for n in range(1, 12))]
    assert values == sorted(values)


def test_trust_raises_realness() -> None:
    """The same acts trusted more are more real."""
    past = friends(3)
    values = []
    for trust in (0.1, 0.5, 1.0):
        tie = folded(*past, *(theirs(40 + day, conversation=40 + day, trust=trust) for day in range(5)))
        values.append(realness(tie, tie.last_at + DAY_MS, default_weights()))
    assert values == sorted(values)


def test_the_committed_weights_obey_their_signs_and_read_what_is_known() -> None:
    """What fades is never negative, silences never positive, and no brand's own habits are needed."""
    weights = default_weights()
    assert tuple(weights.features) == DEFAULT_NAMES
    assert all(weights.features[name] >= 0.0 for name in weights.features if name in FADES)
    assert all(weights.features[name] <= 0.0 for name in FALLING)
    assert weights.means.keys() == weights.features.keys()


def test_features_and_realness_are_the_same_regression() -> None:
    """The linear form over the features gives the number that the curve gives, with and without habits."""
    brand = fold_habits(None, START, gave=1.0, got=1.0)
    for known in (None, brand):
        tie: Tie | None = None
        for act in friends(4):
            tie = fold_tie(tie, act, fold_habits(None, act.at, gave=1.0))
        assert tie is not None
        names = (*DEFAULT_NAMES, *BRAND)
        weights = Weights(bias=-1.0, features=dict.fromkeys(names, 0.1), means=dict.fromkeys(names, 0.5))
        at = tie.last_at + 12 * DAY_MS
        found = features(tie, at, brand=known)
        logit = -1.0 + sum(0.1 * found.get(name, 0.5) for name in names)
        odds = realness(tie, at, weights, known)
        assert odds / (1 - odds) == pytest.approx(2.718281828459045**logit)
