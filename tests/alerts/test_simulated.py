"""On simulated audiences: each planted event fires its rule once, soon, and resolves; a quiet month stays quiet."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from clickhouse_driver import Client

from alerts.backtest import Fired
from alerts.rules import DEFAULTS
from events import Direction
from events.brands import Brands
from rapport.alerting import replayed
from scoring.fold import FITTED
from tests.alerts import planted
from tests.alerts.audience import END, fill, simulate
from tests.alerts.judge import right
from tests.alerts.planted import DAY, HOUR, MINUTE, Story, story
from warehouse.client import ClickHouse, connect

pytestmark = pytest.mark.engines

TOLD = story()


@pytest.fixture(scope="module")
def stored(clickhouse: ClickHouse) -> Iterator[Client]:
    settings = replace(clickhouse, database=f"planted{uuid4().hex[:8]}")
    fill(settings, TOLD.acts, TOLD.brands, TOLD.sources)
    client = connect(settings)
    yield client
    client.execute(f"DROP DATABASE {settings.database} SYNC")
    client.disconnect()


@pytest.fixture(scope="module")
def by_the_hour(stored: Client) -> list[Fired]:
    return replayed(stored, END - 50 * DAY, END, DEFAULTS, FITTED, HOUR)


def of(fired: list[Fired], rule: str, **labels: str) -> list[Fired]:
    return [one for one in fired if one.alert.rule == rule and labels.items() <= dict(one.alert.labels).items()]


def by_the_minute(client: Client, rule: str, since: datetime, until: datetime, **labels: str) -> list[Fired]:
    only = {name: replace(setting, enabled=name == rule) for name, setting in DEFAULTS.items()}
    return of(replayed(client, since, until, only, FITTED, MINUTE), rule, **labels)


def heard(story: Story, brand: str) -> list[datetime]:
    """When the audience spoke about ``brand``, counted from the acts themselves."""
    known = Brands(story.brands)
    return [
        act.published
        for act in story.acts
        for route in known.routes(act)
        if route.brand == brand and route.direction is not Direction.OUTBOUND
    ]


@pytest.mark.parametrize("brand", ["acme", "zephory"])
def test_a_wave_of_spam(stored: Client, by_the_hour: list[Fired], brand: str) -> None:
    """Told two evaluations after the twentieth act of it, once, with a campaign and a coordinated spike; then over."""
    wave = [at for at in heard(TOLD, brand) if planted.WAVE <= at < planted.WAVE + HOUR]
    (first,) = by_the_minute(stored, "spam_share_rises", planted.WAVE - 5 * MINUTE, planted.WAVE + HOUR, brand=brand)
    assert planted.WAVE < first.alert.starts_at <= wave[19] + 2 * MINUTE
    for rule in ("spam_share_rises", "campaign_seen", "spike_coordinated"):
        (fired,) = of(by_the_hour, rule, brand=brand)
        assert fired.alert.ends_at and fired.alert.ends_at < planted.WAVE + 3 * DAY, rule
    assert "coordinated accounts" in of(by_the_hour, "spike_coordinated", brand=brand)[0].alert.summary
    assert len(of(by_the_hour, "real_share_falls", brand=brand)) <= 1


def test_a_genuine_spike_after_an_announcement(stored: Client, by_the_hour: list[Fired]) -> None:
    """Told two evaluations after the twentieth act in six hours, once, as genuine, with the announcement it is of."""
    times = heard(TOLD, "acme")
    minutes = (planted.NEWS + number * MINUTE for number in range(24 * 60))
    known = next(at for at in minutes if bisect_left(times, at) - bisect_left(times, at - 6 * HOUR) >= 20)
    (first,) = by_the_minute(stored, "spike_genuine", planted.NEWS, known + HOUR, brand="acme")
    assert planted.NEWS < first.alert.starts_at <= known + 2 * MINUTE
    (fired,) = of(by_the_hour, "spike_genuine")
    assert fired.alert.ends_at and fired.alert.ends_at < planted.NEWS + 3 * DAY
    assert "genuine, from" in fired.alert.summary
    assert any("react to what we said ourselves" in line for line in fired.alert.evidence)


def test_a_fan_grows_cold(by_the_hour: list[Fired]) -> None:
    """Once, after several of their pauses; when they are back it is over."""
    (cold,) = of(by_the_hour, "relationship_cooling", person=TOLD.fan, brand="acme")
    (lapsed,) = of(by_the_hour, "relationship_lapsed", person=TOLD.fan, brand="acme")
    assert cold.alert.value == pytest.approx(5, abs=0.5) or cold.alert.starts_at == END - 50 * DAY
    for fired in (cold, lapsed):
        assert fired.alert.ends_at and fired.alert.ends_at >= planted.BACK
    assert planted.SILENT + 60 * DAY - 15 * DAY < lapsed.alert.starts_at <= planted.SILENT + 60 * DAY


def test_a_helper_is_ignored(by_the_hour: list[Fired]) -> None:
    """Once, two days after the question since a day is usual; the answer ends it within two evaluations."""
    (fired,) = of(by_the_hour, "helper_ignored", person=TOLD.helper, brand="acme")
    usual = 2 * max(12 * HOUR, _usual(fired))
    assert planted.ASKED + usual <= fired.alert.starts_at <= planted.ASKED + usual + 2 * HOUR
    assert fired.alert.ends_at and planted.ANSWERED <= fired.alert.ends_at <= planted.ANSWERED + 2 * HOUR


def _usual(fired: Fired) -> timedelta:
    hours = {"1 hour": 1, "24 hours": 24, "3 days": 72, "7 days": 168}
    return hours[fired.alert.certainty.partition("within ")[2]] * HOUR


def test_a_promise_is_broken(by_the_hour: list[Fired]) -> None:
    """Once, a week after it was given; coming back ends it."""
    (fired,) = of(by_the_hour, "promise_broken", person=TOLD.promised, brand="acme")
    assert timedelta() <= fired.alert.starts_at - (planted.PROMISED + HOUR + 7 * DAY) <= 2 * HOUR
    assert fired.alert.ends_at and planted.KEPT <= fired.alert.ends_at <= planted.KEPT + 2 * HOUR


def test_a_brand_turns_spammy(by_the_hour: list[Fired]) -> None:
    """Once, while it does so, with reasons, and of that brand alone; after a week of better manners it is over."""
    (fired,) = of(by_the_hour, "own_acts_like_spam")
    assert dict(fired.alert.labels)["brand"] == "zephory"
    assert planted.SPAMMY < fired.alert.starts_at <= planted.SPAMMY + HOUR + 2 * HOUR
    assert fired.alert.ends_at and fired.alert.ends_at <= planted.SPAMMY + 8 * DAY
    assert fired.alert.evidence


def test_a_source_has_a_gap(stored: Client) -> None:
    """Once, after a quarter of an hour, until it sees again; nothing else is told of what was not seen."""
    found = replayed(stored, planted.GAP - 5 * MINUTE, planted.SEEN_AGAIN + HOUR, DEFAULTS, FITTED, MINUTE)
    (fired,) = of(found, "source_gap")
    assert timedelta() <= fired.alert.starts_at - (planted.GAP + 15 * MINUTE) <= 2 * MINUTE
    assert fired.alert.ends_at and fired.alert.ends_at - planted.SEEN_AGAIN <= 2 * MINUTE
    begun = [one for one in found if one.alert.starts_at > planted.GAP + 15 * MINUTE and not one.inhibited]
    assert {one.alert.rule for one in begun} & {"source_silent", "real_share_falls", "spike_genuine"} == set()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_quiet_month(clickhouse: ClickHouse, seed: int) -> None:
    """Of all that is told of a brand in a month in which nothing was planted, at most one thing is wrong."""
    audience = simulate(seed, 120, 240)
    settings = replace(clickhouse, database=f"quiet{uuid4().hex[:8]}")
    fill(settings, audience.interactions, audience.brands)
    client = connect(settings)
    fired = replayed(client, END - 30 * DAY, END, DEFAULTS, FITTED, 2 * HOUR)
    client.execute(f"DROP DATABASE {settings.database} SYNC")
    client.disconnect()
    new = [one.alert for one in fired if one.alert.starts_at > END - 30 * DAY]
    wrong = Counter(dict(alert.labels)["brand"] for alert in new if not right(alert, audience))
    assert max(wrong.values(), default=0) <= 1, [alert for alert in new if not right(alert, audience)]
    assert len(new) > len(list(wrong.elements()))
