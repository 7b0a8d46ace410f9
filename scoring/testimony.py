"""What people and platforms say of an act: a correction has the last word, a removal is evidence."""

from collections.abc import Iterable

from events import Correction, Evidence, Interaction, Verdict
from events.brands import by_platform

CORRECTED = {Verdict.GENUINE: 6.0, Verdict.SPAM: -6.0}  # where the log-odds end: trust .998 or .002
REMOVED = -2.5  # platforms remove mostly what deserves it, and now and then by mistake


def of_correction(correction: Correction | None) -> Evidence | None:
    """``None`` without one, and where it takes an earlier one back (any verdict but genuine and spam)."""
    if correction is None or correction.verdict not in CORRECTED:
        return None
    detail = f"{correction.author}: {correction.reason}"
    return Evidence("correction", CORRECTED[correction.verdict], (correction.id,), detail)


def removals(interactions: Iterable[Interaction]) -> dict[str, Interaction]:
    """By id of what the platform removed: the first removal."""
    found: dict[str, Interaction] = {}
    for interaction in sorted(interactions, key=lambda act: act.order):
        if by_platform(interaction) and interaction.object:
            found.setdefault(interaction.object, interaction)
    return found


def of_removal(removal: Interaction) -> Evidence:
    return Evidence("removed_by_platform", REMOVED, (removal.id,))
