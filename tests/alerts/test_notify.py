"""Who is told what: groups, repetition, silences and inhibition, whatever happens in whatever order."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.alert import Alert, Notification, Severity
from alerts.notify import Audience, Book, Silence, Timing, flush, forget, muted
from alerts.state import Phase, Track, Tracks
from tests.alerts.given import MINUTE, NOW, alert

TIMING = Timing()
CHAT = Audience(name="chat")
NEWS = Audience(name="news", at_once=2)
NOTHING = Book({}, {})
QUIET: frozenset[str] = frozenset()


def tracks(*alerts: Alert, phase: Phase = Phase.FIRING) -> dict[str, Track]:
    return {one.fingerprint: Track(alert=one, phase=phase) for one in alerts}


def resolved(one: Alert, after: timedelta = MINUTE) -> dict[str, Track]:
    return tracks(replace(one, ends_at=one.starts_at + after), phase=Phase.RESOLVED)


def told(
    now: Tracks, book: Book, minutes: float, *audiences: Audience, quiet: frozenset[str] = QUIET
) -> tuple[list[Notification], Book]:
    return flush(now, quiet, book, audiences or (CHAT,), TIMING, NOW + minutes * MINUTE)


def test_a_new_group_waits_for_what_belongs_together() -> None:
    """Nothing is said within the first half minute; then all of one brand at once, and another brand by itself."""
    one, two, other = alert(), alert(platform="b"), alert(brand="zeta")
    sent, book = told(tracks(one), NOTHING, 0)
    assert sent == []
    sent, book = told(tracks(one, two), book, 0.4)
    assert sent == []
    sent, book = told(tracks(one, two, other), book, 1)
    assert [{each.rule for each in message.alerts} for message in sent] == [{"source_gap"}]
    assert [len(message.alerts) for message in sent] == [2]
    sent, book = told(tracks(one, two, other), book, 2)
    assert [message.group_key for message in sent] == ['{}:{brand="zeta"}']


def test_news_at_most_once_per_interval_and_then_repeated() -> None:
    """A second alert waits for the interval; without news the group is repeated after hours."""
    one, two = alert(), alert(platform="b")
    _, book = told(tracks(one), NOTHING, 0)
    first, book = told(tracks(one), book, 1)
    assert len(first) == 1
    none, book = told(tracks(one, two), book, 3)
    assert none == []
    second, book = told(tracks(one, two), book, 6)
    assert [len(message.alerts) for message in second] == [2]
    none, book = told(tracks(one, two), book, 12)
    assert none == []
    again, book = told(tracks(one, two), book, 6 + 4 * 60)
    assert [len(message.alerts) for message in again] == [2]
    assert len({first[0].id, second[0].id, again[0].id}) == 3


def test_resolution_is_told_to_whoever_knew_and_to_nobody_else() -> None:
    """What ended before anybody was told is not spoken of; what was told is."""
    one = alert()
    _, book = told(tracks(one), NOTHING, 0)
    sent, _ = told(resolved(one), book, 1)
    assert sent == []
    _, book = told(tracks(one), book, 1)
    sent, book = told(resolved(one), book, 7)
    assert [message.firing for message in sent] == [False]
    assert forget(resolved(one), book) == {}


def test_who_gets_news_only_gets_them_in_parts() -> None:
    """A receiver of single alerts is told of each once, as many at a time as it takes."""
    many = [alert(person=f"p:{number}") for number in range(5)]
    _, book = told(tracks(*many), NOTHING, 0, NEWS)
    sent, book = told(tracks(*many), book, 1, NEWS)
    assert [len(message.alerts) for message in sent] == [2, 2, 1]
    assert len({message.id for message in sent}) == 3
    sent, book = told(tracks(*many) | resolved(many[0]), book, 7, NEWS)
    assert [[each.ends_at is not None for each in message.alerts] for message in sent] == [[True]]


def test_who_wants_the_grave_ones_only() -> None:
    """A receiver is not told of what is below its severity."""
    pager = Audience(name="pager", severity=Severity.CRITICAL)
    grave = replace(alert(platform="b"), severity=Severity.CRITICAL)
    _, book = told(tracks(alert(), grave), NOTHING, 0, pager)
    sent, _ = told(tracks(alert(), grave), book, 1, pager)
    assert [message.alerts for message in sent] == [(grave,)]


def test_a_silence_mutes_what_has_all_its_labels_while_it_lasts() -> None:
    """Not what has some of them, not before and not after."""
    silence = Silence("1", (("alertname", "source_gap"), ("brand", "acme")), NOW, NOW + MINUTE, "ada", "work")
    now = tracks(alert(), alert(brand="zeta"), alert("dead_letters"))
    assert muted(now, [silence], NOW) == {alert().fingerprint}
    assert muted(now, [silence], NOW + MINUTE) == QUIET
    assert muted(now, [silence], NOW - MINUTE) == QUIET


def test_what_follows_from_a_gap_is_not_told() -> None:
    """People of the platform that was not seen did not fall silent; others may have."""
    gap = alert("source_gap", platform="mastodon", source="mastodon:search")
    here = alert("relationship_cooling", platform="mastodon", person="mastodon:ann")
    there = alert("relationship_cooling", platform="bluesky", person="bluesky:ben")
    other = alert("relationship_cooling", brand="zeta", platform="mastodon", person="mastodon:ann")
    now = tracks(gap, here, there, other)
    assert muted(now, [], NOW) == {here.fingerprint}
    of_all = alert("source_gap", brand="", platform="mastodon", source="mastodon:search")
    assert muted(tracks(of_all, here, there, other), [], NOW) == {here.fingerprint, other.fingerprint}
    over = now | resolved(gap)
    assert muted(over, [], NOW) == QUIET


def test_a_wave_of_spam_is_told_once() -> None:
    """That less is real follows from it, and a relationship that has lapsed grew cold before."""
    wave, fall, lapsed, cold = (
        *(alert("spam_share_rises"), alert("real_share_falls")),
        *(alert(rule, person="p:1") for rule in ("relationship_lapsed", "relationship_cooling")),
    )
    assert muted(tracks(wave, fall, lapsed, cold), [], NOW) == {fall.fingerprint, cold.fingerprint}


def test_what_was_told_and_is_silenced_then_is_told_when_it_is_over() -> None:
    """An incident that was opened is closed, and the silence itself says nothing."""
    one = alert()
    _, book = told(tracks(one), NOTHING, 0)
    _, book = told(tracks(one), book, 1)
    sent, book = told(tracks(one), book, 500, quiet=frozenset({one.fingerprint}))
    assert sent == []
    sent, book = told(resolved(one), book, 510, quiet=frozenset({one.fingerprint}))
    assert [message.firing for message in sent] == [False]


KEYS = [alert(person=f"p:{number}") for number in range(4)]
steps = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([*Phase, None]), st.booleans(), st.integers(0, 300)), max_size=60
)


@settings(max_examples=200)
@given(steps)
def test_every_receiver_hears_a_sensible_story(events: list[tuple[int, Phase | None, bool, int]]) -> None:
    """Whatever happens: an end is told once and only after its begin, and in the end everybody knows how it stands."""
    now: dict[str, Track] = {}
    book, at = NOTHING, NOW
    heard: dict[str, dict[str, bool]] = {"chat": {}, "news": {}}
    quiet: set[str] = set()

    def listen(messages: list[Notification]) -> None:
        for message in messages:
            for each in message.alerts:
                knows = heard[message.receiver]
                if each.ends_at is not None:
                    assert knows.get(each.fingerprint) is True
                knows[each.fingerprint] = each.ends_at is None

    for number, phase, silent, minutes in events:
        one, at = KEYS[number], at + minutes * MINUTE
        track = now.get(one.fingerprint)
        if phase is Phase.FIRING:
            began = track.alert.starts_at if track and track.phase is Phase.FIRING else at
            now[one.fingerprint] = Track(alert=replace(one, starts_at=began), phase=phase)
        elif phase is Phase.RESOLVED and track and track.phase is Phase.FIRING:
            now[one.fingerprint] = Track(alert=replace(track.alert, ends_at=at), phase=phase)
        elif phase is Phase.PENDING and track and track.resolved:
            now[one.fingerprint] = Track(alert=replace(one, starts_at=at), phase=phase, over=track.resolved)
        (quiet.add if silent else quiet.discard)(one.fingerprint)
        messages, book = flush(now, frozenset(quiet), book, (CHAT, NEWS), TIMING, at)
        listen(messages)
        now = forget(now, book)
    for later in (301, 602):
        messages, book = flush(now, frozenset(), book, (CHAT, NEWS), TIMING, at + later * MINUTE)
        listen(messages)
    for knows in heard.values():
        firing = {key for key, track in now.items() if track.phase is Phase.FIRING}
        assert {key for key, still in knows.items() if still} == firing
    assert [key for key, track in forget(now, book).items() if track.phase is Phase.RESOLVED] == []
