"""What may be said of accounts: in the settings, and on the command line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from events import Identity
from rapport.config import load
from rapport.errors import UserError
from rapport.identities import check_link
from scoring.identities import Identities

BRAND = '[brands.shop]\naccounts = ["x:shop"]\n'


def declared(tmp_path: Path, people: str) -> list[tuple[str, str]]:
    path = tmp_path / "rapport.toml"
    path.write_text(f"{BRAND}[people]\n{people}\n")
    return load(path, tmp_path).people


def in_force(*links: tuple[str, str]) -> Identities:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Identities(Identity(account=account, person=person, author="sam", at=at) for account, person in links)


def test_declared_people(tmp_path: Path) -> None:
    """Every account with the one that stands for its person, in the order of the file."""
    found = declared(tmp_path, '"m:alice@x" = ["b:alice", "y:alice"]\n"m:bob" = []')
    assert found == [("b:alice", "m:alice@x"), ("y:alice", "m:alice@x")]


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ('"m:a" = ["x:shop"]', "people: x:shop is an account of a brand"),
        ('"x:shop" = ["m:a"]', "people: x:shop is an account of a brand"),
        ('"m:a" = ["m:a"]', "people: m:a of m:a is named twice"),
        ('"m:a" = ["m:b"]\n"m:c" = ["m:b"]', "people: m:b of m:c belongs to m:a, too"),
        ('"m:a" = ["m:b"]\n"m:b" = ["m:c"]', "people: m:b stands for a person, and belongs to m:a"),
        ('"m:a" = "m:b"', "Expected `array`, got `str` in people[...]"),
        ('"m:a" = [""]', "Expected `str` of length >= 1 in people[...][0]"),
    ],
)
def test_declarations_that_are_not_clear(tmp_path: Path, people: str, said: str) -> None:
    """One line with the file and the account, before anything starts."""
    with pytest.raises(UserError) as raised:
        declared(tmp_path, people)
    assert str(raised.value) == f"{tmp_path / 'rapport.toml'}: {said}; see rapport.example.toml"


@pytest.mark.parametrize(
    ("account", "person", "said"),
    [
        ("a", "a", "a is a already"),
        ("b", "a", "b is merged into a already"),
        ("a", "b", "b is merged into a: that would go in a circle; split b first"),
        ("a", "c", "c is merged into a: that would go in a circle"),
        ("c", "a", "c and a are one person already: a"),
        ("c", "d", "c and d are one person already: a"),
    ],
)
def test_links_that_say_nothing_new(account: str, person: str, said: str) -> None:
    """Where they are one person already, and what would go in a circle."""
    with pytest.raises(UserError, match=said):
        check_link(in_force(("b", "a"), ("c", "b"), ("d", "a")), account, person)


def test_a_link_may_be_moved() -> None:
    """Somebody was wrong about whose it is."""
    check_link(in_force(("b", "a")), "b", "x")
    check_link(in_force(("b", "a")), "x", "b")
