"""How well scores tell what is true: for the demo's summary and the tests."""

from collections.abc import Iterable


def auc(scored: Iterable[tuple[float, bool]]) -> float:
    """Area under the ROC curve of (score, truth) pairs: the chance that a true one scores above a false one."""
    ranked = sorted(scored)
    ranks: dict[float, list[int]] = {}
    for place, (score, _) in enumerate(ranked, start=1):
        ranks.setdefault(score, []).append(place)
    mean = {score: sum(places) / len(places) for score, places in ranks.items()}
    positives = sum(truth for _, truth in ranked)
    negatives = len(ranked) - positives
    if not positives or not negatives:
        raise ValueError("both true and false examples are needed")
    total = sum(mean[score] for score, truth in ranked if truth)
    return (total - positives * (positives + 1) / 2) / (positives * negatives)
