"""A thousand acts in one day by one account buy what a few do, through the whole fold."""

from collections.abc import Sequence

import pytest

from bench.science.flood import KINDS, MOST, figures, flood, flooded
from bench.science.reciprocity_simulator import END, Found, scored
from events import Content
from rapport.demo.simulator import Simulation, simulate

MOVES = 0.01


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    """Sixty people over two months."""
    return simulate(9, 60, 60, END)


@pytest.fixture(scope="module")
def calm(simulation: Simulation) -> Found:
    return scored(simulation, read)


def read(texts: Sequence[str]) -> list[Content]:
    """A scam is seen as one; of the rest the text speaks for its writer: the best that a flood can hope for."""
    return [Content(-6.0 if "claim your prize" in text else 1.5) for text in texts]


@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_acts_do_not_make_a_relationship(kind: str, simulation: Simulation, calm: Found) -> None:
    """Realness and what was given hardly exceed those of one act and of three; nobody else's relationship moves."""
    one, many = (figures(flooded(simulation, flood(simulation, kind, n), read), calm) for n in (1, MOST))
    assert many["realness"] <= one["realness"] + MOVES
    assert many["gave"] <= 3.0
    assert many["others"] == one["others"] == 0.0


@pytest.mark.parametrize("kind", KINDS)
def test_the_real_share_is_near_the_truth(kind: str, simulation: Simulation, calm: Found) -> None:
    """Of volume within ten points, and its interval has the truth; that of people moves by no more than one of them."""
    before, after = figures(calm, calm), figures(flooded(simulation, flood(simulation, kind, MOST), read), calm)
    assert abs(after["of people"] - before["of people"]) <= 1.0 / after["people"]
    assert abs(after["real share"] - after["true share"]) <= abs(before["real share"] - before["true share"]) + 0.1
    assert after["low"] <= after["true share"] <= after["high"] or kind == "scam"
