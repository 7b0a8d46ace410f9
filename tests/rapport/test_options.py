"""What every command takes, and how it answers."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
import typer

from rapport.cli.options import Format, fitted, moment, show
from tests.hostile import TEXTS

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-01-02T12:00:00Z", "2026-01-02T12:00:00", "2026-01-02 12:00", "2026-01-02T14:00:00+02:00"]
)
def test_a_time_is_utc(text: str) -> None:
    """With a Z, with an offset, or with neither."""
    assert moment(text) == NOON
    assert moment(text).utcoffset() == NOON.utcoffset()


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "0001-01-01T00:00:00+14:00"])
def test_no_time(text: str) -> None:
    """What is no time is refused as wrong usage, with an example of one."""
    with pytest.raises(typer.BadParameter, match="2026-01-31T12:00:00Z"):
        moment(text)


@pytest.mark.parametrize("text", FORMULAS)
def test_csv_runs_no_formula(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither of a cell nor of a column's name, which a query may choose; numbers stay numbers."""
    show([text, "number"], [(text, -1.5)], Format.CSV)
    assert list(csv.reader(io.StringIO(capsys.readouterr().out, newline=""))) == [
        ["'" + text, "number"],
        ["'" + text, "-1.5"],
    ]


def test_csv_keeps_a_cell_in_one_piece(capsys: pytest.CaptureFixture[str]) -> None:
    """A lone CR is quoted: bare, it ends the row for a spreadsheet, and what follows is a formula."""
    show(["text"], [("fine\r=1+1",)], Format.CSV)
    assert capsys.readouterr().out.splitlines(keepends=True)[-2:] == ['"fine\r', '=1+1"\n']


@pytest.mark.parametrize("text", [*FORMULAS, "\u202eevil\x1b[31m", "家族 👩‍👩‍👧"])
def test_json_is_exact(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is stored is what is told, whatever a spreadsheet or terminal would make of it."""
    show([text], [(text,)], Format.JSON)
    assert json.loads(capsys.readouterr().out) == [{text: text}]


def test_a_table_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    """Markup is shown; what steers a terminal or turns text around is not, in names of columns neither."""
    hostile = "[bold]\x1b[31m\u202eevil\r\n"
    show([hostile], [(hostile,)], Format.TABLE)
    shown = capsys.readouterr().out
    assert shown.count("[bold]") == 2
    assert not set(shown) & set("\x1b\u202e\r")
    assert len(shown.splitlines()) == 2


def test_a_table_fits_the_terminal() -> None:
    """The longest texts give way first, numbers never do, and wide letters count as two."""
    cells = [["person", "text", "volume"], ["x" * 40, "字" * 30, "123456"]]
    widths = fitted(cells, [False, False, True], 60)
    assert sum(widths) + 2 * 2 == 60
    assert widths[2] == 6
    assert abs(widths[0] - widths[1]) <= 1
    assert fitted(cells, [False, False, True], 200) == [40, 60, 6]
    assert fitted(cells, [False, False, True], 5) == [8, 8, 6]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_hostile_texts_pass_through_csv_unharmed(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Read back they are what they were, but for the apostrophe that keeps a spreadsheet from running one."""
    show(("text", "number"), [(text, 1)], Format.CSV)
    header, (cell, number) = csv.reader(io.StringIO(capsys.readouterr().out, newline=""))
    assert (header, number) == (["text", "number"], "1")
    assert cell == (f"'{text}" if text[0] in "=+-@\t\r" else text)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_hostile_texts_do_nothing_to_a_terminal(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line per row, no control character and nothing that turns the text around."""
    show(("text", "texts", "number"), [(text, [text, text], 1)], Format.TABLE)
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 2
    assert all(letter.isprintable() or letter == "\n" for letter in out)
