"""Whatever the order, the repeats and the crashes, the tables end as an ordered fold of the facts."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from events import (
    Activity,
    Brands,
    Correction,
    Identity,
    Interaction,
    Reference,
    Relationship,
    Route,
    Scored,
    Verdict,
    encode,
)
from events.brands import by_person
from events.erasures import Erased
from scoring.campaigns import Act
from scoring.fold import Fact, Knowledge, Known, Person, fold_all, observed_act, ordered, relationships
from scoring.identities import Identities
from scoring.testimony import of_correction
from streams.batch import NOBODY, Folded, Message, Read, acts, fold_batch, read, read_batch, unerased
from streams.refold import facts_of, refold, reobserved, unerased_facts, whose
from streams.state import Kept, is_torn, mark_key, pack, partition_of, unpack
from tests.scoring.readings import read as read_text
from tests.scoring.test_fold import BRANDS, act, conversation

NOW = datetime(2027, 1, 1, tzinfo=UTC)
PRAISE = ("Great post!", "Love this", "So true")


def messages(interactions: Sequence[Interaction], *, routed: bool = True) -> list[Message]:
    found: list[Message] = []
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
    *,
    identities: Identities = NOBODY,
    erased: Erased | None = None,
) -> Folded:
    reads = unerased(read_batch(batch, brands), brands, erased or Erased())
    contents = {
        each.interaction.content: read_text(each.interaction.content) for each in reads if isinstance(each, Read)
    }
    return fold_batch(reads, contents, kept, brands, knowledge=knowledge, identities=identities)


class Dies(Enum):
    """When a worker dies in the middle of a batch."""

    NEVER = auto()
    BEFORE_THE_FINDER_HEARS = auto()
    BEFORE_KEEPING = auto()


class Pipeline:
    """The agents and the sink without Kafka: batches, a table, a warehouse, and crashes between any two steps.

    ``heard`` is what the finder of campaigns was last told of each act.
    """

    def __init__(self) -> None:
        self.table: dict[bytes, bytes] = {}
        self.rows: dict[tuple[str, str], Scored] = {}
        self.ties: dict[tuple[str, str], Relationship] = {}
        self.heard: dict[str, Act | None] = {}
        self.arrived: list[Message] = []
        self.late: list[Message] = []
        self.corrected: dict[str, Correction] = {}
        self.identities = Identities()
        self.erased = Erased()
        self.offset = 0

    def knowledge(self, identifier: str) -> Known:
        return Known(correction=of_correction(self.corrected.get(identifier)))

    def kept(self, key: bytes) -> Kept:
        return unpack(self.table.get(key))

    def send(self, interactions: Sequence[Interaction]) -> None:
        """To the topic of interactions, as a connector does: it knows nothing of identities."""
        for interaction in interactions:
            for key, routes in by_person(interaction, BRANDS.routes(interaction)).items():
                self.arrive(key.encode(), interaction, routes)

    def arrive(self, key: bytes, interaction: Interaction, routes: tuple[Route, ...]) -> None:
        self.arrived.append(Message(0, self.offset, key, encode(interaction), encode(routes), NOW))
        self.offset += 1

    def wish(self, *keys: str) -> None:
        self.late += [Message(0, 0, key.encode(), b"", None, NOW) for key in keys]

    def correct(self, identifier: str, key: str) -> None:
        self.corrected[identifier] = Correction(id=identifier, verdict=Verdict.SPAM, author="ann", reason="", at=NOW)
        self.wish(key)

    def say(self, account: str, person: str, minute: int) -> None:
        """That ``account`` is one of ``person``, or with its own name that it is nobody else's."""
        before = self.identities.person(account)
        at = NOW + timedelta(minutes=minute)
        self.identities.apply(Identity(account=account, person=person, author="ann", at=at))
        self.wish(account, person, before)

    def erase(self, account: str) -> None:
        """The first step of the command: what comes out of the pipeline later has nothing of them."""
        self.erased.erasure(account, NOW)
        self.wish(account)

    def erase_acts(self, account: str) -> None:
        """Its second step, when everything has come out: others forget whom they spoke to."""
        acts = {row.interaction.id for row in self.rows.values() if row.interaction.actor.id == account}
        for identifier in acts:
            self.erased.erasure(identifier, NOW)
        self.wish(*{row.person for row in self.rows.values() if names(row.interaction, {account, *acts})} - {account})

    def delete(self, account: str) -> None:
        """Its last."""
        self.rows = {key: row for key, row in self.rows.items() if account_of(row) != account}
        self.ties = {key: tie for key, tie in self.ties.items() if key[1] != account}

    def store(self, rows: Sequence[Scored], ties: Sequence[Relationship]) -> None:
        for row in rows:
            before = self.rows.get((row.interaction.id, row.brand))
            if before is None or row.revision >= before.revision:
                self.rows[row.interaction.id, row.brand] = row
        for tie in ties:
            known = self.ties.get((tie.brand, tie.person))
            if known is None or tie.version >= known.version:
                self.ties[tie.brand, tie.person] = tie

    def fold(self, count: int, *, dies: Dies = Dies.NEVER) -> None:
        """One who dies leaves the batch to the next; what comes in between may be a re-fold of the same people."""
        batch = self.arrived[:count]
        reads = unerased(read_batch(batch, BRANDS), BRANDS, self.erased)
        folded = folded_from(batch, self.kept, knowledge=self.knowledge, identities=self.identities, erased=self.erased)
        assert not folded.dead
        self.store(folded.scored, folded.relationships)
        self.wish(*folded.elsewhere)
        for key, interaction, routes in folded.astray:
            self.arrive(key, interaction, routes)
        if dies is Dies.BEFORE_THE_FINDER_HEARS:
            return
        self.heard |= {act.interaction.id: act for message, act in acts(reads) if message.place not in folded.repeated}
        self.late += folded.late
        if dies is Dies.BEFORE_KEEPING:
            return
        self.table.update({key: pack(kept) for key, kept in folded.states.items()})
        del self.arrived[: len(batch)]

    def repair(self, *, dies_before_keeping: bool) -> None:
        late, self.late = self.late, []
        for message in late:
            self._refold(message, dies_before_keeping=dies_before_keeping)
        if dies_before_keeping:
            self.late = late + self.late

    def _refold(self, message: Message, *, dies_before_keeping: bool) -> None:
        key, own, person_of = (
            message.key.decode(),
            self.identities.accounts(message.key.decode()),
            self.identities.person,
        )
        stored = [row for row in self.rows.values() if account_of(row) in own]
        given = []
        if message.value:
            interaction, routes = read(message, BRANDS)
            given = [Fact(interaction, routes or (), read_text(interaction.content))]
        allowed, unnamed = unerased_facts(facts_of(stored if own[0] == key else [], given), self.erased)
        mine, others = whose(key, allowed, person_of)
        retell = key in self.identities or bool(given)
        ever = self.identities.ever(key)
        revision = max((row.revision for row in self.rows.values() if account_of(row) in ever), default=0)
        result = refold(
            key, self.kept(message.key), stored, mine, knowledge=self.knowledge, retell=retell, revision=revision
        )
        named = {account_of(row) for row in self.rows.values() if row.person == key and row.account}
        self.wish(*({person_of(account) for account in (key, *named)} - {key}))
        for other, fact in others:
            value, header = encode(fact.interaction), encode(fact.routes)
            self.late.append(Message(0, 0, other.encode(), value, header, NOW))
        self.heard |= unnamed
        if result:
            self.store(result.scored, result.relationships)
        self.heard |= reobserved(mine, given)
        if result and not dies_before_keeping:
            self.table[message.key] = pack(result.kept)
        if key in self.erased and not dies_before_keeping:
            self.table.pop(message.key, None)


def changed_by_their_authors() -> list[Fact]:
    """Edits and deletions of a person and of a brand, also with a clock that is behind; and of those who may not."""

    def changed(number: int, of: int, kind: Activity, **fields: Any) -> Fact:
        return act(number, type=kind, object=f"m:{of}", **fields)

    delete, update, undo = Activity.DELETE, Activity.UPDATE, Activity.UNDO
    secret = {"content": "a secret about acme, told to everybody here"}
    return [
        act(600, day=1.3, **secret),
        changed(610, 600, delete, day=3.3),
        act(601, type=Activity.LIKE, object="m:1", day=1.4),
        changed(611, 601, undo, day=1.5),
        act(602, "m:acme", "m:eve", day=1.6, **secret),  # the brand says it to her,
        changed(612, 602, delete, actor="m:acme", to="m:eve", day=4.6),
        act(603, "m:acme", "", day=1.7, **secret),  # and to nobody in particular
        changed(613, 603, delete, actor="m:acme", to="", day=4.7),
        act(604, day=6.0, **secret),  # her clock is ahead of the platform's
        changed(614, 604, delete, day=5.6),
        act(605, day=2.0, **secret),
        changed(615, 605, update, day=2.1, **secret),  # edited, and taken back twice
        changed(616, 605, delete, day=2.2),
        changed(617, 605, delete, day=2.3),
        act(606, "m:acme", "", day=6.2, **secret),
        changed(618, 606, delete, actor="m:acme", to="", day=6.1),
        act(607, day=3.0, **secret),
        changed(620, 607, update, day=3.1, content="two words about a secret"),
        changed(621, 607, update, day=3.2, content="How do I mount the lamp that acme has sent me?"),
        changed(622, 607, update, day=3.3),  # says nothing of the text
        act(608, "m:acme", "", day=3.4, **secret),
        changed(623, 608, update, actor="m:acme", to="", day=3.5, content="Our lamps come in blue, too."),
        changed(630, 100, delete, actor="m:mallory", to="m:acme", day=8),  # a stranger
        changed(631, 101, delete, actor="m:acme", to="m:eve", day=8),  # whom it is said to
        changed(632, 102, update, actor="b:eve", to="m:acme", day=8, content="put into her mouth"),
        changed(633, 610, undo, day=8),  # what is gone is gone
        changed(634, 999, delete, day=8),  # of what was never seen
        act(609, day=8.4, content="she goes on talking about acme"),
    ]


def names(interaction: Interaction, erased: set[str]) -> bool:
    answered = interaction.in_reply_to or Reference()
    return bool(erased & {*interaction.to, answered.actor, answered.id, interaction.object, interaction.conversation})


def account_of(row: Scored) -> str:
    return row.account or row.person or row.interaction.actor.id


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32))
def test_any_arrival_converges_to_the_ordered_fold(seed: int) -> None:
    """Shuffled, repeated, in batches of any size, with deaths between sending and keeping; meanwhile an act is
    corrected, two accounts are merged, perhaps split, a third is erased and a bot exposed."""
    facts = conversation(5) + [
        act(100 + n, content=f"a remark {n} about acme in passing", day=n * 0.7) for n in range(6)
    ]
    facts += [act(300 + n, "b:eve", content=f"and remark {n} from the other account", day=n * 1.1) for n in range(3)]
    facts += [act(400, "m:acme", "b:eve", content="Thank you for that remark.", day=2.5)]
    facts += [act(500 + n, "m:mallory", content=f"a remark {n} that is to be forgotten", day=n) for n in range(3)]
    facts += [act(510, content="what she says is true", day=3.3, conversation="m:500", answers="m:mallory")]
    facts += [act(511, "m:acme", "m:mallory", content="What do you mean by that remark?", day=3.4)]
    facts += [act(600 + n, "m:bot", f"m:p{n}", 4.0 * n, content=PRAISE[n % 3], brands=("acme",)) for n in range(16)]
    facts.append(act(200, actor="m", to="m:eve", object="m:101", type=Activity.DELETE, brands=("acme",), day=9))
    end_as_an_ordered_fold(facts, random.Random(seed))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
@example(1_448_265_916)  # somebody told a relationship, died before keeping it, and then the account was merged
def test_edits_and_deletions_converge_too(seed: int) -> None:
    """The same with acts that their authors edited and took back, perhaps before they came; their text is nowhere."""
    facts = conversation(2) + changed_by_their_authors()
    facts += [act(100 + n, content=f"a remark {n} about acme in passing", day=n * 0.7) for n in range(4)]
    facts += [act(300, "b:eve", content="and a remark from the other account", day=1.1)]
    facts += [act(500, "m:mallory", content="a remark that is to be forgotten", day=1)]
    rows = end_as_an_ordered_fold(facts, random.Random(seed))
    assert not any("a secret" in row.interaction.content for row in rows)
    withdrawn = {row.interaction.id for row in rows if row.withdrawn_by}
    assert withdrawn == {"m:600", "m:601", "m:602", "m:603", "m:604", "m:605", "m:606"}


def carry_on(pipeline: Pipeline, words: list[Callable[[], None]], chance: random.Random) -> None:
    """Until everything has come out."""
    while pipeline.arrived or pipeline.late or words:
        if words and chance.random() < 0.2:
            words.pop(0)()
        elif pipeline.arrived and chance.random() < 0.7:
            pipeline.fold(chance.randint(1, 6), dies=chance.choices(list(Dies), (5, 1, 1))[0])
        else:
            pipeline.repair(dies_before_keeping=chance.random() < 0.3)


def end_as_an_ordered_fold(facts: Sequence[Fact], chance: random.Random) -> list[Scored]:
    """The rows at the end, after whatever ``chance`` has done with the facts meanwhile."""
    arrivals = [fact.interaction for fact in facts]
    pipeline = Pipeline()
    arrivals += chance.sample(arrivals, 5)
    chance.shuffle(arrivals)
    pipeline.send(arrivals)
    split = chance.random() < 0.5
    words: list[Callable[[], None]] = [
        lambda: pipeline.correct("m:103", "m:eve"),
        lambda: pipeline.erase("m:mallory"),
        lambda: pipeline.say("b:eve", "m:eve", 0),
    ]
    chance.shuffle(words)
    words += [lambda: pipeline.say("b:eve", "b:eve", 1)] if split else []
    carry_on(pipeline, words, chance)
    pipeline.erase_acts("m:mallory")
    pipeline.send(chance.sample(arrivals, 5))
    carry_on(pipeline, words, chance)
    pipeline.delete("m:mallory")
    people: dict[str, list[Fact]] = {}
    for fact in facts:
        whose_fact = pipeline.identities.person(fact.routes[0].person or fact.interaction.actor.id)
        people.setdefault(whose_fact, []).extend(unerased_facts([fact], pipeline.erased)[0])
    assert people.keys() - {"b:eve", "m:acme", "m:bot"} == {"m:eve", "m:mallory"}
    assert ("b:eve" in people) == split
    rows: list[Scored] = []
    ties: dict[tuple[str, str], Relationship] = {}
    heard: dict[str, Act | None] = {}
    for key, of_person in people.items():
        person, scored = fold_all(of_person, pipeline.knowledge, key=key)
        rows += scored
        ties |= {(tie.brand, key): tie for tie in relationships(key, person, ["acme"])}
        heard |= {fact.interaction.id: observed_act(fact) for fact, _ in ordered(of_person, pipeline.knowledge)}
        assert pipeline.kept(key.encode()).person == person
        assert bool(person.actor.exposed) == (key == "m:bot")
    assert {key: replace(row, revision=0) for key, row in pipeline.rows.items()} == {
        (row.interaction.id, row.brand): row for row in rows
    }
    alive = {key: replace(tie, version=0) for key, tie in pipeline.ties.items() if tie.interactions}
    assert alive == ties
    forgotten = {fact.interaction.id for fact in facts} - heard.keys()  # the command tells the finder so by itself
    assert {key: told for key, told in pipeline.heard.items() if told and key not in forgotten} == {
        key: told for key, told in heard.items() if told
    }
    return list(pipeline.rows.values())


def test_a_state_of_another_version_is_folded_anew() -> None:
    """A program that keeps other things must not misread what this one kept, nor this one that."""
    (message, *_) = messages([fact.interaction for fact in conversation(1)])
    foreign = bytearray(pack(Kept(offset=-1, revision=3)))
    foreign[16] += 1
    kept = unpack(bytes(foreign))
    assert (kept.person, kept.revision) == (None, 3)
    folded = folded_from([message], lambda key: kept)
    assert folded.late == [message]
    assert {key: (kept.person, kept.offset) for key, kept in folded.states.items()} == {message.key: (None, 0)}
    assert is_torn(pack(folded.states[message.key]))


def test_a_known_message_changes_nothing() -> None:
    """A message at or below the offset that a state includes is skipped."""
    batch = messages([fact.interaction for fact in conversation(2)])
    table: dict[bytes, Kept] = {}
    first = folded_from(batch, lambda key: table.get(key, Kept()))
    again = folded_from(batch, lambda key: first.states.get(key, Kept()))
    assert first.states
    assert not (again.scored or again.states or again.late)


def test_a_refold_between_a_death_and_its_batch_silences_nobody() -> None:
    """The next worker finds the newest act folded already, and the finder may not have heard of it."""
    pipeline = Pipeline()
    pipeline.send([act(1, content="nearly the same words as everybody").interaction])
    pipeline.fold(1, dies=Dies.BEFORE_THE_FINDER_HEARS)
    pipeline.wish("m:eve")
    pipeline.repair(dies_before_keeping=False)
    assert pipeline.kept(b"m:eve").person != Person()
    assert not pipeline.heard
    pipeline.fold(1)
    assert pipeline.heard.keys() == {"m:1"}


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


@pytest.mark.parametrize("partition", range(4))
def test_a_mark_lies_on_its_partition(partition: int) -> None:
    """The mark is in the same log as the states it speaks of, under a key no person can have."""
    key = mark_key("interactions", partition, 4)
    assert partition_of(key, 4) == partition
    assert key.startswith(b"\x00")
