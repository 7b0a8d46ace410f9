"""What somebody is after, in several languages, and how much effort a text shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.features import clean
from scoring.intent import Kind, intents, text_effort


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("How do I reset the router?", Kind.QUESTION),
        ("¿cómo puedo cambiar mi plan?", Kind.QUESTION),
        ("como faço para cancelar", Kind.QUESTION),
        ("weiß jemand ob es das in blau gibt", Kind.QUESTION),
        ("quelqu'un sait quand ça sort", Kind.QUESTION),
        ("bunu nasıl kapatırım", Kind.QUESTION),
        ("怎么退款", Kind.QUESTION),
        ("Thank you so much, solved", Kind.THANKS),
        ("muchas gracias", Kind.THANKS),
        ("obrigada pela ajuda", Kind.THANKS),
        ("vielen dank, danke", Kind.THANKS),
        ("teşekkürler", Kind.THANKS),
        ("this is the worst service, still waiting", Kind.COMPLAINT),
        ("a aplicação não funciona", Kind.COMPLAINT),
        ("die app funktioniert nicht", Kind.COMPLAINT),
        ("uygulama çalışmıyor", Kind.COMPLAINT),
        ("You can turn it off in the settings, then restart", Kind.ANSWER),
        ("prueba a reinstalar la aplicación", Kind.ANSWER),
        ("du kannst das in den optionen ändern", Kind.ANSWER),
        ("happy to help, what model is it", Kind.OFFER_OF_HELP),
        ("kann ich dir helfen", Kind.OFFER_OF_HELP),
        ("I highly recommend these headphones", Kind.RECOMMENDATION),
        ("je vous recommande ce modèle", Kind.RECOMMENDATION),
        ("subscribe to my channel", Kind.SOLICITATION),
        ("sígueme en mi canal", Kind.SOLICITATION),
        ("we watched it yesterday evening", Kind.STATEMENT),
    ],
)
def test_intents(text: str, kind: Kind) -> None:
    """Each intent is recognised in the languages the rules know."""
    assert kind in intents(clean(text))


def test_the_main_intent_comes_first() -> None:
    """Thanks with a question is both, and the main one is one of them."""
    found = intents("Thanks! And how do I export it?")
    assert len(found) == len(set(found))
    assert set(found) >= {Kind.THANKS, Kind.QUESTION}


def test_effort_grows_with_what_somebody_gives() -> None:
    """A word, a sentence and a specific answer are in this order, within 0..1."""
    word, sentence = text_effort("nice"), text_effort("I had the same last week and waited two days for the parcel")
    answer = text_effort(
        "First open the settings of your phone, then tap on network and choose reset. After that restart it and join "
        "the wireless again with your password; version 14.2 needs this once, see https://support.example.com/reset"
    )
    assert 0 < word < sentence < answer <= 1


def test_effort_does_not_pay_for_repetition() -> None:
    """The same word a hundred times is no effort."""
    assert text_effort("nice " * 100) < text_effort("a short line with ten different words in it, no more")


def test_effort_is_fair_to_scripts_without_spaces() -> None:
    """A full sentence is worth about the same in Japanese and in English."""
    japanese = text_effort("設定を開いて、ネットワークをリセットしてから再起動すると直りました。")
    english = text_effort("Open the settings, reset the network and restart the phone, that fixed it for me.")
    assert abs(japanese - english) < 0.2


@given(st.text(max_size=300))
def test_total(text: str) -> None:
    """Any text has intents and an effort between 0 and 1."""
    cleaned = clean(text)
    assert intents(cleaned)
    assert 0.0 <= text_effort(cleaned) <= 1.0
