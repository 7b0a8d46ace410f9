"""Fitting the weights of realness, and the self-supervised refit of a community from its own history.

A row is one tie as it stood at a cut, and whether two-way contact came in the window behind it: no one labels anything.
The regression is bounded (``realness``: what fades has a weight of at least zero, a silence at most zero), which
keeps realness monotone and, on every community tried, predicts better than without.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring.ties.realness import FADES, FALLING, Weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PENALTY = 100.0  # ridge on standardised weights, in rows
RECENT_WINDOWS = 1.0  # a row counts half when it is older by one window: communities cool down and heat up
LATER = 0.3  # of the cuts judge
FEWEST = 50  # outcomes of each kind, in the part that fits and in the part that judges
MOST_STEPS = 60


@dataclass(frozen=True)
class Refit:
    """``weights`` are to be used from now on: new ones where ``replaced``. Losses are mean log losses on later data."""

    weights: Weights
    replaced: bool
    reason: str
    loss_before: float | None = None
    loss_after: float | None = None


def refit_realness(
    rows: Sequence[dict[str, float]],
    outcomes: Sequence[bool],
    cut_days: Sequence[float],
    current: Weights,
    names: Sequence[str] | None = None,
) -> Refit:
    """New weights for a community if they win on its later data, else ``current``.

    ``rows`` are ``realness.features`` of ties at cuts (days on any scale, in any order), ``outcomes`` what came within
    ``current.horizon_days`` behind each. Fitted on cuts whose horizon ended before the later part begins, judged on the
    later part; only when the log loss there falls are the weights fitted again on everything. Nothing is random.
    """
    import numpy as np  # noqa: PLC0415 - the stream never refits

    used = list(names or current.features)
    x = matrix(rows, used, current.means)
    y, days = np.asarray(outcomes, dtype=np.float64), np.asarray(cut_days, dtype=np.float64)
    cuts = np.unique(days)
    if len(cuts) < 3:
        return Refit(current, replaced=False, reason=f"only {len(cuts)} cuts in the history, 3 are needed")
    later_from = cuts[min(len(cuts) - 1, int(len(cuts) * (1.0 - LATER)))]
    early, late = days + current.horizon_days <= later_from, days >= later_from
    fewest = min(_rarer(y[early]), _rarer(y[late]))
    if fewest < FEWEST:
        return Refit(current, replaced=False, reason=f"only {fewest} outcomes of the rarer kind, {FEWEST} are needed")
    fitted = fit(x[early], y[early], used, current, ages(days[early], current.window_days))
    before = log_loss(y[late], predict(matrix(rows, list(current.features), current.means)[late], current))
    after = log_loss(y[late], predict(x[late], fitted))
    if after >= before:
        return Refit(current, False, f"log loss on later data {after:.4f} is not below {before:.4f}", before, after)
    final = fit(x, y, used, current, ages(days, current.window_days))
    return Refit(final, True, f"log loss on later data fell from {before:.4f} to {after:.4f}", before, after)


def fit(x: "Floats", y: "Floats", names: Sequence[str], like: Weights, importance: "Floats") -> Weights:
    """Weighted, bounded, ridge-penalised logistic regression by projected Newton steps (Bertsekas 1982).

    ``x`` is (rows, names); ``importance`` (rows,) is scaled to a mean of one. ``like`` gives window and horizon.
    """
    import numpy as np  # noqa: PLC0415

    weight = importance / importance.mean()
    mean = np.average(x, axis=0, weights=weight)
    spread = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=weight)) + 1e-9
    z = np.column_stack([np.ones(len(x)), (x - mean) / spread])
    ridge = np.array([0.0] + [PENALTY] * len(names))
    sign = np.array([0] + [1 if name in FADES else -1 if name in FALLING else 0 for name in names])
    rate = np.clip(np.average(y, weights=weight), 1e-6, 1 - 1e-6)
    beta = np.zeros(len(ridge))
    beta[0] = np.log(rate / (1 - rate))

    def loss(beta: "Floats") -> float:
        logit = z @ beta
        return float(weight @ (np.logaddexp(0.0, logit) - y * logit) + 0.5 * ridge @ beta**2)

    now = loss(beta)
    for _ in range(MOST_STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(z @ beta, -700, 700)))
        gradient = z.T @ (weight * (p - y)) + ridge * beta
        free = ~((beta * sign <= 0.0) & (sign != 0) & (gradient * sign >= 0.0))
        curvature = (z[:, free] * (weight * p * (1 - p))[:, None]).T @ z[:, free] + np.diag(ridge[free] + 1e-9)
        step = np.zeros(len(beta))
        step[free] = np.linalg.solve(curvature, gradient[free])
        size = 1.0
        while size > 1e-6:
            tried = beta - size * step
            tried = np.where(tried * sign < 0.0, 0.0, tried)
            then = loss(tried)
            if then < now:
                break
            size /= 2
        else:
            break
        gained, beta, now = now - then, tried, then
        if gained < 1e-7 * abs(now):
            break
    raw = beta[1:] / spread
    return Weights(
        bias=float(beta[0] - raw @ mean),
        features={name: float(value) for name, value in zip(names, raw, strict=True)},
        means={name: float(value) for name, value in zip(names, mean, strict=True)},
        window_days=like.window_days,
        horizon_days=like.horizon_days,
        fitted_on=f"{len(y)} rows, {int(y.sum())} with the outcome",
    )


def matrix(rows: Sequence[dict[str, float]], names: Sequence[str], means: dict[str, float]) -> "Floats":
    """(rows, names); what a row does not know is the mean, or 0 where there is none."""
    import numpy as np  # noqa: PLC0415

    return np.array([[row.get(name, means.get(name, 0.0)) for name in names] for row in rows], dtype=np.float64)


def predict(x: "Floats", weights: Weights) -> "Floats":
    """Of rows whose columns are ``weights.features`` in their order: what ``realness`` says of the same ties."""
    import numpy as np  # noqa: PLC0415

    logit = weights.bias + x @ np.array(list(weights.features.values()))
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logit, -700, 700))), dtype=np.float64)


def ages(days: "Floats", window_days: float) -> "Floats":
    """How much rows count: half for every ``RECENT_WINDOWS`` windows before the last of them."""
    import numpy as np  # noqa: PLC0415

    return np.asarray(np.exp2(-(days.max() - days) / (RECENT_WINDOWS * window_days)), dtype=np.float64)


def log_loss(y: "Floats", p: "Floats") -> float:
    import numpy as np  # noqa: PLC0415

    known = np.clip(p, 1e-12, 1 - 1e-12)
    return float(-np.mean(y * np.log(known) + (1 - y) * np.log(1 - known)))


def _rarer(y: "Floats") -> int:
    return int(min(y.sum(), len(y) - y.sum()))
