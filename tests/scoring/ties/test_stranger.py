"""A brand's own acts, judged like those of somebody nobody knows."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from events import Activity, Actor, Content, Interaction, Reference, Verdict
from scoring.ties.stranger import as_stranger

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
