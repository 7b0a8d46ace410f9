"""Of which class each relationship was when: ``class_history``, always equal to a recomputation from the acts.

The class at a time is what the newest act before then left behind for that time, so that it is the same after any
re-fold (of several acts within one millisecond, the one with the greatest id). ``act_class`` keeps what each act left
behind, by account; accounts never change for an act, but the person behind them may. A batch computes anew every
person that one of its accounts is, was, or belonged to.
"""

from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from clickhouse_driver import Client

from warehouse.client import insert, temporary
from warehouse.retention import COMPLETE
from warehouse.rows import INTERACTION, Row

ACT_CLASS = ("brand", "account", "published", "id", "person", "class", "later", "revision")
TOUCH = ("brand", "account", "person")
_taken = itemgetter(*map(INTERACTION.index, ACT_CLASS))
_touched = itemgetter(*map(ACT_CLASS.index, TOUCH))
HISTORY = ("brand", "person", "begins", "classes", "version")

# The version is the server's time before the recomputation reads anything: of two sinks that recompute one person at
# once, the one that may have missed acts of the other has the lower version.
TOUCHED = """
CREATE TEMPORARY TABLE IF NOT EXISTS touched_account
(
    brand String,
    account String,
    person String,
    version UInt64 DEFAULT toUInt64(toUnixTimestamp64Nano(now64(9)))
)
ENGINE = Memory
"""
# What an act left behind holds until the next act. What is the same as before is no change.
COMPUTED = """
WITH
    arraySort(groupArrayIf((published, id, toString(class), later), class != '')) AS acts,
    arrayFlatten(arrayMap(
        (act, next) -> arrayFilter(
            phase -> phase.1 < next,
            arrayConcat([(act.1, act.3)], arrayMap(one -> (one.1, toString(one.2)), act.4))
        ),
        acts, arrayShiftLeft(acts.1, 1, toDateTime64('2299-01-01', 3, 'UTC'))
    )) AS phases,
    arrayFilter(
        (phase, next) -> phase.1 < next,
        phases, arrayShiftLeft(phases.1, 1, toDateTime64('2299-12-31', 3, 'UTC'))
    ) AS held,
    arrayFilter((phase, before) -> phase.2 != before, held, arrayShiftRight(held.2, 1, '')) AS changes
SELECT toString(brand) AS brand, person, changes.1 AS begins, changes.2 AS classes, max(version) AS version
FROM ({acts})
GROUP BY brand, person
"""
OF_TOUCHED = """
WITH
    tie AS
    (
        SELECT brand, person FROM touched_account
        UNION DISTINCT SELECT brand, account FROM touched_account
        UNION DISTINCT SELECT t.brand, o.person FROM touched_account AS t
        INNER JOIN account_person AS o ON o.account = t.account
    ),
    source AS
    (
        SELECT brand, person FROM tie
        UNION DISTINCT SELECT tie.brand, o.account FROM tie INNER JOIN account_person AS o ON o.person = tie.person
    )
SELECT toString(brand) AS brand, person, published, id, class, later, toUInt64(0) AS version
FROM act_class FINAL
WHERE (brand, account) IN source AND (brand, person) IN tie
UNION ALL
SELECT brand, person, toDateTime64(0, 3, 'UTC'), '', '', [], (SELECT max(version) FROM touched_account) FROM tie
"""
# A relationship whose last act has gone gets an empty history.
OF_BRAND = """
SELECT toString(brand) AS brand, person, published, id, class, later, {version} AS version
FROM act_class FINAL WHERE brand = %(brand)s
UNION ALL
SELECT brand, person, toDateTime64(0, 3, 'UTC'), '', '', [], {version} FROM class_history WHERE brand = %(brand)s
"""
NOW = "toUInt64(toUnixTimestamp64Nano(now64(9)))"
BRANDS = """
SELECT DISTINCT brand FROM
(SELECT toString(brand) AS brand FROM act_class UNION ALL SELECT toString(brand) FROM class_history) ORDER BY brand
"""
# One row for each that is only in one of the two, or in both with other words.
DIFFERENT = f"""
SELECT brand, person FROM
(
    SELECT brand, person, begins, classes FROM ({COMPUTED.format(acts=OF_BRAND.format(version="toUInt64(0)"))})
    WHERE notEmpty(begins)
    UNION ALL
    SELECT toString(brand), person, begins, arrayMap(one -> toString(one), classes) FROM class_history FINAL
    WHERE brand = %(brand)s AND notEmpty(begins)
)
GROUP BY brand, person
HAVING count() != 2 OR min((begins, classes)) != max((begins, classes))
ORDER BY brand, person
"""  # noqa: S608 - the columns are constants of ours
KEPT = f"brand != '' AND person != '' AND published >= {COMPLETE}"
CHECKED = f"""
SELECT toYYYYMM(published) AS month, toString(brand) AS brand, count() AS acts,
    groupBitXor(cityHash64({", ".join(ACT_CLASS[1:])})) AS checksum
"""
# Months and brands of which the two tables do not hold the same acts.
PLACES = f"""
SELECT month, brand FROM
(
    {CHECKED} FROM interaction FINAL WHERE {KEPT} GROUP BY month, brand
    UNION ALL {CHECKED} FROM act_class FINAL WHERE {KEPT} GROUP BY month, brand
)
GROUP BY month, brand
HAVING count() != 2 OR min((acts, checksum)) != max((acts, checksum))
ORDER BY month, brand
"""  # noqa: S608 - the columns are constants of ours
OF_PLACE = f"{KEPT} AND toYYYYMM(published) = %(month)s AND brand = %(brand)s"
# What only one of the two has, each version by itself.
ACTS_DIFFERENT = f"""
SELECT brand, account, published, id, revision, any(person) AS whose, any(copied) AS is_copy FROM
(
    SELECT {", ".join(ACT_CLASS)}, false AS copied FROM interaction FINAL WHERE {OF_PLACE}
    UNION ALL SELECT {", ".join(ACT_CLASS)}, true FROM act_class FINAL WHERE {OF_PLACE}
)
GROUP BY brand, account, published, id, revision
HAVING count() != 2 OR min((person, class, later)) != max((person, class, later))
"""  # noqa: S608 - the columns are constants of ours


class Difference(NamedTuple):
    """A relationship of which ``table`` does not say what the acts say."""

    table: str
    brand: str
    person: str


def store(client: Client, rows: Sequence[Row]) -> None:
    """Keep what the acts in ``rows`` (of ``interaction``, where they are already) left behind.

    Raises ``ConnectionResetError`` where the connection was lost on the way.
    """
    acts = [act for act in map(_taken, rows) if all(_touched(act))]
    if not acts:
        return
    insert(client, "act_class", ACT_CLASS, acts)
    touched = set(map(_touched, acts))
    if moved := {(account, person) for _, account, person in touched if account != person}:
        insert(client, "account_person", ("account", "person"), sorted(moved))
    recompute(client, touched)


def recompute(client: Client, touched: Iterable[tuple[str, str, str]]) -> None:
    """Compute anew the histories of every person behind ``touched``: brand, account and person of acts."""
    with temporary(client, "touched_account", TOUCHED):
        insert(client, "touched_account", TOUCH, sorted(touched))
        _compute(client, OF_TOUCHED)


def rebuild(client: Client) -> Iterator[tuple[int, int]]:
    """Copy the acts that differ and compute every history anew; yields how many months and brands are done.

    May run beside a sink: whichever of the two began later wins.
    """
    places = client.execute(PLACES)
    months = sorted({month for month, _ in places})
    for done, month in enumerate(months):
        yield done, len(months) + 1
        _copy(client, month, [brand for other, brand in places if other == month])
    client.execute(
        "INSERT INTO account_person (account, person)"
        " SELECT DISTINCT account, person FROM act_class WHERE account != person"
    )
    brands = [brand for (brand,) in client.execute(BRANDS)]
    for done, brand in enumerate(brands):
        yield len(months) + done, len(months) + len(brands)
        _compute(client, OF_BRAND.format(version=NOW), brand=brand)
    yield len(months) + len(brands), len(months) + len(brands)


def differences(client: Client) -> Iterator[Difference]:
    """What does not equal a recomputation now. While a sink runs, it may just be about to mend one."""
    wrong = f"SELECT DISTINCT toString(brand), whose FROM ({ACTS_DIFFERENT})"  # noqa: S608 - a constant of ours
    for month, brand in client.execute(PLACES):
        found = client.execute(wrong, {"month": month, "brand": brand})
        yield from (Difference("act_class", *row) for row in found)
    for (brand,) in client.execute(BRANDS):
        yield from (Difference("class_history", *row) for row in client.execute(DIFFERENT, {"brand": brand}))


def _copy(client: Client, month: int, brands: Sequence[str]) -> None:
    """Have ``act_class`` say what ``interaction`` does, where it is known to say something else."""
    wrong = f"SELECT brand, account, published, id, revision FROM ({ACTS_DIFFERENT}) WHERE is_copy"  # noqa: S608
    for brand in brands:
        place = {"month": month, "brand": brand}
        if client.execute(f"SELECT count() FROM ({wrong})", place) != [(0,)]:  # noqa: S608 - constants of ours
            client.execute(
                f"DELETE FROM act_class WHERE (brand, account, published, id, revision) IN ({wrong})",  # noqa: S608
                place,
            )
    columns = ", ".join(ACT_CLASS)
    client.execute(
        f"INSERT INTO act_class ({columns}) SELECT {columns} FROM interaction FINAL"  # noqa: S608
        f" WHERE {KEPT} AND toYYYYMM(published) = %(month)s AND brand IN %(brands)s",
        {"month": month, "brands": tuple(brands)},
    )


def _compute(client: Client, acts: str, **parameters: object) -> None:
    client.execute(f"INSERT INTO class_history ({', '.join(HISTORY)}) {COMPUTED.format(acts=acts)}", parameters)
