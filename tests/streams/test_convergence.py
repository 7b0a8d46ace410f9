"""Whatever the order, the repeats and the crashes, the tables end as an ordered fold of the facts."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from events import Activity, Brands, Correction, Interaction, Relationship, Scored, Verdict, encode
from events.brands import by_person
from scoring.fold import Fact, Knowledge, Known, fold_all, relationships
from scoring.testimony import of_correction
from streams.batch import Folded, Message, Read, fold_batch, read, read_batch
from streams.refold import facts_of, refold
from streams.state import Kept, is_news, mark_key, pack, partition_of, unpack
from tests.scoring.readings import read as read_text
from tests.scoring.test_fold import BRANDS, act, conversation

NOW = datetime(2027, 1, 1, tzinfo=UTC)


def messages(interactions: Sequence[Interaction], *, routed: bool = True) -> list[Message]:
    found = []
    for interaction in interactions:
        for key, routes in by_person(interaction, BRANDS.routes(interaction)).items():
            header = encode(routes) if routed else None
            found.append(Message(0, len(found), key.encode(), encode(interaction), header, NOW))
    return found


def folded_from(
    batch: Sequence[Message],
    kept: Callable[[bytes], Kept],
    brands: Brands = BRANDS,
    knowledge: Knowledge = lambda _: Known(),
) -> Folded:
    reads = read_batch(batch, brands)
    contents = {
        each.interaction.content: read_text(each.interaction.content) for each in reads if isinstance(each, Read)
    }
    return fold_batch(reads, contents, kept, brands, knowledge=knowledge)


class Pipeline:
    """The agents and the sink without Kafka: batches, a table, a warehouse, and crashes between any two steps."""

    def __init__(self) -> None:
        self.table: dict[bytes, bytes] = {}
        self.rows: dict[tuple[str, str], Scored] = {}
        self.ties: dict[tuple[str, str], Relationship] = {}
        self.late: list[Message] = []
        self.corrected: dict[str, Correction] = {}

    def knowledge(self, identifier: str) -> Known:
        return Known(correction=of_correction(self.corrected.get(identifier)))

    def kept(self, key: bytes) -> Kept:
        return unpack(self.table.get(key))

    def store(self, rows: Sequence[Scored], ties: Sequence[Relationship]) -> None:
        for row in rows:
            before = self.rows.get((row.interaction.id, row.brand))
            if before is None or row.revision >= before.revision:
                self.rows[row.interaction.id, row.brand] = row
        for tie in ties:
            known = self.ties.get((tie.brand, tie.person))
            if known is None or tie.version >= known.version:
                self.ties[tie.brand, tie.person] = tie

    def fold(self, batch: Sequence[Message], *, dies_before_keeping: bool) -> None:
        folded = folded_from(batch, self.kept, knowledge=self.knowledge)
        assert not folded.dead
        self.store(folded.scored, folded.relationships)
        self.late += folded.late
        if dies_before_keeping:
            self.fold(batch, dies_before_keeping=False)
            return
        self.table.update({key: pack(kept) for key, kept in folded.states.items()})

    def repair(self, *, dies_before_keeping: bool) -> None:
        for message in self.late:
            key = message.key.decode()
            stored = [row for row in self.rows.values() if row.person == key]
            late = []
            if message.value:
                interaction, routes = read(message, BRANDS)
                late = [Fact(interaction, routes or (), read_text(interaction.content))]
            facts = facts_of(stored, late)
            kept = self.kept(message.key)
            result = refold(key, kept, stored, facts, knowledge=self.knowledge)
            if result:
                self.store(result.scored, result.relationships)
                if not dies_before_keeping:
                    self.table[message.key] = pack(result.kept)
        if dies_before_keeping:
            self.repair(dies_before_keeping=False)
        self.late.clear()


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_any_arrival_converges_to_the_ordered_fold(chance: random.Random) -> None:
    """Shuffled, repeated, in batches of any size, with deaths between sending and keeping; corrected in between."""
    facts = conversation(5) + [
        act(100 + n, content=f"a remark {n} about acme in passing", day=n * 0.7) for n in range(6)
    ]
    facts.append(act(200, actor="m", to="m:eve", object="m:101", type=Activity.DELETE, brands=("acme",), day=9))
    arrivals = [fact.interaction for fact in facts]
    arrivals += chance.sample(arrivals, 5)
    chance.shuffle(arrivals)
    pipeline, left = Pipeline(), messages(arrivals)
    correct_at = chance.randint(0, len(left))
    while left or pipeline.late:
        if len(left) <= correct_at and not pipeline.corrected:
            word = Correction(id="m:103", verdict=Verdict.SPAM, author="ann", reason="", at=NOW)
            pipeline.corrected[word.id] = word
            pipeline.late.append(Message(0, 0, b"m:eve", b"", None, NOW))
        if left and chance.random() < 0.7:
            size = chance.randint(1, 6)
            pipeline.fold(left[:size], dies_before_keeping=chance.random() < 0.3)
            del left[:size]
        else:
            pipeline.repair(dies_before_keeping=chance.random() < 0.3)
    person, expected = fold_all(facts, pipeline.knowledge)
    assert {key: replace(row, revision=0) for key, row in pipeline.rows.items()} == {
        (row.interaction.id, row.brand): row for row in expected
    }
    assert pipeline.kept(b"m:eve").person == person
    (tie,) = relationships("m:eve", person, ["acme"])
    assert replace(pipeline.ties["acme", "m:eve"], version=0) == tie


def test_a_state_of_another_version_is_folded_anew() -> None:
    """A program that keeps other things must not misread what this one kept, nor this one that."""
    (message, *_) = messages([fact.interaction for fact in conversation(1)])
    foreign = bytearray(pack(Kept(offset=-1, revision=3)))
    foreign[16] += 1
    kept = unpack(bytes(foreign))
    assert (kept.person, kept.revision) == (None, 3)
    folded = folded_from([message], lambda key: kept)
    assert folded.late == [message]
    assert not folded.states


def test_a_known_message_changes_nothing() -> None:
    """A message at or below the offset that a state includes is skipped."""
    batch = messages([fact.interaction for fact in conversation(2)])
    table: dict[bytes, Kept] = {}
    first = folded_from(batch, lambda key: table.get(key, Kept()))
    again = folded_from(batch, lambda key: first.states.get(key, Kept()))
    assert first.states
    assert not (again.scored or again.states or again.late)


def test_a_message_without_routes_is_routed_here() -> None:
    """A foreign producer that keys rightly is served at once; one that does not is sent round with a key."""
    interaction = conversation(1)[0].interaction
    (right,) = messages([interaction], routed=False)
    wrong = Message(0, 1, b"somebody-else", right.value, None, NOW)
    folded = folded_from([right, wrong], lambda key: Kept())
    assert [row.interaction.id for row in folded.scored] == [interaction.id]
    assert [(key, item.id) for key, item, _ in folded.astray] == [(b"m:eve", interaction.id)]


@pytest.mark.parametrize(
    ("key", "value", "routes", "reason"),
    [
        (b"", b"{}", None, "bad_key"),
        (b"\x00interactions:0", b"{}", None, "bad_key"),
        (b"\xff", b"{}", None, "bad_key"),
        (b"m:eve", b"{}", None, "missing_field"),
        (b"m:eve", encode(act(0).interaction), b"{}", "bad_routes"),
    ],
)
def test_what_cannot_be_read_is_a_dead_letter(key: bytes, value: bytes, routes: bytes | None, reason: str) -> None:
    """One unreadable message stops nobody, and cannot pass for a mark."""
    folded = folded_from([Message(0, 0, key, value, routes, NOW)], lambda key: Kept(), Brands())
    assert [letter.reason for letter in folded.dead] == [reason]


def test_recovery_never_goes_back() -> None:
    """An older value from the changelog does not replace a newer one; a removal does."""
    old, new = pack(Kept(offset=4, revision=7)), pack(Kept(offset=5))
    assert is_news(new, old)
    assert not is_news(old, new)
    assert is_news(None, new)
    assert is_news(old, None)


@pytest.mark.parametrize("partition", range(4))
def test_a_mark_lies_on_its_partition(partition: int) -> None:
    """The mark is in the same log as the states it speaks of, under a key no person can have."""
    key = mark_key("interactions", partition, 4)
    assert partition_of(key, 4) == partition
    assert key.startswith(b"\x00")
