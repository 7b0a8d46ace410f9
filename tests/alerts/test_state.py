"""Pending, firing, resolved: whatever the rules find, in whatever order."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerts.alert import Severity, fingerprint, labels_of
from alerts.finding import Level, Setting
from alerts.state import Phase, Tracks, advance
from tests.alerts.given import MINUTE, NOW, finding

SLOW = {"source_gap": Setting(threshold=1, severity=Severity.WARNING, lasting=2 * MINUTE)}
QUICK = {"source_gap": Setting(threshold=1, severity=Severity.WARNING)}
levels = st.lists(st.sampled_from(list(Level)), max_size=40)


def phases(said: list[Level], settings: dict[str, Setting]) -> list[Phase | None]:
    """The phase after each evaluation, a minute apart."""
    tracks: Tracks = {}
    found = []
    for number, level in enumerate(said):
        tracks = advance(tracks, [finding(level=level)], NOW + number * MINUTE, settings)
        found.append(next((track.phase for track in tracks.values()), None))
    return found


def test_fires_after_it_lasted() -> None:
    """What must last is pending first, and what ends meanwhile was nothing."""
    fires, clear = Level.FIRES, Level.CLEAR
    assert phases([fires, fires, fires], SLOW) == [Phase.PENDING, Phase.PENDING, Phase.FIRING]
    assert phases([fires, clear, fires], SLOW) == [Phase.PENDING, None, Phase.PENDING]
    assert phases([fires], QUICK) == [Phase.FIRING]


def test_what_holds_goes_on_and_never_begins() -> None:
    """Between the two thresholds nothing begins and nothing ends: no flapping around one number."""
    fires, holds, clear = Level.FIRES, Level.HOLDS, Level.CLEAR
    assert phases([holds, fires, holds, fires, clear], QUICK) == [None, *[Phase.FIRING] * 3, Phase.RESOLVED]
    assert phases([fires, holds, fires], SLOW) == [Phase.PENDING, None, Phase.PENDING]


@given(levels, st.sampled_from([QUICK, SLOW]))
def test_phases_follow_from_what_was_said(said: list[Level], settings: dict[str, Setting]) -> None:
    """It fires from when it was said for long enough without a break, until it is clear; that is all there is to it."""
    lasting = settings["source_gap"].lasting // MINUTE
    firing, run = False, 0
    for level, phase in zip(said, phases(said, settings), strict=True):
        run = run + 1 if level is Level.FIRES else 0
        firing = level is not Level.CLEAR if firing else run > lasting
        assert (phase is Phase.FIRING) == firing


@given(levels)
def test_times_are_in_order(said: list[Level]) -> None:
    """An alert begins when it was first found, keeps that while it fires, and ends later."""
    tracks: Tracks = {}
    for number, level in enumerate(said):
        at, before = NOW + number * MINUTE, dict(tracks)
        tracks = advance(tracks, [finding(level=level)], at, SLOW)
        for key, track in tracks.items():
            was = before.get(key)
            if track.phase is Phase.FIRING and was and was.phase is not Phase.RESOLVED:
                assert track.alert.starts_at == was.alert.starts_at
            if track.phase is Phase.RESOLVED:
                assert track.alert.ends_at and track.alert.ends_at > track.alert.starts_at
            assert (track.phase is Phase.RESOLVED) == (track.alert.ends_at is not None)


def test_two_things_are_two_alerts() -> None:
    """Labels tell them apart; the first of two findings about one thing counts."""
    found = [finding(platform="a"), finding(platform="b"), finding(platform="a", level=Level.HOLDS)]
    tracks = advance({}, found, NOW, QUICK)
    assert {track.phase for track in tracks.values()} == {Phase.FIRING}
    assert len(tracks) == 2


def test_fingerprints_are_of_labels_alone() -> None:
    """Neither order nor what else is said matters, and no two label sets run together."""
    assert finding(platform="a").fingerprint == finding("source_gap", Level.CLEAR, platform="a").fingerprint
    assert labels_of(b="1", a="2") == labels_of(a="2", b="1")
    assert fingerprint((("a", "bc"),)) != fingerprint((("ab", "c"),))
    assert fingerprint((("a", "\ud800"),)) != fingerprint((("a", "?"),))


def test_a_second_time_is_a_second_alert() -> None:
    """After its end the same thing has another begin; until it fires again, its end is not forgotten."""
    tracks = advance({}, [finding()], NOW, QUICK)
    tracks = advance(tracks, [], NOW + MINUTE, QUICK)
    tracks = advance(tracks, [finding()], NOW + 2 * MINUTE, SLOW)
    (track,) = tracks.values()
    assert (track.phase, track.resolved and track.resolved.ends_at) == (Phase.PENDING, NOW + MINUTE)
    (gone,) = advance(tracks, [], NOW + 3 * MINUTE, SLOW).values()
    assert (gone.phase, gone.alert.ends_at) == (Phase.RESOLVED, NOW + MINUTE)
    (again,) = advance(tracks, [finding()], NOW + timedelta(minutes=4), SLOW).values()
    assert (again.phase, again.alert.starts_at) == (Phase.FIRING, NOW + 2 * MINUTE)
