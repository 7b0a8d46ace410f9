"""Fits the committed weights of realness on the training windows of three communities that count the same.

Run: ``python -m bench.science.fit_realness``. Writes ``scoring/models/realness.json``; see ``realness.md`` beside it.
"""

import sys

import msgspec
import numpy as np

from bench.science.data import Inputs, write
from bench.science.reciprocity import Table, portable, table
from bench.science.snap_data import COMMUNITIES
from scoring.ties.realness import DEFAULT_NAMES, MODELS


def main() -> None:
    inputs = Inputs()
    tables: list[Table] = [table(community, inputs) for community in COMMUNITIES]
    weights = portable(tables, DEFAULT_NAMES)
    rounded = msgspec.structs.replace(
        weights,
        bias=round(weights.bias, 6),
        features={name: round(value, 6) for name, value in weights.features.items()},
        means={name: round(value, 6) for name, value in weights.means.items()},
        fitted_on=", ".join(f"{one.community.name} ({int((~one.tested).sum())} rows)" for one in tables),
    )
    path = MODELS / "realness.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(rounded), indent=1) + b"\n")
    rates = {one.community.name: float(np.mean(one.mutual[~one.tested])) for one in tables}
    print(f"written: {path}", file=sys.stderr)
    print(f"written: {write('fit_realness', inputs, 0, {'mutual_in_training': rates})}", file=sys.stderr)


if __name__ == "__main__":
    main()
