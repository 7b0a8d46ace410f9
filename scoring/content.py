"""How genuine a text is by itself: a logistic regression over its meaning, its wording and what it asks for.

The log-odds are of being genuine, at a prior of one to one: spam and genuine texts weighed the same in the fit. Who
knows better how much spam there is adds the log-odds of that. See ``models/content.md`` for data, figures and limits.

The transformer costs five times the rest, and its word weighs little: it is asked only where the rest is not sure.
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
    (spam and genuine weighed the same): evidence is told relative to it, and ``prior`` is what the mean text gets.
    From ``sure`` on, in log-odds of either sign, the meaning is not asked and counts for nothing."""

    name: str
    prior: float
    sure: float
    center: dict[str, float]
    side: NDArray[np.float64]
    embedding: NDArray[np.float64]
    grams: NDArray[np.float64]

    def contributions(self, cleaned: str) -> dict[str, float]:
        """What each group of features says of one text, relative to ``center``; all but its meaning."""
        each = self.side * features.side(cleaned)
        places, values = features.hashed(cleaned)
        start, groups = 0, {}
        for group, names in features.GROUPS.items():
            groups[group] = float(each[start : start + len(names)].sum()) - self.center[group]
            start += len(names)
        groups["wording"] = float(self.grams[places] @ values) - self.center["wording"]
        return groups

    def meaning(self, vector: Vectors) -> float:
        return float(self.embedding @ vector.astype(np.float64)) - self.center["meaning"]


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
        found = [self._without_meaning(text) for text in cleaned]
        doubted = [
            place for place, text in enumerate(cleaned) if text and abs(found[place].log_odds) < self._weights.sure
        ]
        vectors = self._encoder([features.without_links(cleaned[place]) for place in doubted])
        for place, vector in zip(doubted, vectors, strict=True):
            found[place] = self._with_meaning(found[place], vector)
        return found

    def _without_meaning(self, cleaned: str) -> Content:
        if not cleaned:
            return Content(model=self._weights.name)
        evidence = [
            Evidence(group, round(value, DECIMALS), detail=_detail(group, cleaned))
            for group, value in self._weights.contributions(cleaned).items()
        ]
        return self._content(evidence, intents(cleaned), text_effort(cleaned))

    def _with_meaning(self, found: Content, vector: Vectors) -> Content:
        meaning = Evidence("meaning", round(self._weights.meaning(vector), DECIMALS))
        return self._content([*found.evidence, meaning], found.intents, found.effort)

    def _content(self, evidence: Sequence[Evidence], intended: tuple[str, ...], effort: float) -> Content:
        log_odds = round(self._weights.prior + sum(entry.weight for entry in evidence), DECIMALS)
        ordered = tuple(sorted(evidence, key=lambda entry: -abs(entry.weight)))
        return Content(log_odds, ordered, intended, effort, self._weights.name)


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
            sure=float(arrays["sure"]),
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
        sure=np.float64(round(weights.sure, DECIMALS)),
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
