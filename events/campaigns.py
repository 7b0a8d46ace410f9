"""What is known of campaigns: the messages of the compacted topic ``campaigns``."""

from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import Struct

from events.codec import UNREADABLE, Invalid

NOTHING = "none"  # what a campaign is merged into of which too little is left, after texts were edited or taken back


class Kind(StrEnum):
    NEAR_DUPLICATE = "near-duplicate"
    LINK = "link"
    DOMAIN = "domain"


class Campaign(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel", tag="campaign"):
    """A campaign as it stands. Counts are exact: every member within the horizon is held.

    ``log_odds`` is what membership adds to the log-odds of being genuine (0: known, and no evidence of anything).
    With ``merged_into`` it is only the old name of another one, or of ``NOTHING`` where it is none any more.
    ``version`` grows with the members.
    """

    id: str
    kind: Kind
    version: int
    merged_into: str = ""
    log_odds: float = 0.0
    accounts: int = 0
    targets: int = 0
    interactions: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    examples: tuple[str, ...] = ()  # the ids of the earliest acts, one per account
    brands: tuple[str, ...] = ()
    letters: int = 0  # of the median text
    agreement: float = 0.0  # mean estimated Jaccard similarity of an account's text to the nearest of another's, 0..1
    likeness: float = 0.0  # the same between the texts of any two accounts: low where a template is re-worded
    linked: float = 0.0  # share of its texts with a link, 0..1
    domains: int = 0  # how many different ones
    repeaters: float = 0.0  # share of its accounts that wrote it to several targets, 0..1
    busiest_hour: int = 0  # most accounts that joined within one hour; day, week alike
    busiest_day: int = 0
    busiest_week: int = 0
    link: str = ""  # the link or domain that makes a campaign of these kinds


class Membership(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="member"):
    """Interaction ``id`` of person ``key`` is in these campaigns. Told once: a merge is told by the campaigns."""

    id: str
    key: str
    campaigns: tuple[str, ...] = ()


Message = Campaign | Membership

_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


def topic_key(message: Message) -> str:
    """The Kafka key: a newer message with the same one replaces the older."""
    return f"{'campaign' if isinstance(message, Campaign) else 'member'}/{message.id}"


def decode_message(payload: bytes) -> Message:
    """Raise ``Invalid`` unless ``payload`` is a message of the topic ``campaigns``."""
    try:
        return _decoder.decode(payload)
    except UNREADABLE as error:
        raise Invalid("not_a_campaign", str(error)) from error
