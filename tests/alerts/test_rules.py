"""Each rule on made-up facts: what fires, what does not, and what is said."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from alerts import baseline
from alerts.facts import (
    SPAM,
    TRUSTED,
    UNSEEN,
    VOLUME,
    Counts,
    Crowd,
    Debt,
    Facts,
    Heard,
    Joined,
    Letters,
    Own,
    Source,
    Tie,
)
from alerts.finding import Finding, Level, literal, span
from alerts.rules import DEFAULTS, RULES
from alerts.rules.conduct import FEWEST_TEXTS
from alerts.rules.conduct import LOW_TRUST as OUR_LOW_TRUST
from rapport.audit import FEWEST, HIGH_SPAM, LOW_TRUST
from tests.alerts.given import NOW
from tests.hostile import NAMES

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DAYS = 60
ASKED = Debt("question", NOW - 9 * DAY, 1)
Change = Callable[[Counts], None]


def hourly(change: Change = lambda counts: None, daily: float = 48, spam: float = 0.1) -> Heard:
    """An even stream of acts over 60 days in buckets of an hour, changed by ``change`` (rows are hours)."""
    counts = np.zeros((DAYS * 24 + 1, 4))
    noise = np.random.default_rng(1).poisson(daily / 24, DAYS * 24)
    counts[1:, VOLUME] = noise
    counts[1:, SPAM] = np.round(noise * spam)
    counts[1:, TRUSTED] = noise * (1 - spam) * 0.9
    change(counts)
    return Heard(HOUR, DAYS * 24, {"mastodon": np.cumsum(counts, axis=0)})


def heard(now: Heard, crowd: Crowd | None = None) -> Facts:
    return Facts(at=NOW, heard={"acme": now}, crowd=lambda brand, since, until: crowd or Crowd())


def one(rule: str, facts: Facts, **setting: float) -> Finding:
    function, default = RULES[rule]
    (found,) = function(facts, replace(default, **setting))  # type: ignore[arg-type]
    return found


def none(brand: str, since: datetime, until: datetime) -> Crowd:
    return Crowd()


def facts(**more: object) -> Facts:
    return Facts(at=NOW, heard={}, crowd=none, **more)  # type: ignore[arg-type]


def more_spam(hours: int, acts: int) -> Change:
    def change(counts: Counts) -> None:
        counts[-hours:, [VOLUME, SPAM]] += acts

    return change


def test_a_quiet_stream_says_nothing() -> None:
    """And says why."""
    quiet = heard(hourly())
    for rule in ("real_share_falls", "spam_share_rises", "spike_genuine", "spike_coordinated"):
        found = one(rule, quiet)
        assert found.level is Level.CLEAR
        assert "usual" in found.summary


def test_a_wave_of_spam_is_told_within_the_hour_where_there_is_much_to_hear() -> None:
    """Share, threshold and window are said; the share of what is real falls with it."""
    wave = heard(hourly(more_spam(1, 60)))
    found = one("spam_share_rises", wave)
    assert (found.level, found.value > 0.8) == (Level.FIRES, True)
    assert "in the last 1 hour is spam; usually it is" in found.summary
    assert one("real_share_falls", wave).level is Level.FIRES


def test_two_mentions_do_not_fire() -> None:
    """Whatever their share: there are too few."""
    found = one("spam_share_rises", heard(hourly(more_spam(1, 2), daily=4)))
    assert found.level is Level.CLEAR
    assert "20 are needed" in found.summary


def test_without_a_week_of_history_nothing_is_said() -> None:
    """A first day cannot be unusual."""

    def young(counts: Counts) -> None:
        counts[: -24 * 5] = 0
        counts[-1, [VOLUME, SPAM]] += 200

    for rule in ("spam_share_rises", "spike_genuine"):
        found = one(rule, heard(hourly(young)))
        assert (found.level, found.summary) == (Level.CLEAR, "fewer than a week of days to compare with")


@pytest.mark.parametrize(
    ("crowd", "rule", "said"),
    [
        (Crowd(100, 90, 5, 4, 8, 6, "mastodon:news", 40), "spike_genuine", "genuine, from 90 people"),
        (Crowd(100, 60, 82, 41, 85, 43), "spike_coordinated", "82 % of it from 41 coordinated accounts"),
        (Crowd(100, 30, 0, 0, 70, 3), "spike_coordinated", "70 % of it from 3 accounts that are judged spam"),
    ],
)
def test_whose_spike_it_is(crowd: Crowd, rule: str, said: str) -> None:
    """Many more acts than usual are either people or accounts that act together, and only one of the two is told."""
    other = {"spike_genuine": "spike_coordinated", "spike_coordinated": "spike_genuine"}[rule]
    loud = heard(hourly(more_spam(1, 60)), crowd)
    assert one(rule, loud).level is Level.FIRES
    assert said in one(rule, loud).summary
    assert one(other, loud).level is Level.CLEAR


def test_what_it_reacts_to_is_named() -> None:
    """The announcement behind a spike is evidence."""
    found = one("spike_genuine", heard(hourly(more_spam(1, 60)), Crowd(60, 55, reacts_to="mastodon:news", reacting=40)))
    assert "40 of them react to what we said ourselves, most to mastodon:news" in found.evidence


def test_monday_is_compared_with_mondays() -> None:
    """What happens every week at this time is no spike."""

    def weekly(counts: Counts) -> None:
        for week in range(8):
            counts[DAYS * 24 - week * 168, VOLUME] += 80

    assert one("spike_genuine", heard(hourly(weekly))).level is Level.CLEAR
    once = heard(hourly(more_spam(1, 80)))
    assert one("spike_genuine", replace(once, crowd=lambda *_: Crowd(80, 80))).level is Level.FIRES


def test_one_earlier_wave_does_not_make_the_next_one_usual() -> None:
    """Median and median deviation stay where they were."""

    def twice(counts: Counts) -> None:
        more_spam(1, 60)(counts)
        counts[-24 * 14 : -24 * 12, [VOLUME, SPAM]] += 60

    assert one("spam_share_rises", heard(hourly(twice))).level is Level.FIRES


def test_a_platform_that_was_not_seen_is_left_out() -> None:
    """Its silence changes no share, and its gap is no part of what is usual."""

    def gap(counts: Counts) -> None:
        counts[-6:, :UNSEEN] = 0
        counts[-6:, UNSEEN] = 1

    trusted = hourly(gap, spam=0.0).platforms["mastodon"]
    spammy = hourly(spam=0.5).platforms["mastodon"]
    both = Heard(HOUR, DAYS * 24, {"good": trusted, "bad": spammy})
    assert baseline.seen(both, 6 * HOUR) == ["bad"]
    assert one("real_share_falls", heard(both)).level is Level.CLEAR
    seen_only = Heard(HOUR, DAYS * 24, {"good": hourly(lambda counts: None, spam=0.0).platforms["mastodon"]})
    days, _ = baseline.windows(seen_only, HOUR, ["good"])
    days_with_gap, _ = baseline.windows(Heard(HOUR, DAYS * 24 + 0, {"good": _gap_days_ago(3)}), HOUR, ["good"])
    assert set(days) - set(days_with_gap) == {3}


def _gap_days_ago(days: int) -> Counts:
    def gap(counts: Counts) -> None:
        counts[DAYS * 24 - days * 24, UNSEEN] = 1

    return hourly(gap).platforms["mastodon"]


def test_silence_where_much_is_usual() -> None:
    """A platform that brings nothing for hours although no source says so; not one that is seldom heard anyway."""

    def silent(counts: Counts) -> None:
        counts[-7:, VOLUME] = 0

    found = one("source_silent", heard(hourly(silent, daily=96)))
    assert (found.level, dict(found.labels)["platform"]) == (Level.FIRES, "mastodon")
    assert "for 6 hours" in found.summary
    assert one("source_silent", heard(hourly(silent, daily=4))).level is Level.CLEAR
    assert one("source_silent", heard(hourly())).level is Level.CLEAR


def tie(**more: object) -> Tie:
    plain: dict[str, object] = {
        **{"brand": "acme", "person": "mastodon:ann", "class_": "real", "since": NOW - 90 * DAY, "was": "real"},
        **{"realness": 0.3, "realness_then": 0.8, "first_at": NOW - 240 * DAY, "last_at": NOW - 40 * DAY},
        **{"trust": 0.9, "exchanges": 60, "started": 60, "acts_ours": 70, "acts_theirs": 80, "helped": 5},
        **{"usual_minutes": 1440, "reasons": ("60 conversations",), "debts": ()},
    }
    return Tie(**plain | more)  # type: ignore[arg-type]


def of_tie(rule: str, **more: object) -> Level:
    function, setting = RULES[rule]
    return next((found.level for found in function(facts(ties=[tie(**more)]), setting)), Level.CLEAR)


@pytest.mark.parametrize(
    ("rule", "more", "level"),
    [
        ("relationship_cooling", {}, Level.FIRES),
        ("relationship_cooling", {"last_at": NOW - 29 * DAY}, Level.CLEAR),  # too short a time to speak of
        ("relationship_cooling", {"exchanges": 9, "started": 9}, Level.CLEAR),  # they come but seldom
        ("relationship_cooling", {"was": "emerging", "class_": "emerging"}, Level.CLEAR),
        ("relationship_lapsed", {"class_": "lapsed", "since": NOW - DAY}, Level.FIRES),
        ("relationship_lapsed", {"class_": "lapsed", "since": NOW - 31 * DAY}, Level.CLEAR),  # no news
        ("relationship_lapsed", {"class_": "lapsed", "was": "emerging", "since": NOW - DAY}, Level.CLEAR),
        ("helper_ignored", {"debts": (Debt("question", NOW - 2 * DAY, 1),)}, Level.FIRES),
        ("helper_ignored", {"debts": (Debt("question", NOW - 47 * HOUR, 1),)}, Level.CLEAR),
        ("helper_ignored", {"debts": (Debt("question", NOW - DAY, 1),), "usual_minutes": 60}, Level.FIRES),
        ("helper_ignored", {"debts": (Debt("question", NOW - 23 * HOUR, 1),), "usual_minutes": 60}, Level.CLEAR),
        ("helper_ignored", {"debts": (ASKED,), "trust": 0.2}, Level.CLEAR),
        ("helper_ignored", {"debts": (ASKED,), "helped": 1, "class_": "emerging"}, Level.CLEAR),
        ("promise_broken", {"debts": (Debt("promise", NOW - 7 * DAY, 0),)}, Level.FIRES),
        ("promise_broken", {"debts": (Debt("promise", NOW - 6 * DAY, 0),)}, Level.CLEAR),
        ("promise_broken", {"debts": (ASKED,)}, Level.CLEAR),
        ("one_sided", {"class_": "one_sided_them", "last_at": NOW - DAY}, Level.FIRES),
        ("one_sided", {"class_": "one_sided_us", "last_at": NOW - DAY}, Level.FIRES),
        ("one_sided", {"class_": "one_sided_them", "last_at": NOW - DAY, "acts_theirs": 7}, Level.CLEAR),
        ("one_sided", {"class_": "one_sided_them", "last_at": NOW - DAY, "trust": 0.2}, Level.CLEAR),
        ("one_sided", {"class_": "one_sided_them", "last_at": NOW - 31 * DAY}, Level.CLEAR),
    ],
)  # fmt: skip
def test_relationships(rule: str, more: dict[str, object], level: Level) -> None:
    """Each rule at its limits."""
    assert of_tie(rule, **more) is level


def joined(number: int, campaign: str = "text", hours: float = 1, **more: object) -> Joined:
    act = Joined(campaign, NOW - 2 * DAY, "acme", f"p:{number}", NOW - hours * HOUR, f"{campaign}/{number}")
    return replace(act, **more)  # type: ignore[arg-type]


def test_campaigns_that_share_accounts_are_one() -> None:
    """A text and the domain it links to are told once, under the name of the older one, which they keep."""
    acts = [joined(number) for number in range(4)]
    acts += [joined(number, "domain", began=NOW - DAY) for number in range(3, 6)]
    found = one("campaign_seen", facts(joined=acts))
    assert (found.level, found.value, dict(found.labels)["campaign"]) == (Level.FIRES, 6, "text")
    later = [replace(act, at=NOW - 30 * HOUR) for act in acts[:4]]
    later += [*acts[4:], joined(9, "domain", began=NOW - DAY)]
    assert dict(one("campaign_seen", facts(joined=later)).labels)["campaign"] == "text"


def test_a_small_or_old_campaign_is_none() -> None:
    """Fewer accounts than five, or nothing new for a day."""
    function, setting = RULES["campaign_seen"]
    assert {found.level for found in function(facts(joined=[joined(1), joined(2)]), setting)} <= {Level.HOLDS}
    assert list(function(facts(joined=[joined(number, hours=25) for number in range(9)]), setting)) == []


def test_our_own_acts() -> None:
    """Too many that look like spam, or too little trust; ten texts are needed. The limits are those of the audit."""
    assert (DEFAULTS["own_acts_like_spam"].threshold, OUR_LOW_TRUST, FEWEST_TEXTS) == (HIGH_SPAM, LOW_TRUST, FEWEST)
    good = Own("acme", 20, 0.9, 0.0, ())
    for own, level in (
        (good, Level.CLEAR),
        (replace(good, spam_share=0.2), Level.FIRES),
        (replace(good, spam_share=0.12), Level.HOLDS),
        (replace(good, mean_trust=0.5), Level.FIRES),
        (replace(good, texts=9, spam_share=1.0), Level.CLEAR),
    ):
        assert one("own_acts_like_spam", facts(own=[own])).level is level


def test_the_pipeline() -> None:
    """A gap after a quarter of an hour, many dead letters, many messages that wait."""
    gap = Source("mastodon:search", "acme", "gap", NOW - timedelta(minutes=15), "quota")
    found = one("source_gap", facts(sources=[gap]))
    assert (found.level, dict(found.labels)["platform"], found.evidence) == (Level.FIRES, "mastodon", ("quota",))
    live = replace(gap, state="live")
    function, setting = RULES["source_gap"]
    assert list(function(facts(sources=[live]), setting)) == []
    assert one("dead_letters", facts(letters=[Letters("bad_time", [0] * 24 + [100])])).level is Level.FIRES
    assert one("dead_letters", facts(letters=[Letters("bad_time", [60] * 24 + [80])])).level is Level.CLEAR
    assert one("pipeline_lag", facts(lag={"worker": 10_000})).level is Level.FIRES
    assert one("pipeline_lag", facts(lag={"worker": 5_000})).level is Level.HOLDS
    stopped = one("pipeline_lag", facts(lag={"sink": 0}, lag_age=HOUR))
    assert (stopped.level, "does it run?" in stopped.summary) == (Level.FIRES, True)


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_stay_text(name: str) -> None:
    """In the SQL that people are to paste, a name stays within its quotes, on one line."""
    quoted = literal(name)
    assert quoted.startswith("'") and quoted.endswith("'") and quoted.isprintable()
    inner = quoted[1:-1].replace("\\\\", "").replace("\\'", "")
    assert "'" not in inner and not inner.endswith("\\")


def test_spans_are_words() -> None:
    """As people say them."""
    said = [span(timedelta(minutes=minutes)) for minutes in (0.5, 1, 45, 60, 24 * 60, 36 * 60, 10 * 1440)]
    assert said == ["less than a minute", "1 minute", "45 minutes", "1 hour", "24 hours", "2 days", "10 days"]
