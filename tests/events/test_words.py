"""Finding brands by tokens first gives what searching every word gives."""

import re
import time

from hypothesis import given
from hypothesis import strategies as st

from events import Brand, Brands

LETTERS = "aAiIkKsSbß-+@_ 1İıſKẞΐͅιΙǰ\u0301ⒶⅧ"
words = st.text(LETTERS, min_size=1, max_size=5).filter(lambda word: word.strip())
texts = st.text(LETTERS, max_size=20)


@given(st.lists(st.lists(words, min_size=1, max_size=3), max_size=4), texts)
def test_no_word_is_missed_or_invented(matches: list[list[str]], text: str) -> None:
    """The brands named are those one of whose words is found as a whole word, in any case."""
    brands = Brands(Brand(f"b{number}", match=tuple(match)) for number, match in enumerate(matches))
    for number, match in enumerate(matches):
        whole = rf"(?<!\w)(?:{'|'.join(map(re.escape, match))})(?!\w)"
        assert (f"b{number}" in brands.named(text)) is bool(re.search(whole, text, re.IGNORECASE))


@given(words, texts, texts)
def test_a_word_is_found_in_any_case(word: str, before: str, after: str) -> None:
    """A word between blanks names its brand, however it is written."""
    brands = Brands([Brand("b", match=(word,))])
    for written in (word, word.swapcase()):
        if re.fullmatch(re.escape(word), written, re.IGNORECASE):
            assert brands.named(f"{before} {written} {after}") == {"b"}


def test_fifty_brands_with_ten_words_are_told_apart_quickly() -> None:
    """A text of two hundred characters that names nobody takes less than a tenth of a millisecond."""
    brands = Brands(Brand(f"b{n}", match=tuple(f"brand{n}word{m}" for m in range(10))) for n in range(50))
    text = "there is nothing to be seen here, " * 6
    begin = time.perf_counter()
    for _ in range(500):
        assert brands.named(text) == set()
    assert (time.perf_counter() - begin) / 500 < 1e-4
