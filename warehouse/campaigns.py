"""What is told of campaigns as table rows. Of one id the message with the highest Kafka offset holds, as on the topic:
the key decides on the partition, and only the topic knows what came last when a campaign was forgotten and began anew.
"""

from datetime import datetime

from events import Invalid
from events.campaigns import Campaign, Membership
from warehouse.columns import time_ms, unsigned
from warehouse.rows import Row

COUNTS = (
    "accounts",
    "targets",
    "interactions",
    "letters",
    "domains",
    "busiest_hour",
    "busiest_day",
    "busiest_week",
    "version",
)
CAMPAIGN = (
    "id",
    "kind",
    "merged_into",
    "first_at",
    "last_at",
    "examples",
    "brands",
    "link",
    "log_odds",
    "agreement",
    "likeness",
    "linked",
    "repeaters",
    *COUNTS,
    "source_partition",
    "source_offset",
)
MEMBER = ("id", "person", "campaigns", "source_partition", "source_offset")


def campaign_row(record: Campaign, partition: int, offset: int) -> Row:
    """The row of ``record``, message ``offset`` of ``partition``. Raises ``Invalid`` where it fits no column."""
    return (
        record.id,
        record.kind.value,
        record.merged_into,
        _time("first_at", record.first_at, record),
        _time("last_at", record.last_at, record),
        record.examples,
        record.brands,
        record.link,
        record.log_odds,
        record.agreement,
        record.likeness,
        record.linked,
        record.repeaters,
        *(unsigned(name, getattr(record, name)) for name in COUNTS),
        partition,
        offset,
    )


def member_row(record: Membership, partition: int, offset: int) -> Row:
    return record.id, record.key, record.campaigns, partition, offset


def _time(name: str, time: datetime | None, record: Campaign) -> int:
    if time:
        return time_ms(name, time)
    if record.merged_into:  # nothing is told of it any more
        return 0
    raise Invalid("bad_value", f"{name} is missing in a campaign that stands")
