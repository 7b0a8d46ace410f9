"""Turn fragments into sentences in one person's voice: a small grammar, then the writer's habits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

from rapport.demo.languages import LANGUAGES, NEAREST
from rapport.demo.phrases import CATALOGUES, COMMON, DOMAIN_WORDS, EMOJI, HOSTILE, SPUN, Bank

_ARTICLES = re.compile(r"\b(?:the|a|an) ", re.IGNORECASE)
_ARTICLE_OF_NAME = re.compile(r"^(?:the|my old) ")  # other languages have articles of their own
_SENTENCE = re.compile(r"(?:^|[.!?] )[a-z]")
_SPIN = re.compile(r"\[([^\]]*)\]")
# A learner's English, by rules of thumb: comprehensible, and never a sign of spam.
_LEARNER = (
    ("how do I", "how I can"),
    ("does anybody know", "anybody know"),
    ("is there a way", "there is way"),
    ("what am I doing", "what I am doing"),
    ("I use", "I am using"),
    ("I already", "already I"),
    ("That fixed it", "This fix it"),
    ("Had the same", "I have also same"),
    ("worked", "is work"),
    ("Thanks a lot", "Thanks too much"),
)


@dataclass(frozen=True)
class Voice:
    """How somebody writes. Chances are 0..1 per text."""

    language: str = "en"
    learner: bool = False
    lower: bool = False
    emoji: float = 0.0
    typos: float = 0.0
    hostile: float = 0.0


BRAND_VOICE = Voice()


def say(rng: Random, voice: Voice, kind: str, brand: str, slots: Mapping[str, str]) -> str:
    """One text of ``kind`` (a bank's name) about ``brand``; ``slots`` gives what only the caller knows, e.g. links."""
    banks, kind, native = _banks(brand, voice.language, kind)
    text = _expand(rng, rng.choice(banks[kind]), banks, slots)
    text = _SENTENCE.sub(lambda start: start[0].upper(), text)
    if voice.learner and not native:
        text = _as_learner(rng, text)
    if voice.lower:
        text = " ".join(word if "://" in word else word.lower() for word in text.split(" "))
    if rng.random() < voice.typos:
        text = _typo(rng, text)
    if rng.random() < voice.emoji:
        text = f"{text} {rng.choice(EMOJI)}"
    if rng.random() < voice.hostile:
        text = f"{text} {_expand(rng, rng.choice(HOSTILE), banks, slots)}"
    return text


def spoken(voice: Voice, kind: str) -> str:
    """The language in which ``voice`` says a text of ``kind``: English where the phrase book has a gap."""
    return _banks("", voice.language, kind)[2] or "en"


def spin(rng: Random, template: int, brand: str, link: str) -> str:
    """One spun copy of the ring's template of that number."""
    skeleton = _SPIN.sub(lambda group: rng.choice(group[1].split("|")), SPUN[template % len(SPUN)])
    return _expand(rng, skeleton, _banks(brand, "en", "ask")[0], {"ring": link})


def domain(rng: Random) -> str:
    return f"{rng.choice(DOMAIN_WORDS)}-{rng.choice(DOMAIN_WORDS)}{rng.randrange(10, 99)}.example"


class _Slots(dict[str, str]):
    """Fills a slot when the sentence asks for it, so that nothing is drawn that is not said."""

    def __init__(self, rng: Random, banks: Bank, given: Mapping[str, str]) -> None:
        super().__init__(given)
        self._rng, self._banks, self._given = rng, banks, given

    def __missing__(self, key: str) -> str:
        return _expand(self._rng, self._rng.choice(self._banks[key]), self._banks, self._given)


def _expand(rng: Random, fragment: str, banks: Bank, slots: Mapping[str, str]) -> str:
    return fragment.format_map(_Slots(rng, banks, slots)) if "{" in fragment else fragment


@cache
def _banks(brand: str, language: str, kind: str) -> tuple[Bank, str, str]:
    """The banks to draw from, the kind under which they hold the text, and its language (empty for English)."""
    english = {**COMMON, **CATALOGUES.get(brand, {})}
    other = LANGUAGES.get(language, {})
    plain = {"product": tuple(_ARTICLE_OF_NAME.sub("", name) for name in english.get("product", ()))}
    for name in (kind, NEAREST.get(kind, kind)):
        if name in other:
            return {**english, **plain, **other}, name, language
    return english, kind, ""


def _as_learner(rng: Random, text: str) -> str:
    for ours, theirs in _LEARNER:
        text = text.replace(ours, theirs)
    return _ARTICLES.sub(lambda article: "" if rng.random() < 0.6 else article[0], text)


def _typo(rng: Random, text: str) -> str:
    words = text.split(" ")
    long = [place for place, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if not long:
        return text
    place = rng.choice(long)
    word, at = words[place], rng.randrange(1, len(words[place]) - 2)
    words[place] = rng.choice((word[:at] + word[at + 1 :], word[:at] + word[at + 1] + word[at] + word[at + 2 :]))
    return " ".join(words)
