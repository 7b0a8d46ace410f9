"""Promises in several languages, the ledger of both sides, and whom the brand speaks of."""

import pytest

from scoring.features import clean
from scoring.intent import intents
from scoring.ties.audit import about_others
from scoring.ties.habits import DAY_MS
from scoring.ties.reading import relationship, standing
from scoring.ties.realness import default_weights
from tests.scoring.ties.acts import QUESTION, THANKS, folded, ours, theirs


@pytest.mark.parametrize(
    "text",
    [
        "We will look into it.",
        "Thanks! We'll get back to you tomorrow",
        "Let us check and come back",
        "Lo revisaremos hoy mismo",
        "Vamos verificar e retornamos",
        "Wir kümmern uns darum",
        "Wir prüfen das und melden uns",
        "Nous allons vérifier",
        "Kontrol edeceğiz",
        "Мы проверим",
        "確認いたします",
        "我们会尽快处理",
    ],
)
def test_promises_are_heard(text: str) -> None:
    """That somebody will come back."""
    assert "promise" in intents(clean(text))


@pytest.mark.parametrize(
    "text", ["", "Please restart the app.", "Have a look at the guide", "Wir haben geöffnet", "It works now, thank you"]
)
def test_what_is_no_promise(text: str) -> None:
    """Advice, a greeting or news bind nobody."""
    assert "promise" not in intents(clean(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("That worked!", True),
        ("never mind", True),
        ("Ya funciona", True),
        ("Es geht wieder", True),
        ("Ça marche", True),
        ("It does not start", False),
        ("How do I solve this", False),
    ],
)
def test_what_is_solved(text: str, expected: bool) -> None:
    """What was asked for is no longer needed."""
    assert ("solved" in intents(clean(text))) is expected


def test_the_ledger_counts_what_was_given_unasked() -> None:
    """They spoke first twice and thanked once; a question is no gift, nor is its answer."""
    tie = folded(theirs(0, QUESTION), ours(0.1), theirs(1, THANKS, answers=True), theirs(5, conversation=2))
    told = relationship("acme", "m:eve", tie, default_weights())
    them, us = told.theirs, told.ours
    assert (them.first, them.thanks, them.unasked) == (2, 1, 1)
    assert (us.first, us.unasked) == (0, 0)


def test_a_promise_breaks_after_a_week() -> None:
    """Open for a day it is neither kept nor broken."""
    tie = folded(theirs(0, QUESTION), ours(1, promises=True))
    told = relationship("acme", "m:eve", tie, default_weights())
    assert (told.promises_made, told.promises_kept, len(told.promised_at)) == (1, 0, 1)
    assert [standing(told, tie.last_at + days * DAY_MS).promises_broken for days in (1, 8)] == [0, 1]


def test_whom_an_act_is_about() -> None:
    """An answer is about others, an announcement is not."""
    assert about_others(ours(0))
    assert not about_others(ours(0, ("recommendation",), answers=False, addresses=False))
