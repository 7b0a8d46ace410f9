"""Whatever the order, the repeats and the crashes, the tables end as an ordered fold of the facts."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from events import Brands, Interaction, Relationship, Scored, encode
from events.brands import by_person
from scoring.fold import fold_all, relationships
from streams.batch import Message, fold_batch, read
from streams.refold import refold
from streams.state import Kept, is_news, mark_key, pack, partition_of, unpack
from tests.scoring.test_fold import BRANDS, act, conversation

NOW = datetime(2027, 1, 1, tzinfo=UTC)


def messages(interactions: Sequence[Interaction], *, routed: bool = True) -> list[Message]:
    found = []
    for interaction in interactions:
        for key, routes in by_person(interaction, BRANDS.routes(interaction)).items():
            header = encode(routes) if routed else None
            found.append(Message(0, len(found), key.encode(), encode(interaction), header, NOW))
    return found


class Pipeline:
    """The agents and the sink without Kafka: batches, a table, a warehouse, and crashes between any two steps."""

    def __init__(self) -> None:
        self.table: dict[bytes, bytes] = {}
        self.rows: dict[tuple[str, str], Scored] = {}
        self.ties: dict[tuple[str, str], Relationship] = {}
        self.late: list[Message] = []

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
        folded = fold_batch(batch, self.kept, BRANDS)
        assert not folded.dead
        self.store(folded.scored, folded.relationships)
        self.late += folded.late
        if dies_before_keeping:
            self.fold(batch, dies_before_keeping=False)
            return
        self.table.update({key: pack(kept) for key, kept in folded.states.items()})

    def repair(self, *, dies_before_keeping: bool) -> None:
        for message in self.late:
            fact = read(message, BRANDS)
            assert fact[1] is not None
            key = message.key.decode()
            stored = [row for row in self.rows.values() if row.person == key]
            result = refold(key, self.kept(message.key), stored, [(fact[0], fact[1])])
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
    """Shuffled, repeated, in batches of any size, with deaths between sending and keeping."""
    facts = conversation(5) + [
        act(100 + n, content=f"a remark {n} about acme in passing", day=n * 0.7) for n in range(6)
    ]
    arrivals = [interaction for interaction, _ in facts]
    arrivals += chance.sample(arrivals, 5)
    chance.shuffle(arrivals)
    pipeline, left = Pipeline(), messages(arrivals)
    while left or pipeline.late:
        if left and chance.random() < 0.7:
            size = chance.randint(1, 6)
            pipeline.fold(left[:size], dies_before_keeping=chance.random() < 0.3)
            del left[:size]
        else:
            pipeline.repair(dies_before_keeping=chance.random() < 0.3)
    person, expected = fold_all(facts)
    assert {key: replace(row, revision=0) for key, row in pipeline.rows.items()} == {
        (row.interaction.id, row.brand): row for row in expected
    }
    assert pipeline.kept(b"m:eve").person == person
    (tie,) = relationships("m:eve", person, ["acme"])
    assert replace(pipeline.ties["acme", "m:eve"], version=0) == tie


def test_a_known_message_changes_nothing() -> None:
    """A message at or below the offset that a state includes is skipped."""
    batch = messages([interaction for interaction, _ in conversation(2)])
    table: dict[bytes, Kept] = {}
    first = fold_batch(batch, lambda key: table.get(key, Kept()), BRANDS)
    again = fold_batch(batch, lambda key: first.states.get(key, Kept()), BRANDS)
    assert first.states
    assert not (again.scored or again.states or again.late)


def test_a_message_without_routes_is_routed_here() -> None:
    """A foreign producer that keys rightly is served at once; one that does not is sent round with a key."""
    (interaction, _), *_ = conversation(1)
    (right,) = messages([interaction], routed=False)
    wrong = Message(0, 1, b"somebody-else", right.value, None, NOW)
    folded = fold_batch([right, wrong], lambda key: Kept(), BRANDS)
    assert [row.interaction.id for row in folded.scored] == [interaction.id]
    assert [(key, item.id) for key, item, _ in folded.astray] == [(b"m:eve", interaction.id)]


@pytest.mark.parametrize(
    ("key", "value", "routes", "reason"),
    [
        (b"", b"{}", None, "bad_key"),
        (b"\x00interactions:0", b"{}", None, "bad_key"),
        (b"\xff", b"{}", None, "bad_key"),
        (b"m:eve", b"{}", None, "missing_field"),
        (b"m:eve", encode(act(0)[0]), b"{}", "bad_routes"),
    ],
)
def test_what_cannot_be_read_is_a_dead_letter(key: bytes, value: bytes, routes: bytes | None, reason: str) -> None:
    """One unreadable message stops nobody, and cannot pass for a mark."""
    folded = fold_batch([Message(0, 0, key, value, routes, NOW)], lambda key: Kept(), Brands())
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
