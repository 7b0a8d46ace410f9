"""The sink between the real Kafka and the real engine: everything once, whatever comes twice or dies."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from uuid import uuid4

import pytest
from clickhouse_driver import Client
from kafka import KafkaProducer
from msgspec.structs import replace

from events import Content, Evidence, Scored, SourceState, SourceStatus, Verdict, encode
from events.campaigns import Campaign, Kind, Membership, topic_key
from events.topics import CAMPAIGNS, CORRECTIONS, DEAD_LETTERS, RELATIONSHIPS, SCORED, SINK_GROUP, SOURCES, topics
from tests.warehouse import acts
from tests.warehouse.test_tables import exact
from warehouse import history, queries, trends
from warehouse.client import ClickHouse
from warehouse.lag import SUNK, Group, keep
from warehouse.migrate import Mismatch, create_topics, pair
from warehouse.sink import SinkSettings, run

pytestmark = pytest.mark.engines

PARTITIONS = 4
# Offsets differ from run to run; everything else must not.
FACTS = """
SELECT * EXCEPT (source_partition, source_offset) FROM interaction FINAL
WHERE startsWith(brand, %(prefix)s) ORDER BY brand, published, id
"""


@pytest.fixture
def bootstrap(kafka: str) -> str:
    create_topics(kafka, topics("test-changelog"), PARTITIONS)
    return kafka


@pytest.fixture
def producer(bootstrap: str) -> Iterator[KafkaProducer]:
    with KafkaProducer(bootstrap_servers=bootstrap, linger_ms=5) as producer:
        yield producer


def publish(producer: KafkaProducer, records: list[Scored]) -> None:
    for record in records:
        producer.send(SCORED, encode(record), record.person.encode())
    producer.flush()


def deliveries(prefix: str, count: int) -> list[Scored]:
    """Acts with duplicates, and re-scores that sometimes arrive before what they replace."""
    records = acts.audience(count, seed=3, prefix=prefix)
    rescored = [replace(record, revision=2, trust=0.5) for record in records[::7]]
    return rescored[::2] + records + records[::5] + rescored[1::2]


def command(settings: SinkSettings) -> list[str]:
    return [sys.executable, "-m", "tests.warehouse.sink_process", json.dumps(asdict(settings))]


def run_until(settings: SinkSettings, done: Callable[[], bool], seconds: float = 60) -> None:
    """The sink in this thread, until ``done`` or out of time (the assertions then say what is missing)."""
    end = time.monotonic() + seconds
    run(settings, lambda: time.monotonic() < end and not done())


def stored(client: Client, prefix: str) -> tuple[int, int]:
    """Acts and those among them that carry their final revision."""
    sql = "SELECT uniqExact(id), uniqExactIf(id, revision = 2) FROM interaction WHERE startsWith(brand, %(prefix)s)"
    return tuple(client.execute(sql, {"prefix": prefix})[0])


def test_topics_are_created_once(bootstrap: str) -> None:
    """The second call creates nothing; another partition count is refused in one line."""
    assert create_topics(bootstrap, topics("test-changelog"), PARTITIONS) == []
    with pytest.raises(Mismatch, match="has 4 partitions, 8 are configured"):
        create_topics(bootstrap, topics("test-changelog"), 8)


def test_everything_arrives_once(
    bootstrap: str, producer: KafkaProducer, warehouse: ClickHouse, client: Client
) -> None:
    """Duplicates, re-scores and two poison messages: exact rows, exact trend, both poisons in the dead letters."""
    prefix = f"b{uuid4().hex[:6]}-"
    records = deliveries(prefix, 2000)
    publish(producer, records[:500])
    poison = [producer.send(SCORED, body, b"k").get(10) for body in (b"{broken", b"\xff\xfe")]
    publish(producer, records[500:])
    for version in (1, 3, 2):
        relationship = acts.relationship(f"{prefix}0", "x:ann", version)
        producer.send(RELATIONSHIPS, encode(replace(relationship, interactions=version)), b"x:ann")
    producer.send(DEAD_LETTERS, b"line", headers=[("origin", f"file:{prefix}:7".encode()), ("reason", b"not_json")])
    producer.flush()
    origins = {f"scored:{sent.partition}:{sent.offset}" for sent in poison} | {f"file:{prefix}:7"}

    def done() -> bool:
        dead = {origin for (origin,) in client.execute("SELECT origin FROM dead_letters")}
        return stored(client, prefix) == (2000, 286) and origins <= dead

    run_until(SinkSettings(bootstrap, warehouse), done)
    newest = {(record.interaction.id, record.brand): record for record in sorted(records, key=lambda r: r.revision)}
    rows = client.execute(
        "SELECT id, brand, trust, verdict FROM interactions WHERE startsWith(brand, %(prefix)s)", {"prefix": prefix}
    )
    assert {(row[0], row[1]): (row[2], row[3]) for row in rows} == {
        key: (record.trust, record.verdict) for key, record in newest.items()
    }
    assert len(rows) == len(newest)
    assert exact(client)
    kept = "SELECT interactions FROM relationships_now WHERE brand = %(brand)s"
    assert client.execute(kept, {"brand": f"{prefix}0"}) == [(3,)]
    reasons = dict(client.execute("SELECT origin, reason FROM dead_letters"))
    assert {reasons[origin] for origin in origins} == {"not_json"}


def test_campaigns_readings_and_corrections_arrive_once(
    bootstrap: str, producer: KafkaProducer, warehouse: ClickHouse, client: Client
) -> None:
    """Every kind of message comes out of its view, tombstones say nothing, and the same again changes nothing."""
    prefix = f"c{uuid4().hex[:6]}-"
    content = Content(-1.25, (Evidence("links", -0.1, ("x:1",), "two"),), ("question", "solicitation"), 0.3, "w1")
    acts_told = [replace(record, content=content) for record in acts.audience(20, seed=9, prefix=prefix)]
    first = acts_told[0].interaction
    standing, old = f"{prefix}now", f"{prefix}old"
    campaign = replace(acts.campaign(standing, brands=(prefix,), examples=(first.id,)), first_at=first.published)
    told = [
        acts.campaign(old),
        replace(campaign, version=1, accounts=3),
        Membership(id=first.id, key="x:ann", campaigns=(old,)),
        campaign,
        Campaign(id=old, kind=Kind.NEAR_DUPLICATE, version=6, merged_into=standing),
    ]
    begun = SourceStatus(source=prefix, state=SourceState.GAP, since=acts.START, at=acts.START, reason="quota used up")
    over = replace(begun, at=acts.START + timedelta(hours=2), until=acts.START + timedelta(hours=1))
    words = [acts.correction(first.id, verdict, n) for n, verdict in enumerate((Verdict.SPAM, Verdict.GENUINE))]

    def send() -> list[str]:
        publish(producer, acts_told)
        for message in told:
            producer.send(CAMPAIGNS, encode(message), topic_key(message).encode())
        for word in words:
            producer.send(CORRECTIONS, encode(word), word.id.encode())
        for status in (over, begun):
            producer.send(SOURCES, encode(status), status.key.encode())
        for topic in (CAMPAIGNS, CORRECTIONS, SOURCES):
            producer.send(topic, None, b"forgotten")
        poison = [producer.send(topic, b"{broken", b"k").get(10) for topic in (CAMPAIGNS, CORRECTIONS)]
        producer.flush()
        return [f"{sent.topic}:{sent.partition}:{sent.offset}" for sent in poison]

    def facts() -> list[object]:
        said = queries.corrections(client)
        return [
            sorted(history.history(client, [record.person for record in acts_told]).items()),
            queries.campaigns(client, prefix).rows,
            client.execute("SELECT * FROM campaign_members WHERE campaign = %(name)s", {"name": standing}),
            [row for row in said.rows if row[0] == first.id],
            client.execute("SELECT * FROM source_status WHERE source = %(source)s", {"source": prefix}),
        ]

    def arrive() -> list[object]:
        with closing(Group(bootstrap, SINK_GROUP)) as group:
            partitions = group.partitions(SUNK)
            run_until(SinkSettings(bootstrap, warehouse), lambda: not group.behind(partitions))
        return facts()

    poison = send()
    once = arrive()
    rows, campaigns, members, corrections, sources = once
    assert sorted(row.interaction.id for _, found in rows for row in found) == sorted(
        r.interaction.id for r in acts_told
    )
    assert {row.content for _, found in rows for row in found} == {content}
    intents = client.execute("SELECT DISTINCT intents FROM interactions WHERE startsWith(brand, %(p)s)", {"p": prefix})
    assert intents == [(["question", "solicitation"],)]
    assert [(row[0], row[1], row[2], row[7]) for row in campaigns] == [(standing, prefix, 4, first.content)]
    assert members == [(standing, first.id, "x:ann")]
    hour = timedelta(hours=1)
    assert [row[2:7] for row in sources] == [("gap", acts.START, acts.START + hour, "quota used up", None)]
    assert [(row[1], bool(row[6])) for row in corrections] == [("genuine", True), ("spam", False)]
    reasons = dict(client.execute("SELECT origin, reason FROM dead_letters"))
    assert [reasons[origin] for origin in poison] == ["not_a_campaign", "not_json"]
    send()
    assert arrive() == once
    client.execute("OPTIMIZE TABLE campaign FINAL")
    client.execute("OPTIMIZE TABLE correction FINAL")
    assert facts() == once


def test_what_waits_is_kept_as_a_series(
    bootstrap: str, producer: KafkaProducer, warehouse: ClickHouse, client: Client
) -> None:
    """One row per consumer and topic, with the messages that nobody has handled yet; none are left when they are."""
    records = acts.audience(7, prefix=f"l{uuid4().hex[:6]}-")
    publish(producer, records)
    keep(bootstrap, client)
    newest = "SELECT topic, argMax(messages, at) FROM pipeline_lag WHERE consumer = 'sink' GROUP BY topic"
    waiting = dict(client.execute(newest))
    assert waiting.keys() == set(SUNK)
    assert waiting[SCORED] >= 7
    with closing(Group(bootstrap, SINK_GROUP)) as group:
        partitions = group.partitions(SUNK)
        run_until(SinkSettings(bootstrap, warehouse), lambda: not group.behind(partitions))
    client.execute("TRUNCATE TABLE lag")
    keep(bootstrap, client)
    assert set(dict(client.execute(newest)).values()) == {0}


def test_a_kafka_and_a_warehouse_belong_together(
    bootstrap: str, producer: KafkaProducer, warehouse: ClickHouse, client: Client
) -> None:
    """Beside another Kafka new rows would lose against old ones; what was acknowledged is never read again."""
    publish(producer, acts.audience(3, prefix=f"p{uuid4().hex[:6]}-"))
    with closing(Group(bootstrap, SINK_GROUP)) as group:
        partitions = group.partitions(SUNK)
        run_until(SinkSettings(bootstrap, warehouse), lambda: not group.behind(partitions))
    pair(client, bootstrap)
    pair(client, bootstrap)
    assert client.execute("SELECT count() FROM kafka_cluster FINAL") == [(1,)]
    client.execute("TRUNCATE TABLE interaction")  # as retention may
    pair(client, bootstrap)
    client.execute("TRUNCATE TABLE kafka_cluster")
    with pytest.raises(Mismatch, match="this one is empty"):
        pair(client, bootstrap)
    client.execute("INSERT INTO kafka_cluster (id) VALUES", [("another",)])
    with pytest.raises(Mismatch, match=r"from another Kafka \(another\)"):
        pair(client, bootstrap)


def test_a_killed_sink_leaves_no_trace(
    bootstrap: str, producer: KafkaProducer, warehouse: ClickHouse, client: Client
) -> None:
    """SIGKILL in the middle, three times, then SIGTERM: the tables equal what was sent, the process ends by itself."""
    prefix = f"k{uuid4().hex[:6]}-"
    records = deliveries(prefix, 6000)
    expected = (6000, len({record.interaction.id for record in records if record.revision == 2}))
    sink = command(SinkSettings(bootstrap, warehouse, batch_rows=400))
    publish(producer, records)
    process = subprocess.Popen(sink)
    try:
        for share in (0.2, 0.5, 0.8):
            wait_for(lambda share=share: stored(client, prefix)[0] >= share * expected[0])
            process.send_signal(signal.SIGKILL)
            process.wait()
            process = subprocess.Popen(sink)
        wait_for(lambda: stored(client, prefix) == expected)
        wait_for(lambda: not list(trends.differences(client)))
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
    newest = {(record.interaction.id, record.brand): record for record in sorted(records, key=lambda r: r.revision)}
    rows = client.execute(FACTS, {"prefix": prefix}, with_column_types=True)
    names = [name for name, _ in rows[1]]
    found = {
        (row["id"], row["brand"]): (row["trust"], row["revision"], row["content"])
        for row in (dict(zip(names, values, strict=True)) for values in rows[0])
    }
    assert found == {
        key: (round(record.trust * 10_000), record.revision, record.interaction.content)
        for key, record in newest.items()
    }
    assert len(rows[0]) == len(newest)


def test_a_mention_is_queryable_soon(
    bootstrap: str, producer: KafkaProducer, warehouse: ClickHouse, client: Client
) -> None:
    """With little traffic a scored act is in the view in less than 0.7 s (median of ten, one after the other)."""
    prefix = f"l{uuid4().hex[:6]}-"
    process = subprocess.Popen(command(SinkSettings(bootstrap, warehouse)))
    took = []
    try:
        for number, record in enumerate(acts.audience(11, prefix=prefix)):
            begin = time.monotonic()
            publish(producer, [record])
            wait_for(lambda number=number: stored(client, prefix)[0] == number + 1, pause=0.01)
            took.append(time.monotonic() - begin)
    finally:
        process.terminate()
        process.wait(20)
    assert sorted(took[1:])[5] < 0.7, took


def wait_for(done: Callable[[], bool], seconds: float = 90, pause: float = 0.05) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(pause)
