"""A source is followed: nothing lost, nothing twice, and every gap told."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from events import Activity, Actor, Brand, Brands, Interaction, Reference, Route, SourceState, SourceStatus
from events.erasures import Erased
from ingest import follow as follow_module
from ingest.dead import DeadLetter
from ingest.errors import Malformed, Refused, SourceError, Throttled, Unreachable
from ingest.follow import Following, follow
from ingest.ledger import Ledger
from ingest.publish import PublishError
from ingest.source import Cursor, Gap, Item, Page

BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
BRANDS = Brands([Brand("acme", frozenset({"sim:acme"}), ("acme",))])


def act(number: int) -> Interaction:
    return Interaction(
        id=f"sim:{number}",
        platform="sim",
        type=Activity.CREATE,
        published=BEGIN + timedelta(minutes=number),
        actor=Actor(id="sim:ada"),
        content=f"acme {number}",
    )


@dataclass
class Kafka:
    """A publisher that keeps what was flushed, and can fail."""

    acts: list[Interaction] = field(default_factory=list)
    statuses: list[SourceStatus] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)
    fails_at: str = ""

    def publish(self, interaction: Interaction, routes_by_key: dict[str, tuple[Route, ...]]) -> None:
        if interaction.id == self.fails_at:
            raise PublishError("Kafka did not take a message")
        self.acts.append(interaction)

    def dead_letter(self, letter: DeadLetter, at: datetime) -> None:
        self.dead.append(letter)

    def status(self, status: SourceStatus) -> None:
        self.statuses.append(status)

    def flush(self) -> None: ...

    def now(self) -> dict[datetime, SourceStatus]:
        """As the table would have it: the newest word about each begin."""
        return {status.since: status for status in self.statuses}


@dataclass
class Site:
    """Ten acts, three a page; ``trouble`` is raised before the page that begins with that number."""

    trouble: dict[int, list[Exception]] = field(default_factory=dict)
    items: Sequence[Item] = tuple(act(number) for number in range(10))
    name: str = "sim:site"
    resumes: bool = True
    endless: bool = False
    poll_every: float = 0.0
    pulled: list[Cursor | None] = field(default_factory=list)
    done: Callable[[], None] = lambda: None

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        self.pulled.append(cursor)
        first = int((since - BEGIN) / timedelta(minutes=1))
        begin = cursor["next"] if cursor else max(0, first)
        while begin < len(self.items):
            if left := self.trouble.get(begin):
                raise left.pop(0)
            items = self.items[begin : begin + 3]
            begin += len(items)
            yield Page(items, {"next": begin}, BEGIN + timedelta(minutes=begin))
        self.done()


def run(
    path: Path,
    site: Site,
    kafka: Kafka,
    *,
    since: datetime = BEGIN,
    start: datetime = BEGIN + timedelta(hours=1),
    erased: Callable[[], Erased] = Erased,
) -> None:
    """Until the site was read to its end; the clock goes on by ten seconds whenever it is looked at."""

    async def until_read() -> None:
        stopping, time = asyncio.Event(), start

        def clock() -> datetime:
            nonlocal time
            time += timedelta(seconds=10)
            return time

        site.done = stopping.set
        ledger = Ledger(path / "ledger")
        try:
            shared = Following(kafka, ledger, BRANDS, clock, stopping, erased=erased)
            await asyncio.wait_for(follow(site, since, 0.0, shared, "likes"), 10)
        finally:
            ledger.close()

    asyncio.run(until_read())


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses are as short as they can be."""

    async def sleep(self: Following, seconds: float) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(Following, "sleep", sleep)


def all_acts() -> list[str]:
    return [f"sim:{number}" for number in range(10)]


def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    """A second run begins at the cursor of the first and publishes nothing again."""
    kafka, site = Kafka(), Site()
    run(tmp_path, site, kafka)
    run(tmp_path, site, kafka)
    assert [one.id for one in kafka.acts] == all_acts()
    assert site.pulled == [None, {"next": 10}]


@pytest.mark.parametrize("trouble", [Unreachable("no answer"), Malformed("a page of HTML"), Refused("HTTP 401", 401)])
def test_what_fails_is_tried_again_from_the_last_page(tmp_path: Path, trouble: SourceError) -> None:
    """Nothing is lost, nothing comes twice, and while it lasted it was a gap."""
    kafka = Kafka()
    run(tmp_path, Site({3: [trouble, trouble], 6: [trouble]}), kafka)
    assert [one.id for one in kafka.acts] == all_acts()
    said = [(status.state, status.reason) for status in kafka.statuses if status.reason.startswith(str(trouble))]
    assert said == [(SourceState.GAP, str(trouble)), (SourceState.FILLED, f"{trouble}; read afterwards")]


def test_a_fault_of_ours_does_not_stop_the_others(tmp_path: Path) -> None:
    """A connector with a bug is a source that fails; what it raised is not shown, it may hold a secret."""
    kafka = Kafka()
    run(tmp_path, Site({3: [KeyError("token")]}), kafka)
    assert [one.id for one in kafka.acts] == all_acts()
    assert "a fault of rapport: KeyError; see the log" in {status.reason for status in kafka.statuses}


def test_a_budget_is_a_gap_until_it_is_not(tmp_path: Path) -> None:
    """The reason says until when; what was read afterwards fills it."""
    kafka, until = Kafka(), BEGIN + timedelta(hours=3)
    run(tmp_path, Site({3: [Throttled("the budget of x is used up", until)]}), kafka)
    assert any("goes on at 2026-06-01 03:00:00 UTC" in status.reason for status in kafka.statuses)


def test_the_cursor_waits_for_kafka(tmp_path: Path) -> None:
    """A page that Kafka did not take is read again; what was in it before comes again under the same id."""
    kafka = Kafka(fails_at="sim:4")
    with pytest.raises(PublishError):
        run(tmp_path, Site(), kafka)
    kafka.fails_at = ""
    again = Site()
    run(tmp_path, again, kafka)
    assert again.pulled == [{"next": 3}]
    assert [one.id for one in kafka.acts] == ["sim:0", "sim:1", "sim:2", "sim:3", *all_acts()[3:]]


def test_the_past_is_read_once_beside_the_present(tmp_path: Path) -> None:
    """An earlier begin than before is read up to now; what was there already is not published again."""
    kafka = Kafka()
    run(tmp_path, Site(), kafka, since=BEGIN + timedelta(minutes=6))
    assert [one.id for one in kafka.acts] == all_acts()[6:]
    site = Site()
    run(tmp_path, site, kafka, since=BEGIN)
    run(tmp_path, Site(), kafka, since=BEGIN)
    assert sorted(one.id for one in kafka.acts) == all_acts()


def test_a_gap_of_the_platform_is_told(tmp_path: Path) -> None:
    """What a source knows that it cannot see stands in the statuses for ever."""
    kafka, gap = Kafka(), Gap(BEGIN, BEGIN + timedelta(minutes=5), "the feed was full")
    run(tmp_path, Site(items=(gap, act(1))), kafka)
    told = kafka.now()[BEGIN]
    assert (told.state, told.until, told.reason) == (SourceState.GAP, gap.until, "the feed was full")


@pytest.mark.parametrize(("resumes", "state"), [(True, SourceState.FILLED), (False, SourceState.GAP)])
def test_what_happened_while_nobody_listened(tmp_path: Path, resumes: bool, state: SourceState) -> None:
    """It is a gap, unless the source could read it afterwards; and the run before has an end."""
    kafka = Kafka()
    run(tmp_path, Site(resumes=resumes), kafka)
    run(tmp_path, Site(resumes=resumes), kafka, start=BEGIN + timedelta(hours=5))
    (away,) = [one for one in kafka.now().values() if one.reason.startswith("rapport was not running")]
    assert away.state is state
    assert away.until is not None
    assert away.until > BEGIN + timedelta(hours=5)
    assert not [one for one in kafka.now().values() if one.state is SourceState.LIVE]


def test_a_gap_that_a_kill_left_open_is_closed(tmp_path: Path) -> None:
    """The next run knows since when the source had failed."""
    kafka = Kafka()
    with pytest.raises(PublishError):
        run(tmp_path, Site({3: [Unreachable("no answer")]}), Kafka(fails_at="sim:4", statuses=kafka.statuses))
    assert [one for one in kafka.now().values() if one.state is SourceState.GAP and one.until is None]
    run(tmp_path, Site(), kafka, start=BEGIN + timedelta(hours=5))
    assert not [one for one in kafka.now().values() if one.until is None]
    assert not [one for one in kafka.now().values() if one.state is SourceState.GAP]


def test_a_gap_goes_on_over_a_kill(tmp_path: Path) -> None:
    """A source that fails before and after is one gap, not one for each run."""
    kafka, away = Kafka(), Unreachable("no answer")
    with pytest.raises(PublishError):
        run(tmp_path, Site({3: [away]}), Kafka(fails_at="sim:4", statuses=kafka.statuses))
    run(tmp_path, Site({3: [away]}), kafka, start=BEGIN + timedelta(hours=5))
    (gap,) = [one for one in kafka.now().values() if one.reason.startswith("no answer")]
    assert (gap.state, gap.reason) == (SourceState.FILLED, "no answer; read afterwards")
    assert gap.since < BEGIN + timedelta(hours=2)


def test_heartbeats_say_how_far_it_is(tmp_path: Path) -> None:
    """Every half a minute: the position, and the newest act."""
    kafka = Kafka()
    run(tmp_path, Site(), kafka)
    beats = [one for one in kafka.statuses if one.state is SourceState.LIVE and one.position]
    assert beats
    assert beats[-1].position == BEGIN + timedelta(minutes=10)
    assert beats[-1].last_event_at == act(9).published
    assert beats[-1].reason == "cannot be seen there: likes"


def by_eve(number: int, **fields: Any) -> Interaction:
    return replace(act(number), actor=Actor(id="sim:eve"), **fields)


def test_erased_accounts_are_neither_published_nor_kept(tmp_path: Path) -> None:
    """Also who is erased while a page is on its way; of what others said to them only the names are not kept."""
    erased = Erased()
    said = replace(act(8), actor=Actor(id="sim:acme"), to=("sim:ada",))
    answer = by_eve(9, to=("sim:ada", "sim:acme"), in_reply_to=Reference(id="sim:1", actor="sim:ada"))
    items = [act(0), act(1), by_eve(2), act(3), act(4), by_eve(5), by_eve(6), act(7), said, answer]

    def known() -> Erased:
        if len(kafka.acts) == 6:  # when the second page is in Kafka
            erased.erasure("sim:ada", BEGIN)
        return erased

    kafka = Kafka()
    run(tmp_path, Site(items=items), kafka, erased=known)
    assert [one.id for one in kafka.acts] == ["sim:0", "sim:1", "sim:2", "sim:3", "sim:4", "sim:5", "sim:6", "sim:9"]
    with closing(Ledger(tmp_path / "ledger")) as ledger:
        ledger.erase({"sim:ada"}, {"sim:8"})
        kept = ledger.kept(all_acts())
    assert sorted(kept) == ["sim:2", "sim:5", "sim:6", "sim:9"]
    assert (kept["sim:9"].route.to, kept["sim:9"].route.in_reply_to) == (("sim:acme",), Reference())


def test_the_ledger_forgets(tmp_path: Path) -> None:
    """Acts of the accounts, what was said to them and their names in the rest, down to the bytes of the file."""
    said = replace(act(2), actor=Actor(id="sim:acme"), to=("sim:ada",))
    answer = by_eve(3, to=("sim:ada",), in_reply_to=Reference(id="sim:1", actor="sim:ada"), conversation="sim:1")
    with closing(Ledger(tmp_path / "ledger")) as ledger:
        ledger.keep("sim:site", [act(0), act(1), said, answer, by_eve(4)], BEGIN)
        for key in ("sim:1#delete", "sim:4#delete"):
            ledger.noticed(key, BEGIN)
        plain = ledger.kept(["sim:4"])
        ledger.erase({"sim:ada", "sim:0", "sim:1"}, {"sim:0", "sim:1", "sim:2"})
        kept = ledger.kept([f"sim:{number}" for number in range(5)])
        assert ledger.noticed("sim:1#delete", BEGIN + timedelta(days=1)) == BEGIN + timedelta(days=1)
        assert ledger.noticed("sim:4#delete", BEGIN + timedelta(days=1)) == BEGIN
    assert kept.keys() == {"sim:3", "sim:4"}
    assert kept["sim:4"] == plain["sim:4"]
    route = kept["sim:3"].route
    assert (route.actor, route.to, route.in_reply_to, route.conversation) == ("sim:eve", (), Reference(), "")
    assert not any(b"sim:ada" in path.read_bytes() for path in tmp_path.iterdir())


def test_what_is_not_paused_is_bounded() -> None:
    """A source that fails is asked again at least every five minutes, one that refuses every ten."""
    assert follow_module.LONGEST_PAUSE <= 300
    assert follow_module.REFUSED_PAUSE <= 600
