"""What rules found, in words for people."""

from collections.abc import Iterable, Iterator

from alerts.finding import Finding, Level
from rapport.words import one_line

WORDS = {Level.FIRES: "FIRES", Level.HOLDS: "goes on if it fires", Level.CLEAR: "does not fire"}


def explained(found: Iterable[Finding]) -> str:
    """What would fire first, each with its reasons; of what does not, why not."""
    found = list(found)
    return "\n".join(line for level in Level for one in found if one.level is level for line in _lines(one))


def _lines(one: Finding) -> Iterator[str]:
    yield f"{WORDS[one.level]}: {one_line(one.summary)}"
    if one.certainty:
        yield f"    {one_line(one.certainty)}"
    if one.threshold:
        yield f"    measured {one.value:.4g}, fires at {one.threshold:.4g}"
    if one.level is not Level.CLEAR:
        yield from (f"    {one_line(text)}" for text in (*one.evidence, one.sql) if text)
