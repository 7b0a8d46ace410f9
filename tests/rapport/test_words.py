"""What `rapport why` says: a sentence for every reason that a score can have."""

import ast
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import scoring
from events import Evidence, encode
from events.campaigns import Campaign, Kind
from rapport import words
from scoring.actor import STANDING
from scoring.campaigns.weight import campaign_evidence
from scoring.content import read

HOSTILE = "\x1b[31m\u202eevil\r\nsecond line {detail}"


def _named() -> tuple[set[str], list[str]]:
    """Signals written out where evidence is made in ``scoring``, and the places where they are put together."""
    named, made = set(), []
    for path in sorted(Path(scoring.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Evidence":
                signal = node.args[0]
                if isinstance(signal, ast.Constant):
                    named.add(str(signal.value))
                else:
                    made.append(f"{path.stem}: {ast.unparse(signal)}")
    return named, made


PUT_TOGETHER = {
    "actor: signal": {"helps_others", "answered_by_brand", "thanked_by_brand"},
    "combine: f'{source}_model'": {"content_model", "actor_model", "campaign_model"},
    "content: group": set(read().center),
    "weight: f\"campaign_{campaign.kind.value.replace('-', '_')}\"": {
        campaign_evidence(Campaign(id="c", kind=kind, version=1, likeness=1.0)).signal for kind in Kind
    },
}
NAMED, MADE = _named()
SIGNALS = NAMED.union(*PUT_TOGETHER.values())


def test_every_signal_is_known() -> None:
    """Whoever makes evidence in a new place meets this test; the standing of an account is all among it."""
    assert sorted(MADE) == sorted(PUT_TOGETHER)
    assert STANDING <= SIGNALS


def test_every_signal_has_its_sentence_and_no_other() -> None:
    """Nothing is told by its bare name, and no sentence is kept for what cannot occur."""
    assert not words.SIGNALS.keys() & words.OF_EITHER_SIDE.keys()
    assert words.SIGNALS.keys() | words.OF_EITHER_SIDE.keys() == SIGNALS


@pytest.mark.parametrize("signal", sorted(SIGNALS))
@pytest.mark.parametrize("weight", [1.0, -1.0])
def test_sentences_are_whole(signal: str, weight: float) -> None:
    """With and without details no bracket stays empty and no place holder is left."""
    bare = words.sentence(Evidence(signal, weight))
    assert "{" not in bare and "(" not in bare and "_" not in bare
    assert bare == bare.strip()
    told = words.sentence(Evidence(signal, weight, detail="8 accounts"))
    assert told in (bare, f"{bare} (8 accounts)")


def test_content_is_told_by_side() -> None:
    """A text that asks for nothing is not said to ask for something."""
    asks, does_not = (words.sentence(Evidence("solicitation", weight)) for weight in (-1.0, 1.0))
    assert asks == "it asks for something"
    assert does_not == "it asks for nothing, or for what people ask for"


def row(**more: Any) -> dict[str, Any]:
    """One of the view ``interactions``."""
    return {
        "id": "x:1",
        "brand": "shop",
        "direction": "inbound",
        "published": datetime(2026, 1, 2, 12, tzinfo=UTC),
        "verdict": "genuine",
        "trust": 0.9,
        "confidence": 0.5,
        "reciprocity": 0.0,
        "effort": 0.43,
        "content": "Can you help me?",
        "intents": ["question", "offer_of_help"],
        "evidence": "",
        "edited_by": "",
        "withdrawn_by": "",
    } | more


def test_purpose_and_effort() -> None:
    """What the text is after and how much was put into it; a like is after nothing."""
    assert "\n  meant as question, offer of help; effort 0.43\n" in words.interaction(row())
    assert "\n  effort 0.02\n" in words.interaction(row(intents=[], effort=0.02, content=""))


def test_what_its_author_did_to_it_is_said() -> None:
    """That it was edited, before its scores; of what was taken back nothing else."""
    assert "\n  edited by its author [x:2]\n" in words.interaction(row(edited_by="x:2"))
    assert words.interaction(row(withdrawn_by="x:3", content="", verdict="insufficient")) == (
        "x:1 for shop (inbound, 2026-01-02 12:00 UTC) was taken back by its author [x:3]:\n"
        "  its text is gone, and it counts for nothing"
    )


def test_the_strongest_reason_comes_first() -> None:
    """With the factor on the odds, and the ids of other acts it rests on."""
    evidence = (Evidence("link", -0.5, ("x:1",), "a.b"), Evidence("correction", 3.0, ("x:1", "x:7"), "eve: I know her"))
    *_, first, second = words.interaction(row(evidence=encode(evidence).decode())).splitlines()
    assert first == "  for it, odds ×20.1: somebody who looked at it said so (eve: I know her) [x:7]"
    assert second == "  against it, odds ÷1.6: it has a link of the kind spam has (a.b)"


def test_what_strangers_wrote_is_harmless() -> None:
    """Control characters and line ends in any field, also of a signal nobody knows, reach no terminal."""
    evidence = (Evidence(HOSTILE, -1.0, (HOSTILE,), HOSTILE), Evidence("correction", 1.0, detail=HOSTILE))
    shown = words.interaction(
        row(id=HOSTILE, brand=HOSTILE, content=HOSTILE, intents=[HOSTILE], evidence=encode(evidence).decode())
    )
    assert not set(shown) & set("\x1b\u202e\r")
    assert len(shown.splitlines()) == 6


def test_a_sparkline_has_a_block_per_value() -> None:
    """From nothing to the greatest; a space where there is no value; all alike where all is nothing."""
    assert words.sparkline([0, 1, None, 7, 3.5]) == "▁▂ █▅"
    assert words.sparkline([0.0, 0.0]) == "▁▁"
    assert words.sparkline([]) == ""
