"""What a page means for those who know the pages before."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from events import Activity, Actor, Brand, Brands, Interaction, Reference
from ingest.change import Change, Reader, ids
from ingest.dead import dead_letter
from ingest.ledger import Ledger
from ingest.source import Edited, Gap, Item, Removed

NOW = datetime(2026, 6, 1, tzinfo=UTC)
BRANDS = Brands([Brand("acme", frozenset({"sim:acme"}), ("acme",))])


def act(number: int, content: str = "acme is good", **more: object) -> Interaction:
    given: dict[str, object] = {
        "id": f"sim:{number}",
        "platform": "sim",
        "type": Activity.CREATE,
        "published": NOW - timedelta(hours=1),
        "actor": Actor(id="sim:ada"),
        "content": content,
    }
    return Interaction(**(given | more))  # type: ignore[arg-type]


class Pages:
    """Reads one page after the other, as the follower does; killed, it planned a page and kept nothing of it."""

    def __init__(self, path: Path) -> None:
        self.ledger, self.now = Ledger(path / "ledger"), NOW

    def read(self, *items: Item, killed: bool = False) -> Change:
        reader = Reader(self.ledger.kept(ids(items)), BRANDS, self.ledger.noticed, self.now, "sim:test")
        change = reader.read(items)
        self.ledger.plan("sim:test", change.new, self.now)
        if not killed:
            self.ledger.keep("sim:test", change.present, self.now)
            self.ledger.removed(change.removed)
        self.now += timedelta(minutes=1)
        return change


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    return Pages(tmp_path)


def test_what_is_known_is_not_published_again(pages: Pages) -> None:
    """An act that several pages show, or one page twice, is published once."""
    assert pages.read(act(1), act(2), act(1)).acts == [act(1), act(2)]
    assert pages.read(act(2), act(3)).acts == [act(3)]


def test_another_text_is_an_update(pages: Pages) -> None:
    """It goes to whom the act went, and carries the time of the edit where the platform knows it."""
    first = act(1, to=("sim:acme",), in_reply_to=Reference(id="sim:0", actor="sim:acme"), conversation="sim:0")
    pages.read(first)
    at = NOW + timedelta(seconds=5)
    (update,) = pages.read(Edited(act(1, "acme is bad"), at)).acts
    assert (update.type, update.object, update.content) == (Activity.UPDATE, "sim:1", "acme is bad")
    assert (update.published, update.actor.id) == (at, "sim:ada")
    assert (update.to, update.in_reply_to, update.conversation) == (first.to, first.in_reply_to, "sim:0")
    assert update.id.startswith("sim:1#edit-")
    assert not pages.read(Edited(act(1, "acme is bad"), at)).acts


def test_an_edited_act_that_is_new_is_published_as_it_reads(pages: Pages) -> None:
    """Nobody knows how it read before."""
    assert pages.read(Edited(act(1, "acme is bad"), NOW)).acts == [act(1, "acme is bad")]


def test_a_change_without_a_time_has_the_time_it_was_noticed(pages: Pages) -> None:
    """Read again after a kill it has the same time, so that it is the same act."""
    pages.read(act(1))
    (first,) = pages.read(act(1, "acme is bad"), killed=True).acts
    (again,) = pages.read(act(1, "acme is bad")).acts
    assert first == again
    assert first.published == NOW + timedelta(minutes=1)


def test_what_is_gone_is_a_deletion(pages: Pages) -> None:
    """By its author or by the platform; once; and a late page that still has it changes nothing."""
    pages.read(act(1), act(2))
    mine, theirs = pages.read(Removed("sim:1"), Removed("sim:2", by_platform=True), Removed("sim:9")).acts
    assert (mine.type, mine.id, mine.object, mine.actor.id) == (Activity.DELETE, "sim:1#delete", "sim:1", "sim:ada")
    assert (theirs.actor.id, theirs.in_reply_to) == ("sim", Reference(id="sim:2", actor="sim:ada"))
    assert not pages.read(Removed("sim:1"), act(1), act(2)).acts


def test_an_edit_while_we_were_dead_is_not_lost(pages: Pages) -> None:
    """Planned with one text, killed, read with another: Kafka may hold the first, so the change is told, too."""
    pages.read(act(1), killed=True)
    first, change = pages.read(act(1, "acme is bad")).acts
    assert (first.id, change.type, change.content) == ("sim:1", Activity.UPDATE, "acme is bad")
    assert not pages.read(act(1, "acme is bad")).acts


def test_what_was_planned_is_published_after_all(pages: Pages) -> None:
    """Killed before Kafka had it, it comes again."""
    pages.read(act(1), killed=True)
    assert pages.read(act(1)).acts == [act(1)]


def test_what_concerns_no_brand_is_left_out(pages: Pages) -> None:
    """A platform shows more than we listen for."""
    change = pages.read(act(1, "the weather"), act(2, "the weather", brands=("acme",)))
    assert ([one.id for one in change.acts], change.unconcerned) == (["sim:2"], 1)


def test_what_breaks_the_contract_is_a_dead_letter(pages: Pages) -> None:
    """From the future, without an id, with half a character: each by itself, and the page goes on."""
    bad = [act(1, published=NOW + timedelta(days=3)), act(2, id=""), act(3, content="acme \ud800")]
    letter = dead_letter("wrong_type", "a list", "sim:test", b"[]")
    change = pages.read(*bad, letter, act(4))
    assert [one.reason for one in change.dead] == ["bad_time", "wrong_type", "not_utf8", "wrong_type"]
    assert [one.id for one in change.acts] == ["sim:4"]


def test_gaps_are_passed_on(pages: Pages) -> None:
    """They are no acts, and nobody may lose them."""
    gap = Gap(NOW, NOW + timedelta(minutes=1), "the feed was full")
    assert pages.read(gap).gaps == [gap]


def test_those_longest_unchecked_are_checked_first(tmp_path: Path) -> None:
    """Each round goes on where the last one ended, and leaves out what was taken back, is too old, or another's."""
    pages = Pages(tmp_path)
    pages.read(*(act(number) for number in range(4)), act(9, published=NOW - timedelta(days=40)))
    since = NOW - timedelta(days=30)
    first, second = (pages.ledger.published("sim:test", since, 2) for _ in range(2))
    assert sorted([*first, *second]) == [f"sim:{number}" for number in range(4)]
    pages.read(Removed("sim:0"))
    assert sorted(pages.ledger.published("sim:test", since, 9)) == ["sim:1", "sim:2", "sim:3"]
    assert not pages.ledger.published("another", since, 9)
