"""What the alerts process and `rapport alerts` share: settings, the brand's own acts, and the past of relationships."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from clickhouse_driver import Client

from alerts import fetch
from alerts.backtest import Fired, backtest
from alerts.facts import Facts, Own
from alerts.finding import Setting
from events import Scored
from rapport import audit, people
from rapport.audit_words import against
from rapport.refit_relationships import histories
from rapport.tie_history import TieHistory
from scoring.combine import Weights
from scoring.fold import Fitted
from warehouse import acts

WEEK = timedelta(days=7)
MOST_OWN = 500  # of the newest texts of a brand: plenty to tell how it behaves
BUCKET = timedelta(minutes=10)


class OwnActs:
    """How the brands' own acts of the last week look to somebody who does not know them, at any time of a period.

    They are judged again only where acts were added, and not more often than every ``rest``.
    """

    def __init__(
        self, client: Client, since: datetime, until: datetime, weights: Weights, rest: timedelta = timedelta()
    ) -> None:
        self.weights, self.rest = weights, rest
        self.acts = {
            brand: [
                row
                for row in acts.own(client, brand, since - WEEK, audit.MOST_ACTS)
                if row.interaction.published < until
            ]
            for brand in acts.brands(client)
        }
        self.times = {brand: [row.interaction.published for row in rows] for brand, rows in self.acts.items()}
        self.judged: dict[str, tuple[datetime, tuple[int, int], Own]] = {}

    def at(self, moment: datetime) -> list[Own]:
        return [own for brand in self.acts if (own := self._of(brand, moment))]

    def _of(self, brand: str, moment: datetime) -> Own | None:
        times = self.times[brand]
        place = bisect_left(times, moment - WEEK), bisect_left(times, moment)
        if place[0] == place[1]:
            return None
        if known := self.judged.get(brand):
            judged_at, of, own = known
            if of == place or moment - judged_at < self.rest:
                return own
        own = _judged(brand, self.acts[brand][max(place[0], place[1] - MOST_OWN) : place[1]], self.weights)
        self.judged[brand] = moment, place, own
        return own


def _judged(brand: str, rows: list[Scored], weights: Weights) -> Own:
    found = audit.own_acts(rows, weights)
    return Own(brand, found.texts, found.mean_trust or 0.0, found.spam_share or 0.0, tuple(against(found)))


def facts_now(client: Client, at: datetime, fitted: Fitted) -> Facts:
    """Everything as it stands at ``at``, which is now or has just been."""
    own = OwnActs(client, at, at, fitted.trust).at(at)
    return fetch.fetch(client, at, at, BUCKET).at(at, fetch.ties(client, at), own)


def replayed(  # noqa: PLR0917 - what a replay is of
    client: Client, since: datetime, until: datetime, settings: Mapping[str, Setting], fitted: Fitted, step: timedelta
) -> list[Fired]:
    """What would have fired from ``since`` to ``until``, with the scores and campaigns as they are known today."""
    past = fetch.fetch(client, since, until, step)
    ties = TieHistory(_histories(client), fitted.realness)
    own = OwnActs(client, since, until, fitted.trust, rest=timedelta(hours=1))
    return backtest(
        lambda moment: past.at(moment, ties.at(moment), own.at(moment)), _moments(since, until, step), settings
    )


def _histories(client: Client) -> Iterator[list[Scored]]:
    identities = people.stored(client)
    persons = dict.fromkeys(
        identities.person(account)
        for (account,) in client.execute("SELECT DISTINCT account FROM interaction WHERE brand != '' AND person != ''")
    )
    return histories(client, list(persons), identities)


def _moments(since: datetime, until: datetime, step: timedelta) -> Iterator[datetime]:
    """Whole steps before ``until``, the first one at ``since`` or after it."""
    for number in range((until - since) // step, -1, -1):
        yield until - number * step
