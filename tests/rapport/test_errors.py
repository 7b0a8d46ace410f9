"""A query over a limit: the line says whose limit it was, and what to do."""

import pytest
from clickhouse_driver.errors import ServerException

from rapport.errors import ADMINISTRATOR, explained

QUERY = "Query memory limit exceeded: would use 1.88 GiB (attempt to allocate chunk of 4.00 MiB), maximum: 1.86 GiB."
SERVER = "(total) memory limit exceeded: would use 9.01 GiB (attempt to allocate chunk of 4.00 MiB), maximum: 9.00 GiB."


@pytest.mark.parametrize(
    ("said", "code", "administrator", "line"),
    (
        (QUERY, 241, False, "the query was ended: it takes more memory than a reader's query may (1.86 GiB); ask for"),
        (QUERY, 241, True, "ClickHouse ran out of memory: an administrator's query takes more than it may (1.86"),
        (SERVER, 241, False, "ClickHouse ran out of memory: all queries take more than they may (9.00 GiB)"),
        ("Timeout exceeded: elapsed 60.1 s, maximum: 60", 159, False, "the query was ended: it took longer than a"),
        ("Timeout exceeded: elapsed 60.1 s, maximum: 60", 159, True, "ClickHouse says: Timeout exceeded"),
    ),
)
def test_who_asked_decides_what_is_said(said: str, code: int, administrator: bool, line: str) -> None:
    """A reader asks for less, an administrator makes room; ClickHouse's own figure is in the line."""
    error = ServerException(f"DB::Exception: {said}", code)
    if administrator:
        error.add_note(ADMINISTRATOR)
    told = explained(error)
    assert told is not None
    assert told.startswith(line)
