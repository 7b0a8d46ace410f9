"""What can be read is read the same for ever; what cannot says why."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import Activity, Actor, Interaction, Invalid, Reference, decode_interaction, encode
from events.interaction import from_milliseconds, milliseconds, schema

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
GOOD = {
    "id": "mastodon:1",
    "platform": "mastodon",
    "type": "Create",
    "published": "2026-11-01T11:00:00Z",
    "actor": {"id": "mastodon:alice@example.org"},
}

texts = st.text(st.characters(codec="utf-8"), max_size=40)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
times = st.integers(0, milliseconds(NOW)).map(from_milliseconds)
counts = st.none() | st.integers(0, 2**62)
actors = st.builds(
    Actor,
    id=names,
    name=texts,
    created=st.none() | times,
    followers=counts,
    following=counts,
    posts=counts,
    automated=st.none() | st.booleans(),
)
interactions = st.builds(
    Interaction,
    id=names,
    platform=st.sampled_from(["mastodon", "bluesky", "some_new-site.org"]),
    type=st.sampled_from(Activity),
    published=times,
    actor=actors,
    to=st.lists(names, max_size=3).map(tuple),
    content=texts,
    language=texts,
    url=texts,
    in_reply_to=st.none() | st.builds(Reference, id=texts, actor=texts),
    object=texts,
    conversation=texts,
    brands=st.lists(names, max_size=2).map(tuple),
)


@given(interactions)
def test_round_trip(interaction: Interaction) -> None:
    """What is written is read back unchanged."""
    assert decode_interaction(encode(interaction), NOW) == interaction


def test_old_fixtures_still_decode() -> None:
    """Every event ever written by a released version is still read, and unknown fields are ignored."""
    for line in (Path(__file__).parent / "fixtures" / "interactions_v1.jsonl").read_bytes().splitlines():
        kept = msgspec.json.decode(line)
        interaction = decode_interaction(line, NOW)
        assert (interaction.id, interaction.actor.id) == (kept["id"], kept["actor"]["id"])
        assert interaction.content == (kept.get("content") or "")


def test_only_the_five_required_fields_have_no_default() -> None:
    """A new field must come with a default, or old producers would break."""
    required = schema()["$defs"]["Interaction"]["required"]  # type: ignore[index]
    assert set(required) == {"id", "platform", "type", "published", "actor"}


def test_committed_schema_is_the_code_s() -> None:
    """The JSON Schema in the repository says what the code does."""
    committed = msgspec.json.decode((ROOT / "events" / "interaction.schema.json").read_bytes())
    assert committed == msgspec.json.decode(msgspec.json.encode(schema())), "run: python -m events"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": None}, "missing_field"),
        ({"actor": {}}, "missing_field"),
        ({"id": ""}, "wrong_type"),
        ({"platform": "Mastodon"}, "wrong_type"),
        ({"type": "Dance"}, "unknown_type"),
        ({"content": 5}, "wrong_type"),
        ({"published": "yesterday"}, "bad_time"),
        ({"published": "2190-01-01T00:00:00Z"}, "bad_time"),
        ({"published": "1969-12-31T23:59:59Z"}, "bad_time"),
        ({"published": "9999-12-31T23:59:59-12:00"}, "bad_time"),
        ({"published": 5}, "wrong_type"),
        ({"actor": {"id": "x", "followers": -1}}, "wrong_type"),
    ],
)
def test_each_fault_has_its_reason(change: dict[str, object], reason: str) -> None:
    """The reason is a word that can be counted."""
    with pytest.raises(Invalid) as caught:
        decode_interaction(msgspec.json.encode(GOOD | change), NOW)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"[1]", "wrong_type"),
        (b'{"id":"\xff"}', "not_utf8"),
        (b'{"x":' + b"[" * 5_000 + b"]" * 5_000 + b"}", "not_json"),
        (b" " * 1_000_000, "too_large"),
    ],
)
def test_what_is_no_event_has_its_reason(payload: bytes, reason: str) -> None:
    """Broken bytes never raise anything but Invalid."""
    with pytest.raises(Invalid) as caught:
        decode_interaction(payload, NOW)
    assert caught.value.reason == reason


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(payload: bytes) -> None:
    """There is no third way."""
    try:
        decode_interaction(payload, NOW)
    except Invalid as invalid:
        assert invalid.reason


def test_null_is_absent() -> None:
    """Many producers write null for what they do not know."""
    nulls = {"content": None, "inReplyTo": None, "to": None, "actor": {"id": "a", "followers": None, "name": None}}
    assert decode_interaction(msgspec.json.encode(GOOD | nulls), NOW).actor == Actor(id="a")


def test_a_time_without_a_zone_is_utc() -> None:
    """Times are UTC unless they say otherwise."""
    naive = decode_interaction(msgspec.json.encode(GOOD | {"published": "2026-11-01T11:00:00"}), NOW)
    assert naive.at == decode_interaction(msgspec.json.encode(GOOD), NOW).at
