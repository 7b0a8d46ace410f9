"""What people ask on the command line. Every value is a parameter; what comes back is names and rows."""

from dataclasses import dataclass
from typing import Any

from clickhouse_driver import Client


@dataclass(frozen=True)
class Table:
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def records(self) -> list[dict[str, Any]]:
        """The rows, each by the names of its columns."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def relationships(client: Client, brand: str | None = None, limit: int = 100) -> Table:
    """The relationships as of now, the most real first; of one brand or of all."""
    return ask(
        client,
        """
        SELECT * FROM relationships_now
        WHERE %(all)s OR brand = %(brand)s
        ORDER BY realness DESC, brand, person LIMIT %(limit)s
        """,
        all=int(brand is None),
        brand=brand or "",
        limit=limit,
    )


def interaction(client: Client, identifier: str) -> Table:
    """The act with this id, one row per brand it concerns; no row where it is unknown."""
    return ask(client, "SELECT * FROM interactions WHERE id = %(id)s ORDER BY brand", id=identifier)


def relationship(client: Client, person: str, brand: str | None = None) -> Table:
    """The relationships of one person as of now."""
    return ask(
        client,
        "SELECT * FROM relationships_now WHERE person = %(person)s AND (%(all)s OR brand = %(brand)s) ORDER BY brand",
        person=person,
        all=int(brand is None),
        brand=brand or "",
    )


def owed(client: Client, brand: str | None = None, limit: int = 100, by: str | None = None) -> Table:
    """What waits for a word, the most pressing first; ``by`` one side (``us`` or ``them``) or both."""
    return ask(
        client,
        """
        SELECT * FROM owed
        WHERE (%(all)s OR brand = %(brand)s) AND (%(both)s OR by = %(by)s)
        ORDER BY score DESC, brand, person, since LIMIT %(limit)s
        """,
        all=int(brand is None),
        brand=brand or "",
        both=int(by is None),
        by=by or "",
        limit=limit,
    )


def identities(client: Client, limit: int = 100) -> Table:
    """Which accounts belong to another one, by person."""
    return ask(client, "SELECT * FROM identities ORDER BY person, account LIMIT %(limit)s", limit=limit)


def dead_letters(client: Client, limit: int = 20) -> Table:
    """What could not be used, the newest first; ``body`` is cut to 200 bytes."""
    return ask(
        client,
        """
        SELECT at, reason, origin, detail, bytes, toValidUTF8(substring(body, 1, 200)) AS body
        FROM dead_letters ORDER BY at DESC, origin LIMIT %(limit)s
        """,
        limit=limit,
    )


def campaigns(client: Client, brand: str | None = None, limit: int = 100) -> Table:
    """The campaigns, those that say most against their members first; of one brand or of all.

    What the view ``campaigns`` says, with texts looked up for these rows only.
    """
    return ask(
        client,
        """
        WITH
            shown AS
            (
                SELECT * FROM campaign_numbers
                WHERE %(all)s OR brand = %(brand)s
                ORDER BY log_odds, accounts DESC, campaign, brand LIMIT %(limit)s
            ),
            first AS
            (
                SELECT id, any(content) AS text FROM interactions
                WHERE published IN (SELECT first_at FROM shown) AND id IN (SELECT example_ids[1] FROM shown)
                GROUP BY id
            )
        SELECT
            shown.* EXCEPT (kind, log_odds, letters, agreement, likeness, linked, domains, repeaters, busiest_hour,
                busiest_day, busiest_week, link, example_ids, version),
            if(empty(first.text), shown.example_ids[1], first.text) AS example,
            shown.kind AS kind, shown.log_odds AS log_odds, shown.letters AS letters, shown.agreement AS agreement,
            shown.likeness AS likeness, shown.linked AS linked, shown.domains AS domains, shown.repeaters AS repeaters,
            shown.busiest_hour AS busiest_hour, shown.busiest_day AS busiest_day, shown.busiest_week AS busiest_week,
            shown.link AS link, shown.example_ids AS example_ids, shown.version AS version
        FROM shown LEFT JOIN first ON first.id = shown.example_ids[1]
        ORDER BY log_odds, accounts DESC, campaign, brand
        """,
        all=int(brand is None),
        brand=brand or "",
        limit=limit,
    )


def corrections(client: Client, limit: int = 100) -> Table:
    """What people said of scores, the newest first."""
    return ask(client, "SELECT * FROM corrections ORDER BY at DESC, id, author LIMIT %(limit)s", limit=limit)


def labels(client: Client) -> Table:
    """What people say now, one row per ``id``, oldest first: ``verdict`` (genuine or spam), ``person`` and ``at``."""
    return ask(
        client,
        """
        SELECT id, verdict, person, at FROM corrections
        WHERE valid AND verdict IN ('genuine', 'spam') ORDER BY at, id
        """,
    )


def ask(client: Client, sql: str, **parameters: object) -> Table:
    rows, columns = client.execute(sql, parameters, with_column_types=True)
    return Table(tuple(name for name, _ in columns), rows)
