"""Relationships in words: why a debt matters, what is known too little to say, and hostile names."""

from datetime import UTC, datetime
from typing import Any

import pytest

from events import DebtKind, RelationshipClass
from rapport import tie_words

HOSTILE = "\x1b[31m\u202eevil\r\nsecond line"
SIDES = ("ours", "theirs")


def debt(**more: Any) -> dict[str, Any]:
    """One row of the view ``owed``."""
    return {
        **{"brand": "shop", "person": "x:ann", "by": "us", "kind": "question", "asks": 1, "waited_days": 20.2},
        **{"exchanges": 0, "help": 0, "thanks": 0, "credit": 0},
        **more,
    }


def tie(**more: Any) -> dict[str, Any]:
    """One row of the view ``relationships_now``."""
    row: dict[str, Any] = {
        **{"brand": "shop", "person": "x:ann", "class": "real", "reasons": ["4 conversations in which both spoke"]},
        **{"given": 2.0, "received": 3.0, "balance": 0.8, "realness": 0.5, "owed_by_us": 1, "owed_by_them": 0},
        **{"promises_made": 0, "promises_kept": 0, "promises_broken": 0, "interactions": 20},
        **{"first_at": datetime(2026, 1, 2, tzinfo=UTC), "last_at": datetime(2026, 3, 4, tzinfo=UTC)},
        **{f"person_{name}": 0 for name in (*tie_words.GIFTS, "third_persons")},
    }
    for side in SIDES:
        row |= {f"reliability_{side}": 0.78, f"reliability_low_{side}": 0.62, f"reliability_high_{side}": 0.891}
        row |= {f"observed_{side}": 14, f"usual_minutes_{side}": 1_440, f"acts_{side}": 10}
        row |= {f"{name}_{side}": 0 for name, _ in tie_words.LEDGER}
    return row | more


def test_the_third_question_without_an_answer() -> None:
    """What waits, what they did, and what there was between the two."""
    row = debt(asks=3, help=4, thanks=2, exchanges=6)
    assert "; ".join(tie_words.owed(row)) == (
        "third question in 20 days, none answered; they helped 4 times, said thanks twice; 6 conversations so far"
    )


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"waited_days": 0.06}, "a question, open for an hour"),
        ({"kind": "complaint", "waited_days": 1.2}, "a complaint, open for 29 hours"),
        ({"kind": "complaint", "asks": 22}, "22nd complaint in 20 days, none answered"),
        ({"kind": "details"}, "they sent the details we asked for 20 days ago"),
        ({"kind": "promise"}, "we promised to come back 20 days ago"),
        ({"kind": "our_question", "by": "them"}, "our question is open for 20 days"),
    ],
)
def test_what_waits(more: dict[str, Any], expected: str) -> None:
    """Each kind of debt has its own words, with the time it waits."""
    assert tie_words.owed(debt(**more)) == [expected]


def test_every_kind_is_told_without_its_bare_name() -> None:
    """No underscore reaches people."""
    assert not any("_" in "".join(tie_words.owed(debt(kind=kind.value, asks=2))) for kind in DebtKind)
    assert tie_words.CLASSES.keys() == {kind.value for kind in RelationshipClass}


def test_who_waits_is_who_deserves() -> None:
    """Where they owe the word, it is what we did that speaks."""
    assert tie_words.owed(debt(by="them", kind="our_question", help=1))[1] == "we helped once"


def test_a_relationship_as_a_paragraph() -> None:
    """Reliability with its interval, debts with their reasons, the ledger of both sides, promises and gifts."""
    row = tie(help_theirs=4, first_ours=1, promises_made=3, promises_kept=1, promises_broken=2, person_fixes=1)
    shown = tie_words.relationship(row | {"person_answers": 2, "observed_theirs": 2}, [debt()], ["y:ann"])
    assert shown.splitlines() == [
        "x:ann and shop: a real relationship: both sides keep giving",
        "  also writes as y:ann",
        "  because: 4 conversations in which both spoke",
        "  given 2.00, received 3.00, balance 0.80, realness 0.50",
        "  the brand answers within a day with 78 % (62–89), from 14 waits",
        "  they answer: insufficient data, 2 waits seen and 3 are needed",
        "  owed: 1 by the brand, 0 by them",
        "    by us: a question, open for 20 days",
        "  the brand acted 10 times: spoke first once",
        "  they acted 10 times: helped 4 times",
        "  promises of the brand: 3 made, 1 kept, 2 broken",
        "  towards anybody they gave 2 answers, 1 fix",
        "  20 interactions from 2026-01-02 to 2026-03-04",
    ]


def test_shares_are_compact() -> None:
    """In percent with the interval; nothing where there is nothing to have a share of."""
    assert tie_words.share(0.621, 0.549, 0.69) == "62 % (55–69)"
    assert tie_words.share(None, None, None) == tie_words.share(float("nan"), 0.0, 1.0) == "-"
    assert tie_words.reliability(tie(observed_ours=2), "ours") == "insufficient"


def test_what_strangers_wrote_is_harmless() -> None:
    """Names, reasons and kinds reach no terminal as they are."""
    row = tie(person=HOSTILE, brand=HOSTILE, reasons=[HOSTILE])
    shown = tie_words.relationship(row, [debt(kind=HOSTILE)], [HOSTILE])
    assert not set(shown) & set("\x1b\u202e\r")
    assert len(shown.splitlines()) == 11
