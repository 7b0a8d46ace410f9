"""`rapport refit`: the labels and histories behind new weights, and how new weights come into use.

The order of taking is the guarantee: weights, then a wish for everybody, then the file. A refit that ended before it
was done is known by a file that differs from the weights in use, and finished by the next one.
"""

import contextlib
from collections.abc import Callable, Sequence
from contextlib import closing
from enum import StrEnum
from pathlib import Path

from clickhouse_driver import Client
from kafka import KafkaConsumer, TopicPartition

from events import Verdict, encode
from events.interaction import milliseconds
from events.topics import WEIGHTS as TOPIC
from rapport import model
from rapport.errors import UserError
from rapport.wishes import tell
from scoring.combine import Weights
from scoring.fold import FITTED, Fact, Fitted
from scoring.refit import Example, Label, Refit, examples, refit
from scoring.ties.realness import Weights as Realness
from streams import known
from streams.known import TOPICS, Memory
from streams.refold import facts_of
from streams.whole import read_whole
from warehouse import queries
from warehouse.history import history, keys


class What(StrEnum):
    """What has weights of its own, by the key that they have on their topic."""

    TRUST = known.TRUST
    RELATIONSHIPS = known.RELATIONSHIPS


FILES = {What.TRUST: model.TRUST_FILE, What.RELATIONSHIPS: model.REALNESS_FILE}


def recall(kafka: str) -> Memory:
    """Campaigns, corrections, identities and weights as the workers know them now."""
    memory = Memory(kafka)
    settings = {"enable_auto_commit": False, "allow_auto_create_topics": False}
    with closing(KafkaConsumer(bootstrap_servers=kafka, **settings)) as consumer:
        parts = [TopicPartition(topic, n) for topic in TOPICS for n in consumer.partitions_for_topic(topic) or ()]
        if missing := set(TOPICS) - {part.topic for part in parts}:
            raise UserError(f"topics are missing: {', '.join(sorted(missing))}; run: rapport migrate")
        for records in read_whole(consumer, parts):
            for record in records:
                memory.apply(record.topic, (record.key or b"").decode(errors="replace"), record.value)
    return memory


def learn(client: Client, memory: Memory) -> Refit:
    """What the labels in the warehouse make of the weights in use."""
    labels: dict[str, dict[str, Label]] = {}
    for identifier, verdict, person, at in queries.labels(client).rows:
        label = Label(identifier, verdict == Verdict.GENUINE, milliseconds(at))
        labels.setdefault(person, {})[identifier] = label
    facts: dict[str, list[Fact]] = {key: facts_of(rows, ()) for key, rows in history(client, labels).items()}

    def replay(weights: Weights) -> Sequence[Example]:
        return [
            example
            for key, known in facts.items()
            for example in examples(key, known, labels[key], memory.known, weights)
        ]

    return refit(replay, memory.fitted.trust)


def weights_of(fitted: Fitted, what: What) -> Weights | Realness:
    return fitted.trust if what is What.TRUST else fitted.realness


def unfinished(data: Path, memory: Memory) -> list[What]:
    """Of what ``data`` has other weights than those in use, or none that can be read."""
    with contextlib.suppress(UserError):
        stored = model.fitted(data)
        return [what for what in What if weights_of(stored, what) != weights_of(memory.fitted, what)]
    return list(What)


def people(client: Client) -> int:
    """About how many keys ``take`` has to go through."""
    rows = client.execute("SELECT uniq(account) FROM interaction")
    return int(rows[0][0])


def take(
    kafka: str, client: Client, data: Path, what: What, weights: Weights | Realness, *, done: Callable[[int], None]
) -> None:
    """Have everything read with ``weights`` from now on, the past too. ``done`` gets how many people were told of.

    The committed weights are the absence of others.
    """
    value = encode(weights) if weights != weights_of(FITTED, what) else None
    tell(kafka, TOPIC, what.encode(), value, persons=keys(client), done=done)
    _keep(data / FILES[what], value)


def _keep(path: Path, value: bytes | None) -> None:
    """Into the data folder, where `rapport score` finds it; the former one stays beside it."""
    fresh = path.with_suffix(".json.new")
    if value:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(value + b"\n")
    if path.exists():
        path.replace(path.with_suffix(".previous.json"))
    if value:
        fresh.replace(path)
