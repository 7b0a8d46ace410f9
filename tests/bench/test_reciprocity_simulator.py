"""The protocol of the simulated audiences measures what is deployed, and counts what it says."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from bench.science import reciprocity_simulator as protocol
from bench.science.reciprocity_simulator import Found
from events import Content
from rapport.demo.simulator import simulate

END = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def found() -> Found:
    """Forty days of forty people, whose texts say nothing either way."""
    return protocol.scored(simulate(7, 40, 40, END), lambda texts: [Content(1.0)] * len(texts))


def test_what_is_folded_for_the_truth_is_what_is_deployed(found: Found) -> None:
    """The same rows folded by the protocol come to the relationships of `rapport score`."""

    def told(one: Found) -> list[tuple[object, ...]]:
        return sorted((tie.brand, tie.person, tie.interactions, tie.curve, tie.debts) for tie in one.relationships)

    assert told(protocol.folded_anew(found, found.rows)) == told(found)


def test_with_the_truth_the_real_share_is_exact(found: Found) -> None:
    """In every month and for every brand, and inside of an interval without width."""
    shares = protocol.real_shares(protocol.with_truth(found))
    assert {share.month for share in shares} == set(found.simulation.truth.months)
    assert all(abs(share.error) < 1e-9 and share.high - share.low < 1e-9 for share in shares)


def test_acts_of_one_person_stand_or_fall_together(found: Found) -> None:
    """The interval holds our own share, and is wider where one person did it all."""
    alone = Found(found.simulation, [replace(row, person="one") for row in found.rows], [])
    for share, of_one in zip(protocol.real_shares(found), protocol.real_shares(alone), strict=True):
        assert 0.0 <= share.low < share.found < share.high <= 1.0
        assert of_one.low < share.low
        assert of_one.found == pytest.approx(share.found)


def test_figures_are_of_both_ways_of_trusting(found: Found) -> None:
    """With the truth nothing of trust is missed, so no class is told worse by much."""
    scored, true = protocol.figures([found]), protocol.figures([protocol.with_truth(found)])
    assert true["months within 3 points"] == 1.0
    assert true["F1 spam_driven"] > scored["F1 spam_driven"]
