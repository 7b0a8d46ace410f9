"""What SQL reads of a relationship at any time is what Python reads."""

from datetime import UTC, datetime, timedelta

import pytest
from clickhouse_driver import Client

from events import Relationship
from events.interaction import milliseconds
from scoring.ties.habits import DAY_MS
from scoring.ties.owed import ranking
from scoring.ties.reading import relationship, standing
from scoring.ties.realness import default_weights
from tests.scoring.ties.acts import QUESTION, folded, friends, ours, theirs
from warehouse.client import insert
from warehouse.migrate import MIGRATIONS
from warehouse.rows import RELATIONSHIP, relationship_row

pytestmark = pytest.mark.engines

NAMES = (
    *("realness", "given", "received", "reliability_ours", "reliability_theirs"),
    *("reliability_low_ours", "reliability_high_ours", "reliability_low_theirs", "reliability_high_theirs"),
)


def told() -> list[Relationship]:
    """A friend with open debts on both sides and a promise, a stranger, one whom the brand pesters."""
    friend = folded(
        *friends(6), theirs(70, QUESTION, 8), ours(71, conversation=9, promises=True), theirs(75, QUESTION, 10)
    )
    asked = folded(theirs(0, QUESTION), ours(0.2, QUESTION), theirs(1, QUESTION, 2, trust=0.6))
    pestered = folded(*(ours(day * 3, conversation=day + 1, answers=False) for day in range(6)))
    ties = {"x:friend": friend, "x:asked": asked, "x:pestered": pestered, "x:once": folded(theirs(0))}
    return [relationship("acme", person, tie, default_weights()) for person, tie in ties.items()]


def view_at(name: str, moment: str) -> str:
    """The query of a view, with another time than now."""
    text = max(MIGRATIONS.glob(f"*_{name}.sql")).read_text()
    query = text[text.index("AS WITH") + 3 : text.rindex("COMMENT")]
    return query.replace("now64(3, 'UTC')", f"toDateTime64('{moment}', 3, 'UTC')")


@pytest.mark.parametrize("days", [0.0, 0.02, 0.5, 3.0, 20.0, 46.0, 59.9, 60.1, 400.0])
def test_sql_and_python_agree_at_any_time(client: Client, days: float) -> None:
    """Numbers within 1e-9, classes, reasons and counts exactly."""
    records = told()
    insert(client, "relationship", RELATIONSHIP, [relationship_row(record) for record in records], "r")
    for record in records:
        at = record.last_at + timedelta(milliseconds=int(days * DAY_MS))
        query = view_at("relationships_now", f"{at:%Y-%m-%d %H:%M:%S.%f}"[:-3])
        rows, columns = client.execute(query, with_column_types=True)
        names = [name for name, _ in columns]
        found = {row[names.index("person")]: dict(zip(names, row, strict=True)) for row in rows}[record.person]
        wanted = standing(record, milliseconds(at))
        numbers = (
            wanted.realness,
            wanted.given,
            wanted.received,
            wanted.reliability_ours.probability,
            wanted.reliability_theirs.probability,
            wanted.reliability_ours.low,
            wanted.reliability_ours.high,
            wanted.reliability_theirs.low,
            wanted.reliability_theirs.high,
        )
        assert [found[name] for name in NAMES] == pytest.approx(numbers, abs=1e-9)
        assert (found["class"], tuple(found["reasons"])) == (wanted.class_, wanted.reasons)
        assert (found["owed_by_us"], found["owed_by_them"]) == (wanted.owed_by_us, wanted.owed_by_them)
        assert (found["observed_ours"], found["observed_theirs"]) == (
            wanted.reliability_ours.observed,
            wanted.reliability_theirs.observed,
        )
        assert found["promises_broken"] == wanted.promises_broken


def test_the_most_pressing_debt_comes_first(client: Client) -> None:
    """The score of the view is that of the ranking, and what is too old does not count."""
    shift = datetime.now(UTC) - max(record.last_at for record in told()) - timedelta(days=2)
    ms = int(shift.total_seconds() * 1000) // 60_000 * 60_000
    rows = []
    for record in told():
        row = dict(zip(RELATIONSHIP, relationship_row(record), strict=True))
        row["class_begins"] = [at + ms for at in row["class_begins"]]
        row["debts"] = [(by, kind, since + ms, asks) for by, kind, since, asks in row["debts"]]
        rows.append(tuple({**row, "first_at": row["first_at"] + ms, "last_at": row["last_at"] + ms}.values()))
    insert(client, "relationship", RELATIONSHIP, rows, "o")
    found = client.execute("SELECT person, kind, score, trust, realness, waited_days FROM owed ORDER BY score DESC")
    assert {person for person, *_ in found} == {"x:friend"}
    assert [kind for _, kind, *_ in found].count("promise") == 1
    for _, kind, score, trust, realness, waited in found:
        assert score == pytest.approx(ranking(trust, realness, waited, promised=kind == "promise"))
