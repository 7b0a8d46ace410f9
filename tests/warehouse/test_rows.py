"""Rows keep everything an event says."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from msgspec.structs import replace

from events import Content, Invalid, Scored, decode, encode
from events.campaigns import Campaign, Kind
from tests.warehouse import acts
from warehouse.campaigns import CAMPAIGN, campaign_row
from warehouse.rows import (
    INTERACTION,
    RELATIONSHIP,
    WRITTEN_ONLY,
    bucket_of,
    interaction_row,
    relationship_row,
    scored,
)


def read_back(record: Scored) -> Scored:
    row = interaction_row(record, 1, 2)
    assert len(row) == len(INTERACTION)
    return scored(row[:-WRITTEN_ONLY])


@given(acts.records)
def test_an_act_comes_back_as_it_was(record: Scored) -> None:
    """Every field survives, hostile text, missing profile fields and empty references included."""
    assert read_back(record) == record


def test_a_message_from_before_the_reading_can_be_stored() -> None:
    """What an older worker sent has no content: the row has none either, and comes back without."""
    told = msgspec.json.decode(encode(replace(acts.audience(1)[0], content=Content(log_odds=1.0))))
    del told["content"]
    record = decode(encode(told), Scored)
    row = dict(zip(INTERACTION, interaction_row(record, 0, 0), strict=True))
    assert (row["reading"], row["intents"]) == ("", ())
    assert read_back(record) == record


def test_the_intents_can_be_asked_for() -> None:
    """They are a column of their own, beside the reading that holds everything."""
    record = replace(acts.audience(1)[0], content=Content(intents=("question", "thanks")))
    assert dict(zip(INTERACTION, interaction_row(record, 0, 0), strict=True))["intents"] == ("question", "thanks")


@given(acts.interactions)
def test_a_row_counts_in_the_minute_of_its_act(interaction: object) -> None:
    """The bucket starts on a whole minute at or before publication, less than a minute away."""
    record = replace(acts.audience(1)[0], interaction=interaction)
    bucket = bucket_of(interaction_row(record, 0, 0))
    assert bucket.minute % 60 == 0
    assert 0 <= record.interaction.at - bucket.minute * 1000 < 60_000
    assert (bucket.brand, bucket.platform) == (record.brand, record.interaction.platform)


def test_a_time_without_a_zone_is_utc() -> None:
    """What the platform left open is stored as what `Interaction.at` reads it as."""
    record = acts.audience(1)[0]
    naive = replace(record, interaction=replace(record.interaction, published=datetime(2026, 1, 2, 3, 4, 5, 678_900)))
    assert read_back(naive).interaction.published == datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC)


@pytest.mark.parametrize(
    ("field", "value"),
    [("trust", 1.01), ("confidence", -0.1), ("effort", float("nan")), ("revision", -1), ("revision", 2**64)],
)
def test_a_score_out_of_range_is_refused(field: str, value: float) -> None:
    """A value that a column would silently change is a bad message."""
    with pytest.raises(Invalid, match=field):
        interaction_row(replace(acts.audience(1)[0], **{field: value}), 0, 0)


@pytest.mark.parametrize("year", [1969, 2190])
def test_an_act_outside_the_calendar_of_the_tables_is_refused(year: int) -> None:
    """ClickHouse would clamp the time without a word and count the act in a wrong minute."""
    record = acts.audience(1)[0]
    moved = replace(record, interaction=replace(record.interaction, published=datetime(year, 12, 1, tzinfo=UTC)))
    with pytest.raises(Invalid) as invalid:
        interaction_row(moved, 0, 0)
    assert invalid.value.reason == "bad_time"


def test_a_relationship_has_a_value_for_every_column() -> None:
    """Names and values line up, times are milliseconds."""
    record = acts.relationship("acme", "x:ann", version=7)
    row = dict(zip(RELATIONSHIP, relationship_row(record), strict=True))
    assert (row["class"], row["version"], row["half_life_days"]) == ("real", 7, 30.0)
    assert row["last_at"] - row["first_at"] == timedelta(days=30) / timedelta(milliseconds=1)


def test_a_relationship_without_decay_is_refused() -> None:
    """A half-life of zero would divide by zero in every query from then on."""
    with pytest.raises(Invalid, match="half_life_days"):
        relationship_row(replace(acts.relationship("acme", "x:ann"), half_life_days=0.0))


def test_a_campaign_has_a_value_for_every_column() -> None:
    """Names and values line up; one that was merged has no times, and needs none."""
    row = dict(zip(CAMPAIGN, campaign_row(acts.campaign("c", brands=("acme",)), 1, 7), strict=True))
    assert (row["kind"], row["brands"], row["busiest_hour"], row["version"]) == ("near-duplicate", ("acme",), 2, 5)
    assert (row["linked"], row["repeaters"], row["source_offset"]) == (0.25, 0.5, 7)
    assert row["last_at"] - row["first_at"] == timedelta(hours=2) / timedelta(milliseconds=1)
    merged = Campaign(id="c", kind=Kind.LINK, version=1, merged_into="d")
    assert dict(zip(CAMPAIGN, campaign_row(merged, 0, 0), strict=True))["first_at"] == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"accounts": -1}, "bad_value"),
        ({"version": 2**64}, "bad_value"),
        ({"first_at": None}, "bad_value"),
        ({"last_at": datetime(1969, 1, 1, tzinfo=UTC)}, "bad_time"),
        ({"first_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))}, "bad_time"),
    ],
)
def test_a_campaign_that_fits_no_column_is_refused(changes: dict[str, object], reason: str) -> None:
    """One bad message is put aside; it must not stop the sink in the driver."""
    with pytest.raises(Invalid) as invalid:
        campaign_row(replace(acts.campaign("c"), **changes), 0, 0)
    assert invalid.value.reason == reason
