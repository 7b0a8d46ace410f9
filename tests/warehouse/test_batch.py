"""What becomes of each message, without any service."""

from collections.abc import Sequence
from typing import NamedTuple

import pytest

from events import Verdict, encode
from events.campaigns import Membership
from events.topics import CAMPAIGNS, CORRECTIONS, DEAD_LETTERS, RELATIONSHIPS, SCORED
from tests.warehouse import acts
from warehouse.batch import DEAD_LETTER, MOST_UNREADABLE, Batch, Reader, TooManyUnreadable, dead_letter_row


class Record(NamedTuple):
    topic: str
    value: bytes | None
    offset: int = 0
    partition: int = 0
    key: bytes | None = b"x:ann"
    timestamp: int = 1_767_225_600_000
    headers: Sequence[tuple[str, bytes]] = ()


GOOD = encode(acts.audience(1)[0])


def read(*records: Record) -> Batch:
    batch = Batch()
    Reader().read(records, batch)
    return batch


def test_every_topic_goes_to_its_table() -> None:
    """One good message of each kind makes one row of each kind and nothing unreadable."""
    batch = read(
        Record(SCORED, GOOD),
        Record(RELATIONSHIPS, encode(acts.relationship("acme", "x:ann"))),
        Record(CAMPAIGNS, encode(acts.campaign("c"))),
        Record(CAMPAIGNS, encode(Membership(id="x:1", key="x:ann", campaigns=("c",)))),
        Record(CORRECTIONS, encode(acts.correction("x:1", Verdict.SPAM, 0))),
        Record(DEAD_LETTERS, b"junk"),
    )
    tables = (
        batch.interactions, batch.relationships, batch.campaigns, batch.members, batch.corrections, batch.dead_letters,
    )  # fmt: skip
    assert [len(rows) for rows in tables] == [1] * 6
    assert (batch.messages, batch.unreadable) == (6, [])


@pytest.mark.parametrize("value", [None, b""])
def test_a_tombstone_of_a_compacted_topic_says_nothing(value: bytes | None) -> None:
    """Neither a row nor a dead letter; on a topic that is not compacted it is a broken message."""
    batch = read(Record(CAMPAIGNS, value), Record(CORRECTIONS, value))
    assert (batch.campaigns, batch.members, batch.corrections, batch.unreadable) == ([], [], [], [])
    assert len(read(Record(RELATIONSHIPS, value)).unreadable) == 1


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "not_json"),
        (b"{", "not_json"),
        (b'{"brand": "acme"}', "missing_field"),
        (GOOD.replace(b'"published":"2026', b'"published":"2190'), "bad_time"),
        (GOOD.replace(b'"trust":0.', b'"trust":7.'), "bad_value"),
    ],
)
def test_an_unreadable_message_is_put_aside_with_its_origin(value: bytes | None, reason: str) -> None:
    """The reason is countable and the origin leads back to the message."""
    batch = read(Record(SCORED, value, offset=5, partition=2))
    headers = dict(batch.unreadable[0].headers)
    assert (headers["reason"].decode(), headers["origin"]) == (reason, b"scored:2:5")
    assert headers["bytes"] == str(len(value or b"")).encode()
    assert batch.interactions == []


@pytest.mark.parametrize(
    ("topic", "value", "reason"),
    [
        (CAMPAIGNS, b"{", "not_a_campaign"),
        (CAMPAIGNS, b'{"type": "campaign", "id": "c"}', "not_a_campaign"),
        (CAMPAIGNS, encode(acts.campaign("c")).replace(b'"accounts":4', b'"accounts":-4'), "bad_value"),
        (CORRECTIONS, b"{", "not_json"),
        (CORRECTIONS, encode(acts.correction("c", Verdict.SPAM, 0)).replace(b"2026", b"1926"), "bad_time"),
    ],
)
def test_what_people_and_campaigns_say_is_put_aside_too(topic: str, value: bytes, reason: str) -> None:
    """A message of these topics that cannot be stored stops nothing."""
    batch = read(Record(topic, value))
    assert dict(batch.unreadable[0].headers)["reason"].decode() == reason


def test_a_hundred_in_a_row_are_put_aside_and_one_more_stops_the_sink() -> None:
    """A readable message in between starts the count anew, also across batches."""
    reader, batch = Reader(), Batch()
    reader.read([Record(SCORED, b"?")] * MOST_UNREADABLE, batch)
    reader.read([Record(SCORED, GOOD)], batch)
    reader.read([Record(SCORED, b"?")] * MOST_UNREADABLE, batch)
    assert len(batch.unreadable) == 2 * MOST_UNREADABLE
    with pytest.raises(TooManyUnreadable, match="scored:3:9"):
        reader.read([Record(SCORED, b"?", partition=3, offset=9)], Batch())


def test_the_token_names_content_and_place() -> None:
    """The same messages give the same token; another offset or another byte gives another."""
    tokens = [
        read(Record(SCORED, value, offset)).token for value, offset in ((GOOD, 1), (GOOD, 1), (GOOD, 2), (b"?", 1))
    ]
    assert tokens[0] == tokens[1]
    assert len(set(tokens)) == 3


def test_a_dead_letter_is_read_whatever_it_is() -> None:
    """Missing and senseless headers fall back to what the message itself tells; the body is cut, its length kept."""
    bare = dict(
        zip(DEAD_LETTER, dead_letter_row(Record(DEAD_LETTERS, None, 4, 1, headers=[("at", b"\xff")])), strict=True)
    )
    assert bare == {
        "origin": "dead-letters:1:4",
        "reason": "unknown",
        "detail": "",
        "at": 1_767_225_600_000,
        "bytes": 0,
        "body": b"",
    }
    headers = [("origin", b"file:a.csv:7"), ("bytes", b"900000"), ("at", b"2026-01-01T00:00:01+00:00")]
    full = dict(
        zip(DEAD_LETTER, dead_letter_row(Record(DEAD_LETTERS, b"\xff" * 200_000, headers=headers)), strict=True)
    )
    assert (full["origin"], full["bytes"], full["at"]) == ("file:a.csv:7", 900_000, 1_767_225_601_000)
    assert len(full["body"]) == 100_000
