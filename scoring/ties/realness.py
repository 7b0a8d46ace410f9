"""Realness: the calibrated probability of two-way contact in the brand's next window.

A logistic regression over numbers of the tie that have no unit but contacts and windows, so that weights can travel
from one community to another. Every feature is one of three shapes, of which the last two move with silence ``s``
(days since the tie's ``last_at``):

* a constant,
* a sum that fades: ``ln(1 + amount * 2^(-s / half_life))``,
* a silence that grows: ``ln(1 + (offset + s) / scale)``.

So one tie is one ``Curve``: ``realness(s) = trust / (1 + exp(-(base + sum w * ln(1 + amount * 2^(-s/half_life)) +
sum w * ln(1 + (offset + s) / scale))))``. ``trust`` is the mean trust of their acts: contact with a spammer, however
probable, is none. (Where the weights were fitted and measured, everybody is trusted.) SQL evaluates the same curve from
the same stored numbers (``reading``). Weights of fading sums are never negative and those of silences never positive:
silence can only lower realness.
"""

import math
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from events import Curve
from scoring.ties.habits import DAY_MS, SLOW, SUM, WINDOW_DAYS, Habits
from scoring.ties.state import FAST, WEIGHT, Tie

MODELS = Path(__file__).parent.parent / "models"
CONSTANT, FADING, SILENCE = range(3)
TICKS: Final = 90.0  # a silence is measured in ninetieths of the window: days where the window is the default
NEVER_WINDOWS: Final = 4.0  # a side that never spoke counts as silent for four windows
RISING = (
    *("fast_ours", "slow_ours", "days_ours", "fast_theirs", "slow_theirs", "days_theirs"),
    *("fast_both", "slow_both", "turns", "exchanges"),
)
FALLING = ("silence", "silence_ours", "silence_theirs", "rhythm")
FREE_SIGN = ("balance", "waiting", "owed")
PERSON = ("person_gave", "person_got")
BRAND = ("brand_gave", "brand_got")
HELP = ("effort_ours", "effort_theirs", "help_ours", "person_asked", "brand_helped")
TIE = (*RISING, *FALLING, *FREE_SIGN)
DEFAULT_NAMES = (*TIE, *PERSON)
FADES = frozenset({*RISING, "effort_ours", "effort_theirs"})

Piece = tuple[int, float, float]


class Weights(Struct, frozen=True, kw_only=True):
    """A fitted regression. ``features`` are weights of the raw features; one that is unknown counts as its ``means``.

    ``window_days`` is the window of the ties it reads, ``horizon_days`` how far ahead it looks.
    """

    bias: float
    features: dict[str, float]
    means: dict[str, float]
    window_days: float = WINDOW_DAYS
    horizon_days: float = WINDOW_DAYS / 3
    fitted_on: str = ""


def at(curve: Curve, silent_days: float, trust: float) -> float:
    """The curve's value after so many days of silence, 0..1."""
    logit = curve.base
    for weight, amount, half_life in curve.fading:
        logit += weight * math.log1p(amount * 2.0 ** (-silent_days / half_life))
    for weight, offset, scale in curve.silences:
        logit += weight * math.log1p((offset + silent_days) / scale)
    return trust / (1.0 + math.exp(-max(-700.0, min(700.0, logit))))


def realness(tie: Tie, at_ms: int, weights: Weights, brand: Habits | None = None) -> float:
    """0..1. A time before the tie's last act is taken as that act's. ``brand``: what the brand does anywhere."""
    return at(curve(tie, weights, brand), silent_days(tie, at_ms), tie.mean_trust)


def curve(tie: Tie, weights: Weights, brand: Habits | None = None) -> Curve:
    pieces = _pieces(tie, weights.window_days, brand)
    base = weights.bias
    fading: list[tuple[float, float, float]] = []
    silences: list[tuple[float, float, float]] = []
    for name, weight in weights.features.items():
        kind, first, second = pieces.get(name) or (CONSTANT, weights.means[name], 0.0)
        if kind == CONSTANT:
            base += weight * first
        elif weight:
            (fading if kind == FADING else silences).append((weight, first, second))
    return Curve(base, tuple(fading), tuple(silences))


def features(tie: Tie, at_ms: int, window_days: float = WINDOW_DAYS, brand: Habits | None = None) -> dict[str, float]:
    """What the regression reads, by name; what is unknown (habits of either side) is left out."""
    silent = silent_days(tie, at_ms)
    return {name: _value(piece, silent) for name, piece in _pieces(tie, window_days, brand).items()}


def silent_days(tie: Tie, at_ms: int) -> float:
    return max(0, at_ms - tie.last_at) / DAY_MS


@lru_cache(maxsize=1)
def default_weights() -> Weights:
    """The committed weights: see ``scoring/models/realness.md``."""
    return msgspec.json.decode((MODELS / "realness.json").read_bytes(), type=Weights)


def _value(piece: Piece, silent: float) -> float:
    kind, first, second = piece
    if kind == FADING:
        return math.log1p(first * 2.0 ** (-silent / second))
    return math.log1p((first + silent) / second) if kind == SILENCE else first


def _pieces(tie: Tie, window_days: float, brand: Habits | None) -> dict[str, Piece]:
    ours, theirs, last_at = tie.ours, tie.theirs, tie.last_at
    fast, slow, tick = window_days / FAST, window_days / SLOW, window_days / TICKS
    days_ours, days_theirs = ours.days / WEIGHT, theirs.days / WEIGHT
    units = ours.units + theirs.units
    gap = (last_at - tie.first_at) / DAY_MS / max(1.0, days_ours + days_theirs)
    gave, got, asked = tie.usual
    pieces = {
        "fast_ours": (FADING, ours.fast / SUM, fast),
        "slow_ours": (FADING, ours.slow / SUM, slow),
        "days_ours": (CONSTANT, math.log1p(days_ours), 0.0),
        "fast_theirs": (FADING, theirs.fast / SUM, fast),
        "slow_theirs": (FADING, theirs.slow / SUM, slow),
        "days_theirs": (CONSTANT, math.log1p(days_theirs), 0.0),
        "fast_both": (FADING, min(ours.fast, theirs.fast) / SUM, fast),
        "slow_both": (FADING, min(ours.slow, theirs.slow) / SUM, slow),
        "turns": (CONSTANT, math.log1p(tie.turns / WEIGHT), 0.0),
        "exchanges": (CONSTANT, math.log1p(tie.exchanges), 0.0),
        "silence": (SILENCE, 0.0, tick),
        "silence_ours": _silence(ours.at, last_at, tick),
        "silence_theirs": _silence(theirs.at, last_at, tick),
        "rhythm": (SILENCE, 0.0, gap + tick),
        "balance": (CONSTANT, 2.0 * min(ours.units, theirs.units) / units if units else 0.0, 0.0),
        "waiting": (CONSTANT, math.log1p(max(0, tie.streak) / WEIGHT), 0.0),
        "owed": (CONSTANT, math.log1p(max(0, -tie.streak) / WEIGHT), 0.0),
        "effort_ours": (FADING, ours.gave / SUM, slow),
        "effort_theirs": (FADING, theirs.gave / SUM, slow),
        "help_ours": (CONSTANT, math.log1p(ours.help), 0.0),
    }
    if any(tie.usual):  # else nobody told what the person does elsewhere
        pieces["person_gave"] = (CONSTANT, math.log1p(gave / SUM), 0.0)
        pieces["person_got"] = (CONSTANT, math.log1p(got / SUM), 0.0)
        pieces["person_asked"] = (CONSTANT, math.log1p(asked / SUM), 0.0)
    if brand is not None:
        pieces["brand_gave"] = (CONSTANT, math.log1p(brand.gave / SUM), 0.0)
        pieces["brand_got"] = (CONSTANT, math.log1p(brand.got / SUM), 0.0)
        pieces["brand_helped"] = (CONSTANT, math.log1p(brand.helped / SUM), 0.0)
    return pieces


def _silence(spoke_at: int | None, last_at: int, tick: float) -> Piece:
    if spoke_at is None:
        return CONSTANT, math.log1p(NEVER_WINDOWS * TICKS), 0.0
    return SILENCE, (last_at - spoke_at) / DAY_MS, tick
