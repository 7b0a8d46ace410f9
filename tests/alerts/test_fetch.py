"""What rules see of a real warehouse is what its views say, and what stood at an earlier time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import numpy as np
import pytest
from clickhouse_driver import Client

from alerts import fetch
from alerts.facts import UNSEEN
from alerts.record import erase, record
from alerts.state import Phase, Track
from alerts.store import opened
from events.interaction import milliseconds
from grafana.dashboard import ALERTS
from grafana.macros import Range, expanded, interpolated
from rapport.alerting import _histories
from rapport.tie_history import TieHistory
from scoring.fold import FITTED
from tests.alerts import planted
from tests.alerts.audience import END, fill
from tests.alerts.given import NOW, alert
from tests.alerts.planted import DAY, HOUR, story
from warehouse.client import ClickHouse, connect, insert
from warehouse.migrate import migrate

pytestmark = pytest.mark.engines

TOLD = story(2)


@pytest.fixture(scope="module")
def stored(clickhouse: ClickHouse) -> Iterator[Client]:
    settings = replace(clickhouse, database=f"fetched{uuid4().hex[:8]}")
    fill(settings, TOLD.acts, TOLD.brands, TOLD.sources)
    client = connect(settings)
    yield client
    client.execute(f"DROP DATABASE {settings.database} SYNC")
    client.disconnect()


def test_ties_are_those_of_the_view(stored: Client) -> None:
    """Class, realness and debts as ``relationships_now`` has them, whose formulas stand there a second time."""
    now = datetime.now(planted.END.tzinfo)
    ties = {(tie.brand, tie.person): tie for tie in fetch.ties(stored, now)}
    rows = stored.execute(
        "SELECT brand, person, class, realness, length(arrayFilter(d -> d.1, debts)) FROM relationships_now"
    )
    compared = 0
    for brand, person, class_, realness, debts in rows:
        if tie := ties.get((brand, person)):
            assert (tie.class_, len(tie.debts)) == (class_, debts)
            assert tie.realness == pytest.approx(realness, rel=1e-3)
            compared += 1
        else:
            assert (debts == 0 and not class_.startswith("one_sided")) or person
    assert compared == len(ties) > 20


@pytest.mark.parametrize("days", [0, 3])
def test_the_past_of_a_relationship_ends_in_what_is_stored(stored: Client, days: int) -> None:
    """Acts met again one after the other give what the stream told, at the end and in the silence after it."""
    moment = END + days * DAY
    again = TieHistory(_histories(stored), FITTED.realness).at(moment)
    there = {(tie.brand, tie.person): tie for tie in fetch.ties(stored, moment)}
    of_both = [tie for tie in again if (tie.brand, tie.person) in there]
    assert len(of_both) == len(there) > 20
    for tie in of_both:
        other = there[tie.brand, tie.person]
        assert tie.realness == pytest.approx(other.realness, abs=1e-9)
        assert replace(tie, realness=0, realness_then=0) == replace(other, realness=0, realness_then=0)


def test_nothing_of_later_is_seen(stored: Client) -> None:
    """What is asked of a time is the same whether later things are stored or not: earlier counts end there."""
    moment = END - 30 * DAY
    whole = fetch.fetch(stored, moment, END, HOUR).at(moment)
    alone = fetch.fetch(stored, moment, moment, HOUR).at(moment)
    for brand in alone.heard:
        for platform in alone.heard[brand].platforms:
            ends = np.array([alone.heard[brand].end])
            for window in (HOUR, DAY, 28 * DAY):
                ours = alone.heard[brand].sums(window, ends, platform)
                theirs = whole.heard[brand].sums(window, np.array([whole.heard[brand].end]), platform)
                assert ours.tolist() == theirs.tolist()
    assert all(act.at < moment for act in whole.joined)
    assert list(whole.joined) == list(alone.joined)


def test_volumes_are_those_of_the_trends(stored: Client) -> None:
    """A day of a brand, counted by the view."""
    facts = fetch.fetch(stored, END, END, timedelta(minutes=10)).at(END)
    for brand, now in facts.heard.items():
        counts = sum(now.sums(DAY, np.array([now.end]), platform)[0] for platform in now.platforms)
        ((volume, trusted, spam),) = stored.execute(
            "SELECT sum(volume), sum(trusted_volume), sum(spam) FROM trends WHERE brand = %(brand)s"
            " AND minute >= toDateTime(%(since)s, 'UTC')",
            {"brand": brand, "since": milliseconds(END - DAY) // 1000},
        )
        assert counts[:3].tolist() == pytest.approx([volume, trusted, spam])


def test_a_gap_hides_its_time(stored: Client) -> None:
    """Of the brand and the platform that it is of, and of nothing else."""
    facts = fetch.fetch(stored, planted.SEEN_AGAIN, planted.SEEN_AGAIN, timedelta(minutes=10)).at(planted.SEEN_AGAIN)
    hidden = {
        (brand, platform): float(now.sums(6 * HOUR, np.array([now.end]), platform)[0, UNSEEN])
        for brand, now in facts.heard.items()
        for platform in now.platforms
    }
    assert {key: count for key, count in hidden.items() if count} == {("acme", "mastodon"): 18.0}


def test_lag_and_dead_letters(empty_database: ClickHouse) -> None:
    """The newest measurement of the last minutes, summed over topics; letters by the hour."""
    migrate(empty_database)
    client = connect(empty_database)
    now = milliseconds(NOW) // 1000
    insert(
        client,
        "lag",
        ("at", "consumer", "topic", "messages"),
        [
            *((now - 15, "worker", "late", 5), (now - 25, "worker", "late", 9)),
            *((now - 15, "worker", "interactions", 7), (now - 3600, "sink", "scored", 99)),
        ],
    )
    letters = [(f"file:x:{n}", "bad_time", "", (now - 60 * n) * 1000, 1, b"{}") for n in range(90)]
    insert(client, "dead_letter", ("origin", "reason", "detail", "at", "bytes", "body"), letters)
    facts = fetch.fetch(client, NOW, NOW, timedelta(minutes=10)).at(NOW)
    assert (facts.lag, facts.lag_age) == ({"worker": 12}, timedelta())
    later = NOW + timedelta(hours=2)
    facts_later = fetch.fetch(client, later, later, timedelta(minutes=10)).at(later)
    assert (facts_later.lag, facts_later.lag_age) == ({"worker": 12}, timedelta(hours=2))
    (found,) = facts.letters
    assert (found.reason, list(found.hours)[-2:], sum(found.hours)) == ("bad_time", [29, 60], 89)
    client.disconnect()


def test_alerts_stand_in_the_warehouse_and_on_the_dashboards(empty_database: ClickHouse, tmp_path: object) -> None:
    """Begin and end are one row, written again they stay one; who is erased is gone."""
    migrate(empty_database)
    client = connect(empty_database)
    began, hers = alert(), alert("helper_ignored", person="mastodon:ann")
    over = replace(began, ends_at=NOW + HOUR)
    with opened(tmp_path) as store:  # type: ignore[arg-type]
        firing = {one.fingerprint: Track(alert=one, phase=Phase.FIRING) for one in (began, hers)}
        with store.changing():
            store.keep({}, firing, NOW)
        assert record(client, store) == 2
        with store.changing():
            store.keep(firing, {**firing, over.fingerprint: Track(alert=over, phase=Phase.RESOLVED)}, NOW + HOUR)
        assert (record(client, store), record(client, store)) == (1, 0)
    shown = client.execute("SELECT rule, state, starts_at, ends_at, labels['person'] FROM alerts ORDER BY rule")
    assert shown == [
        ("helper_ignored", "firing", NOW, None, "mastodon:ann"),
        ("source_gap", "resolved", NOW, NOW + HOUR, ""),
    ]
    marks = client.execute(expanded(interpolated(ALERTS, {"brand": "acme"}), Range(NOW - DAY, NOW + DAY, 60)))
    assert [row[2] for row in marks] == ["helper_ignored of acme", "source_gap of acme"]
    erase(client, ["mastodon:ann"])
    assert [rule for (rule,) in client.execute("SELECT rule FROM alerts")] == ["source_gap"]
    client.disconnect()
