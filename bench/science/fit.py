"""How the content model is fitted: the same code for the committed weights and inside every protocol.

Logistic regression over side features, embedding and n-grams at once, with spam and genuine comments weighed the same
(so the log-odds stand at a prior of one to one). Genuine texts of other domains are added with a small total weight,
which decides what a text of another domain gets and hardly moves the comments; the domain is no feature. Strength of
the penalty, that weight and a final temperature come from leave-one-group-out inside the training rows.
"""

import math
from collections.abc import Sequence
from itertools import product

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from bench.science.data import Row
from scoring import features
from scoring.content import Weights
from scoring.encoder import Encoder

SEED = 4
LINE = math.log(0.7 / 0.3)  # log-odds from which a verdict is given at even odds
SIDES = len(features.SIDE)
GRAM_SCALE = 2.0  # n-grams are penalised less: each text spreads a length of one over a hundred of them
PENALTIES = (1.0, 3.0)  # C of scikit-learn
OTHER_WEIGHTS = (0.03, 0.1)  # of all genuine comments together
OTHERS_PER_SOURCE = 600

Numbers = NDArray[np.float64]


class Fitted(Struct, frozen=True):
    weights: Weights
    penalty: float
    other_weight: float
    temperature: float
    inner_loss: float


def matrix(rows: Sequence[Row], encoder: Encoder) -> csr_matrix:
    """Side features, embedding and hashed n-grams of each row, unscaled."""
    cleaned = [features.clean(row.text) for row in rows]
    side = np.array([features.side(text) for text in cleaned])
    vectors = encoder([features.without_links(text) for text in cleaned]).astype(float)
    hashed = [features.hashed(text) for text in cleaned]
    ends = np.cumsum([0, *(len(places) for places, _ in hashed)])
    places, values = (np.concatenate(parts) for parts in zip(*hashed, strict=True))
    grams = csr_matrix((values, places, ends), shape=(len(rows), features.BUCKETS))
    return hstack([csr_matrix(side), csr_matrix(vectors), grams]).tocsr()


def sample(sources: Sequence[Sequence[Row]]) -> list[Row]:
    """The same number of texts of each other domain."""
    random = np.random.default_rng(SEED)
    return [rows[i] for rows in sources for i in random.permutation(len(rows))[:OTHERS_PER_SOURCE]]


def fit(x: csr_matrix, spam: NDArray[np.bool_], groups: Sequence[str], others: csr_matrix) -> Fitted:
    """Weights from comments ``x`` (groups must not be split in the inner validation) and genuine texts ``others``."""
    x, others = _scaled(x), _scaled(others)
    folds = _folds(spam, np.array(groups))
    tried = []
    for penalty, other_weight in product(PENALTIES, OTHER_WEIGHTS):
        odds = np.zeros(len(spam))
        for train, held in folds:
            odds[held] = _regression(x[train], spam[train], others, penalty, other_weight).decision_function(x[held])
        tried.append((_loss(odds, spam), penalty, other_weight, odds))
    loss, penalty, other_weight, odds = min(tried, key=lambda entry: entry[0])
    temperature = float(
        LogisticRegression(C=1e6, fit_intercept=False)
        .fit(odds[:, None], spam, sample_weight=_balance(spam))
        .coef_[0, 0]
    )
    model = _regression(x, spam, others, penalty, other_weight)
    coefficients = -model.coef_[0] * temperature  # of being genuine
    coefficients[SIDES + _dimensions(x) :] *= GRAM_SCALE
    coefficients[SIDES + _dimensions(x) :] = coefficients[SIDES + _dimensions(x) :].astype(np.float16)  # as committed
    intercept = -float(model.intercept_[0]) * temperature
    weights = _weights(coefficients, intercept, x, spam)
    meaning = _meaning(weights, _unscaled(vstack([x, others])))
    # No meaning of any training text could carry a text that is sure without it over the line of a verdict.
    weights = replace(weights, sure=LINE + float(np.abs(meaning).max()))
    return Fitted(weights, penalty, other_weight, temperature, loss)


def log_odds(weights: Weights, x: csr_matrix) -> Numbers:
    """What ``ContentModel`` says of every row, at once."""
    coefficients = np.concatenate([weights.side, np.zeros(len(weights.embedding)), weights.grams])
    rest = sum(value for group, value in weights.center.items() if group != "meaning")
    without = np.asarray(x @ coefficients) + weights.prior - rest
    return without + np.where(np.abs(without) < weights.sure, _meaning(weights, x), 0.0)


def _meaning(weights: Weights, x: csr_matrix) -> Numbers:
    vectors = x[:, SIDES : SIDES + len(weights.embedding)]
    return np.asarray(vectors @ weights.embedding) - weights.center["meaning"]


def _weights(coefficients: Numbers, intercept: float, x: csr_matrix, spam: NDArray[np.bool_]) -> Weights:
    side, embedding, grams = np.split(coefficients, [SIDES, SIDES + _dimensions(x)])
    means = np.asarray(_balance(spam) @ _unscaled(x)).ravel() / len(spam)
    each, center, start = means * coefficients, {}, 0
    for group, names in features.GROUPS.items():
        center[group] = float(each[start : start + len(names)].sum())
        start += len(names)
    center["meaning"] = float(each[SIDES : SIDES + _dimensions(x)].sum())
    center["wording"] = float(each[SIDES + _dimensions(x) :].sum())
    return Weights("fitted just now", intercept + sum(center.values()), math.inf, center, side, embedding, grams)


def _regression(
    x: csr_matrix, spam: NDArray[np.bool_], others: csr_matrix, penalty: float, other_weight: float
) -> LogisticRegression:
    balance = _balance(spam)
    weight_of_others = np.full(others.shape[0], other_weight * balance[~spam].sum() / others.shape[0])
    return LogisticRegression(C=penalty, max_iter=3000).fit(
        vstack([x, others]),
        np.concatenate([spam, np.zeros(others.shape[0], bool)]),
        sample_weight=np.concatenate([balance, weight_of_others]),
    )


def _folds(spam: NDArray[np.bool_], groups: NDArray[np.str_]) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """One group out; within a single group five stratified parts."""
    names = np.unique(groups)
    if len(names) == 1:
        return list(StratifiedKFold(5, shuffle=True, random_state=SEED).split(spam, spam))
    return [(np.flatnonzero(groups != name), np.flatnonzero(groups == name)) for name in names]


def _balance(spam: NDArray[np.bool_]) -> Numbers:
    """Weights that make spam and genuine rows count the same, with mean one."""
    share = spam.mean()
    return np.where(spam, 0.5 / share, 0.5 / (1.0 - share))


def _loss(odds: Numbers, spam: NDArray[np.bool_]) -> float:
    return float(np.average(np.logaddexp(0.0, np.where(spam, -odds, odds)), weights=_balance(spam)))


def _dimensions(x: csr_matrix) -> int:
    return int(x.shape[1]) - SIDES - features.BUCKETS


def _scaled(x: csr_matrix) -> csr_matrix:
    return hstack([x[:, : x.shape[1] - features.BUCKETS], x[:, -features.BUCKETS :] * GRAM_SCALE]).tocsr()


def _unscaled(x: csr_matrix) -> csr_matrix:
    return hstack([x[:, : x.shape[1] - features.BUCKETS], x[:, -features.BUCKETS :] / GRAM_SCALE]).tocsr()
