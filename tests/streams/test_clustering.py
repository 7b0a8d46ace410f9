"""The campaign finder: what it has told in the end is what the texts that are left say, whoever died on the way."""

import random
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from kafka import TopicPartition
from msgspec.structs import replace

from events import encode
from events.campaigns import Campaign, Membership, decode_message
from events.topics import CAMPAIGNS, FINGERPRINTS
from scoring.campaigns import Clusters, Lookup, Member
from scoring.campaigns.clusters import ACCOUNTS_NEEDED
from streams.clustering import Finder
from tests.scoring.campaign_texts import HOUR, members, spun
from tests.scoring.test_campaigns_order import EVERYTHING, standing


class Record(NamedTuple):
    key: bytes
    value: bytes | None


class DiedError(Exception):
    """In the middle of telling."""


@dataclass
class Topics:
    """Kafka as the finder sees it: a log of each topic, and how many more messages it can send before it dies."""

    logs: dict[str, list[Record]] = field(default_factory=lambda: {FINGERPRINTS: [], CAMPAIGNS: [], "late": []})
    at: dict[str, int] = field(default_factory=dict)
    parts: list[TopicPartition] = field(default_factory=list)
    committed_at: int = 0
    left: int = 10**9

    def partitions_for_topic(self, topic: str) -> set[int]:
        return {0}

    def assign(self, parts: list[TopicPartition]) -> None:
        self.parts = parts

    def seek_to_beginning(self, *parts: TopicPartition) -> None:
        self.at |= {part.topic: 0 for part in parts}

    def end_offsets(self, parts: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {part: len(self.logs[part.topic]) for part in parts}

    def position(self, part: TopicPartition) -> int:
        return self.at[part.topic]

    def committed(self, part: TopicPartition) -> int:
        return self.committed_at

    def poll(self, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[Record]]:
        (part,) = self.parts
        found = self.logs[part.topic][self.at[part.topic] :]
        self.at[part.topic] += len(found)
        return {part: found}

    def commit(self, timeout_ms: int) -> None:
        self.committed_at = self.at[FINGERPRINTS]

    def send(self, topic: str, value: bytes | None, key: bytes) -> "Topics":
        if self.left <= 0:
            raise DiedError
        self.left -= 1
        self.logs[topic].append(Record(key, value))
        return self

    def get(self, timeout: float) -> None:
        """Acknowledged."""

    def compacted(self, chance: random.Random) -> None:
        """Some of what was replaced is no more, as Kafka likes it."""
        for topic in (FINGERPRINTS, CAMPAIGNS):
            log = self.logs[topic]
            last = {record.key: number for number, record in enumerate(log)}
            self.logs[topic] = [
                record for number, record in enumerate(log) if last[record.key] == number or chance.random() < 0.5
            ]


def started(topics: Topics) -> Finder:
    finder: Any = Finder(topics, topics)  # type: ignore[arg-type]  # what it needs of Kafka
    finder.recall(lambda: True)
    return finder  # type: ignore[no-any-return]


def heard(finder: Finder, topics: Topics) -> None:
    """What has arrived since, settled."""
    polled: Any = topics.poll(0, 0)
    finder._hear([record for some in polled.values() for record in some])
    finder._settle(rebuilt=finder._rebuilt())


def told(topics: Topics) -> Lookup:
    lookup = Lookup()
    for record in topics.logs[CAMPAIGNS]:
        lookup.apply(decode_message(record.value or b""))
    return lookup


def expected(left: list[Member]) -> tuple[list[object], dict[str, object]]:
    clusters, lookup = Clusters(), Lookup()
    clusters.add(left)
    for message in clusters.settle():
        lookup.apply(message)
    return standing(lookup), {member.id: lookup.term(member.id) for member in EVERYTHING}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_texts_that_were_edited_or_taken_back_are_in_no_campaign(seed: int) -> None:
    """Any order of texts, edits and deletions, in any batches, with deaths and restarts: as if only what is left had
    ever been said."""
    chance, topics = random.Random(seed), Topics()
    gone = chance.sample(EVERYTHING, chance.choice((0, 3, 12, 40)))
    texts = zip(chance.sample(EVERYTHING, 8), chance.sample(EVERYTHING, 8), strict=True)
    edited = [replace(one, fingerprint=of.fingerprint, links=of.links, domains=of.domains) for one, of in texts]
    words: list[tuple[str, Member | None]] = [(member.id, member) for member in (*EVERYTHING, *edited)]
    words += [(member.id, None) for member in gone]
    chance.shuffle(words)
    left = [member for member in dict(words).values() if member]  # what was said last of each holds
    order = [Record(name.encode(), encode(member) if member else None) for name, member in words]
    finder = started(topics)
    while order:
        size = chance.randint(1, 40)
        topics.logs[FINGERPRINTS] += order[:size]
        order = order[size:]
        topics.left = chance.choice((0, 3, 10, 10**9, 10**9))
        try:
            heard(finder, topics)
        except DiedError:
            topics.compacted(chance)
            topics.left = 10**9
            finder = started(topics)
    topics.left, finder.rebuilt_at = 10**9, -1e9
    heard(finder, topics)
    lookup = told(topics)
    assert (standing(lookup), {member.id: lookup.term(member.id) for member in EVERYTHING}) == expected(left)


def test_a_campaign_without_a_third_account_is_told_as_none() -> None:
    """Its name stays in the topic, and nobody is in it."""
    topics, three = Topics(), members([spun(turn) for turn in range(ACCOUNTS_NEEDED)], ACCOUNTS_NEEDED, 3)
    finder = started(topics)
    topics.logs[FINGERPRINTS] = [Record(member.id.encode(), encode(member)) for member in three]
    heard(finder, topics)
    assert told(topics).term(three[0].id)
    topics.logs[FINGERPRINTS].append(Record(three[1].id.encode(), None))
    heard(finder, topics)
    lookup = told(topics)
    assert not standing(lookup)
    assert [lookup.term(member.id) for member in three] == [None] * 3
    kinds = [decode_message(record.value or b"") for record in topics.logs[CAMPAIGNS]]
    assert any(isinstance(message, Campaign) and message.merged_into for message in kinds)
    assert any(isinstance(message, Membership) and not message.campaigns for message in kinds)
    assert {record.key for record in topics.logs["late"]} == {member.key.encode() for member in three}
    assert three[1].at - three[0].at == HOUR
