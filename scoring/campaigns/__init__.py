"""Campaigns: who posts nearly the same text, or the same link, as others do; and what that says about an act.

``observe`` makes the small message each text sends, ``Clusters`` (one process) finds campaigns in them and says what
it knows, ``Lookup`` (every worker) answers for one interaction. No clock, no Kafka. What a campaign weighs depends on
its set of members alone, so the stream, the re-fold and an offline run agree once ``Clusters.settle`` was heard.
"""

from events.campaigns import Campaign, Kind, Membership, Message, topic_key
from scoring.campaigns.clusters import Clusters
from scoring.campaigns.lookup import Lookup
from scoring.campaigns.members import Act, Member, observe
from scoring.campaigns.minhash import Fingerprint, fingerprint, fingerprints
from scoring.campaigns.weight import campaign_evidence, campaign_log_odds

__all__ = [
    "Act",
    "Campaign",
    "Clusters",
    "Fingerprint",
    "Kind",
    "Lookup",
    "Member",
    "Membership",
    "Message",
    "campaign_evidence",
    "campaign_log_odds",
    "fingerprint",
    "fingerprints",
    "observe",
    "topic_key",
]
