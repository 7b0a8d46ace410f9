"""A2: the split the authors of the YouTube Spam Collection used, video by video. ``python -m bench.science.a2``"""

import numpy as np

from bench.science import data
from bench.science.fit import SEED, fit, log_odds, matrix, sample
from bench.science.measures import against, mean, measures, show, spam_probability
from scoring.encoder import Encoder, default

BARS = {"mcc": 0.933}


def run(encoder: Encoder, inputs: data.Inputs) -> dict[str, dict[str, float]]:
    others = matrix(sample(data.other_domains(inputs)), encoder)
    result = {}
    for video in data.VIDEOS:
        train, test = data.authors_split(inputs, video)
        spam = np.array([not row.genuine for row in train])
        fitted = fit(matrix(train, encoder), spam, [video] * len(train), others)
        probability = spam_probability(log_odds(fitted.weights, matrix(test, encoder)))
        result[video] = measures(np.array([not row.genuine for row in test]), probability)
        print(f"{video}: C {fitted.penalty}, others {fitted.other_weight}, temperature {fitted.temperature:.2f}")
    return {**result, "mean": mean(list(result.values()))}


if __name__ == "__main__":
    inputs = data.Inputs()
    result = run(default(), inputs)
    show("A2: the authors' split", result)
    against(result["mean"], BARS)
    print(data.write("a2", inputs, SEED, result))
