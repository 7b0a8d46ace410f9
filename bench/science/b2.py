"""B2: is the next rating on Bitcoin OTC negative? From history alone; trained on the first 60 %, tested on the rest.

Everything is read before the rating is folded in. The model and its size are chosen on the last third of the training
part, then fitted on all of it; the test part is used once.

Run: ``python -m bench.science.b2``
"""

import sys

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bench.science.actor_bitcoin import Market, ratings
from bench.science.data import Inputs, write

SEED = 0
TRAIN, FIT = 0.6, 0.4
BAR_AUC, BAR_BRIER = 0.886, 0.0746


def main() -> None:
    inputs = Inputs()
    market, rows, negative = Market(), [], []
    for rater, rated, rating, at in ratings(inputs):
        rows.append(market.features(rater, rated, at))
        negative.append(rating < 0)
        market.fold(rater, rated, rating, at)
    x, y = np.array(rows), np.array(negative)
    fit, train = int(FIT * len(y)), int(TRAIN * len(y))

    inner = {}
    for name, model in models().items():
        p = model.fit(x[:fit], y[:fit]).predict_proba(x[fit:train])[:, 1]
        inner[name] = measure(y[fit:train], p)
        show(f"inner: {name}", inner[name])
    chosen = min(inner, key=lambda name: inner[name]["brier"])
    tested = {}
    for name in ("logistic", chosen):
        p = models()[name].fit(x[:train], y[:train]).predict_proba(x[train:])[:, 1]
        tested[name] = measure(y[train:], p)
        show(f"test: {name}", tested[name])
        errors = spread(y[train:], p)
        show("  sd over resamples of the ratings", errors)
        tested[name] |= errors
    print(f"to beat: AUC {BAR_AUC}, Brier {BAR_BRIER}", file=sys.stderr)
    figures = {
        "bar": {"auc": BAR_AUC, "brier": BAR_BRIER},
        "ratings": len(y),
        "tested": len(y) - train,
        "inner": inner,
        "chosen": chosen,
        "test": tested,
    }
    print(f"written: {write('b2', inputs, SEED, figures)}", file=sys.stderr)


def models() -> dict[str, ClassifierMixin]:
    def boosted(leaves: int, trees: int) -> ClassifierMixin:
        return HistGradientBoostingClassifier(
            max_leaf_nodes=leaves,
            max_iter=trees,
            learning_rate=0.05,
            min_samples_leaf=40,
            l2_regularization=5.0,
            early_stopping=False,
            random_state=SEED,
        )

    return {
        "logistic": make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)),
        "boosted trees, 4 leaves": boosted(4, 300),
        "boosted trees, 8 leaves": boosted(8, 200),
        "boosted trees, 16 leaves": boosted(16, 150),
    }


def measure(y: np.ndarray, p: np.ndarray) -> dict[str, float]:
    return {
        "auc": float(roc_auc_score(y, p)),
        "average_precision": float(average_precision_score(y, p)),
        "brier": float(brier_score_loss(y, p)),
    }


def spread(y: np.ndarray, p: np.ndarray) -> dict[str, float]:
    """Standard deviation of each figure over 200 bootstrap samples of the tested ratings."""
    random = np.random.default_rng(SEED)
    samples = [measure(y[drawn], p[drawn]) for drawn in (random.integers(len(y), size=len(y)) for _ in range(200))]
    return {f"{key}_sd": float(np.std([sample[key] for sample in samples])) for key in samples[0]}


def show(name: str, figures: dict[str, float]) -> None:
    print(f"{name:34s} " + "  ".join(f"{key} {value:.4f}" for key, value in figures.items()), flush=True)


if __name__ == "__main__":
    main()
