"""What both sides of a brand's relationships gave and answered, added up."""

from collections.abc import Sequence

from clickhouse_driver import Client

from warehouse.queries import ask

GIVEN = ("acts", "first", "unasked", "thanks", "help", "credit")
SIDES = ("ours", "theirs")

SUMS = f"""
SELECT
    count() AS relationships,
    countIf(class = 'real') AS real,
    sum(r.given) AS given,
    sum(r.received) AS received,
    sum(r.exchanges) AS exchanges,
    sum(r.owed_by_us) AS owed_by_us,
    sum(r.owed_by_them) AS owed_by_them,
    sum(r.promises_made) AS promises_made,
    sum(r.promises_kept) AS promises_kept,
    sum(r.promises_broken) AS promises_broken,
    {", ".join(f"sum(r.{name}_{side}) AS {name}_{side}" for side in SIDES for name in GIVEN)}
FROM relationships_now AS r WHERE r.brand = %(brand)s
"""  # noqa: S608 - the columns are constants of ours
# What is still open counts for every interval that it has outlasted, as it does for one relationship.
WAITS = """
SELECT sumForEach(r.answers_{side}), sumForEach(arrayMap(
    edge -> arrayCount(since -> intDiv(toUnixTimestamp64Milli(now64(3)), 60000) - since >= edge, r.open_since_{side}),
    %(edges)s))
FROM relationship AS r FINAL WHERE r.brand = %(brand)s AND r.interactions > 0
"""


def sums(client: Client, brand: str) -> dict[str, float]:
    """Counts by the names of the columns of ``relationships_now``, over all relationships of ``brand`` as of now."""
    return ask(client, SUMS, brand=brand).records()[0]


def life_table(client: Client, brand: str, side: str, edges: Sequence[int]) -> tuple[int, ...]:
    """How ``side`` answers in all relationships together: reached and answered per interval, open ones included.

    ``edges`` are the ends of the intervals, in minutes. Empty without any relationship.
    """
    ((answers, outlasted),) = client.execute(WAITS.format(side=side), {"brand": brand, "edges": list(edges)})
    if not answers:
        return ()
    reached = [max(pair) for pair in zip(answers, answers[len(edges) :], strict=False)][: len(edges)]
    return (*(sum(pair) for pair in zip(reached, outlasted, strict=True)), *answers[len(edges) :])
