"""Fits the committed content model from the named data: ``python -m bench.science.fit_content`` (``make models``).

The same data give the same file on the same machine; the sha256 of every input goes to ``artifacts/science``.
"""

import numpy as np

from bench.science import data
from bench.science.fit import SEED, fit, matrix, sample
from scoring.content import FILE, write
from scoring.encoder import default


def main() -> None:
    inputs, encoder = data.Inputs(), default()
    rows = data.comments(inputs)
    others = matrix(sample(data.other_domains(inputs)), encoder)
    spam = np.array([not row.genuine for row in rows])
    fitted = fit(matrix(rows, encoder), spam, [row.group for row in rows], others)
    FILE.parent.mkdir(exist_ok=True)
    write(fitted.weights, FILE)
    chosen = {
        "penalty": fitted.penalty,
        "other_weight": fitted.other_weight,
        "temperature": fitted.temperature,
        "inner_loss": fitted.inner_loss,
        "sure": fitted.weights.sure,
        "prior": fitted.weights.prior,
        "bytes": FILE.stat().st_size,
    }
    print(f"{FILE}: {chosen}")
    print(data.write("fit_content", inputs, SEED, chosen))


if __name__ == "__main__":
    main()
