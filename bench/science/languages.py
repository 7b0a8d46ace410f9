"""False alarms per script and language on the unlabelled YouTube corpus: ``python -m bench.science.languages``

Nobody labelled these comments, so the share called spam is told apart: among comments with neither a link nor
anything our patterns know as asking (few of which should be spam, so their share bounds the false alarms from above),
and among the others. Languages are told by frequent words of each; the videos of the training data are left out.
"""

import csv
import io
import re
from collections import defaultdict

import numpy as np

from bench.science import data
from bench.science.measures import show
from scoring import features
from scoring.content import load
from scoring.encoder import default

SEED = 4
SAMPLE = 8_000
SPAM_BELOW = -0.8473  # log-odds of being genuine: trust below .3
LABELLED = ("9bZkp7q19f0", "CevxZvSJLk8", "KQ6zr6kCPj8", "uelHwf8o7_U", "pRpeEdMmmQ0")

SCRIPTS = {
    "cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "arabic": re.compile(r"[\u0600-\u06ff]"),
    "hebrew": re.compile(r"[\u0590-\u05ff]"),
    "thai": re.compile(r"[\u0e00-\u0e7f]"),
    "greek": re.compile(r"[\u0370-\u03ff]"),
    "hangul": re.compile(r"[\uac00-\ud7af]"),
    "kana and han": re.compile(r"[\u3040-\u30ff\u3400-\u9fff]"),
    "devanagari": re.compile(r"[\u0900-\u097f]"),
}
WORDS = {
    "en": "the and you is this that for it was my so are have what love song",
    "es": "que el los las una por con para esta muy pero como más canción es me gusta mi",
    "pt": "que não uma você muito com pra eu música isso esse essa meu minha mais é amo",
    "fr": "le les des est une pas que vous je pour dans c'est sur trop cette elle",
    "de": "der die das ist und nicht ich ein mit auf wie auch sie du so nur",
    "tr": "bir bu çok ve için ne gibi var ben sen değil güzel ama da de kadar",
    "it": "che il di non una sono per questa come bella ma con più la è mi",
    "pl": "nie jest się to na że jak co ale tak piosenka super z w do",
}
SETS = {language: frozenset(words.split()) for language, words in WORDS.items()}


def language(cleaned: str) -> str:
    for script, letters in SCRIPTS.items():
        if len(letters.findall(cleaned)) * 3 > len(cleaned):
            return script
    words = re.findall(r"[^\W\d_]+(?:'\w+)?", cleaned.casefold())
    hits = sorted(((sum(word in known for word in words), name) for name, known in SETS.items()), reverse=True)
    return hits[0][1] if hits[0][0] >= 2 and hits[0][0] > hits[1][0] else "latin, unknown"


def run(inputs: data.Inputs) -> dict[str, dict[str, float]]:
    texts = []
    for path in sorted((inputs.folder / "youtube_corpus").glob("*.csv")):
        if path.stem not in LABELLED:
            rows = csv.DictReader(io.StringIO(inputs.text(f"youtube_corpus/{path.name}"), newline=""))
            texts += [row["CONTENT"] for row in rows if row["HAS_LINK"] in ("0", "1") and row["CONTENT"]]
    random = np.random.default_rng(SEED)
    texts = [texts[i] for i in random.permutation(len(texts))[:SAMPLE]]
    model = load(default())
    found: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for text, content in zip(texts, model(texts), strict=True):
        cleaned = features.clean(text)
        plain = not features.links(cleaned) and not features.solicitations(cleaned)
        for label in (language(cleaned), "all"):
            found[label].append((plain, content.log_odds < SPAM_BELOW))
    return {label: _shares(pairs) for label, pairs in sorted(found.items(), key=lambda e: -len(e[1]))}


def _shares(pairs: list[tuple[bool, bool]]) -> dict[str, float]:
    plain = [spam for is_plain, spam in pairs if is_plain]
    other = [spam for is_plain, spam in pairs if not is_plain]
    return {
        "n_plain": float(len(plain)),
        "plain_spam": float(np.mean(plain)) if plain else 0.0,
        "n_asking": float(len(other)),
        "asking_spam": float(np.mean(other)) if other else 0.0,
    }


if __name__ == "__main__":
    inputs = data.Inputs()
    result = run(inputs)
    show("called spam, by script and language", result)
    print(data.write("languages", inputs, SEED, result))
