"""Campaigns are found and weighed for what they do; crowds that say the same thing are left alone."""

import math
import random

import numpy as np
import pytest

from events import Activity, Actor, Interaction
from events.interaction import from_milliseconds
from scoring.campaigns import Act, Campaign, Clusters, Kind, Lookup, Member, Membership, Message, observe, topic_key
from scoring.campaigns import clusters as clusters_module
from scoring.campaigns import index as index_module
from scoring.campaigns.index import BANDS
from scoring.campaigns.minhash import PERMUTATIONS, Fingerprint
from tests.scoring.campaign_texts import HEADLINE, HOUR, START, members, spun

DAY = 24 * HOUR


def trust(content: float, term: float) -> float:
    """The arithmetic assumed of the verdict: log-odds add up, the actor says nothing."""
    return 1.0 / (1.0 + math.exp(-(math.log(content / (1.0 - content)) + term)))


def term(found: Lookup, member: Member) -> float:
    known = found.term(member.id)
    return known[0] if known else 0.0


def heard(*batches: list[Member]) -> tuple[Clusters, Lookup, list[Message]]:
    """Everything said while the batches come in, and what a worker makes of it."""
    clusters, lookup, said = Clusters(), Lookup(), []
    for batch in batches:
        clusters.add(batch)
        said += clusters.settle()
    for message in said:
        lookup.apply(message)
    return clusters, lookup, said


def test_a_spun_template_with_rotating_domains_falls_below_a_third_at_three_accounts() -> None:
    """Three accounts with a re-worded template: even text that reads genuine to the classifier is not trusted."""
    batch = members([spun(turn) for turn in range(3)], accounts=3, targets=3)
    _, lookup, _ = heard(batch)
    assert all(trust(0.7, term(lookup, member)) < 0.3 for member in batch)


def test_more_accounts_weigh_more_and_the_evidence_says_why() -> None:
    """Size, spread, marks and example ids are in the evidence, and its weight is the term."""
    few = members([spun(turn) for turn in range(4)], accounts=4, targets=3)
    many = members([spun(turn) for turn in range(40)], accounts=40, targets=6)
    _, of_few, _ = heard(few)
    _, of_many, _ = heard(many)
    assert term(of_many, many[0]) < term(of_few, few[0])
    known = of_many.term(many[7].id)
    assert known and known[1].weight == known[0]
    assert known[1].ids == tuple(member.id for member in many[:3])
    assert "at least 32 accounts, 4 targets" in known[1].detail
    assert "re-worded, several domains" in known[1].detail


@pytest.mark.parametrize(
    "text",
    [
        "I love this song so very much!!!",
        "who is still listening to this in 2015?",
        "my little daughter adores these singing chicks",
    ],
)
def test_fans_saying_the_same_short_thing_stay_trusted(text: str) -> None:
    """Eighty-eight people within an afternoon, on many targets: a crowd, not a campaign."""
    batch = members([text + "!" * (turn % 4) for turn in range(88)], accounts=88, targets=9, gap=HOUR // 20)
    _, lookup, _ = heard(batch)
    assert all(trust(0.6, term(lookup, member)) > 0.5 for member in batch)


def test_a_headline_shared_by_many_is_no_spam() -> None:
    """Passing something on word for word with its link weighs next to nothing, in any number."""
    batch = members([f"{HEADLINE} https://news.example.com/garden"] * 60, accounts=60, targets=60)
    clusters, lookup, _ = heard(batch)
    assert all(trust(0.6, term(lookup, member)) > 0.5 for member in batch)
    assert {campaign.kind for campaign in clusters.campaigns()} == set(Kind)


@pytest.mark.parametrize("linked", [True, False])
def test_texts_with_links_are_compared_by_other_bands_too(linked: bool) -> None:
    """Alike in three tenths and in no band: with links they are found all the same."""
    minima = np.arange(2 * PERMUTATIONS, dtype="<u2").reshape(2, PERMUTATIONS)
    agreed = [place + third * BANDS for place in range(0, 30, 3) for third in range(3)]
    minima[1, agreed] = minima[0, agreed]
    assert not (minima[0].reshape(BANDS, -1) == minima[1].reshape(BANDS, -1)).all(1).any()
    pair = [
        Member(
            str(turn),
            str(turn),
            str(turn),
            "video",
            START,
            (),
            Fingerprint(row.tobytes(), 150),
            (),
            ("a.com",) * linked,
        )
        for turn, row in enumerate(minima)
    ]
    clusters, _, _ = heard(pair[:1], pair[1:])
    assert len(clusters.members(clusters.index.component(0))) == 1 + linked


def test_many_who_show_their_own_pages_weigh_less_than_one_template_sown() -> None:
    """The same words with ever other links: once from each account, and from accounts that write it here and there."""
    texts = [spun(turn) for turn in range(12)]
    _, once, _ = heard(own := members(texts, accounts=12, targets=12))
    _, again, _ = heard(sown := members(texts, accounts=3, targets=12))
    assert term(again, sown[0]) < term(once, own[0]) < 0.0


def test_one_account_repeating_itself_is_no_campaign() -> None:
    """Nor are two: that is a matter of the actor's own history."""
    for accounts in (1, 2):
        clusters, lookup, said = heard(members([spun(turn) for turn in range(30)], accounts=accounts, targets=10))
        assert said == [] and clusters.campaigns() == [] and lookup.memberships == {}


def test_a_domain_is_known_by_the_texts_that_carry_it() -> None:
    """Who posts the domain of a template with words of their own is told by it; a domain of the others is not."""
    template = members([spun(turn) for turn in range(30)], accounts=30, targets=6)
    alone = members(
        ["Has anyone tried golden-can-a.com yet", "A look at example.com maybe"], accounts=2, targets=2, name="n"
    )
    _, lookup, _ = heard(template, alone)
    assert -3.0 <= term(lookup, alone[0]) < -1.0
    known = lookup.term(alone[0].id)
    assert known and known[1].signal == "campaign_domain"
    assert term(lookup, alone[1]) == 0.0


def test_texts_months_apart_do_not_make_a_campaign() -> None:
    """Near-duplicates are compared within neighbouring epochs only."""
    apart = members([spun(turn) for turn in range(3)], accounts=3, targets=3, gap=70 * DAY)
    assert heard(apart)[0].campaigns() == []


def test_old_clusters_are_forgotten_and_latecomers_counted() -> None:
    """Memory follows the horizon; a cluster that still grows is kept whole."""
    clusters = Clusters(horizon_days=60)
    old = members([spun(turn) for turn in range(20)], accounts=20, targets=3)
    singles = members(
        [
            f"{'abcdefgh'[turn % 8] * 2} {turn:b} {HEADLINE[turn:]}".replace("0", "no ").replace("1", "yes ")
            for turn in range(20)
        ],
        20,
        20,
        name="s",
    )
    clusters.add(old + singles)
    clusters.settle()
    assert clusters.told
    later = members([spun(turn) for turn in range(3)], accounts=3, targets=3, name="later")
    clusters.add([Member(m.id, m.key, m.actor, m.target, m.at + 200 * DAY, (), m.fingerprint) for m in later])
    assert len(clusters) == 3
    clusters.settle()
    assert [campaign.interactions for campaign in clusters.campaigns()] == [3]
    clusters.add(members(["a text that comes very much too late to be of any use"], 1, 1, name="late"))
    assert (len(clusters), clusters.too_late) == (3, 1)


def test_the_number_held_is_bounded() -> None:
    """The clusters that were silent longest go first; when one live cluster fills everything, the rest is counted."""
    clusters = Clusters(most=40)
    batch = members([spun(turn) for turn in range(100)], accounts=100, targets=5)
    for turn in range(0, 100, 10):
        clusters.add(batch[turn : turn + 10])
        clusters.settle()
        assert len(clusters) <= 40
    assert clusters.no_room > 0


def test_forgetting_keeps_what_was_told() -> None:
    """After making room, a campaign goes on under its name, and its old members stay in it."""
    clusters, lookup = Clusters(most=60), Lookup()
    batch = members([spun(turn) for turn in range(30)], accounts=30, targets=5, gap=HOUR)
    chance = random.Random(1)
    words = [" ".join("".join(chance.choices("abcdefghij", k=6)) for _ in range(9)) for _ in range(30)]
    noise = members(words, 30, 30, gap=60_000, name="z")
    for part in (noise, batch[:20], batch[20:]):
        clusters.add(part)
        for message in clusters.settle():
            lookup.apply(message)
    names = [campaign.id for campaign in clusters.campaigns() if campaign.kind is Kind.NEAR_DUPLICATE]
    assert len(names) == 1
    assert len({term(lookup, member) for member in batch}) == 1
    assert term(lookup, batch[0]) < -1.0


def test_a_crowded_band_is_joined_without_comparing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of variants costs no more than the crowd limit for each, and stays one campaign."""
    monkeypatch.setattr(index_module, "CROWDED", 4)
    batch = members([spun(turn) for turn in range(36)], accounts=36, targets=5)
    forwards, backwards = Clusters(), Clusters()
    for clusters, some in ((forwards, batch), (backwards, batch[::-1])):
        for turn in range(0, 36, 5):
            clusters.add(some[turn : turn + 5])
        clusters.settle()
        assert clusters.index.crowds
    assert forwards.campaigns() == backwards.campaigns()


def test_each_member_is_told_once() -> None:
    """Two hundred accounts one by one: who is in it already is not told again with every newcomer."""
    batch = members([spun(turn) for turn in range(200)], accounts=200, targets=20)
    _, _, said = heard(*([member] for member in batch))
    told = [message for message in said if isinstance(message, Membership)]
    assert len({message.id for message in told}) == len(batch)
    assert len(told) <= 2 * len(batch)  # once for the text, at most once more for its domain


def test_the_lookup_names_the_persons_to_fold_again() -> None:
    """When a campaign becomes visible, its earlier members are among those whose term changed."""
    batch = members([spun(turn) for turn in range(3)], accounts=3, targets=3)
    clusters, lookup = Clusters(), Lookup()
    clusters.add(batch[:2])
    assert clusters.settle() == []
    clusters.add(batch[2:])
    changed = [lookup.apply(message) for message in clusters.settle()]
    assert set().union(*changed) == {member.key for member in batch}
    assert clusters.settle() == []


def test_a_restart_goes_on_with_the_versions() -> None:
    """A campaign told again after a replay is newer than before, or the same."""
    batch = members([spun(turn) for turn in range(9)], accounts=9, targets=3)
    first, _, _ = heard(batch)
    again = Clusters()
    for campaign in first.told.values():
        again.recall(campaign)
    again.add(batch)
    again.settle()
    assert again.told == first.told


def test_fingerprints_of_another_version_are_counted_and_left_out() -> None:
    """An old process on the same topic must not stop the clustering."""
    clusters = Clusters()
    good = members([spun(0)], 1, 1)[0]
    clusters.add([Member(good.id, good.key, good.actor, good.target, good.at, (), type(good.fingerprint)(b"12", 40))])  # type: ignore[misc]
    assert (len(clusters), clusters.unreadable) == (0, 1)


def test_a_horizon_that_is_too_short_is_refused() -> None:
    """Below two epochs, neighbours would be forgotten before they can be compared."""
    with pytest.raises(ValueError, match="at least 56"):
        Clusters(horizon_days=30)


def test_observe_makes_a_small_message() -> None:
    """What travels is the fingerprint, the names and the domains, never the text; for a text too short, nothing."""
    at = from_milliseconds(START)
    said = Interaction(
        id="x:1", platform="x", type=Activity.CREATE, published=at, actor=Actor(id="x:a"), to=("x:b",), content=spun(0)
    )
    short = Interaction(
        id="x:2", platform="x", type=Activity.CREATE, published=at, actor=Actor(id="x:a"), content="ok!"
    )
    member, nothing = observe([Act(said, "x:a", ("acme",)), Act(short, "x:a")])
    assert nothing is None
    assert member and (member.target, member.at, member.domains) == ("x:b", START, ("golden-can-a.com",))
    payload = clusters_module._encoder.encode(member)
    assert len(payload) < 300 and b"gardening" not in payload


def test_topic_keys_keep_campaigns_and_members_apart() -> None:
    """An interaction id that looks like a campaign's replaces nothing on the compacted topic."""
    name = "near-duplicate/0"
    campaign = Campaign(id=name, kind=Kind.NEAR_DUPLICATE, version=1)
    assert topic_key(campaign) != topic_key(Membership(id=name, key="a"))
