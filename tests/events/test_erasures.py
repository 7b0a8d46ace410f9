"""Erased accounts and acts are recognised by a keyed hash, and taken out of what is said of others."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import Activity, Actor, Direction, Interaction, Reference, Route, decode, encode
from events.erasures import Erased, Erasure

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def erased(*names: str) -> Erased:
    found = Erased()
    for name in names:
        found.erasure(name, NOW)
    return found


def act(actor: str = "m:ben", **fields: Any) -> Interaction:
    return Interaction(id="m:1", platform="m", type=Activity.CREATE, published=NOW, actor=Actor(id=actor), **fields)


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_list_that_was_told_knows_exactly_the_same(name: str, other: str) -> None:
    """What is told names nobody, and another list that reads it recognises the same ones."""
    first = Erased()
    told = encode(first.erasure(name, NOW))
    second = Erased()
    second.apply(decode(told, Erasure))
    assert name in second
    assert (other in second) == (other == name)
    assert len(name) < 4 or name.encode("utf-8", "surrogatepass") not in told


def test_one_key_and_both_of_two_that_met() -> None:
    """A list goes on with the key it has; two that began at the same moment both hold."""
    ann, ben = Erased(), Erased()
    told = [ann.erasure("m:ann", NOW), ann.erasure("m:cem", NOW), ben.erasure("m:ben", NOW)]
    assert told[0].key == told[1].key != told[2].key
    both = Erased()
    for each in told:
        both.apply(each)
    assert len(both) == 3
    assert all(name in both for name in ("m:ann", "m:ben", "m:cem"))
    with pytest.raises(ValueError, match="hexadecimal"):
        both.apply(Erasure(digest="no", key="00", at=NOW))


def test_nothing_is_left_of_what_they_did_and_were_told() -> None:
    """Another person of the same act keeps their part."""
    ann, ben = (Route(name, Direction.OUTBOUND, person) for name, person in (("a", "m:ann"), ("b", "m:ben")))
    nobody = Route("c", Direction.OUTBOUND, "")
    known = erased("m:ann")
    assert known.left(act("m:ann"), (ben,)) == ()
    assert known.left(act("m:acme"), (ann, ben, nobody)) == (ben, nobody)
    assert Erased().left(act("m:ann"), (ann,)) == (ann,)


def test_others_name_them_no_more() -> None:
    """Accounts, what is answered and what is liked go; a conversation keeps together without saying whose it was."""
    known = erased("m:ann", "m:7")
    plain = act(to=("m:acme",), in_reply_to=Reference(id="m:2", actor="m:acme"), conversation="m:2", object="m:3")
    assert known.unnamed(plain) is plain
    assert known.unnamed(act(to=("m:ann", "m:acme"))).to == ("m:acme",)
    answer = known.unnamed(act(in_reply_to=Reference(id="m:8", actor="m:ann"), conversation="m:8"))
    assert answer.in_reply_to == Reference()
    assert answer.conversation.startswith("erased:")
    under = known.unnamed(act(in_reply_to=Reference(id="m:7"), conversation="m:7", object="m:7"))
    assert (under.in_reply_to, under.object) == (Reference(), "")
    assert under.conversation == known.unnamed(act(conversation="m:7")).conversation != answer.conversation
    assert known.unnamed(under) is under
