"""What one act does to all that is between a person and the brands: the person's habits, and a tie per brand."""

from collections.abc import Iterable, Sequence

from events import Activity, Direction, Route, Scored
from scoring.effort import shown_effort
from scoring.ties.acts import act_of, gifts_of
from scoring.ties.habits import WINDOW_DAYS, Habits, fold_habits
from scoring.ties.state import CONTACT, HELPFUL, Tie, fold_tie

Ties = dict[str, Tie]


def meet(
    habits: Habits | None, ties: Ties, rows: Sequence[Scored], window_days: float = WINDOW_DAYS
) -> tuple[Habits | None, Ties]:
    """``rows`` are what was told of one act of a person or to them, one per brand; they must come in the order of acts.

    Where nobody in particular is spoken to, or the act is no contact (an edit, a deletion, a report), nothing changes.
    """
    with_person = [row for row in rows if row.person]
    if not with_person or with_person[0].interaction.type not in CONTACT:
        return habits, ties
    habits = _habits(habits, with_person, window_days)
    for row in with_person:
        if row.brand:
            act = act_of(row.interaction, _route(row), row.trust, row.effort, row.content.intents)
            ties = {**ties, row.brand: fold_tie(ties.get(row.brand), act, habits, window_days)}
    return habits, ties


def direction_of(directions: Iterable[Direction]) -> Direction:
    """Of the act as its person sees it: what helps a third one does so also where a brand is named in it."""
    found = set(directions)
    return next((one for one in (Direction.OUTBOUND, Direction.PEER) if one in found), Direction.INBOUND)


def _habits(habits: Habits | None, rows: Sequence[Scored], window_days: float) -> Habits:
    """Once per act, however many brands it concerns."""
    direction = direction_of(row.direction for row in rows)
    row = next(row for row in rows if row.direction is direction)
    interaction = row.interaction
    contact = row.trust * CONTACT[interaction.type]
    if direction is Direction.OUTBOUND:
        return fold_habits(habits, interaction.at, got=contact, window_days=window_days)
    act = act_of(interaction, _route(row), row.trust, row.effort, row.content.intents)
    helps = act.helps_third_person or (act.answers and not HELPFUL.isdisjoint(act.intents))
    shown = shown_effort(interaction, direction, row.content)
    return fold_habits(
        habits,
        interaction.at,
        gave=contact,
        helped=row.trust * helps,
        asked=row.trust * ("question" in act.intents),
        effort=shown if interaction.type is Activity.CREATE else None,
        gifts=gifts_of(act, shown),
        window_days=window_days,
    )


def _route(row: Scored) -> Route:
    return Route(row.brand, row.direction, row.account or row.person)
