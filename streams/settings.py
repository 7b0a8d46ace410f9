"""What a worker is told, and the Faust settings that follow, each with its reason."""

from dataclasses import dataclass
from typing import Any

from events.topics import WORKER_GROUP

TABLE = "people"
BUFFERED = 8_192  # messages of a topic that wait in the worker
FREE_SHARE = 0.2  # of that: Faust fetches no more of a partition when less is free


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSettings:
    """``kafka`` is ``host:port[,host:port]``; ``partitions`` is the count with which migrate made the topics."""

    kafka: str
    datadir: str
    partitions: int = 4
    session_timeout: float = 10.0
    batch: int = 1_000
    late_batch: int = 4_000  # a person is folded again once per batch, however many messages ask for it

    @property
    def fetched_at_once(self) -> int:
        """Messages; as many of every partition fit into what is free when Faust stops fetching.

        Were it more, one topic's buffer could be full, and Faust then hands over nothing of any other topic: new acts
        would wait until a long re-fold is done.
        """
        return max(int(BUFFERED * FREE_SHARE) // self.partitions, 1)

    @property
    def changelog(self) -> str:
        return f"{WORKER_GROUP}-{TABLE}-changelog"

    def faust(self) -> dict[str, Any]:
        return {
            "broker": [f"kafka://{address}" for address in self.kafka.split(",")],
            "store": "memory://",
            "datadir": self.datadir,
            "key_serializer": "raw",  # bytes in, bytes out: one message that does not decode would
            "value_serializer": "raw",  # otherwise stop a batching agent for ever, without a word
            "topic_partitions": self.partitions,
            "topic_replication_factor": 1,
            "topic_allow_declare": False,  # migrate makes the topics
            "topic_disable_leader": True,
            "table_standby_replicas": 0,
            "agent_supervisor": "mode.supervisors.CrashingSupervisor",  # die, restart, replay: never skip
            "stream_wait_empty": False,  # stopping must not wait for a warehouse that is down
            "stream_buffer_maxsize": BUFFERED,
            "broker_max_poll_records": self.fetched_at_once,
            "broker_session_timeout": self.session_timeout,
            "broker_heartbeat_interval": self.session_timeout / 5,
            "broker_commit_every": 2_000,
            "broker_commit_interval": 1.0,
            "broker_max_poll_interval": 300.0,
            "producer_linger": 0.005,
            "producer_max_request_size": 2_000_000,  # an act of 900 kB comes out with its evidence
            "consumer_auto_offset_reset": "earliest",
            "web_enabled": False,
        }
