"""What is read off a text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import features


def value(text: str, name: str) -> float:
    return float(features.side(features.clean(text))[features.SIDE.index(name)])


def test_clean_undoes_what_hides_a_text() -> None:
    """Entities, mark-up, full-width letters and invisible characters do not change what is read."""
    assert features.clean("Check&nbsp;out <br />my\ufeff chan\u200bnel ｃom") == "Check out my channel com"


def test_mentions_and_platform_wrappers_say_nothing() -> None:
    """A leading @name and the wrapped link of a picture are taken out: they tell the platform, not the person."""
    assert features.clean("@acme_support still no answer https://t.co/AbC123") == "still no answer"


@pytest.mark.parametrize(
    "text",
    [
        "please subscribe to my channel",
        "por favor suscríbete a mi canal",
        "se inscreva no meu canal",
        "abonnez-vous à ma chaîne",
        "bitte abonniert meinen kanal",
        "kanalıma abone olun lütfen",
        "подпишись на мой канал",
        "チャンネル登録お願いします",
        "订阅我的频道",
        "구독 부탁드려요",
    ],
)
def test_asking_for_subscribers_is_known_in_many_languages(text: str) -> None:
    """The same request counts the same in each of the languages."""
    assert value(text, "subscribe") == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "can you check my account please, I was charged twice",
        "please look into my order",
        "could somebody help me with my router",
        "send me a message if you need more details",
        "I love this video so much",
        "thanks, the link in the docs explained it",
    ],
)
def test_asking_for_help_is_no_promotion(text: str) -> None:
    """What customers and helpers say every day is not taken for advertising."""
    assert value(text, "asks") == 0.0


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("see http://www.youtube.com/watch?v=1", "video_link"),
        ("go to youtube dot com slash me", "hidden_link"),
        ("cheap at http://shoes.example.xyz/a", "cheap_domain"),
        ("here: https://support.example.com/a", "help_link"),
        ("win at bit.ly/abc", "short_link"),
        ("write to a.person@example.org", "e_mail"),
    ],
)
def test_kinds_of_links(text: str, name: str) -> None:
    """A link is told by what it leads to."""
    assert value(text, name) == 1.0


def test_a_fault_with_its_address_is_not_a_bare_link() -> None:
    """Who reports that a page does not work shows which page."""
    assert value("http://shop.example.com/cart is not working, error 500", "link_alone") == 0.0
    assert value("http://shop.example.com/cart", "link_alone") == 1.0


def test_hashed_is_unit_length_per_kind_and_stable() -> None:
    """Both kinds of n-grams have length one whatever the text's length, and buckets never change between processes."""
    _, values = features.hashed("the same words and the same words again")
    assert np.isclose(values @ values, 2.0)
    assert features.bucket("w", "word") == 14039


@given(st.text(max_size=300))
def test_side_is_total_and_bounded(text: str) -> None:
    """Any text gives finite numbers of about 0..1."""
    row = features.side(features.clean(text))
    assert np.isfinite(row).all()
    assert (row >= 0).all()
    assert (row <= 2).all()


@pytest.mark.parametrize(
    "text", ["Great post!", "So true", "Love this 🎉", "Awesome, thanks for sharing!", "¡Muy bien!", "#goals"]
)
def test_praise_without_an_object_would_fit_anywhere(text: str) -> None:
    """Nothing in it is about anything in particular."""
    assert features.specificity(features.clean(text)) == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "why?",
        "not working",
        "subscribe to my channel",
        "see www.example.com",
        "the second burr fits after turning the ring",
        "ミルクの泡がうまくできません",
        "güncelleme sonrası ekran karardı",
    ],
)
def test_what_is_about_something_is_specific(text: str) -> None:
    """A question, a fault, a request, a link, or a few words that tell, in any script."""
    assert features.specificity(features.clean(text)) == 1.0
