"""A1: the YouTube Spam Collection, one video left out at a time. ``python -m bench.science.a1``"""

import numpy as np

from bench.science import data
from bench.science.fit import SEED, fit, log_odds, matrix, sample
from bench.science.measures import against, mean, measures, show, spam_probability
from scoring.encoder import Encoder, default

BARS = {"mcc": 0.907, "brier": 0.0368, "auc": 0.989, "ece": 0.032}


def run(encoder: Encoder, inputs: data.Inputs) -> dict[str, dict[str, float]]:
    rows = data.comments(inputs)
    others = matrix(sample(data.other_domains(inputs)), encoder)
    x, videos = matrix(rows, encoder), np.array([row.group for row in rows])
    spam = np.array([not row.genuine for row in rows])
    result, pooled = {}, np.zeros(len(rows))
    for video in data.VIDEOS:
        held = videos == video
        fitted = fit(x[~held], spam[~held], videos[~held].tolist(), others)
        pooled[held] = spam_probability(log_odds(fitted.weights, x[held]))
        result[video] = measures(spam[held], pooled[held])
        print(f"{video}: C {fitted.penalty}, others {fitted.other_weight}, temperature {fitted.temperature:.2f}")
    return {**result, "mean": mean(list(result.values())), "pooled": measures(spam, pooled)}


if __name__ == "__main__":
    inputs = data.Inputs()
    result = run(default(), inputs)
    show("A1: one video left out", result)
    against(result["mean"], BARS)
    print(data.write("a1", inputs, SEED, result))
