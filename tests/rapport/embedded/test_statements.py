"""What a statement is: of text that ClickHouse's parser wrote."""

import pytest

from rapport.embedded.native.statements import RefusedError, check_read_only, insert, statement

FUNCTIONS = frozenset({"file", "url", "numbers", "eval", "values", "merge"})


@pytest.mark.parametrize(
    ("canonical", "sql"),
    [
        ("SELECT 1 FORMAT JSON", "SELECT 1"),
        ("SELECT 1 FORMAT CSV SETTINGS max_threads = 1", "SELECT 1 SETTINGS max_threads = 1"),
        ("SELECT 1 SETTINGS max_threads = 1 FORMAT CSV", "SELECT 1 SETTINGS max_threads = 1"),
        ("SELECT 'FORMAT JSON'", "SELECT 'FORMAT JSON'"),
        ("SELECT FORMAT FROM t ORDER BY FORMAT DESC", "SELECT FORMAT FROM t ORDER BY FORMAT DESC"),
        ("SELECT x FROM (SELECT 1 AS FORMAT)", "SELECT x FROM (SELECT 1 AS FORMAT)"),
    ],
)
def test_output_formats_are_dropped(canonical: str, sql: str) -> None:
    """Only a FORMAT clause goes, not what is merely called so."""
    assert statement(canonical).sql == sql


@pytest.mark.parametrize(
    ("original", "canonical", "parts"),
    [
        ("insert into t values", "INSERT INTO t FORMAT Values", ("INSERT INTO t", "", "SELECT * FROM t")),
        (
            "INSERT INTO a.`b c` (x, `y)`) VALUES ;",
            "INSERT INTO a.`b c` (x, `y)`) FORMAT Values",
            ("INSERT INTO a.`b c` (x, `y)`)", "", "SELECT x, `y)` FROM a.`b c`"),
        ),
        (
            "INSERT INTO t SETTINGS async_insert=0 FORMAT Native",
            "INSERT INTO t SETTINGS async_insert = 0 FORMAT Native",
            ("INSERT INTO t", " SETTINGS async_insert = 0", "SELECT * FROM t"),
        ),
        ("INSERT INTO t VALUES (1)", "INSERT INTO t FORMAT Values", None),
        ("INSERT INTO t SELECT 1", "INSERT INTO t SELECT 1", None),
        ("INSERT INTO FUNCTION file('x') VALUES", "INSERT INTO FUNCTION file('x') FORMAT Values", None),
        ("SELECT 1", "SELECT 1", None),
    ],
)
def test_inserts(original: str, canonical: str, parts: tuple[str, str, str] | None) -> None:
    """An INSERT whose rows follow is told from one that brings them along."""
    found = insert(original, canonical)
    assert (found and (found.into, found.settings, found.sample)) == parts


@pytest.mark.parametrize(
    "canonical",
    [
        "SELECT 1 INTO OUTFILE 'x'",
        "INSERT INTO t FROM INFILE 'x' FORMAT CSV",
        "SELECT * FROM Python(users)",
        "SELECT * FROM `python`(users)",
    ],
)
def test_files_of_the_server_are_nobodys(canonical: str) -> None:
    """Not even the admin gets the server to write files or to look into its Python."""
    with pytest.raises(RefusedError):
        statement(canonical)


@pytest.mark.parametrize(
    ("canonical", "allowed"),
    [
        ("SELECT count() FROM numbers(3)", True),
        ("SELECT 1 AS `a/b`", True),
        ("SELECT `Column` FROM t", True),
        ("SELECT * FROM brand_new_function(1)", True),  # a view with parameters looks like this
        ("SELECT * FROM URL('x')", False),
        ("SELECT file('x')", False),
        ("SELECT * APPLY file FROM t", False),
        ("SELECT * FROM `/etc/passwd`", False),
        ("SELECT * FROM `C:x`", False),
        ("SYSTEM FLUSH LOGS", False),
        ("SET readonly = 0", False),
        ("", False),
    ],
)
def test_readers(canonical: str, *, allowed: bool) -> None:
    """A reader's statement reads tables and only tables."""
    if allowed:
        check_read_only(statement(canonical), FUNCTIONS)
    else:
        with pytest.raises(RefusedError):
            check_read_only(statement(canonical), FUNCTIONS)
