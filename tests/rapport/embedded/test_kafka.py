"""The Kafka child process: real, on this machine only, and back after a kill with all it had acknowledged."""

import signal
import socket
import time
import uuid
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from rapport.embedded.kafka import prepare
from rapport.embedded.service import EmbeddedError, started

pytestmark = pytest.mark.engines


def publish(address: str, topic: str, values: range) -> None:
    producer = KafkaProducer(bootstrap_servers=address, acks="all")
    for sent in [producer.send(topic, str(value).encode(), partition=0) for value in values]:
        sent.get(30)
    producer.close()


def read(address: str, topic: str) -> list[int]:
    consumer = KafkaConsumer(bootstrap_servers=address, auto_offset_reset="earliest", consumer_timeout_ms=5_000)
    part = TopicPartition(topic, 0)
    consumer.assign([part])
    end = consumer.end_offsets([part])[part]
    found: list[int] = []
    while len(found) < end:
        found += [int(record.value) for records in consumer.poll(5_000).values() for record in records]
    consumer.close()
    return found


def test_kill_9_and_back(tmp_path: Path) -> None:
    """Ready in less than ten seconds; killed twice and started by the same command, it has every message."""
    began = time.monotonic()
    engine = prepare(tmp_path)
    total = 0
    for kill in range(3):
        with started(engine.service) as process:
            assert kill or time.monotonic() - began < 10
            if kill == 0:
                admin = KafkaAdminClient(bootstrap_servers=engine.address)
                admin.create_topics({"t": {"num_partitions": 1}}, wait_for_metadata=True)
                admin.close()
            assert read(engine.address, "t") == list(range(total))
            publish(engine.address, "t", range(total, total + 500))
            total += 500
            process.send_signal(signal.SIGKILL)
            process.wait()
    again = prepare(tmp_path, int(engine.address.rpartition(":")[2]))
    assert again.address == engine.address
    with started(again.service) as process:
        assert read(again.address, "t") == list(range(total))
    assert process.returncode in (0, 128 + signal.SIGTERM)


def test_topics_are_never_made_by_accident(kafka: str) -> None:
    """A mistyped topic name is an error, not a topic."""
    producer = KafkaProducer(bootstrap_servers=kafka, max_block_ms=1_000)
    with pytest.raises(KafkaError):
        producer.send("mistyped", b"x").get(2)
    producer.close()


def test_it_listens_on_this_machine_only(kafka: str) -> None:
    """No address but 127.0.0.1 answers."""
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", int(kafka.rpartition(":")[2])), timeout=1)


def test_a_folder_has_one_owner(tmp_path: Path) -> None:
    """A second Kafka on the same folder gets one line that says so."""
    first = prepare(tmp_path)
    with started(first.service):
        second = prepare(tmp_path)
        with pytest.raises(EmbeddedError, match="in use by another Kafka"), started(second.service):
            pass


def test_any_cluster_id_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One random id in 64 begins with "-", which looks like an option."""
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(bytes=b"\xf8" + bytes(15)))
    prepare(tmp_path)
    assert "cluster.id=-" in (tmp_path / "log" / "meta.properties").read_text()
