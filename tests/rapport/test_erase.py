"""Erasing a person on a running pipeline: nothing of them is left, and the rest is as if they had never come."""

import json
import sqlite3
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition
from msgspec.structs import replace

from events import Actor, Direction, Interaction, Reference, encode
from events.interaction import Activity
from events.topics import topics
from ingest.ledger import Ledger
from rapport import access, model, offline
from rapport.config import load
from rapport.demo import simulator
from rapport.embedded.clickhouse import ADMIN
from streams.settings import StreamSettings
from streams.whole import read_whole
from tests.rapport.pipelines import Running, rapport, running

EVENTS, SEED = 2_000, 2
END = datetime(2026, 11, 1, tzinfo=UTC)
ADS = "Earn 900 dollars a day from home, ask me how: https://earn.example/now"
SECRET = "the pangolin that nobody else ever speaks of"
ACTS = "SELECT id, brand, person, direction, trust, verdict, class FROM interactions ORDER BY brand, published, id"
TIES = "SELECT brand, person, interactions, given, received, trust FROM relationship FINAL WHERE interactions > 0"

pytestmark = pytest.mark.engines


@dataclass(frozen=True)
class Loaded:
    pipeline: Running
    settings: Path
    events: Path
    interactions: tuple[Interaction, ...]
    person: str
    other: str  # another account of theirs

    def rapport(self, *arguments: str | Path) -> str:
        done = rapport(*arguments, "--config", self.settings, "--data", self.pipeline.config.data, seconds=280)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def asked(self, query: str) -> list[tuple[Any, ...]]:
        with access.warehouse(self.pipeline.config, ADMIN) as client:
            found: list[tuple[Any, ...]] = client.execute(query)
        return found

    def holding(self, words: Sequence[str]) -> list[tuple[str, str]]:
        """Columns of tables in which one of ``words`` stands, also in rows that are out of date."""
        columns = self.asked(
            "SELECT table, name FROM system.columns WHERE database = 'rapport' AND match(type, 'String')"
            " AND table IN (SELECT name FROM system.tables WHERE database = 'rapport' AND engine LIKE '%MergeTree')"
        )
        needles = ", ".join(json.dumps(word).replace('"', "'") for word in words)
        return [
            (table, name)
            for table, name in columns
            if self.asked(
                f"SELECT count() FROM {table} WHERE arrayExists(n -> position(toString({name}), n) > 0, [{needles}])"
            )
            != [(0,)]
        ]

    def differences(self, theirs: set[str]) -> list[Any]:
        """Rows of others that are otherwise than an offline run has them to which ``theirs`` never came.

        Of those who named one of them only what they were to each brand is compared: whom they spoke to is gone.
        """
        brands = load(self.settings, self.settings.parent).brands
        ids = {act.id for act in self.interactions if act.actor.id in theirs}
        left = [without(act, theirs, ids, brands.by_account) for act in self.interactions]
        rows, ties = offline.score([act for act in left if act], brands, model.text_reader())
        peers = {
            act.actor.id for act in self.interactions if theirs & {*act.to, (act.in_reply_to or Reference()).actor}
        }
        expected: Counter[tuple[Any, ...]] = Counter()
        for row in rows:
            of = row.phases[0].class_.value if row.phases else ""
            numbers = (row.direction.value, row.trust, row.verdict.value, of)
            expected[row.interaction.id, row.brand, row.person, *(numbers if row.person not in peers else ())] += 1
        expected.update(
            (tie.brand, tie.person, tie.interactions, tie.given, tie.received, tie.trust)
            for tie in ties
            if tie.person not in peers
        )
        found: Counter[tuple[Any, ...]] = Counter(row if row[2] not in peers else row[:3] for row in self.asked(ACTS))
        found.update(row for row in self.asked(TIES) if row[1] not in peers)
        return sorted(((found - expected) + (expected - found)).elements(), key=str)


def said(number: int, actor: str, content: str, **fields: Any) -> Interaction:
    return Interaction(
        id=f"mastodon:extra{number}",
        platform="mastodon",
        type=Activity.CREATE,
        published=END - timedelta(hours=number + 1),
        actor=Actor(id=actor),
        content=content,
        **fields,
    )


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp("erase")
    simulation = simulator.simulate_events(SEED, EVENTS, END)
    simulator.write(simulation, folder)
    settings = folder / simulator.BRANDS
    brand = next(brand for brand in simulation.brands if brand.accounts)
    shop, name = min(brand.accounts), brand.name
    rows, _ = offline.score(simulation.interactions, load(settings, folder).brands, model.text_reader())
    wrote = Counter(row.person for row in rows if row.brand == name and row.direction is Direction.INBOUND)
    person, friend, third = (one for one, _ in wrote.most_common(3))
    other = "mastodon:the-other-account"
    theirs = said(0, other, SECRET, to=(shop,), brands=(name,))
    extra = [
        theirs,
        said(1, friend, "that is what I think of it, too", to=(person,), brands=(name,), conversation=theirs.id),
        said(2, friend, "and so do I", in_reply_to=Reference(id=theirs.id, actor=other), brands=(name,)),
        said(3, shop, f"Dear you, {SECRET} is not ours", to=(other,)),
        said(20, third, "I know one, too", in_reply_to=Reference(id="mastodon:extra3", actor=shop)),
        said(4, shop, "Dear all, we are back", to=(friend, person)),
        said(5, person, ADS, brands=(name,)),
        *(said(6 + n, f"mastodon:bot{n}", ADS, brands=(name,)) for n in range(6)),
    ]
    interactions = (*simulation.interactions, *extra)
    events = folder / simulator.INTERACTIONS
    events.write_bytes(b"".join(encode(act) + b"\n" for act in interactions))
    with running(folder / "data", settings) as pipeline:
        loaded = Loaded(pipeline, settings, events, interactions, person, other)
        with closing(Ledger(pipeline.config.data / "ingest.sqlite")) as ledger:
            ledger.keep("mastodon", interactions, END)
        loaded.rapport("ingest", "file", events)
        dead = folder / "dead.jsonl"
        dead.write_bytes(encode(replace(theirs, id="mastodon:dead")).replace(b'"Create"', b'"Sing"') + b"\n")
        loaded.rapport("ingest", "file", dead)
        loaded.rapport("merge", other, person, "--reason", "the same")
        mine = next(act.id for act in interactions if act.actor.id == person)
        loaded.rapport("correct", mine, "genuine", "--reason", "I know them")
        yield loaded


def test_nothing_is_erased_unasked(loaded: Loaded) -> None:
    """Neither of somebody unknown, nor of a brand, nor without a yes."""
    where = ("--config", loaded.settings, "--data", loaded.pipeline.config.data)
    nobody = rapport("erase", "x:nobody", "--yes", *where)
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert nobody.stderr.startswith("error: nobody knows the account x:nobody")
    shop = next(account for brand in load(loaded.settings, loaded.settings.parent).brands for account in brand.accounts)
    assert "a brand's own acts" in rapport("erase", shop, "--yes", *where).stderr
    unsure = rapport("erase", loaded.person, *where, given=b"n\n")
    assert (unsure.returncode, unsure.stdout.strip()) == (1, "")
    assert "cannot be undone" in unsure.stderr
    assert loaded.asked("SELECT count() FROM erasure") == [(0,)]


def test_an_erased_person_is_nowhere_and_does_not_come_back(loaded: Loaded) -> None:
    """Not in any table, not in the ledger, not after the same file; all others are as if they had never come."""
    theirs = {loaded.person, loaded.other}
    acts = [act for act in loaded.interactions if act.actor.id in theirs]
    words = [*theirs, SECRET, *(act.id for act in acts)]
    before = {table for table, _ in loaded.holding(words)}
    assert before >= {
        "interaction",
        "relationship",
        "dead_letter",
        "identity",
        "correction",
        "act_class",
        "class_history",
    }
    assert before >= {"campaign", "campaign_member", "account_person"}

    told = loaded.rapport("erase", loaded.other, "--yes", "--reason", "they asked us to")
    assert told.startswith("erased: ")
    assert loaded.holding(words) == []
    with closing(sqlite3.connect(loaded.pipeline.config.data / "ingest.sqlite")) as ledger:
        kept = [f"{key} {route!r}" for key, route in ledger.execute("SELECT id, route FROM act")]
    assert kept
    assert not [row for row in kept if any(f'"{name}"' in row for name in theirs)]
    loaded.rapport("doctor", "--deep")

    assert loaded.differences(theirs) == []

    assert loaded.asked("SELECT in_reply_to FROM interactions WHERE id = 'mastodon:extra20'") == [("mastodon:extra3",)]
    assert in_kafka(loaded, words) == []

    loaded.rapport("ingest", "file", loaded.events)
    assert in_kafka(loaded, words) == []
    assert loaded.holding(words) == []
    assert loaded.differences(theirs) == []
    loaded.rapport("doctor", "--deep")
    ((reason, count),) = loaded.asked("SELECT reason, acts FROM erasure")
    assert reason == "they asked us to"
    assert count >= len(acts)


def in_kafka(loaded: Loaded, words: Sequence[str]) -> list[tuple[str, bytes]]:
    """Topics and keys of what stays when all of them are compacted, and holds one of ``words``."""
    kept: dict[tuple[str, bytes], bytes] = {}
    compacted = [topic.name for topic in topics(StreamSettings(kafka="", datadir="").changelog) if topic.compacted]
    with closing(KafkaConsumer(bootstrap_servers=loaded.pipeline.found.kafka)) as consumer:
        parts = [TopicPartition(name, part) for name in compacted for part in consumer.partitions_for_topic(name)]
        for records in read_whole(consumer, parts):
            for record in records:
                kept[record.topic, record.key] = record.value
    needles = [word.encode() for word in words]
    return [key for key, value in kept.items() if value and any(one in key[1] + value for one in needles)]


def without(act: Interaction, accounts: set[str], ids: set[str], ours: Container[str]) -> Interaction | None:
    """``act`` had ``accounts`` never been there; nothing where it is theirs, or a brand's to them."""
    answered = act.in_reply_to or Reference()
    to = [one for one in (answered.actor, *act.to) if one and one not in ours]
    if act.actor.id in accounts or (act.actor.id in ours and to and to[0] in accounts):
        return None
    return replace(
        act,
        to=tuple(one for one in act.to if one not in accounts),
        in_reply_to=Reference() if answered.actor in accounts or answered.id in ids else act.in_reply_to,
        object="" if act.object in ids else act.object,
        conversation=f"erased:{act.conversation}" if act.conversation in ids else act.conversation,
    )
