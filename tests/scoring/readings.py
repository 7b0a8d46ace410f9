"""A reader of texts for tests that are not about reading: fast, and as deterministic as the real one."""

from collections.abc import Sequence

from events import Content, Evidence
from scoring.features import clean, solicitations
from scoring.intent import intents, text_effort


class Reader:
    """Who solicits is against odds of 55, everybody else for 2.7."""

    name = "stand-in"

    def __call__(self, texts: Sequence[str]) -> list[Content]:
        return [read(text) for text in texts]


def read(text: str) -> Content:
    cleaned = clean(text)
    if not cleaned:
        return Content(model=Reader.name)
    found = solicitations(cleaned)
    log_odds = -4.0 if found else 1.0
    evidence = (Evidence("solicitation" if found else "wording", log_odds),)
    return Content(log_odds, evidence, intents(cleaned), text_effort(cleaned), Reader.name)
