"""Promises in several languages, the ledger of both sides, and whom the brand speaks of."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from events import Activity, Actor, Content, Interaction, Reference, Verdict
from scoring.ties.audit import about_others, as_stranger, generosity, promises, promises_of, solved
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


LINK = "Limited offer! Buy now and win a free voucher at http://best-deals-today.example/win"
PARTS = ("printer", "camera", "speaker", "lamp", "router")
ADVICE = "Open the settings of your {}, choose {} and press reset; it takes about a minute after that."


def said(number: int, text: str, to: str = "", answers: str = "") -> tuple[Interaction, Content]:
    """One act of a brand, a minute after the one before."""
    interaction = Interaction(
        id=f"x:{number}",
        platform="x",
        type=Activity.CREATE,
        published=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=5 * number),
        actor=Actor(id="x:shop"),
        to=(to,) if to else (),
        content=text,
        in_reply_to=Reference(id=f"y:{number}", actor=answers) if answers else None,
    )
    return interaction, content_of_rules(text)


def content_of_rules(text: str) -> Content:
    """What a model would say of the two texts above, without loading one."""
    return Content(log_odds=-1.5 if "http" in text else 1.0)


def test_a_brand_that_answers_is_trusted_as_a_stranger_would_be() -> None:
    """Each answer to somebody else's question speaks for who gives it."""
    judged = as_stranger(said(n, ADVICE.format(PARTS[n % 5], PARTS[n // 5]), answers=f"x:{n}") for n in range(20))
    assert all(each.verdict is Verdict.GENUINE for each in judged)
    assert "helps_others" in {entry.signal for entry in judged[-1].evidence}
    assert not any(entry.signal == "declared_account" for each in judged for entry in each.evidence)


def test_a_brand_that_sprays_is_a_spammer_to_strangers() -> None:
    """The same link to everybody, every five seconds: the reasons are those of any spammer."""
    judged = as_stranger(said(n, LINK, to=f"x:{n}") for n in range(20))
    assert all(each.verdict is Verdict.SPAM for each in judged[3:])
    assert {"repeats_own_text", "sprays"} <= {entry.signal for entry in judged[-1].evidence if entry.weight < 0}


def test_each_account_of_a_brand_has_its_own_past() -> None:
    """What one of them did is not held against the other."""
    other = said(99, LINK, to="x:0")
    stranger = replace(other[0], actor=Actor(id="y:shop"))
    judged = as_stranger([*(said(n, LINK, to=f"x:{n}") for n in range(20)), (stranger, other[1])])
    assert judged[-1] == as_stranger([(stranger, other[1])])[0]
