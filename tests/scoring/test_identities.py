"""Which accounts are one person: chains, cycles, splits, and any order of being told."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from events import Identity
from scoring.identities import Identities

START = datetime(2026, 1, 1, tzinfo=UTC)
words = st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde")), max_size=12)


def said(account: str, person: str, minute: int = 0) -> Identity:
    return Identity(account=account, person=person, author="sam", at=START + timedelta(minutes=minute))


def test_nobody_has_said_anything() -> None:
    """Every account is its own person."""
    nothing = Identities()
    assert nothing.person("a") == "a"
    assert nothing.accounts("a") == ("a",)
    assert list(nothing) == []


def test_a_chain_leads_to_its_end() -> None:
    """Of a person all accounts are known, whichever is asked for, and the one that stands for them comes first."""
    identities = Identities([said("c", "b"), said("b", "x"), said("a", "x")])
    assert identities.person("c") == "x"
    assert identities.accounts("x") == identities.accounts("c") == ("x", "a", "b", "c")


def test_a_split_takes_one_out_with_those_behind_it() -> None:
    """An account by itself again keeps what was linked to it."""
    identities = Identities([said("c", "b"), said("b", "x"), said("a", "x"), said("b", "b", 1)])
    assert identities.accounts("x") == ("x", "a")
    assert identities.accounts("c") == ("b", "c")
    assert [identity.account for identity in identities] == ["a", "c"]


def test_who_was_ever_one_person_is_remembered() -> None:
    """Also where a split has parted them, so that what was said of both stays older than what is said of each."""
    identities = Identities([said("c", "b"), said("b", "x"), said("b", "b", 1)])
    assert identities.ever("x") == identities.ever("c") == {"b", "c", "x"}
    assert identities.ever("somebody else") == {"somebody else"}


def test_a_cycle_is_one_person() -> None:
    """The smallest account of the cycle stands for it, also for those that only lead to it."""
    identities = Identities([said("c", "b"), said("b", "c"), said("a", "c")])
    assert {identities.person(account) for account in "abc"} == {"b"}
    assert identities.accounts("a") == ("b", "a", "c")


def test_the_newest_word_holds_in_any_order() -> None:
    """An older word that comes later changes nothing; of two at once the later one holds."""
    identities = Identities([said("a", "b", 2), said("a", "c", 1)])
    assert identities.person("a") == "b"
    identities.apply(said("a", "d", 2))
    assert identities.person("a") == "d"
    assert identities.accounts("b") == ("b",)


@given(words)
def test_persons_part_the_accounts(pairs: list[tuple[str, str]]) -> None:
    """Whatever is said, each account belongs to exactly one person, who stands for themselves."""
    told = [said(account, person, minute) for minute, (account, person) in enumerate(pairs)]
    identities = Identities(told)
    for account in "abcde":
        person = identities.person(account)
        assert identities.person(person) == person
        assert account in identities.accounts(person)
        assert {identities.person(other) for other in identities.accounts(account)} == {person}
    turned = Identities(reversed(told))
    assert [turned.accounts(account) for account in "abcde"] == [identities.accounts(account) for account in "abcde"]
