"""What one interaction takes on disk, by kind of column."""

from clickhouse_driver import Client

TEXT = ("content", "evidence", "reading", "actor_profile", "url")
IDS = (
    *("id", "person", "account", "actor", "recipients"),
    *("in_reply_to", "in_reply_to_actor", "object", "conversation"),
)


def bytes_per_interaction(client: Client, table: str) -> dict[str, float]:
    """Compressed bytes per row of a table made like ``interaction``, merged and with a file per column.

    Small tables keep all columns in one file, which hides what each takes, so the rows are copied.
    """
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
    kinds = {
        "text and evidence": sum(columns[name] for name in TEXT),
        "the platforms' own ids": sum(columns[name] for name in IDS),
        "everything else": sum(size for name, size in columns.items() if name not in {*TEXT, *IDS}),
        "indexes and marks": indexes,
    }
    return {kind: size / rows for kind, size in kinds.items()}
