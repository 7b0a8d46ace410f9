"""The schema on the real engine: what goes in comes out, and the views say what they promise."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from events import Activity, Direction, Scored, Verdict
from tests.hostile import NAMES
from tests.warehouse import acts
from warehouse import classes, history, queries, shares, trends
from warehouse.client import ClickHouse, insert
from warehouse.migrate import migrate
from warehouse.rows import INTERACTION, RELATIONSHIP, account_of, bucket_of, interaction_row, relationship_row

pytestmark = pytest.mark.engines

TABLES = (
    *("interaction", "relationship", "trend_minute", "trend_hour", "trend_day", "dead_letter", "correction"),
    *("campaign", "campaign_member", "identity", "source", "lag", "alert", "erasure", "kafka_cluster"),
    *("act_class", "account_person", "class_history", "retention"),
)
CONTRACT = {
    "interactions": "id platform type brand person direction published content in_reply_to conversation"
    " trust confidence verdict reciprocity effort evidence",
    "relationships_now": "brand person class realness balance reliability_ours reliability_theirs given received"
    " owed_by_us owed_by_them first_at last_at interactions",
    "trends": "brand platform minute volume trusted_volume people trusted_people spam",
    "campaigns": "campaign brand accounts targets interactions first_at last_at example",
    "campaign_members": "campaign id person",
    "corrections": "id verdict author reason at person valid",
    "owed": "brand person by kind since waited_days asks score class realness trust exchanges help thanks credit",
    "promises": "brand person made kept open broken",
    "identities": "account person author reason at",
    "trends_hour": "brand platform hour volume trusted_volume people trusted_people spam",
    "trends_day": "brand platform day volume trusted_volume people trusted_people spam",
    "source_status": "source brand state since until reason last_event_at position heartbeat_at lag_seconds",
    "pipeline_lag": "at consumer topic messages",
}

# What a table of buckets must equal, written down a second time and without FINAL.
RECOMPUTED = """
SELECT
    brand,
    platform,
    {start}(at) AS time,
    countIf(way != 'outbound') AS volume,
    sumIf(score, way != 'outbound') AS trusted_volume,
    uniqExactIf(who, way != 'outbound') AS people,
    uniqExactIf(who, way != 'outbound' AND word = 'genuine') AS trusted_people,
    countIf(way != 'outbound' AND word = 'spam') AS spam,
    countIf(way = 'outbound') AS outbound
FROM
(
    SELECT
        id,
        brand,
        any(platform) AS platform,
        any(published) AS at,
        argMax(direction, revision) AS way,
        argMax(trust, revision) AS score,
        argMax(person, revision) AS who,
        argMax(verdict, revision) AS word,
        argMax(withdrawn_by, revision) AS gone
    FROM interaction
    WHERE type IN ('Create', 'Like', 'Announce', 'Follow')
    GROUP BY id, brand
    HAVING gone = ''
)
GROUP BY brand, platform, time
ORDER BY brand, platform, time
"""
SHARES = (
    "shares_of(brand = '', platform = '', step = 86400, since = '2025-01-01 00:00:00', until = '2027-01-01 00:00:00')"
)
STORED = """
SELECT brand, platform, {column}, volume, trusted_volume, people, trusted_people, spam, outbound
FROM {table} FINAL WHERE volume + outbound > 0 ORDER BY brand, platform, {column}
"""


def exact(client: Client) -> bool:
    """Whether minutes, hours and days are those of a recomputation; the proof for operators has to agree."""
    equal = all(
        client.execute(STORED.format(**grain._asdict())) == client.execute(RECOMPUTED.format(**grain._asdict()))
        for grain in trends.GRAINS
    )
    assert (list(trends.differences(client)) == []) == equal
    return equal


def put(client: Client, records: list[Scored], token: str) -> None:
    rows = [interaction_row(record, 0, offset) for offset, record in enumerate(records)]
    insert(client, "interaction", INTERACTION, rows, token)
    trends.recompute(client, {bucket_of(row) for row in rows})
    classes.store(client, rows)


def test_migrations_apply_once(clickhouse: ClickHouse, warehouse: ClickHouse, client: Client) -> None:
    """A second run finds nothing to do, and every table, view and table column says what it is."""
    assert migrate(warehouse) == []
    tables = client.execute(
        "SELECT name, comment FROM system.tables WHERE database = currentDatabase() AND name != 'schema_versions'"
    )
    assert {name for name, _ in tables} == {
        *TABLES, "interactions", "relationships_now", "trends", "dead_letters",
        "campaigns", "campaign_members", "corrections", "owed", "promises", "identities", "trends_of",
        "trends_hour", "trends_day", "source_status", "pipeline_lag", "data_dictionary", "classes_of",
        "campaign_numbers", "shares_of", "alerts",
    }  # fmt: skip
    assert client.execute("SELECT object, column FROM data_dictionary WHERE comment = ''") == []
    objects = client.execute(
        "SELECT object, countIf(column = ''), countIf(column != '') > 0 FROM data_dictionary GROUP BY object"
    )
    assert {name: (own, bool(columns)) for name, own, columns in objects} == {name: (1, True) for name, _ in tables}


@pytest.mark.parametrize("view", ["shares_of(platform = '', ", "trends_of(platform = '', ", "classes_of("])
def test_the_dictionary_knows_the_columns_of_views_with_parameters(client: Client, view: str) -> None:
    """ClickHouse keeps none of them, so what is said of them is compared here."""
    call = f"{view}brand = 'acme', step = 60, since = '2026-01-01', until = '2026-01-02')"
    there = [(name, kind) for name, kind, *_ in client.execute(f"DESCRIBE (SELECT * FROM {call})")]
    told = "SELECT column, type FROM data_dictionary WHERE object = %(view)s AND column != ''"
    assert sorted(client.execute(told, {"view": view.split("(", maxsplit=1)[0]})) == sorted(there)


@pytest.mark.parametrize("view", CONTRACT)
def test_views_have_the_columns_of_the_contract(client: Client, view: str) -> None:
    """They come first and in the promised order; what we add comes after."""
    columns = [name for name, *_ in client.execute(f"DESCRIBE TABLE {view}")]
    promised = CONTRACT[view].split()
    assert columns[: len(promised)] == promised


@settings(max_examples=10, suppress_health_check=list(HealthCheck), deadline=None, phases=[Phase.generate])
@given(records=st.lists(acts.records, min_size=1, max_size=20, unique_by=lambda record: record.interaction.id))
def test_acts_come_back_from_the_table_as_they_were(client: Client, records: list[Scored]) -> None:
    """Through the driver, the wire and the column codecs: hostile text, NUL, emoji and the ends of the calendar."""
    client.execute("TRUNCATE TABLE interaction")
    insert(client, "interaction", INTERACTION, [interaction_row(record, 3, 4) for record in records], uuid4().hex)
    keys = {account_of(record) for record in records}
    found = [row for rows in history.history(client, keys).values() for row in rows]
    assert sorted(found, key=lambda row: row.interaction.id) == sorted(records, key=lambda row: row.interaction.id)
    assert history.known_ids(client, [record.interaction.id for record in records]) == {
        record.interaction.id for record in records
    }


@settings(max_examples=8, suppress_health_check=list(HealthCheck), deadline=None, phases=[Phase.generate])
@given(data=st.data())
def test_the_trend_equals_a_recomputation_after_any_deliveries(client: Client, data: st.DataObject) -> None:
    """Duplicates, replayed batches, re-scores, merged persons and erasures in any order leave every bucket exact."""
    for table in ("interaction", *(grain.table for grain in trends.GRAINS)):
        client.execute(f"TRUNCATE TABLE {table}")
    base = acts.audience(60, seed=data.draw(st.integers(0, 1000)), brands=3, months=3)
    close = [
        replace(record, interaction=replace(record.interaction, published=acts.START + timedelta(seconds=7 * number)))
        for number, record in enumerate(base[:40])
    ]
    versions = [
        replace(record, revision=revision, trust=trust / 10_000, direction=direction, person=f"x:{person}")
        for record in close + base[40:]
        for revision, trust, direction, person in data.draw(
            st.lists(
                st.tuples(st.integers(0, 3), st.integers(0, 10_000), st.sampled_from(Direction), st.integers(0, 3)),
                min_size=1,
                max_size=3,
                unique_by=lambda version: version[0],
            )
        )
    ]
    deliveries = data.draw(st.lists(st.lists(st.sampled_from(versions), min_size=1, max_size=30), max_size=4))
    for delivery in [*deliveries, data.draw(st.permutations(versions))]:
        put(client, delivery, uuid4().hex)
    assert exact(client)
    erased = data.draw(st.integers(0, 3))
    gone = client.execute(
        "SELECT DISTINCT brand, platform, published FROM interaction WHERE person = %(p)s", {"p": f"x:{erased}"}
    )
    client.execute("DELETE FROM interaction WHERE person = %(p)s", {"p": f"x:{erased}"})
    trends.recompute(client, {trends.Bucket(*key, int(at.timestamp()) // 60 * 60) for *key, at in gone})
    assert exact(client)


def test_what_was_taken_back_and_what_is_no_contact_is_in_no_number(client: Client) -> None:
    """Trends and shares say what `interactions` says where `counts` is true; taken back, an act leaves its bucket."""
    first, *others = acts.audience(40, brands=1, months=1)
    kinds = [Activity.UPDATE, Activity.DELETE, Activity.UNDO, Activity.FLAG, Activity.FOLLOW, Activity.ANNOUNCE]
    others = [
        replace(record, interaction=replace(record.interaction, type=kinds[number])) if number < len(kinds) else record
        for number, record in enumerate(others)
    ]
    put(client, [first, *others], "s")
    gone = replace(first, trust=0.0, verdict=Verdict.INSUFFICIENT, withdrawn_by="tube:gone", revision=1)
    put(client, [gone], "g")
    assert exact(client)
    assert len(client.execute("SELECT 1 FROM interactions WHERE NOT counts")) == 5
    sums = "sum(volume), sum(outbound), round(sum(trusted_volume), 4)"
    counted = "countIf(direction != 'outbound'), countIf(direction = 'outbound'), sumIf(trust, direction != 'outbound')"
    ((volume, outbound, trusted),) = client.execute(f"SELECT {counted} FROM interactions WHERE counts")
    for source in ("trends", "trends_day", SHARES):
        assert client.execute(f"SELECT {sums} FROM {source}") == [(volume, outbound, round(trusted, 4))]


def test_rebuilding_mends_every_bucket(client: Client) -> None:
    """Wrong, missing and left-over buckets of any width are found, and a rebuild leaves none of them."""
    put(client, acts.audience(60, brands=2, months=3), "r")
    client.execute("DELETE FROM interaction WHERE published >= %(at)s", {"at": acts.START + timedelta(days=60)})
    client.execute("TRUNCATE TABLE trend_hour")
    client.execute("INSERT INTO trend_day (brand, platform, day, volume) VALUES ('acme', 'x', '2026-02-02', 5)")
    client.execute(
        "INSERT INTO trend_minute"
        " SELECT * REPLACE (people + 1 AS people, version + 1 AS version) FROM trend_minute LIMIT 1"
    )
    assert {found.table for found in trends.differences(client)} == {grain.table for grain in trends.GRAINS}
    assert list(trends.rebuild(client)) == [(1, 3), (2, 3), (3, 3)]
    assert exact(client)


def test_a_bucket_whose_last_act_goes_disappears(client: Client) -> None:
    """Deleting rows and recomputing their buckets leaves nothing behind in the view."""
    records = acts.audience(5, brands=1)
    put(client, records, "a")
    assert client.execute("SELECT sum(volume + outbound) FROM trends") == [(5,)]
    client.execute("DELETE FROM interaction WHERE 1")
    trends.recompute(client, {bucket_of(interaction_row(record, 0, 0)) for record in records})
    assert client.execute("SELECT count() FROM trends") == [(0,)]


def test_one_batch_may_span_every_month_since_1970(client: Client) -> None:
    """A backfill is not refused for touching more partitions than the server's default allows."""
    base = acts.audience(1)[0]
    months = [datetime(1970 + number // 12, number % 12 + 1, 3, tzinfo=UTC) for number in range(0, 56 * 12, 2)]
    records = [
        replace(base, interaction=replace(base.interaction, id=f"x:{number}", published=month))
        for number, month in enumerate(months)
    ]
    put(client, records, "all")
    assert client.execute("SELECT count(), sum(volume) FROM trends")[0][0] == len(months)


def test_the_same_batch_again_adds_no_row(client: Client) -> None:
    """The token is known on the plain table too, before any merge."""
    records = acts.audience(50)
    put(client, records, "same")
    put(client, records, "same")
    assert client.execute("SELECT count() FROM interaction") == [(50,)]


def test_relationships_fade_and_lapse_at_the_time_of_reading(client: Client) -> None:
    """After one half-life half is left, and the class is that of the last phase that has begun."""
    now = datetime.now(UTC)
    fresh = acts.relationship("acme", "x:fresh", last_at=now)
    half = acts.relationship("acme", "x:half", last_at=now - timedelta(days=30))
    old = acts.relationship("acme", "x:old", last_at=now - timedelta(days=400))
    gone = replace(fresh, person="x:gone", interactions=0)
    stale = replace(fresh, version=0, trust=0.1)
    rows = [relationship_row(record) for record in (fresh, half, old, gone, stale)]
    insert(client, "relationship", RELATIONSHIP, rows, "r")
    table = queries.relationships(client, "acme", 10)
    found = {row[1]: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    assert {person: row["class"] for person, row in found.items()} == {
        "x:fresh": "real", "x:half": "real", "x:old": "lapsed",
    }  # fmt: skip
    assert found["x:fresh"]["trust"] == 0.9
    assert found["x:half"]["given"] == pytest.approx(1.0, rel=1e-3)
    assert found["x:half"]["received"] == pytest.approx(2.0, rel=1e-3)
    assert table.rows[0][1] == "x:fresh"


def test_a_rare_person_is_found_without_reading_the_table(client: Client) -> None:
    """The skip indexes prune: one person among 200,000 acts costs a few granules."""
    client.execute(
        """
        INSERT INTO interaction (id, brand, platform, type, published, person, actor, verdict, direction)
        SELECT 'x:' || toString(number), 'acme', 'x', 'Create', toDateTime64('2026-01-01 00:00:00', 3, 'UTC') + number,
            'x:p' || toString(number), 'x:p' || toString(number), 'genuine', 'inbound'
        FROM numbers(200000)
        """
    )
    client.execute("OPTIMIZE TABLE interaction FINAL")
    for sql, parameters in (
        (history.ROWS_OF, {"keys": ("x:p777",)}),
        ("SELECT * FROM interactions WHERE id = %(id)s", {"id": "x:777"}),
        ("SELECT * FROM interactions WHERE person = %(person)s", {"person": "x:p777"}),
    ):
        lines = client.execute("EXPLAIN indexes = 1 " + sql, parameters, settings=history.SETTINGS)
        plan = "\n".join(line for (line,) in lines)
        total = int(re.findall(r"Granules: \d+/(\d+)", plan)[0])
        read = int(re.findall(r"Parts: \d+ \| Granules: (\d+)", plan)[0])
        assert total > 20, plan
        assert read <= 3, plan
    assert history.history(client, ["x:p777", "x:nobody"]).keys() == {"x:p777"}


def test_hostile_words_are_only_values(client: Client) -> None:
    """Names that look like SQL or like a format are found as they are, and nothing else happens."""
    base = acts.audience(1)[0]
    records = [replace(base, brand=name, interaction=replace(base.interaction, id=name)) for name in NAMES]
    put(client, records, "h")
    for name in NAMES:
        found = queries.interaction(client, name)
        assert [(row[0], row[3]) for row in found.rows] == [(name, name)]
    span = (acts.START - timedelta(days=1), acts.START + timedelta(days=365))
    assert all(len(shares.trends(client, *span, brand=name, step=3600).rows) == 1 for name in NAMES)
    assert client.execute("SELECT count(), uniqExact(id) FROM interactions") == [(len(NAMES), len(NAMES))]


def test_every_key_is_named_once(client: Client) -> None:
    """The person, or the actor where the brand speaks to nobody, however many acts, brands and versions there are."""
    assert list(history.keys(client)) == []
    alone = replace(acts.audience(1)[0], person="", direction=Direction.OUTBOUND)
    records = [*acts.audience(3000), alone, replace(alone, revision=2)]
    put(client, records, "k")
    keys = list(history.keys(client))
    assert len(keys) == len(set(keys))
    assert set(keys) == {record.person or record.interaction.actor.id for record in records}
    assert client.execute("SELECT 1") == [(1,)]


def test_trends_count_persons_once_per_step(client: Client) -> None:
    """A person who writes every minute is one person of the hour."""
    base = replace(acts.audience(1)[0], brand="acme", person="x:ann", direction=Direction.INBOUND)
    put(
        client,
        [
            replace(
                base, interaction=replace(base.interaction, id=f"x:{n}", published=acts.START + timedelta(minutes=n))
            )
            for n in range(10)
        ],
        "p",
    )
    until = acts.START + timedelta(hours=1)
    table = shares.trends(client, acts.START, until, "acme", 3600)
    row = dict(zip(table.columns, table.rows[0], strict=True))
    assert (len(table.rows), row["volume"], row["people"]) == (1, 10, 1)
    assert len(shares.trends(client, acts.START, until, "acme", 60).rows) == 10


def test_a_lost_connection_during_a_recomputation_passes(client: Client) -> None:
    """The driver reconnects silently and the temporary table is gone: that is waited out, not a bug of ours."""
    put(client, acts.audience(3), "c")
    original = client.execute

    def losing(sql: str, *args: object, **named: object) -> object:
        if sql.startswith("INSERT INTO trend_hour"):
            client.disconnect()
        return original(sql, *args, **named)

    client.execute = losing
    with pytest.raises(ConnectionResetError):
        trends.recompute(client, {bucket_of(interaction_row(acts.audience(1)[0], 0, 0))})
    client.execute = original
    with pytest.raises(ServerException):
        client.execute("SELECT * FROM nothing_of_that_name")
