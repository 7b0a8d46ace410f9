"""Whether an alert about a simulated audience was right, by what everybody did and by nothing that was computed."""

from datetime import timedelta

from alerts.alert import Alert
from events import Brands, Interaction
from tests.alerts.audience import Audience

MOSTLY = 3  # times as much: then one side gives


def right(alert: Alert, audience: Audience) -> bool:
    """Of an audience in which nothing was planted: whatever is said of a whole brand is wrong."""
    labels, at = dict(alert.labels), alert.starts_at
    accounts = next(brand.accounts for brand in audience.brands if brand.name == labels["brand"])
    person = labels.get("person", "")
    known = Brands(audience.brands)
    acts = [one for one in audience.interactions if labels["brand"] in {route.brand for route in known.routes(one)}]
    theirs = [one for one in acts if one.actor.id == person]
    ours = [one for one in acts if one.actor.id in accounts and _is_to(one, person)]
    match alert.rule:
        case "relationship_cooling" | "relationship_lapsed":  # they did not come back
            return not any(one.published >= at for one in theirs)
        case "one_sided":
            gave, got = (_contacts([one for one in side if one.published < at]) for side in (theirs, ours))
            return max(gave, got) >= MOSTLY * min(gave, got)
        case "helper_ignored":  # the question of which it speaks stands last in its thread, or others answered
            (asked,) = {line.partition(" of ")[2][:16] for line in alert.evidence[:1]}
            questions = [one for one in theirs if f"{one.published:%Y-%m-%d %H:%M}" == asked]
            return bool(questions) and not any(
                one.conversation == question.conversation and question.published < one.published < at
                for question in questions
                for one in ours
            )
        case "promise_broken":  # nothing of ours in a thread of theirs in the week after a word of ours
            week = at - timedelta(days=7, hours=1)
            last = {one.conversation: one.published for one in ours if one.published < at}
            return any(week - timedelta(hours=2) <= when <= week + timedelta(hours=2) for when in last.values())
    return False


def _is_to(act: Interaction, person: str) -> bool:
    return person in act.to or (act.in_reply_to is not None and act.in_reply_to.actor == person)


def _contacts(acts: list[Interaction]) -> int:
    """Conversations and days: a burst counts once."""
    return len({(one.conversation, one.published.date()) for one in acts if one.content})
