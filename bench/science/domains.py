"""Another domain: how many genuine customer tweets are called spam. ``python -m bench.science.domains``

Three ways of leaving the evaluated texts out of training: no customer service at all (comments and requests only), the
other customer-service set only, and a brand left out at a time (with every conversation of the brand).
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from bench.science import data
from bench.science.fit import SEED, Fitted, fit, log_odds, matrix, sample
from bench.science.measures import against, show, spam_probability
from scoring.combine import WEIGHTS
from scoring.encoder import Encoder, default

BARS = {"called_spam": 0.02, "verdict_spam": 0.02}
SPAM_FROM = 0.7  # P(spam): the verdict is spam where trust is below .3
BRAND_PARTS = 5
ALL_SPAM_FROM = math.log(0.7 / 0.3) + WEIGHTS.bias  # log-odds of spam at which the verdict on a stranger is spam


def run(encoder: Encoder, inputs: data.Inputs) -> dict[str, dict[str, float]]:
    rows = data.comments(inputs)
    x, groups = matrix(rows, encoder), [row.group for row in rows]
    spam = np.array([not row.genuine for row in rows])
    tweets, care, requests = data.tweets(inputs), data.care(inputs), data.requests(inputs)

    def fitted(sources: Sequence[Sequence[data.Row]]) -> Fitted:
        return fit(x, spam, groups, matrix(sample(sources), encoder))

    inbound = {"twcs": matrix(tweets[0], encoder), "ibm": matrix(care[0], encoder)}
    strict = fitted([requests])
    result = {f"{name}: no service texts": called(strict, texts) for name, texts in inbound.items()}
    result["twcs: trained with ibm"] = called(fitted([*care, requests]), inbound["twcs"])
    result["ibm: trained with twcs"] = called(fitted([*tweets, requests]), inbound["ibm"])
    for name, texts in (("twcs", tweets[0]), ("ibm", care[0])):
        result[f"{name}: brands left out"] = _brands_left_out(fitted, texts, [*tweets, *care, requests], inbound[name])
    return result


def called(model: Fitted, texts: csr_matrix) -> dict[str, float]:
    return _shares(log_odds(model.weights, texts))


def _shares(genuine: NDArray[np.float64]) -> dict[str, float]:
    """``called_spam`` by the content at even odds, ``verdict_spam`` by the whole verdict on somebody without a past."""
    p = spam_probability(genuine)
    return {
        "n": float(len(p)),
        "called_spam": float((p > SPAM_FROM).mean()),
        "verdict_spam": float((-WEIGHTS.content * genuine > ALL_SPAM_FROM).mean()),
        "over_half": float((p >= 0.5).mean()),
        "mean_spam": float(p.mean()),
    }


def _brands_left_out(
    fitted: Callable[[Sequence[Sequence[data.Row]]], Fitted],
    rows: Sequence[data.Row],
    sources: Sequence[Sequence[data.Row]],
    x: csr_matrix,
) -> dict[str, float]:
    brands = sorted({row.brand for row in rows})
    part = {brand: i % BRAND_PARTS for i, brand in enumerate(brands)}
    genuine = np.zeros(len(rows))
    for i in range(BRAND_PARTS):
        held = np.array([part[row.brand] == i for row in rows])
        conversations = {row.group for row, out in zip(rows, held, strict=True) if out}
        gone = {brand for brand, place in part.items() if place == i}
        kept = [
            [row for row in source if row.brand not in gone and row.group not in conversations] for source in sources
        ]
        genuine[held] = log_odds(fitted(kept).weights, x[held])
    return _shares(genuine)


if __name__ == "__main__":
    inputs = data.Inputs()
    result = run(default(), inputs)
    show("genuine customer tweets called spam", result)
    for label, figures in result.items():
        print(label)
        against(figures, BARS)
    print(data.write("domains", inputs, SEED, result))
