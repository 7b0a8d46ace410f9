"""What being in a campaign says about an act: a term in log-odds, from the campaign as it stands and nothing else.

People say the same short thing without knowing of each other, and pass on a long one word for word (a headline, a
chain letter, lyrics). What they do not do is to write the same long text in other words, with links to ever other
domains, each account to several targets. So a length that chance does not explain opens the door, and only
re-wording, rotation and repetition walk through it; the number of accounts amplifies these and is nothing by itself.
Speed weighs nothing: fans, too, come within the hour.

The constants are set by hand on these grounds, not fitted: there are no labelled campaigns to fit them to.
"""

import math

from msgspec.structs import replace

from events import Evidence
from events.campaigns import Campaign, Kind
from scoring.campaigns.index import CHANCE_LETTERS

ACCOUNTS_NEEDED = 3
STEP = 0.25  # the term moves in steps, so that slow growth does not re-score everybody all the time
FLOOR = -4.0

CHANCE_WIDTH = 6.0  # letters: how sharply chance ends
REWORDED = 0.25  # distance between texts that counts as fully re-worded
ROTATION = 3  # domains that count as full rotation
REPEATERS = 0.3  # share of accounts posting to several targets that counts as full repetition
GROWTH = 0.25  # per doubling of the accounts
VERBATIM = 0.3  # passing something on
SPUN, SPUN_LINKED, ROTATED, REPEATED = 0.5, 1.0, 1.0, 0.8
LINKED_ONCE = 0.7  # of the two with links, where nobody repeats it: many who show their own pages use the same words

TAINTED = -1.0  # a text campaign from here on tells on the links and domains it carries
CARRIED = 0.75  # and this much of its term goes over to other texts with the same link


def campaign_log_odds(campaign: Campaign) -> float:
    """At most 0, at least ``FLOOR``, in steps of ``STEP``. For a link or domain: the one it was built with."""
    if campaign.kind is not Kind.NEAR_DUPLICATE:
        return campaign.log_odds
    return _stepped(text_log_odds(campaign))


def text_log_odds(campaign: Campaign) -> float:
    """The term before it is cut into steps, for ranking."""
    if campaign.accounts < ACCOUNTS_NEEDED:
        return 0.0
    shared = campaign.agreement * campaign.letters
    beyond_chance = 1.0 / (1.0 + math.exp((CHANCE_LETTERS - shared) / CHANCE_WIDTH))
    spun = min(1.0, (1.0 - campaign.likeness) / REWORDED)
    rotated = campaign.linked * min(1.0, max(0, campaign.domains - 1) / (ROTATION - 1))
    repeated = min(1.0, campaign.repeaters / REPEATERS)
    spread = LINKED_ONCE + (1.0 - LINKED_ONCE) * repeated
    deeds = SPUN * spun + spread * (SPUN_LINKED * spun * campaign.linked + ROTATED * rotated) + REPEATED * repeated
    growth = 1.0 + GROWTH * math.log2(campaign.accounts / ACCOUNTS_NEEDED)
    return max(FLOOR, -beyond_chance * (VERBATIM + growth * deeds))


def link_log_odds(worst_terms: list[float]) -> float:
    """``worst_terms``: for each account that shares it, the strongest term among its texts with this link.

    A link says nothing by itself, however many share it: it is known by the texts that carry it.
    """
    tainted = [term for term in worst_terms if term <= TAINTED]
    if len(worst_terms) < ACCOUNTS_NEEDED or not tainted:
        return 0.0
    share = len(tainted) / len(worst_terms)
    return _stepped(max(FLOOR, CARRIED * share**2 * sum(sorted(tainted)) / len(tainted)))


def campaign_evidence(campaign: Campaign) -> Evidence:
    """Sizes are lower bounds in powers of two, for the same reason as ``STEP``."""
    spread = f"at least {_at_least(campaign.accounts)} accounts, {_at_least(campaign.targets)} targets"
    if campaign.kind is Kind.NEAR_DUPLICATE:
        marks = [
            word
            for word, found in (
                ("re-worded", 1.0 - campaign.likeness >= REWORDED / 2),
                ("several domains", campaign.domains > 1 and campaign.linked >= 0.5),
                ("repeated to several targets", campaign.repeaters >= REPEATERS / 2),
            )
            if found
        ]
        detail = f"nearly the same text from {spread}" + (f"; {', '.join(marks)}" if marks else "")
    else:
        detail = f"a {campaign.kind.value} that mass-posted texts carry, shared by {spread}"
    return Evidence(f"campaign_{campaign.kind.value.replace('-', '_')}", campaign.log_odds, campaign.examples, detail)


def weighed(campaign: Campaign) -> Campaign:
    return replace(campaign, log_odds=campaign_log_odds(campaign))


def _stepped(log_odds: float) -> float:
    return round(log_odds / STEP) * STEP + 0.0  # no minus zero


def _at_least(count: int) -> int:
    return 1 << (count.bit_length() - 1) if count > ACCOUNTS_NEEDED else count
