"""Promises in several languages, the ledger of both sides, and whom the brand speaks of."""

import pytest

from scoring.ties.audit import about_others, generosity, promises, promises_of, solved
from scoring.ties.habits import DAY_MS
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
    assert promises(text)


@pytest.mark.parametrize(
    "text", ["", "Please restart the app.", "Have a look at the guide", "Wir haben geöffnet", "It works now, thank you"]
)
def test_what_is_no_promise(text: str) -> None:
    """Advice, a greeting or news bind nobody."""
    assert not promises(text)


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
    assert solved(text) is expected


def test_the_ledger_counts_what_was_given_unasked() -> None:
    """They spoke first twice and thanked once; a question is no gift, nor is its answer."""
    tie = folded(theirs(0, QUESTION), ours(0.1), theirs(1, THANKS, answers=True), theirs(5, conversation=2))
    them, us = generosity(tie.theirs), generosity(tie.ours)
    assert (them.first, them.thanks, them.unasked) == (2, 1, 1)
    assert (us.first, us.unasked) == (0, 0)


def test_a_promise_breaks_after_a_week() -> None:
    """Open for a day it is neither kept nor broken."""
    tie = folded(theirs(0, QUESTION), ours(1, promises=True))
    young, old = promises_of(tie, tie.last_at + DAY_MS), promises_of(tie, tie.last_at + 8 * DAY_MS)
    assert (young.made, young.kept, young.open, young.broken) == (1, 0, 1, 0)
    assert old.broken == 1


def test_whom_an_act_is_about() -> None:
    """An answer is about others, an announcement is not."""
    assert about_others(ours(0))
    assert not about_others(ours(0, ("recommendation",), answers=False, addresses=False))
