"""The outbox: written before it is sent, at least once, the same id on each try, and nobody holds up anybody else."""

import os
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import outbox
from alerts.alert import Notification
from alerts.courier import MOST_ATTEMPTS, TRIPS_AFTER, Courier
from alerts.notify import Audience, Book, Timing
from alerts.outcome import Delivered, Outcome, Permanent, Retry
from alerts.rules import DEFAULTS
from alerts.state import Phase, Track, advance
from alerts.store import NAME, Store, opened
from alerts.watch import tell
from tests.alerts.given import NOW, alert, finding, notification

NOTHING = Book({}, {})
SECOND = timedelta(seconds=1)
AGAIN, NO = Retry(None, "500 of chat.example"), Permanent("404 of chat.example")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path) as found:
        yield found


class Fake:
    """A receiver that answers as it was told to, and takes everything after that."""

    def __init__(self, *answers: Outcome) -> None:
        self.answers = list(answers)
        self.got: list[Notification] = []

    def send(self, notification: Notification) -> Outcome:
        self.got.append(notification)
        return self.answers.pop(0) if self.answers else Delivered()


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def at(time: datetime) -> Clock:
    clock = Clock()
    clock.now = time
    return clock


def put(store: Store, *notifications: Notification) -> None:
    with store.changing():
        store.tell(notifications, NOTHING)


def courier(fake: Fake, name: str = "chat") -> Courier:
    return Courier(name, fake, chance=lambda shortest, longest: longest)


def drain(store: Store, who: Courier, clock: Clock, seconds: int = 200_000) -> list[float]:
    """Run for so long; returns when something was tried, in seconds."""
    tried = []
    for _ in range(seconds):
        while who.step(store, clock):
            tried.append((clock.now - NOW) / SECOND)
        if not outbox.lines(store, "pending"):
            break
        clock.now += SECOND
    return tried


def test_what_fails_is_tried_again_with_growing_waits_and_the_same_id(store: Store) -> None:
    """Three failures, then it is taken: four tries, one id, and the third thing is not sent before the first."""
    put(store, notification(1), notification(2))
    fake = Fake(AGAIN, AGAIN, AGAIN)
    tried = drain(store, courier(fake), Clock())
    assert tried == [0, 5, 15, 35, 35]
    assert [one.id for one in fake.got] == ["msg_1"] * 4 + ["msg_2"]
    assert {line.state for line in outbox.lines(store)} == {"delivered"}


def test_the_receiver_says_when_to_come_back(store: Store) -> None:
    """``Retry-After`` wins over our own wait, for all of its messages."""
    put(store, notification(1), notification(2, "chat", "other"))
    fake = Fake(Retry(100.0, "429 of chat.example"))
    assert drain(store, courier(fake), Clock()) == [0, 100, 100]


def test_who_never_answers_is_given_up_in_the_end(store: Store) -> None:
    """After the last try the message is dead; replay tries it again under the same id."""
    put(store, notification(1))
    fake = Fake(*[AGAIN] * MOST_ATTEMPTS)
    clock = Clock()
    assert len(drain(store, courier(fake), clock)) == MOST_ATTEMPTS
    (line,) = outbox.lines(store, "dead")
    assert (line.attempts, line.last_error) == (MOST_ATTEMPTS, "500 of chat.example")
    assert clock.now - NOW > timedelta(hours=8)
    assert outbox.replay(store, clock.now, "other") == 0
    assert outbox.replay(store, clock.now) == 1
    drain(store, courier(fake), clock)
    assert {one.id for one in fake.got} == {"msg_1"}
    assert [line.state for line in outbox.lines(store)] == ["delivered"]


def test_what_is_refused_is_dead_at_once(store: Store) -> None:
    """And the next message is not held up by it."""
    put(store, notification(1), notification(2))
    drain(store, courier(Fake(NO)), Clock())
    assert [line.state for line in outbox.lines(store)] == ["dead", "delivered"]


def test_replay_tells_how_it_stands_now(store: Store) -> None:
    """What has ended since is not told as firing, which nobody would ever take back."""
    still, over = alert(person="p:still"), alert(person="p:over")
    put(store, notification(1, "chat", "one", still, over))
    with store.changing():
        store.keep({}, {still.fingerprint: Track(alert=still, phase=Phase.FIRING)}, NOW)
    fake = Fake(NO)
    drain(store, courier(fake), Clock())
    outbox.replay(store, NOW + SECOND)
    drain(store, courier(fake), Clock(), 5)
    assert [each.ends_at for each in fake.got[-1].alerts] == [None, NOW + SECOND]


def test_who_fails_again_and_again_is_left_alone(store: Store) -> None:
    """The circuit opens for all of its messages, and one that gets through closes it."""
    put(store, *(notification(number, "chat", f"group {number}") for number in range(20)))
    fake = Fake(*[AGAIN] * TRIPS_AFTER)
    clock = Clock()
    tried = drain(store, courier(fake), clock)
    assert tried[: TRIPS_AFTER + 1] == [0, 0, 0, 0, 0, 30]
    assert tried[TRIPS_AFTER:] == [30] * 20
    assert Counter(one.id for one in fake.got).most_common(1)[0][1] == 2


def test_one_that_is_gone_is_not_asked_again(store: Store) -> None:
    """A receiver that wants nothing ever again gets nothing, and what waits for it stays."""
    put(store, notification(1), notification(2))
    fake = Fake(Permanent("410 of chat.example", gone=True))
    who, clock = courier(fake), Clock()
    for _ in range(5):
        who.step(store, clock)
    assert len(fake.got) == 1
    assert [line.state for line in outbox.lines(store)] == ["dead", "pending"]


def test_a_fault_of_ours_loses_nothing(store: Store) -> None:
    """An exception is a failure like others: it is tried again."""

    class Broken(Fake):
        def send(self, notification: Notification) -> Outcome:
            super().send(notification)
            if len(self.got) == 1:
                raise RuntimeError("oops")
            return Delivered()

    put(store, notification(1))
    drain(store, courier(Broken()), Clock())
    assert [line.state for line in outbox.lines(store)] == ["delivered"]


def test_a_slow_receiver_does_not_hold_up_another(tmp_path: Path) -> None:
    """Each has a thread: while one hangs, the other has everything."""
    hangs, stopping = threading.Event(), threading.Event()

    class Slow(Fake):
        def send(self, notification: Notification) -> Outcome:
            hangs.wait(30)
            return super().send(notification)

    slow, quick = Slow(), Fake()
    with opened(tmp_path) as store:
        put(store, *(notification(number, who) for who in ("a",) for number in range(10)))
        put(store, *(notification(100 + number, "b") for number in range(10)))
    threads = [
        threading.Thread(target=Courier(name, fake).run, args=(tmp_path, stopping))
        for name, fake in (("a", slow), ("b", quick))
    ]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 20
    while len(quick.got) < 10 and time.monotonic() < until:
        time.sleep(0.01)
    assert (len(quick.got), slow.got) == (10, [])
    stopping.set()
    hangs.set()
    for thread in threads:
        thread.join()


answers = st.lists(st.sampled_from([Delivered(), AGAIN, NO, Retry(3.0, "429")]), max_size=40)


@settings(max_examples=60, deadline=None)
@given(answers, st.lists(st.integers(0, 2), min_size=1, max_size=12))
def test_nothing_is_lost_and_order_is_kept(
    tmp_path_factory: pytest.TempPathFactory, said: list[Outcome], groups: list[int]
) -> None:
    """Whatever a receiver answers: each message is taken once or dead, tried once more than it failed, in order."""
    folder = tmp_path_factory.mktemp("outbox")
    fake = Fake(*said)
    with opened(folder) as store:
        put(store, *(notification(number, "chat", f"group {group}") for number, group in enumerate(groups)))
        drain(store, courier(fake), Clock(), 40_000)
        lines = {line.id: line for line in outbox.lines(store)}
    tries = Counter(one.id for one in fake.got)
    assert all(line.state != "pending" and line.attempts == tries[name] for name, line in lines.items())
    first = list(dict.fromkeys(one.id for one in fake.got))
    for group in set(groups):
        mine = [f"msg_{number}" for number, each in enumerate(groups) if each == group]
        assert [name for name in first if name in mine] == mine


def test_erasure_leaves_no_byte(store: Store, tmp_path: Path) -> None:
    """Wherever somebody is named, told or to be told, they are gone, also from the files; others stay."""
    hers = replace(alert(person="mastodon:ann"), summary="mastodon:ann waits")
    other, spoken = alert(person="mastodon:ben"), replace(alert(platform="x"), evidence=("mastodon:ann said so",))
    with store.changing():
        store.keep({}, {one.fingerprint: Track(alert=one, phase=Phase.FIRING) for one in (hers, other, spoken)}, NOW)
    put(store, notification(1, "chat", "one", hers, other), notification(2, "chat", "two", spoken))
    assert outbox.erase(store, ["mastodon:ann"]) == 6
    assert [track.alert for track in store.tracks().values()] == [other]
    (line,) = outbox.lines(store)
    assert line.id == "msg_1"
    store.close()
    for path in tmp_path.glob(f"{NAME}*"):
        assert b"mastodon:ann" not in path.read_bytes()
    assert b"mastodon:ben" in (tmp_path / NAME).read_bytes()


def test_ten_thousand_at_once_stay_within_memory(store: Store) -> None:
    """A chat is told of all of them in one message, a webhook in parts, each once; memory does not explode."""
    everybody = [Audience(name="chat"), Audience(name="webhook", at_once=10)]
    found = [finding("helper_ignored", person=f"mastodon:{number}@example.org") for number in range(10_000)]
    tracemalloc.start()
    with store.changing():
        store.keep({}, advance({}, found, NOW, DEFAULTS), NOW)
    for seconds in (0, 30, 60):
        tell(store, everybody, Timing(), NOW + seconds * SECOND)
    chat, webhook = Fake(), Fake()
    for name, fake in (("chat", chat), ("webhook", webhook)):
        drain(store, courier(fake, name), at(NOW + 60 * SECOND), 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert ([len(one.alerts) for one in chat.got], len(webhook.got)) == ([10_000], 1_000)
    assert len({each.fingerprint for one in webhook.got for each in one.alerts}) == 10_000
    assert peak < 200_000_000


KILLED = """
import sys, threading
from datetime import UTC, datetime
from pathlib import Path
from alerts.courier import Courier
from alerts.outcome import Delivered
from alerts.store import opened
from alerts.notify import Audience, Timing
from alerts.watch import tell
from alerts.rules import DEFAULTS
from alerts.state import Phase, Track, advance
from datetime import UTC, datetime, timedelta
from tests.alerts.given import alert

folder, start = Path(sys.argv[1]), int(sys.argv[2])
log = (folder / "received").open("a", buffering=1)


class Sender:
    def send(self, notification):
        log.write(" ".join([notification.id, *(one.fingerprint for one in notification.alerts)]) + "\\n")
        return Delivered()


threading.Thread(target=Courier("chat", Sender()).run, args=(folder, threading.Event()), daemon=True).start()
timing = Timing(wait=timedelta(), interval=timedelta(microseconds=1))
with opened(folder) as store:
    number = start
    while True:
        one = alert(person=f"p:{number}")
        with store.changing():
            before = store.tracks()
            store.keep(before, {**before, one.fingerprint: Track(alert=one, phase=Phase.FIRING)}, datetime.now(UTC))
        print(one.fingerprint, flush=True)
        tell(store, [Audience(name="chat", at_once=10)], timing, datetime.now(UTC))
        number += 1
"""


def test_killed_at_any_moment_loses_nothing(tmp_path: Path) -> None:
    """Five times killed while it writes and sends: every alert that was written is received in the end."""
    written: list[str] = []
    for run in range(5):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, tmp_path, str(run * 10_000)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout
        written.append(child.stdout.readline().strip())
        time.sleep(0.02 + 0.06 * run)
        os.kill(child.pid, signal.SIGKILL)
        rest, _ = child.communicate()
        written += [line for line in rest.split("\n")[:-1] if len(line) == 16]
    fake = Fake()
    with opened(tmp_path) as store:
        from datetime import UTC, datetime

        from alerts.notify import Audience, Timing
        from alerts.watch import tell

        later = datetime.now(UTC) + timedelta(seconds=5)
        tell(store, [Audience(name="chat", at_once=10)], Timing(wait=timedelta()), later)
        drain(store, courier(fake), at(later))
        assert outbox.lines(store, "pending") == []
    received = [line.split() for line in (tmp_path / "received").read_text().splitlines()]
    told = {key for _, *keys in received for key in keys} | {
        each.fingerprint for one in fake.got for each in one.alerts
    }
    assert len(written) >= 5
    assert set(written) <= told
