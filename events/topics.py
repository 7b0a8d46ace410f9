"""Topic names, and how each topic is kept. One place, read by whoever creates them."""

from msgspec import Struct

INTERACTIONS = "interactions"
LATE = "late"
SCORED = "scored"
RELATIONSHIPS = "relationships"
FINGERPRINTS = "fingerprints"
CAMPAIGNS = "campaigns"
CORRECTIONS = "corrections"
IDENTITIES = "identities"
ERASURES = "erasures"
SOURCES = "sources"
WEIGHTS = "weights"
DEAD_LETTERS = "dead-letters"

WORKER_GROUP = "rapport"  # the Faust app's id, too
SINK_GROUP = "rapport-sink"
CAMPAIGN_GROUP = "rapport-campaigns"
ROUTES_HEADER = "routes"
DAY_MS = 86_400_000


class Topic(Struct, frozen=True):
    """``compacted`` keeps the newest message per key for ever; otherwise ``retention_days`` bounds the age."""

    name: str
    compacted: bool = False
    retention_days: int = 7

    def config(self) -> dict[str, str]:
        if self.compacted:
            return {"cleanup.policy": "compact", "min.compaction.lag.ms": "600000"}
        return {"cleanup.policy": "delete", "retention.ms": str(self.retention_days * DAY_MS)}


def topics(table_changelog: str) -> tuple[Topic, ...]:
    """Every topic of the pipeline, all with the same partition count: a person stays on one partition number.

    ``interactions`` is neither compacted nor transactional, so its offsets have no holes (streams/ relies on it).
    """
    return (
        Topic(INTERACTIONS),
        Topic(LATE),
        Topic(SCORED),
        Topic(RELATIONSHIPS),
        Topic(FINGERPRINTS, compacted=True),
        Topic(CAMPAIGNS, compacted=True),
        Topic(CORRECTIONS, compacted=True),
        Topic(IDENTITIES, compacted=True),
        Topic(ERASURES, compacted=True),
        Topic(SOURCES, compacted=True),
        Topic(WEIGHTS, compacted=True),
        Topic(DEAD_LETTERS, retention_days=30),
        Topic(table_changelog, compacted=True),
    )
