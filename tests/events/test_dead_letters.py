"""What is said of a message that cannot be used."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from events.dead_letters import KEPT_DETAIL, dead_letter_headers

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_every_fact_has_its_header() -> None:
    """The words that the warehouse reads, with the time in UTC whatever the zone it was given in."""
    headers = dead_letter_headers("not_json", "no JSON", "scored:2:5", AT.astimezone(timezone(timedelta(hours=5))), 7)
    assert headers == {
        "reason": b"not_json",
        "detail": b"no JSON",
        "origin": b"scored:2:5",
        "at": b"2026-01-02T03:04:05+00:00",
        "bytes": b"7",
    }
    assert dead_letter_headers("", "", "", AT.replace(tzinfo=None), 0)["at"] == headers["at"]


@given(st.text(max_size=3000), st.text())
def test_headers_are_short_text_whatever_they_quote(detail: str, origin: str) -> None:
    """Lone surrogates, as in the file names of other systems, are spelt out; a long detail is cut."""
    headers = dead_letter_headers("bad_value", detail, origin, AT, 1)
    spelt = [value.decode("utf-8") for value in headers.values()]
    assert len(headers["detail"]) <= 6 * KEPT_DETAIL
    assert len(spelt) == 5


def test_a_lone_surrogate_is_spelt_out() -> None:
    """It can still be read which byte of the file name it was."""
    assert dead_letter_headers("x", "", "file:\udcff.csv:1", AT, 1)["origin"] == b"file:\\udcff.csv:1"
