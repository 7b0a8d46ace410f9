"""A brand looks at itself: numbers of its own acts, and a warning where it behaves like a spammer."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from events import Activity, Actor, Content, Direction, Interaction, Reference, Scored, Verdict
from rapport import audit_words
from rapport.audit import FEWEST, MOST_ACTS, Audit, Own, own_acts
from scoring.combine import WEIGHTS
from scoring.ties.reliability import reliability
from scoring.ties.threads import NO_ANSWERS
from warehouse.ledger import GIVEN, SIDES

START = datetime(2026, 1, 31, 23, tzinfo=UTC)
LINK = "Limited offer! Buy now and win a free voucher at http://best-deals-today.example/win"
THINGS = ("printer", "camera", "speaker", "lamp", "router")


def said(number: int, text: str, *, answers: str = "", step: int = 5, **more: object) -> Scored:
    """One act of the shop, so many seconds after the one before."""
    interaction = Interaction(
        id=f"x:{number}",
        platform="x",
        type=more.pop("type", Activity.CREATE),  # type: ignore[arg-type]
        published=START + timedelta(seconds=step * number),
        actor=Actor(id="x:shop"),
        to=(f"x:{number}",),
        content=text,
        in_reply_to=Reference(id=f"y:{number}", actor=answers) if answers else None,
    )
    return Scored(
        interaction=interaction,
        brand="shop",
        person=f"x:{number}",
        direction=Direction.OUTBOUND,
        trust=0.99,
        confidence=1.0,
        verdict=Verdict.GENUINE,
        content=Content(log_odds=-1.5 if "http" in text else 1.0),
    )


def helping(count: int, step: int = 600) -> list[Scored]:
    text = "Open the settings of your {}, choose {} and press reset; it takes about a minute after that."
    return [said(n, text.format(THINGS[n % 5], THINGS[n // 5 % 5]), answers=f"x:{n}", step=step) for n in range(count)]


def found(own: Own) -> Audit:
    nothing = reliability(NO_ANSWERS)
    counts = dict.fromkeys(("relationships", "real", "given", "received", "exchanges"), 0)
    counts |= dict.fromkeys(("owed_by_us", "owed_by_them"), 0)
    counts |= {f"promises_{name}": 0 for name in ("made", "kept", "broken")}
    counts |= {f"{name}_{side}": 0 for name in GIVEN for side in SIDES}
    return Audit("sho\x1bp", START, dict(counts), nothing, nothing, own)


def spraying(count: int) -> Iterable[Scored]:
    return [said(n, LINK) for n in range(count)]


def test_a_brand_that_answers_is_not_warned() -> None:
    """Trusted as a stranger would be, and all about others."""
    own = own_acts(helping(20), WEIGHTS)
    assert not own.like_a_spammer
    assert own.mean_trust is not None and own.mean_trust > 0.9
    assert own.about_others == own.acts == 20
    assert "WARNING" not in audit_words.page(found(own))


def test_a_brand_that_sprays_is_warned_with_the_strongest_reasons() -> None:
    """Everybody the same link every five seconds: nobody who does not know it would trust it."""
    own = own_acts(list(spraying(30)), WEIGHTS)
    assert own.like_a_spammer
    assert own.about_others == 0
    warning, because = audit_words.page(found(own)).splitlines()[1:3]
    assert warning.startswith("  WARNING: ")
    assert "the same text again and again, or to many" in because


def test_a_few_texts_are_no_habit() -> None:
    """Below the fewest nothing is said, whatever they are."""
    assert not own_acts(list(spraying(FEWEST - 1)), WEIGHTS).like_a_spammer
    assert own_acts([], WEIGHTS) == Own()


def test_what_has_no_text_is_not_judged() -> None:
    """Likes are acts, and about others or not; their trust would say nothing."""
    own = own_acts([*helping(10), said(99, "", type=Activity.LIKE, step=600)], WEIGHTS)
    assert (own.acts, own.texts) == (11, 10)


def test_months_by_platform() -> None:
    """Each with its number of acts, in order; the month is that of UTC."""
    own = own_acts(helping(20), WEIGHTS)
    assert [(month.platform, month.month, month.acts) for month in own.months] == [
        ("x", "2026-01", 6),
        ("x", "2026-02", 14),
    ]


def test_of_too_many_the_newest_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the page says so."""
    monkeypatch.setattr("rapport.audit.MOST_ACTS", 12)
    own = own_acts(helping(20), WEIGHTS)
    assert (own.acts, own.cut) == (12, True)
    assert f"the newest {MOST_ACTS:,}" in audit_words.page(found(own))


def test_the_object_is_complete_and_the_page_harmless() -> None:
    """JSON has every number that the page is made of."""
    audit = found(own_acts(helping(12), WEIGHTS))
    row = dict(zip(audit_words.COLUMNS, audit_words.row(audit), strict=True))
    assert row["ledger"]["ours"].keys() == set(GIVEN)
    assert row["own"]["texts"] == 12
    assert row["own"]["like_a_spammer"] is False
    assert row["reliability"]["ours"]["insufficient"] is True
    assert "\x1b" not in audit_words.page(audit)
