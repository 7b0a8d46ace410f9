"""How genuine a text is by itself: a logistic regression over its meaning, its wording and what it asks for.

The log-odds are of being genuine, at a prior of one to one: spam and genuine texts weighed the same in the fit. Who
knows better how much spam there is adds the log-odds of that. See ``models/content.md`` for data, figures and limits.
"""

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from events import Content, Evidence
from scoring import features
from scoring.encoder import Encoder, ModelError, Vectors
from scoring.intent import intents, text_effort

FILE = Path(__file__).parent / "models" / "content.npz"
SHOWN = 3  # words or hosts named in a piece of evidence
DECIMALS = 4
CENTER_DECIMALS = 9  # below that a sum depends on the order of its terms, and the same fit would give another file


class Weights(Struct, frozen=True, eq=False):
    """Weights in log-odds of being genuine. ``center`` is the mean contribution of each group over the training texts
    (spam and genuine weighed the same): evidence is told relative to it, and ``prior`` is what the mean text gets."""

    name: str
    prior: float
    center: dict[str, float]
    side: NDArray[np.float64]
    embedding: NDArray[np.float64]
    grams: NDArray[np.float64]

    def contributions(self, cleaned: str, vector: Vectors) -> dict[str, float]:
        """What each group of features says of one text, before centring."""
        each = self.side * features.side(cleaned)
        places, values = features.hashed(cleaned)
        start, groups = 0, {}
        for group, names in features.GROUPS.items():
            groups[group] = float(each[start : start + len(names)].sum())
            start += len(names)
        groups["meaning"] = float(self.embedding @ vector.astype(np.float64))
        groups["wording"] = float(self.grams[places] @ values)
        return groups


class ContentModel:
    """Texts to ``Content``: pure, and each result depends on its text alone. Takes any text."""

    def __init__(self, encoder: Encoder, weights: Weights) -> None:
        self._encoder, self._weights = encoder, weights

    @property
    def name(self) -> str:
        """Of the weights: a text read under another name may read differently."""
        return self._weights.name

    def __call__(self, texts: Sequence[str]) -> list[Content]:
        cleaned = [features.clean(text) for text in texts]
        vectors = self._encoder([features.without_links(text) for text in cleaned])
        return [self._one(text, vector) for text, vector in zip(cleaned, vectors, strict=True)]

    def _one(self, cleaned: str, vector: Vectors) -> Content:
        if not cleaned:
            return Content(model=self._weights.name)
        groups = self._weights.contributions(cleaned, vector)
        found = {group: round(value - self._weights.center[group], DECIMALS) for group, value in groups.items()}
        evidence = tuple(
            Evidence(group, weight, detail=_detail(group, cleaned))
            for group, weight in sorted(found.items(), key=lambda entry: -abs(entry[1]))
        )
        log_odds = round(self._weights.prior + sum(found.values()), DECIMALS)
        return Content(log_odds, evidence, intents(cleaned), text_effort(cleaned), self._weights.name)


def load(encoder: Encoder, file: Path = FILE) -> ContentModel:
    """The committed model on ``encoder``. Raises ModelError: weights missing, damaged, of another encoder."""
    weights = read(file)
    dimensions = encoder(["text"]).shape[1]
    if dimensions != len(weights.embedding):
        raise ModelError(
            f"the content model was fitted to {len(weights.embedding)} dimensions and this encoder has {dimensions}; "
            "run: make models"
        )
    return ContentModel(encoder, weights)


def read(file: Path = FILE) -> Weights:
    try:
        raw, expected = file.read_bytes(), file.with_suffix(".sha256").read_text("ascii").strip()
    except OSError:
        raise ModelError(f"the content model is missing ({file}); restore it from git or run: make models") from None
    if hashlib.sha256(raw).hexdigest() != expected:
        raise ModelError(f"the content model is damaged ({file}); restore it from git or run: make models")
    with np.load(io.BytesIO(raw), allow_pickle=False) as arrays:
        if arrays["features"].tolist() != list(features.SIDE):
            raise ModelError(f"the content model ({file}) was fitted to other features; run: make models")
        return Weights(
            name=f"content-{expected[:12]}",
            prior=float(arrays["prior"]),
            center=dict(zip(arrays["groups"].tolist(), arrays["center"].tolist(), strict=True)),
            side=arrays["side"].astype(np.float64),
            embedding=arrays["embedding"].astype(np.float64),
            grams=arrays["grams"].astype(np.float64),
        )


def write(weights: Weights, file: Path = FILE) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        features=np.array(features.SIDE),
        prior=np.float64(round(weights.prior, DECIMALS)),
        groups=np.array(list(weights.center)),
        center=np.array(list(weights.center.values())).round(CENTER_DECIMALS),
        side=weights.side.astype(np.float32),
        embedding=weights.embedding.astype(np.float32),
        grams=weights.grams.astype(np.float16),
    )
    file.write_bytes(buffer.getvalue())
    file.with_suffix(".sha256").write_text(hashlib.sha256(buffer.getvalue()).hexdigest() + "\n", "ascii")


def _detail(group: str, cleaned: str) -> str:
    """The words a group rests on, where it rests on words."""
    shown: list[str] = []
    if group == "link":
        shown = features.links(cleaned)
    elif group == "solicitation":
        shown = list(features.solicitations(cleaned).values())
    return ", ".join(text[:60] for text in shown[:SHOWN])
