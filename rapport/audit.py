"""A brand looks at itself: what it gives and gets, whether it keeps its word, how it would be judged as a stranger."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from clickhouse_driver import Client

from events import Activity, Route, Scored, Verdict
from scoring.combine import Judgement, Weights
from scoring.ties.acts import act_of
from scoring.ties.audit import about_others
from scoring.ties.reliability import Reliability, reliability
from scoring.ties.stranger import as_stranger
from scoring.ties.threads import EDGES, NO_ANSWERS
from warehouse import acts, ledger

MOST_ACTS = 20_000
# Of 55 companies that answer on Twitter (TWCS, ten texts and more each) as strangers, none has a mean trust below 0.83
# or more than 9 % of its texts taken for spam. What is clearly beyond that is not how people are answered.
LOW_TRUST, HIGH_SPAM = 0.75, 0.15
FEWEST = 10  # texts; fewer say little of a habit


@dataclass(frozen=True)
class Month:
    """The brand's acts on one platform in one month: how many, and how many of them are about somebody else."""

    platform: str
    month: str
    acts: int
    about_others: int


@dataclass(frozen=True)
class Own:
    """The brand's ``acts`` as those of a stranger. ``against``: what speaks most against them, log-odds per text."""

    acts: int = 0
    cut: bool = False
    texts: int = 0
    mean_trust: float | None = None
    spam_share: float | None = None
    against: dict[str, float] = field(default_factory=dict)
    months: tuple[Month, ...] = ()

    @property
    def about_others(self) -> int:
        return sum(month.about_others for month in self.months)

    @property
    def like_a_spammer(self) -> bool:
        if self.texts < FEWEST or self.mean_trust is None or self.spam_share is None:
            return False
        return self.mean_trust < LOW_TRUST or self.spam_share >= HIGH_SPAM


@dataclass(frozen=True)
class Audit:
    """``sums`` and the reliabilities are over all relationships as of now, ``own`` is since ``since``."""

    brand: str
    since: datetime
    sums: dict[str, float]
    ours: Reliability
    theirs: Reliability
    own: Own


def audit(client: Client, brand: str, since: datetime, weights: Weights) -> Audit:
    ours, theirs = (reliability(ledger.life_table(client, brand, side, EDGES) or NO_ANSWERS) for side in ledger.SIDES)
    own = own_acts(acts.own(client, brand, since, MOST_ACTS + 1), weights)
    return Audit(brand, since, ledger.sums(client, brand), ours, theirs, own)


def own_acts(rows: Sequence[Scored], weights: Weights) -> Own:
    """``rows`` are outbound, in order; of more than ``MOST_ACTS`` the newest count.

    What has no text is not judged: a like or a picture has nothing to read.
    """
    cut, rows = len(rows) > MOST_ACTS, rows[-MOST_ACTS:]
    judged = as_stranger(((row.interaction, row.content) for row in rows), weights)
    texts = [judgement for row, judgement in zip(rows, judged, strict=True) if _is_text(row)]
    return Own(
        acts=len(rows),
        cut=cut,
        texts=len(texts),
        mean_trust=sum(each.trust for each in texts) / len(texts) if texts else None,
        spam_share=sum(each.verdict is Verdict.SPAM for each in texts) / len(texts) if texts else None,
        against=_against(texts),
        months=_months(rows),
    )


def _is_text(row: Scored) -> bool:
    return row.interaction.type is Activity.CREATE and bool(row.interaction.content)


def _against(texts: Sequence[Judgement]) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for judgement in texts:
        for entry in judgement.evidence:
            if entry.weight < 0:
                found[entry.signal] -= entry.weight
    ordered = sorted(found.items(), key=lambda each: (-each[1], each[0]))
    return {signal: round(weight / len(texts), 4) for signal, weight in ordered}


def _months(rows: Sequence[Scored]) -> tuple[Month, ...]:
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        route = Route(row.brand, row.direction, row.account or row.person)
        act = act_of(row.interaction, route, row.trust, row.effort, row.content.intents)
        count = counts[row.interaction.platform, f"{row.interaction.published:%Y-%m}"]
        count[0] += 1
        count[1] += about_others(act)
    return tuple(Month(*key, *count) for key, count in sorted(counts.items()))
