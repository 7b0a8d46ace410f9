"""Something else is known of the past: told to every worker first, then whom it concerns is to be folded again.

The order is the guarantee: a worker that meets a wish reads all that was told before it, so it never folds the old.
"""

from collections.abc import Callable, Iterable
from contextlib import closing
from itertools import islice

from kafka import KafkaProducer

from streams.wishes import ACKNOWLEDGED_WITHIN, wish

AT_ONCE = 5_000


def tell(
    kafka: str,
    topic: str,
    key: bytes,
    value: bytes | None,
    *,
    persons: Iterable[str],
    done: Callable[[int], None] = lambda count: None,
) -> None:
    """``persons`` are Kafka keys. Returns when Kafka has all of it.

    ``done`` gets the number of persons so far. Raises ``KafkaError``; all of it may then be told again.
    """
    with closing(KafkaProducer(bootstrap_servers=kafka, acks="all", linger_ms=5)) as producer:
        producer.send(topic, value, key).get(ACKNOWLEDGED_WITHIN)
        count, rest = 0, iter(persons)
        while some := list(islice(rest, AT_ONCE)):
            wish(producer, some)
            count += len(some)
            done(count)
