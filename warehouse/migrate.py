"""What has to exist before anything runs: the tables and views, and the topics. Both can be done again at any time."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from clickhouse_driver import Client
from clickhouse_migrations.clickhouse_cluster import ClickhouseCluster
from kafka import KafkaAdminClient
from kafka.errors import TopicAlreadyExistsError, for_code

from events.topics import SINK_GROUP, Topic
from warehouse.client import ClickHouse
from warehouse.lag import SUNK, Group

MIGRATIONS = Path(__file__).parent / "migrations"


class Mismatch(Exception):  # noqa: N818 - a state of the installation, not a fault of ours
    """What exists differs from what is needed, and only a person can decide what to do."""


def migrate(settings: ClickHouse) -> list[str]:
    """Create the database and apply the migrations it lacks. Returns the file names applied, oldest first.

    Raises ``clickhouse_migrations.exceptions.MigrationException`` where an applied file was edited or is missing.
    """
    cluster = ClickhouseCluster(
        db_host=settings.host,
        db_port=str(settings.port),
        db_user=settings.user,
        db_password=settings.password,
        db_name=settings.database,
        secure=settings.secure,
        connect_timeout=5,
        compression=False,
    )
    applied = cluster.migrate(settings.database, str(MIGRATIONS), multi_statement=True)
    versions = {migration.version for migration in applied}
    return [path.name for path in sorted(MIGRATIONS.glob("*.sql")) if int(path.name.split("_")[0]) in versions]


def create_topics(bootstrap: str, topics: Sequence[Topic], partitions: int) -> list[str]:
    """Create the topics that are missing. Returns their names.

    Raises ``Mismatch`` where a topic exists with another number of partitions: a person is kept on one partition
    number across all topics, so none of them can be changed alone. Raises ``KafkaError`` where Kafka refuses.
    """
    admin = KafkaAdminClient(bootstrap_servers=bootstrap, client_id="rapport-migrate")
    try:
        existing = set(admin.list_topics())
        missing = [topic for topic in topics if topic.name not in existing]
        for found in admin.describe_topics([topic.name for topic in topics if topic.name in existing]):
            if len(found["partitions"]) != partitions:
                raise Mismatch(
                    f"topic {found['name']} has {len(found['partitions'])} partitions, {partitions} are configured;"
                    " set the configured number to match, or start with new topics"
                )
        wanted = {topic.name: {"num_partitions": partitions, "configs": topic.config()} for topic in missing}
        if wanted:
            for answer in admin.create_topics(wanted, raise_errors=False)["topics"]:
                if answer["error_code"] not in (0, TopicAlreadyExistsError.errno):  # another process may be faster
                    raise for_code(answer["error_code"])(answer["name"], answer["error_message"])
            admin.wait_for_topics(list(wanted))
        return list(wanted)
    finally:
        admin.close()


def pair(client: Client, bootstrap: str) -> None:
    """Note the Kafka that fills this warehouse.

    Versions of rows are built from its offsets, and what the workers know lies in it. Beside another one, new rows
    would lose against old ones without a word.

    Raises ``Mismatch`` where the two do not belong together, and ``KafkaError``.
    """
    admin = KafkaAdminClient(bootstrap_servers=bootstrap, client_id="rapport-migrate")
    try:
        there = str(admin.describe_cluster()["cluster_id"])
    finally:
        admin.close()
    noted = {name for (name,) in client.execute("SELECT id FROM kafka_cluster")}
    if noted - {there}:
        raise Mismatch(
            f"this ClickHouse was filled from another Kafka ({', '.join(sorted(noted))}), not from {there};"
            ' bring that one back, or begin with an empty ClickHouse (docs/operations.md, "Backups")'
        )
    if noted:
        return
    ((empty,),) = client.execute("SELECT count() = 0 FROM interaction")
    with closing(Group(bootstrap, SINK_GROUP)) as sink:
        if empty and any(sink.consumer.committed(part) for part in sink.partitions(SUNK)):
            raise Mismatch(
                f"what the Kafka {there} holds was stored in another ClickHouse, and this one is empty;"
                ' bring that one back, or begin with a new Kafka (docs/operations.md, "Backups")'
            )
    client.execute("INSERT INTO kafka_cluster (id) VALUES", [(there,)])
