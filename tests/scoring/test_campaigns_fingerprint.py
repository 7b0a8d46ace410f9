"""Fingerprints survive what spinners and crawlers do to a text, in every script; texts that say little have none."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.campaigns import fingerprint, fingerprints
from scoring.campaigns.minhash import BYTES
from scoring.campaigns.text import normalised

PLAIN = "Visit the garden of wonders today and win a marvellous watering can for free"


def similarity(first: str, second: str) -> float:
    one, other = fingerprints([first, second])
    assert one and other
    return float((np.frombuffer(one.minima, "<u2") == np.frombuffer(other.minima, "<u2")).mean())


@pytest.mark.parametrize(
    "disguised",
    [
        PLAIN.upper(),
        PLAIN.replace("a", "a\ufeff").replace("o", "o\u200b"),
        "".join(chr(ord(c) + 0xFEE0) if "a" <= c <= "z" else c for c in PLAIN),
        f"<b>{PLAIN}</b><br />!!! 12345",
        PLAIN.replace("and", "&amp; and &#33;"),
    ],
)
def test_disguises_change_nothing(disguised: str) -> None:
    """Case, hidden characters, width, markup, digits and entities are not differences."""
    assert similarity(PLAIN, disguised) == 1.0


def test_re_worded_is_near_and_another_text_is_far() -> None:
    """The share of equal minima follows the share of common shingles."""
    assert 0.4 < similarity(PLAIN, PLAIN.replace("marvellous", "gorgeous")) < 1.0
    assert similarity(PLAIN, "My tomatoes never ripen before the frost comes, what am I doing wrong?") < 0.1


@pytest.mark.parametrize(
    "text", ["", "nice", "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", "ha" * 200, "😀" * 50, "12345 67890 " * 9]
)
def test_says_too_little(text: str) -> None:
    """Laughter, numbers and a word or two make nobody a member of anything."""
    assert fingerprint(text) is None


def test_addressees_are_not_text() -> None:
    """A thread of a dozen people would otherwise look like a template with many accounts."""
    everybody = " ".join(f"@somebody{turn}@example.social" for turn in range(12))
    assert fingerprint(f"{everybody} thanks, boo!") is None
    assert similarity(PLAIN, f"@anna_b @c.d {PLAIN}") == 1.0


def test_scripts_without_spaces() -> None:
    """A Chinese sentence of a dozen characters says as much as a line of English."""
    text = "今天的天气真好我们一起去公园散步吧"
    found = fingerprint(text)
    assert found and found.letters > len(text)
    assert fingerprint("你好吗") is None


def test_the_same_on_every_machine() -> None:
    """Pinned: fingerprints of different processes are compared with each other."""
    found = fingerprint(PLAIN)
    assert found and found.letters == 63
    assert found.minima[:8].hex() == "a88d0f41ef7fb154"
    assert len(found.minima) == BYTES <= 300


def test_alone_or_in_a_batch() -> None:
    """The neighbours in a batch have no influence."""
    texts = [PLAIN, "short", "Another sentence that is quite long enough to count", PLAIN[::-1]]
    assert fingerprints(texts) == [fingerprint(text) for text in texts]


def test_links_are_kept_apart_from_the_text() -> None:
    """A rotated domain leaves the text equal and shows as another domain; a missing space makes no domain."""
    one = normalised("Get it at https://www.Prize-a.example.com/x?id=1 now")
    two = normalised("Get it at prize-b.ｃom now")
    assert one.letters == two.letters
    assert (one.domains, two.domains) == (("prize-a.example.com",), ("prize-b.com",))
    assert one.links == ("prize-a.example.com/x?id=1",)
    assert normalised("I fell asleep.in the end I called.me too").domains == ()


@given(st.lists(st.text(max_size=200), max_size=20))
def test_total_on_any_text(texts: list[str]) -> None:
    """Whatever people send, there is a fingerprint or none, and never an error."""
    assert len(fingerprints(texts)) == len(texts)


@pytest.mark.parametrize(
    "hostile",
    [
        "\ud800 lone surrogate in quite a long sentence here",
        "http://[" * 500,
        "<" * 9_000,
        "﷽" * 9_000,
        "a.b" * 4_000,
        "&#x110000;" * 99,
    ],
)
def test_hostile_texts_are_quick(hostile: str) -> None:
    """No text takes long: not unclosed tags, not characters that unfold to eighteen, not endless almost-links."""
    begun = time.perf_counter()
    fingerprint(hostile)
    assert time.perf_counter() - begun < 0.5


def test_speed(capsys: pytest.CaptureFixture[str]) -> None:
    """Printed for the record; asserted only so far that a blunder shows."""
    texts = [
        f"{PLAIN} number {turn:b} of very many {turn:o}".translate({48: "zero ", 49: "one "}) for turn in range(4096)
    ]
    begun = time.process_time()
    for start in range(0, len(texts), 1024):
        fingerprints(texts[start : start + 1024])
    per_second = len(texts) / (time.process_time() - begun)
    with capsys.disabled():
        print(f" [{per_second:,.0f} fingerprints/s] ", end="")
    assert per_second > 1_000
