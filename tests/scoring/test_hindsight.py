"""What an account is exposed by later reaches its earlier acts, and nobody else's."""

import math
import random
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from events import Content, Scored, Verdict
from scoring.actor import HIGHEST
from scoring.combine import WEIGHTS
from scoring.fold import Fact, Known, Person, fold, fold_all, ordered
from scoring.hindsight import EXPOSED, Exposure, depth, hindsight
from scoring.ties.habits import DAY_MS
from tests.scoring.test_actor import WORDS
from tests.scoring.test_fold import act

PRAISE = ("Great post!", "Love this", "So true", "Awesome, thanks for sharing!", "Nice one")
CLEAN = Content(1.5)


def own_words(turn: int) -> str:
    return " ".join(random.Random(turn).choices(WORDS, k=9))


def bot(acts: int) -> list[Fact]:
    """Praise that would fit anywhere, every four days, to one after the other."""
    return [
        replace(act(n, "m:bot", f"m:person{n}", day=4.0 * n, content=PRAISE[n % 5], brands=("acme",)), content=CLEAN)
        for n in range(acts)
    ]


def trusts(rows: Sequence[Scored]) -> list[float]:
    return [row.trust for row in rows]


def test_exposed_is_who_outweighs_the_base_rate_and_the_cleanest_text() -> None:
    """The line is where even the cleanest text is believed by no more than a half; deeper goes by whole log-odds."""
    assert WEIGHTS.bias + WEIGHTS.clean_words == EXPOSED
    assert [depth(standing) for standing in (HIGHEST, 0.0, -2.99, -3.0, -3.99, -4.0, -99.0)] == [0, 0, 0, 1, 1, 2, 9]


def test_a_bots_first_praise_is_read_again() -> None:
    """Its first word was believed when it came; once the account is exposed it is not, and the reason is told."""
    early, late = fold_all(bot(3))[1], fold_all(bot(20))[1]
    assert early[0].trust > 0.8
    assert late[0].trust < 0.5
    assert any(entry.signal == "exposed_later" for entry in late[0].evidence)
    total = WEIGHTS.bias + sum(entry.weight for entry in late[0].evidence)
    assert late[0].trust == pytest.approx(1.0 / (1.0 + math.exp(-total)), abs=0.01)


def test_hindsight_does_not_move_the_history() -> None:
    """The account's history is the same with and without it: when somebody is exposed depends on no earlier fold."""
    streamed = Person()
    for fact, known in ordered(bot(20), lambda _: Known()):
        streamed, _ = fold(streamed, fact, known)
    assert streamed.actor == fold_all(bot(20))[0].actor


def test_hindsight_only_takes_away() -> None:
    """No act is trusted more for what came later."""
    facts = bot(20)
    person, before = Person(), list[float]()
    for fact, known in ordered(facts, lambda _: Known()):
        person, rows = fold(person, fact, known)
        before += trusts(rows)
    assert all(after <= at_once for after, at_once in zip(trusts(fold_all(facts)[1]), before, strict=True))


def test_what_a_thief_writes_does_not_condemn_whom_he_stole_from() -> None:
    """A year of good acts, then stolen and used for scam: none of its owner's is called spam, what is older than two
    months stays genuine."""
    good = [replace(act(n, "m:ann", day=6.0 * n, content=own_words(n)), content=CLEAN) for n in range(60)]
    scam = [
        replace(
            act(100 + n, "m:ann", f"m:person{n}", day=361.0 + n / 50, content=f"buy {n} now", brands=("acme",)),
            content=Content(-6.0),
        )
        for n in range(60)
    ]
    person, rows = fold_all(good + scam)
    owners = [row for row in rows if row.interaction.id in {fact.interaction.id for fact in good}]
    assert person.actor.exposed > 0
    assert all(row.verdict is not Verdict.SPAM for row in owners)
    stolen = owners[-1].interaction.at
    assert all(row.trust >= 0.6 for row in owners if row.interaction.at < stolen - 60 * DAY_MS)


def test_the_farther_back_the_less_is_said() -> None:
    """Within an hour the whole of it, after years next to nothing; and an account that stood lower is told nothing."""
    exposed = Exposure(at=0, standing=-4.0)
    said = [hindsight(-days * DAY_MS, 0.0, [exposed]) for days in (0, 30, 365, 3650)]
    weights = [one.weight for one in said if one]
    assert weights == sorted(weights)
    assert weights[0] == pytest.approx(-4.0)
    assert weights[-1] > -0.01
    lower = hindsight(0, -5.0, [exposed])
    assert lower is not None and lower.weight == 0.0
    assert hindsight(0, 0.0, []) is None
