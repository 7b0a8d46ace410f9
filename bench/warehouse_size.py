"""What one interaction takes on disk, by kind of column."""

from clickhouse_driver import Client

TEXT = ("content", "evidence", "reading", "actor_profile", "url")
IDS = (
    *("id", "person", "account", "actor", "recipients"),
    *("in_reply_to", "in_reply_to_actor", "object", "conversation"),
)


def bytes_per_interaction(client: Client, acts: str, copies: str) -> dict[str, float]:
    """Compressed bytes per row of a table made like ``interaction``, with those of its rows in one like ``act_class``.

    Merged, and with a file per column: small tables keep all columns in one file, which hides what each takes, so the
    rows are copied.
    """
    rows, kinds = 0, dict.fromkeys(("text and evidence", "the platforms' own ids", "everything else"), 0)
    indexes = 0
    for table in (copies, acts):
        rows, others, columns = _measured(client, table)
        indexes += others
        for name, size in columns.items():
            kinds[_kind(name)] += size
    return {kind: size / rows for kind, size in (kinds | {"indexes and marks": indexes}).items()}


def _kind(column: str) -> str:
    if column in TEXT:
        return "text and evidence"
    return "the platforms' own ids" if column in IDS else "everything else"


def _measured(client: Client, table: str) -> tuple[int, int, dict[str, int]]:
    """Rows, bytes of indexes and marks, and bytes by column."""
    client.execute("DROP TABLE IF EXISTS measured")
    client.execute(f"CREATE TABLE measured AS {table}")
    client.execute("ALTER TABLE measured MODIFY SETTING min_bytes_for_wide_part = 0, min_rows_for_wide_part = 0")
    client.execute(f"INSERT INTO measured SELECT * FROM {table} SETTINGS max_partitions_per_insert_block = 1000")  # noqa: S608
    client.execute("OPTIMIZE TABLE measured FINAL")
    ((rows, indexes),) = client.execute(
        "SELECT sum(rows), sum(secondary_indices_compressed_bytes + marks_bytes) FROM system.parts"
        " WHERE active AND database = currentDatabase() AND table = 'measured'"
    )
    columns = dict(
        client.execute(
            "SELECT column, sum(column_data_compressed_bytes) FROM system.parts_columns"
            " WHERE active AND database = currentDatabase() AND table = 'measured' GROUP BY column"
        )
    )
    client.execute("DROP TABLE measured")
    return rows, indexes, columns
