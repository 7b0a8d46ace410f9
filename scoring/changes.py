"""What authors do to their acts afterwards: the newest text is the one that counts, and what was taken back does not.

Only the account itself may do so, or another account of the same brand; what anybody else says of an act changes
nothing. An act counts as changed in whatever order the two arrive, and whatever their clocks say up to ``SKEW_MS``.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from events import Activity, Direction, Interaction, Route
from events.brands import by_platform

TAKES_BACK = frozenset({Activity.DELETE, Activity.UNDO})
CHANGES = TAKES_BACK | {Activity.UPDATE}
SKEW_MS = 86_400_000  # no act is accepted that is further in the future (``events.codec``)

Order = tuple[int, int]
Told = Mapping[str, tuple[Interaction, tuple[Route, ...]]]  # by id: all that is known of one person


class Change(Struct, frozen=True):
    """What became of an act: the edit whose text it has, or by what it was taken back.

    An edit is ``superseded`` by a newer one, or by a deletion of what it edits: its text is not kept either.
    """

    edited_by: str = ""
    withdrawn_by: str = ""
    superseded: bool = False


UNCHANGED = Change()


def changes_something(interaction: Interaction) -> bool:
    """Whether it speaks of another act of its author. An edit that brings no text does not."""
    if interaction.type not in CHANGES or not interaction.object or by_platform(interaction):
        return False
    return interaction.type in TAKES_BACK or bool(interaction.content)


def changes(told: Told) -> dict[str, Change]:
    """By id of what is another one now. Of several edits the newest holds, of several deletions the first."""
    found: dict[str, Change] = {}
    for of, words in _by_object(told).items():
        target = told.get(of)
        if target and _can_change(target[0]):
            valid = [word for word in words if _same_author(told[word.id], target) and not _too_early(word, target[0])]
            deletion = next((word for word in valid if word.type in TAKES_BACK), None)
            edit = next((word for word in reversed(valid) if word.type is Activity.UPDATE), None)
            if deletion:
                found[of] = Change(withdrawn_by=deletion.id)
            elif edit:
                found[of] = Change(edited_by=edit.id)
        for place, word in enumerate(words):
            later = [one for one in words if one.type in TAKES_BACK] + words[place + 1 :]
            if word.type is Activity.UPDATE and any(_same_author(told[one.id], told[word.id]) for one in later):
                found[word.id] = Change(superseded=True)
    return found


def waits_until(told: Told) -> Order:
    """Up to where an act that comes may be one that is spoken of already and has not been seen; below all without."""
    unseen = [word for of, words in _by_object(told).items() if of not in told for word in words]
    return max(((word.at + SKEW_MS, word.order[1]) for word in unseen), default=(-1, -1))


def without_text(interaction: Interaction) -> Interaction:
    """What is left of an act that was taken back."""
    return replace(interaction, content="", language="", url="")


def edited(interaction: Interaction, edit: Interaction) -> Interaction:
    return replace(interaction, content=edit.content, language=edit.language or interaction.language)


def _by_object(told: Told) -> dict[str, list[Interaction]]:
    """What speaks of each act, in order."""
    words = (interaction for interaction, _ in told.values() if changes_something(interaction))
    found: dict[str, list[Interaction]] = defaultdict(list)
    for word in sorted(words, key=lambda word: word.order):
        found[word.object].append(word)
    return found


def _can_change(interaction: Interaction) -> bool:
    return interaction.type not in CHANGES and not by_platform(interaction)


def _same_author(one: tuple[Interaction, Iterable[Route]], other: tuple[Interaction, Iterable[Route]]) -> bool:
    return one[0].actor.id == other[0].actor.id or not _ours(one[1]).isdisjoint(_ours(other[1]))


def _ours(routes: Iterable[Route]) -> set[str]:
    """The brands that speak."""
    return {route.brand for route in routes if route.direction is Direction.OUTBOUND}


def _too_early(word: Interaction, act: Interaction) -> bool:
    return act.at > word.at + SKEW_MS
