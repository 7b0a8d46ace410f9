"""A3: train on the first 70 % of the comments, test on the rest, where spam falls from .68 to .12.

``python -m bench.science.a3``. Time orders the split and is no feature.
"""

import numpy as np

from bench.science import data
from bench.science.fit import SEED, fit, log_odds, matrix, sample
from bench.science.measures import against, measures, show, spam_probability
from scoring.encoder import Encoder, default

BARS = {"mcc": 0.807, "pr_auc": 0.901, "ece": 0.0225}
TRAINING_SHARE = 0.7


def run(encoder: Encoder, inputs: data.Inputs) -> dict[str, dict[str, float]]:
    rows = sorted(data.comments(inputs), key=lambda row: row.at)
    others = matrix(sample(data.other_domains(inputs)), encoder)
    x, spam = matrix(rows, encoder), np.array([not row.genuine for row in rows])
    cut = int(len(rows) * TRAINING_SHARE)
    fitted = fit(x[:cut], spam[:cut], [row.group for row in rows[:cut]], others)
    print(f"C {fitted.penalty}, others {fitted.other_weight}, temperature {fitted.temperature:.2f}")
    return {"test": measures(spam[cut:], spam_probability(log_odds(fitted.weights, x[cut:])))}


if __name__ == "__main__":
    inputs = data.Inputs()
    result = run(default(), inputs)
    show("A3: first 70 % in time, then the rest", result)
    against(result["test"], BARS)
    print(data.write("a3", inputs, SEED, result))
