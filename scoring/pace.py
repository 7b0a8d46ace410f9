"""How fast an account acts, beside how fast people do.

``pace`` is the number of its acts so far, each halving with every day that passes. Measured on everything that 1,350
people did in CollegeMsg, 824 in email-Eu, 16,466 in MathOverflow, 4,814 in Bitcoin OTC: 99 % of them never came above
91, 112, 11 and 11, the busiest to 187, 288, 54 and 143. Beyond, the people of the two busiest (private chat and
mail) become rarer by a power law, whose exponent is 2.3 and 2.5 (Hill's estimate, 1975, above 50 and above 100).
"""

import math

from events import Evidence

BUSY = 100.0  # what one in a hundred comes to in a chat; in public hardly anybody does
RARER = 2.5  # the exponent: twice as busy is 2 ** -2.5 as frequent among people, while a machine may have any pace
HALF_LIFE_MS = 86_400_000


def decayed(pace: float, silent_ms: int) -> float:
    return pace * math.exp2(-max(0, silent_ms) / HALF_LIFE_MS)


def pace_evidence(pace: float) -> Evidence:
    """The log-likelihood of such a pace: how much rarer it is among people than ``BUSY``. It has no lower bound."""
    return Evidence("pace", -RARER * math.log(max(1.0, pace / BUSY)), detail=f"{pace:.0f} acts within about a day")


def unhurried(pace: float) -> float:
    """1, and less for who is faster than people: a thousand clean texts in a day must not vouch for each other."""
    return min(1.0, BUSY / max(1.0, pace))
