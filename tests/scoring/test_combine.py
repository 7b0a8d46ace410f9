"""One probability out of three sources, and the words for it."""

import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import Evidence, Verdict
from scoring.combine import WEIGHTS, combine

NOBODY: tuple[float, tuple[Evidence, ...]] = (0.0, ())


@dataclass(frozen=True)
class Content:
    log_odds: float
    evidence: tuple[Evidence, ...] = ()


def campaign(log_odds: float) -> tuple[float, Evidence]:
    return log_odds, Evidence("campaign", log_odds, ("a", "b", "c"), "3 accounts")


@given(st.floats(), st.floats(), st.one_of(st.none(), st.floats()), st.floats(0, 1))
def test_any_numbers_give_a_probability(content: float, actor: float, shared: float | None, known: float) -> None:
    """Infinities and what is no number never get out."""
    judgement = combine(Content(content), (actor, ()), None if shared is None else campaign(shared), known)
    assert 0.0 < judgement.trust < 1.0
    assert 0.0 <= judgement.confidence <= 1.0
    assert all(math.isfinite(entry.weight) for entry in judgement.evidence)


@given(st.floats(-4, 4), st.floats(-3, 1.5), st.floats(-4, 0))
def test_the_evidence_adds_up_to_the_trust(content: float, actor: float, shared: float) -> None:
    """What `rapport why` shows is all there is: its weights sum to the log-odds of the trust."""
    judgement = combine(
        Content(content, (Evidence("link", -1.0),)), (actor, (Evidence("reputation", actor),)), campaign(shared)
    )
    shown = WEIGHTS.bias + sum(entry.weight for entry in judgement.evidence)
    assert math.log(judgement.trust / (1.0 - judgement.trust)) == pytest.approx(shown, abs=0.02)


@given(st.floats(-5, 5), st.floats(-3, 1), st.floats(0.1, 0.5))
def test_better_evidence_never_lowers_trust(content: float, actor: float, more: float) -> None:
    """Monotone in the content and in the actor."""
    base = combine(Content(content), (actor, ())).trust
    assert combine(Content(content), (actor + more, ())).trust > base
    assert combine(Content(content + more), (actor, ())).trust > base


def test_nothing_to_judge_by_is_said_so() -> None:
    """A like of a stranger is neither genuine nor spam."""
    judgement = combine(Content(0.1), NOBODY)
    assert judgement.verdict is Verdict.INSUFFICIENT
    assert judgement.confidence < 0.2


def test_opposite_evidence_is_doubt_and_not_ignorance() -> None:
    """Good words of a bad account: about one half, with high confidence."""
    judgement = combine(Content(2.5), (-2.5, ()), known=0.8)
    assert judgement.verdict is Verdict.DOUBTFUL
    assert judgement.confidence > 0.9


@pytest.mark.parametrize(
    ("log_odds", "verdict"), [(2.0, Verdict.GENUINE), (-2.0, Verdict.DOUBTFUL), (-4.0, Verdict.SPAM)]
)
def test_the_verdict_follows_the_trust(log_odds: float, verdict: Verdict) -> None:
    """The three readings of a number that rests on something."""
    assert combine(Content(log_odds), NOBODY).verdict is verdict


def test_a_campaign_is_not_counted_twice_where_the_text_gave_it_away() -> None:
    """It weighs in full against text that reads well, and less where the content says the same."""

    def loss(content: float) -> float:
        def log_odds(trust: float) -> float:
            return math.log(trust / (1.0 - trust))

        alone, shared = combine(Content(content), NOBODY), combine(Content(content), NOBODY, campaign(-2.0))
        return log_odds(alone.trust) - log_odds(shared.trust)

    assert loss(1.0) > 2.0  # the good impression goes as well: such texts are made to give it
    assert loss(0.0) == pytest.approx(2.0)
    assert loss(-1.0) == pytest.approx(2.0 * WEIGHTS.overlap)


def test_a_clean_text_says_only_so_much_for_itself() -> None:
    """However far a text is from known spam, it adds no more than the cap; marks of spam are not capped."""
    best = combine(Content(50.0), NOBODY).trust
    assert math.log(best / (1.0 - best)) == pytest.approx(WEIGHTS.bias + WEIGHTS.clean_words, abs=1e-6)
    worst = combine(Content(-8.0), NOBODY).trust
    assert math.log(worst / (1.0 - worst)) == pytest.approx(WEIGHTS.bias - 8.0)


def test_a_good_name_speaks_against_a_campaign() -> None:
    """One with a good past of their own loses less by words they share with others; a stranger loses it all."""

    def loss(actor: float) -> float:
        alone, shared = combine(Content(0.0), (actor, ())), combine(Content(0.0), (actor, ()), campaign(-3.0))
        return math.log(alone.trust / (1.0 - alone.trust)) - math.log(shared.trust / (1.0 - shared.trust))

    assert loss(0.0) == pytest.approx(3.0) == loss(-2.0)
    assert loss(1.5) == pytest.approx(3.0 * WEIGHTS.good_name)


def test_the_strongest_reason_comes_first_and_keeps_its_ids() -> None:
    """The entry of the campaign names the members it rests on."""
    judgement = combine(
        Content(-0.5, (Evidence("link", -0.5, ("x",)),)), (0.3, (Evidence("profile", 0.3),)), campaign(-3)
    )
    assert [entry.signal for entry in judgement.evidence] == ["campaign", "link", "profile"]
    assert judgement.evidence[0].ids == ("a", "b", "c")
