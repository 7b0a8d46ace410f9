"""What is owed on both sides, with reasons in words and the text that waits."""

from typing import Any

from clickhouse_driver import Client

from events.interaction import milliseconds
from rapport import tie_words
from warehouse import acts, queries
from warehouse.queries import Table

MINUTE_MS = 60_000
ADDED = ("reasons", "id", "url", "text")


def owed(client: Client, brand: str | None, limit: int, by: str | None) -> Table:
    """The rows of the view, the most pressing first, with what is ``ADDED``; empty where the text is not stored."""
    table = queries.owed(client, brand, limit, by)
    rows = table.records()
    opened = acts.opened(client, map(_opening, rows))
    nothing = acts.Opened("", "", "")
    return Table(
        (*table.columns, *ADDED),
        [
            (*row.values(), tie_words.owed(row), act.id, act.url, act.content)
            for row in rows
            for act in [opened.get(_opening(row), nothing)]
        ],
    )


def of_person(client: Client, person: str) -> list[dict[str, Any]]:
    """What is owed between a person and any brand, the most pressing first, with its ``reasons``."""
    sql = "SELECT * FROM owed WHERE person = %(person)s ORDER BY score DESC, brand, since"
    return with_reasons(queries.ask(client, sql, person=person))


def with_reasons(table: Table) -> list[dict[str, Any]]:
    """Rows of the view ``owed``, each with its ``reasons`` in words."""
    return [row | {"reasons": tie_words.owed(row)} for row in table.records()]


def _opening(row: dict[str, Any]) -> acts.Debt:
    """Who waits has spoken, and who promised."""
    by_brand = (row["by"] == "us") == (row["kind"] == "promise")
    return acts.Debt(row["brand"], row["person"], milliseconds(row["since"]) // MINUTE_MS, by_brand)
