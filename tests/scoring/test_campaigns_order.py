"""What is known in the end depends on the set of members alone.

Not on order, repeats, batches, when it was said, or who died while it was.
"""

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from scoring.campaigns import Campaign, Clusters, Lookup, Member, Message, topic_key
from tests.scoring.campaign_texts import HEADLINE, HOUR, members, spun

EVERYTHING = (
    members([spun(turn) for turn in range(30)], accounts=14, targets=5, gap=50 * HOUR)
    + members([f"{HEADLINE} https://news.example.com/garden"] * 8, accounts=8, targets=8, gap=HOUR, name="h")
    + members(["I love this song so very much"] * 6, accounts=6, targets=3, gap=HOUR, name="f")
    + members([f"my own words {'abcdef'[turn]} about golden-can-a.com here" for turn in range(6)], 6, 2, name="o")
    + members([spun(turn) for turn in range(5, 20)], accounts=5, targets=5, gap=300 * HOUR, name="late")
)


def final(batches: list[list[Member]], say: list[bool]) -> tuple[list[object], dict[str, object]]:
    """The campaigns (but their versions) and every member's term, after the last word."""
    clusters, lookup = Clusters(), Lookup()
    for batch, aloud in zip(batches, say, strict=True):
        clusters.add(batch)
        for message in clusters.settle() if aloud else ():
            lookup.apply(message)
    for message in clusters.settle():
        lookup.apply(message)
    campaigns: list[object] = [replace(campaign, version=0) for campaign in clusters.campaigns()]
    assert campaigns == standing(lookup)
    return campaigns, terms(lookup)


def standing(lookup: Lookup) -> list[object]:
    campaigns = [replace(campaign, version=0) for campaign in lookup.campaigns.values() if not campaign.merged_into]
    return sorted(campaigns, key=lambda campaign: campaign.id)


def terms(lookup: Lookup) -> dict[str, object]:
    return {member.id: lookup.term(member.id) for member in EVERYTHING}


EXPECTED = final([EVERYTHING], [True])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.tuples(st.integers(1, 20), st.booleans()), min_size=90, max_size=90))
def test_any_order_any_batches_any_repeats(seed: int, cuts: list[tuple[int, bool]]) -> None:
    """The same campaigns, and for each interaction the same term and evidence."""
    chance = random.Random(seed)
    told = EVERYTHING + chance.sample(EVERYTHING, len(EVERYTHING) // 3)
    chance.shuffle(told)
    batches, say = [], []
    for size, aloud in cuts:
        if told:
            batches.append([told.pop() for _ in range(min(size, len(told)))])
            say.append(aloud)
    batches.append(told)
    say.append(True)
    assert final(batches, say) == EXPECTED


def risen(members: list[Member], topic: dict[str, Message]) -> tuple[Clusters, Lookup]:
    """As after a restart: what was told, then every member."""
    clusters, lookup = Clusters(), Lookup()
    for message in topic.values():
        lookup.apply(message)
        if isinstance(message, Campaign):
            clusters.recall(message)
    clusters.add(members)
    clusters.reclaim()
    return clusters, lookup


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_deaths_change_nothing(seed: int) -> None:
    """It dies in the middle of telling, again and again, and begins anew with what is on the two topics."""
    chance = random.Random(seed)
    order = chance.sample(EVERYTHING, len(EVERYTHING))
    topic: dict[str, Message] = {}
    arrived = 0
    while arrived < len(order):
        clusters, lookup = risen(order[:arrived], topic)
        for dies in (False, False, True):
            until = arrived + chance.randrange(12)
            clusters.add(order[arrived:until])
            arrived = until
            messages = [message for message in clusters.settle() if not lookup.knows(message)]
            for message in messages[: chance.randrange(len(messages) + 1) if dies else len(messages)]:
                lookup.apply(message)
                topic[topic_key(message)] = message
    clusters, lookup = risen(order, topic)
    for message in clusters.settle():
        lookup.apply(message)
    assert (standing(lookup), terms(lookup)) == EXPECTED


def test_there_is_something_to_agree_on() -> None:
    """The property above would be empty without campaigns that weigh, some that do not, and merged ones."""
    campaigns, terms = EXPECTED
    assert len(campaigns) >= 5
    assert any(terms.values()) and not all(terms.values())
