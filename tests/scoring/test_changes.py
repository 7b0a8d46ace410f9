"""What an author edits counts with its newest text, and what they take back does not count at all."""

import pytest
from msgspec.structs import replace

from events import Activity, Brand, Brands, Content, Scored, Verdict
from events.interaction import id_hash
from scoring.changes import SKEW_MS, changes_something, waits_until
from scoring.fold import Fact, Person, fold_all, observed_act, relationships
from tests.scoring.readings import read
from tests.scoring.test_fold import act, conversation, fact

PRAISE = "Bag 7 of the lamp by acme holds two screws that fit any wall of stone, thank you!"
QUESTION = "How do I mount the lamp by acme on a wall of stone?"


def folded(facts: list[Fact]) -> tuple[Person, dict[str, Scored]]:
    person, rows = fold_all(facts)
    return person, {row.interaction.id: row for row in rows}


def counted(person: Person) -> tuple[object, ...]:
    return person.actor, person.habits, person.ties, relationships("m:eve", person, ["acme"])


@pytest.mark.parametrize("kind", [Activity.DELETE, Activity.UNDO])
@pytest.mark.parametrize("day", [0.4, 2.5, 30.0])
def test_what_was_taken_back_was_never_said(kind: Activity, day: float) -> None:
    """The person and their relationships are as without it, whenever it was taken back; nothing of the text is left."""
    said = act(50, content=PRAISE, day=1.3, url="https://m.example/50", language="en")
    person, rows = folded([*conversation(3), said, act(51, type=kind, object="m:50", day=day)])
    without, _ = folded(conversation(3))
    assert counted(person) == counted(without)
    row = rows["m:50"]
    assert (row.withdrawn_by, row.trust, row.verdict, row.evidence) == ("m:51", 0.0, Verdict.INSUFFICIENT, ())
    assert (row.interaction.content, row.interaction.url, row.content, row.phases) == ("", "", Content(), ())
    assert rows["m:1"].withdrawn_by == ""


def test_a_like_that_was_undone_is_none() -> None:
    """So with a share and a follow."""
    for kind in (Activity.LIKE, Activity.ANNOUNCE, Activity.FOLLOW):
        done = [act(50, type=kind, object="m:1", day=1.5), act(51, type=Activity.UNDO, object="m:50", day=1.6)]
        assert counted(folded(conversation(3) + done)[0]) == counted(folded(conversation(3))[0])


def test_an_edit_counts_as_if_it_had_been_said_at_once() -> None:
    """With the newest text, at the time of the first; older ones are kept nowhere, and an edit without text is none."""
    edits = [
        act(51, type=Activity.UPDATE, object="m:50", content="half of a sentence", day=1.4),
        act(52, type=Activity.UPDATE, object="m:50", content=QUESTION, day=5),
        act(53, type=Activity.UPDATE, object="m:50", day=6),
    ]
    person, rows = folded([*conversation(3), act(50, content=PRAISE, day=1.3), *edits])
    at_once, expected = folded([*conversation(3), act(50, content=QUESTION, day=1.3)])
    assert counted(person) == counted(at_once)
    assert replace(rows["m:50"], edited_by="") == expected["m:50"]
    assert rows["m:50"].edited_by == "m:52"
    assert [rows[name].interaction.content for name in ("m:51", "m:52", "m:53")] == ["", QUESTION, ""]
    assert rows["m:51"].content == Content()


def test_nobody_else_can_change_an_act() -> None:
    """Neither another account, nor the brand it is said to, nor the platform as if it were the author."""
    said = [*conversation(3), act(50, content=PRAISE, day=1.3)]
    others = [
        act(60 + place, actor, to, type=kind, object="m:50", content=PRAISE[::-1], day=2.4)
        for place, (actor, to) in enumerate([("b:eve", "m:acme"), ("m:acme", "m:eve"), ("m:mallory", "m:acme")])
        for kind in (Activity.DELETE, Activity.UNDO, Activity.UPDATE)
    ]
    for other in others:
        hers = Fact(other.interaction, tuple(replace(route, person="m:eve") for route in other.routes))
        rows = folded([*said, hers])[1]
        assert (rows["m:50"].interaction.content, rows["m:50"].withdrawn_by) == (PRAISE, "")
    removed = folded([*said, act(70, "m", "m:eve", type=Activity.DELETE, object="m:50", day=2.4)])[1]["m:50"]
    assert (removed.withdrawn_by, removed.interaction.content) == ("", PRAISE)
    assert "removed_by_platform" in {entry.signal for entry in removed.evidence}


def test_a_brand_is_one_author_with_all_its_accounts() -> None:
    """What one of its accounts said another one may take back; one of another brand may not."""
    brands = Brands([Brand("acme", frozenset({"m:acme", "m:help"})), Brand("rival", frozenset({"m:rival"}))])
    said = act(50, "m:acme", "m:eve", content="Use the two long screws.", day=1.3).interaction
    for actor, gone in (("m:help", True), ("m:rival", False)):
        word = act(51, actor, "m:eve", type=Activity.DELETE, object="m:50", day=2).interaction
        rows = folded([Fact(one, brands.routes(one), read(one.content)) for one in (said, word)])[1]
        assert bool(rows["m:50"].withdrawn_by) == gone


def test_a_deletion_far_older_than_the_act_says_nothing_of_it() -> None:
    """A day, by which clocks may differ, is the most: nothing later can then be what was deleted."""
    word = act(51, type=Activity.DELETE, object="m:50", day=1)
    for day, gone in ((1.9, True), (2.1, False)):
        assert bool(folded([act(50, content=PRAISE, day=day), word])[1]["m:50"].withdrawn_by) == gone
    told = {"m:51": (word.interaction, word.routes)}
    assert waits_until(told) == (word.interaction.at + SKEW_MS, id_hash("m:51"))
    assert waits_until({}) < Person().order or waits_until({}) == Person().order


def test_an_edit_says_nothing_by_itself() -> None:
    """It moves no number of the person, and the campaign finder does not hear of it."""
    edit = act(51, type=Activity.UPDATE, object="m:50", content=PRAISE, day=3)
    assert observed_act(edit) is None
    assert counted(folded([*conversation(3), edit])[0]) == counted(folded(conversation(3))[0])
    assert changes_something(edit.interaction)
    assert not changes_something(fact(replace(edit.interaction, object="")).interaction)
