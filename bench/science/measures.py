"""The figures every protocol reports, and the table it prints."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, brier_score_loss, matthews_corrcoef, roc_auc_score

BINS = 10


def measures(spam: NDArray[np.bool_], probability: NDArray[np.float64]) -> dict[str, float]:
    """Of P(spam) against the truth; called spam from one half on."""
    return {
        "n": float(len(spam)),
        "mcc": float(matthews_corrcoef(spam, probability >= 0.5)),
        "auc": float(roc_auc_score(spam, probability)),
        "pr_auc": float(average_precision_score(spam, probability)),
        "brier": float(brier_score_loss(spam, probability)),
        "ece": calibration_error(spam, probability),
    }


def calibration_error(spam: NDArray[np.bool_], probability: NDArray[np.float64]) -> float:
    """Expected calibration error over ten bins of equal width."""
    bins = np.clip((probability * BINS).astype(int), 0, BINS - 1)
    return float(
        sum(
            abs(spam[bins == i].mean() - probability[bins == i].mean()) * (bins == i).mean()
            for i in range(BINS)
            if (bins == i).any()
        )
    )


def spam_probability(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(log_odds))


def mean(parts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([part[name] for part in parts])) for name in parts[0]}


def show(title: str, rows: Mapping[str, Mapping[str, float]]) -> None:
    names = list(next(iter(rows.values())))
    print(f"\n{title}\n" + " " * 26 + "".join(f"{name:>12}" for name in names))
    for label, row in rows.items():
        print(f"{label:<26}" + "".join(f"{row[name]:12.4f}" for name in names))


def against(figures: Mapping[str, float], bars: Mapping[str, float]) -> None:
    """Says for each bar whether it is beaten, and by how much."""
    for name, bar in bars.items():
        lower_is_better = name in ("brier", "ece", "called_spam", "verdict_spam", "spam")
        gain = (bar - figures[name]) if lower_is_better else (figures[name] - bar)
        print(f"  {name}: {figures[name]:.4f}, bar {bar:.4f}: {'beaten' if gain > 0 else 'MISSED'} by {abs(gain):.4f}")
