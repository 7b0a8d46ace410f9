"""`rapport refit relationships`: the weights of realness from what came of the relationships in the warehouse."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from clickhouse_driver import Client
from msgspec.structs import replace

from events import Scored
from events.interaction import milliseconds
from scoring.identities import Identities
from scoring.ties.habits import DAY_MS
from scoring.ties.realness import Weights
from scoring.ties.refit import Refit, refit_realness
from scoring.ties.replay import Example, cuts, replay
from streams.known import Memory
from warehouse.history import history

MOST_ACCOUNTS = 20_000  # the same ones every time; plenty for some twenty weights, and they fit in memory
AT_ONCE = 500
DECIMALS = 6


@dataclass(frozen=True)
class Learned:
    """``refit`` and what it rests on: rows are ties at cuts, of ``mutual`` of them both sides spoke afterwards."""

    refit: Refit
    persons: int
    cuts: int
    rows: int
    mutual: int


def learn(client: Client, memory: Memory, done: Callable[[int, int], None] = lambda done, total: None) -> Learned:
    """What the stored history makes of the weights in use. ``done`` gets how many of how many people were read."""
    current = memory.fitted.realness
    moments = _moments(client, current)
    persons = _persons(client, memory.identities) if moments else []
    found: list[Example] = []
    for count, rows in enumerate(histories(client, persons, memory.identities)):
        found += replay(rows, moments, current)
        done(count + 1, len(persons))
    refit = refit_realness(
        [example.features for example in found],
        [example.mutual for example in found],
        [example.at / DAY_MS for example in found],
        current,
    )
    if refit.replaced:
        refit = Refit(_rounded(refit.weights), True, refit.reason, refit.loss_before, refit.loss_after)
    return Learned(refit, len(persons), len(moments), len(found), sum(example.mutual for example in found))


def _moments(client: Client, weights: Weights) -> tuple[int, ...]:
    ((first, last),) = client.execute(
        "SELECT minOrNull(published), maxOrNull(published) FROM interaction WHERE brand != ''"
    )
    return cuts(milliseconds(first), milliseconds(last), weights.horizon_days) if first else ()


def _persons(client: Client, identities: Identities) -> list[str]:
    rows = client.execute(
        """
        SELECT account FROM interaction WHERE brand != '' AND person != ''
        GROUP BY account ORDER BY cityHash64(account), account LIMIT %(limit)s
        """,
        {"limit": MOST_ACCOUNTS},
    )
    return list(dict.fromkeys(identities.person(account) for (account,) in rows))


def histories(client: Client, persons: list[str], identities: Identities) -> Iterator[list[Scored]]:
    """Of each person, all of their accounts together, in the order of folding."""
    for start in range(0, len(persons), AT_ONCE):
        of_person = {person: identities.accounts(person) for person in persons[start : start + AT_ONCE]}
        stored = history(client, [account for accounts in of_person.values() for account in accounts])
        for accounts in of_person.values():
            rows = [row for account in accounts for row in stored.get(account, [])]
            yield sorted(rows, key=lambda row: (row.interaction.order, row.brand))


def _rounded(weights: Weights) -> Weights:
    return replace(
        weights,
        bias=round(weights.bias, DECIMALS),
        features={name: round(value, DECIMALS) for name, value in weights.features.items()},
        means={name: round(value, DECIMALS) for name, value in weights.means.items()},
    )
