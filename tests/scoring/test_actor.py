"""What an account's past may and may not do to the trust in its next act."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import Activity, Direction, Evidence, Interaction, Reference, Verdict
from events import Actor as Account
from scoring.actor import (
    HIGHEST,
    LOWEST,
    Actor,
    actor_confidence,
    actor_log_odds,
    burstiness,
    fold_actor,
)
from scoring.combine import WEIGHTS, Judgement, Weights, combine

UNKNOWN = Actor()
EVEN = msgspec.structs.replace(WEIGHTS, bias=0.0)  # what the actor says, without the base rate
START = datetime(2024, 5, 1, 9, 0, 7, tzinfo=UTC)
PITCH = "look what my wonderful friends and I made for you at www.buy-this-now.com"
WORDS = ("rain", "tram", "bread", "window", "garden", "teacher", "football", "letter", "summer", "kitchen", "river")


@dataclass(frozen=True)
class Content:
    log_odds: float = 0.0
    evidence: tuple[Evidence, ...] = ()


def own_words(turn: int) -> str:
    """A text nobody wrote before."""
    return " ".join(random.Random(turn).choices(WORDS, k=9))


def act(turn: int, at: datetime, text: str, to: str = "brand", answers: bool = False, **account: object) -> Interaction:
    return Interaction(
        id=f"act:{turn}",
        platform="test",
        type=Activity.CREATE,
        published=at,
        actor=Account(id="person", **account),  # type: ignore[arg-type]
        content=text,
        to=(to,),
        in_reply_to=Reference(id="question", actor=to) if answers else None,
    )


def human_pause(turn: int) -> float:
    return random.Random(turn).lognormvariate(9.0, 1.5)


def live(
    turns: int,
    *,
    content: float | Callable[[int], float] = 0.0,
    text: Callable[[int], str] = own_words,
    to: Callable[[int], str] = lambda turn: "brand",
    pause: Callable[[int], float] = human_pause,
    direction: Direction = Direction.INBOUND,
    since: Actor = UNKNOWN,
    start: datetime = START,
    weights: Weights = EVEN,
    **account: object,
) -> tuple[Actor, list[Judgement]]:
    """An account's acts judged and folded one after the other, without any campaign."""
    state, judged, at = since, [], start
    for turn in range(turns):
        at += timedelta(seconds=pause(turn))
        done = act(turn, at, text(turn), to(turn), direction is Direction.PEER, **account)
        past = actor_log_odds(state, done)
        log_odds = content(turn) if callable(content) else content
        posterior = combine(Content(log_odds), past).trust
        judged.append(combine(Content(log_odds), past, None, actor_confidence(state), weights=weights))
        state = fold_actor(state, done, direction, posterior, past[1])
    return state, judged


def trusts(judged: list[Judgement]) -> list[float]:
    return [judgement.trust for judgement in judged]


CAST: dict[str, dict[str, object]] = {
    "helper with no posts and no picture": {
        "turns": 40,
        "direction": Direction.PEER,
        "to": lambda turn: f"person:{turn}",
        "posts": 0,
        "followers": 0,
        "created": START - timedelta(days=2),
    },
    "newcomer": {"turns": 6, "created": START - timedelta(hours=1), "followers": 0, "following": 900, "posts": 1},
    "non-native writer": {"turns": 60, "content": lambda turn: random.Random(turn).gauss(0.0, 0.3)},
    "fan in a burst after an event": {
        "turns": 60,
        "text": lambda turn: "we love you so much " + "!" * (turn % 5),
        "pause": lambda turn: random.Random(turn).expovariate(1 / 25),
    },
    "fan who answers other fans": {
        "turns": 30,
        "direction": Direction.PEER,
        "to": lambda turn: f"fan:{turn}",
        "pause": lambda turn: 5 + random.Random(turn).expovariate(1 / 40),
    },
    "support desk nobody declared, 150 answers a day": {
        "turns": 600,
        "direction": Direction.PEER,
        "to": lambda turn: f"customer:{turn}",
        "pause": lambda turn: random.Random(turn).expovariate(150 / 86_400),
    },
    "fan who live-comments a whole evening": {
        "turns": 100,
        "pause": lambda turn: random.Random(turn).expovariate(1 / 120),
    },
    "follower of a daily habit": {"turns": 60, "pause": lambda turn: 86_400 + random.Random(turn).gauss(0, 300)},
    "account known by dates only": {
        "turns": 40,
        "pause": lambda turn: 86_400.0,
        "start": START.replace(hour=0, second=0),
    },
}


@pytest.mark.parametrize("name", CAST)
def test_none_of_the_cast_is_pushed_to_spam(name: str) -> None:
    """People whom published bot scores punish stay on the genuine side of the verdict as it is deployed."""
    given_ = dict(CAST[name])
    turns = given_.pop("turns")
    _, judged = live(turns, weights=WEIGHTS, **given_)  # type: ignore[arg-type]
    assert all(judgement.verdict is not Verdict.SPAM for judgement in judged)
    if "content" not in given_:
        assert min(trusts(judged)) >= 0.5
    assert trusts(judged)[-1] >= 0.49


def test_a_stranger_brings_nothing() -> None:
    """The first act of an account without a past is judged by its content alone."""
    log_odds, evidence = actor_log_odds(Actor(), act(0, START, "hello"))
    assert (log_odds, evidence, actor_confidence(Actor())) == (0.0, (), 0.0)


def test_few_acts_say_little() -> None:
    """Three clearly genuine, or three clearly bad, acts move the log-odds by less than one."""
    for content in (4.0, -4.0):
        state, _ = live(3, content=content)
        log_odds, _ = actor_log_odds(state, act(9, START + timedelta(days=30), own_words(9)))
        assert abs(log_odds) < 1.0
        assert log_odds * content > 0.0


def test_help_given_outweighs_the_platforms_label() -> None:
    """An account labelled automated that answers people's questions is back above one half within a dozen answers."""
    _, judged = live(12, direction=Direction.PEER, to=lambda turn: f"person:{turn}", automated=True)
    assert trusts(judged)[0] < 0.3
    assert trusts(judged)[-1] > 0.5


def test_a_label_is_counted_once() -> None:
    """The label weighs the same after fifty acts as on the first: reputation does not learn it again."""
    _, judged = live(50, automated=True)
    assert trusts(judged)[-1] == pytest.approx(trusts(judged)[0], abs=0.02)


def test_one_who_only_says_what_fits_anywhere_becomes_known_for_it() -> None:
    """Praise without an object, given to one stranger after the other: nothing at first, spam within a dozen."""
    praise = ("Great post!", "Love this", "So true", "Awesome, thanks for sharing!", "Nice one 🎉")
    _, judged = live(15, text=lambda turn: praise[turn % 5], to=lambda turn: f"person:{turn}", direction=Direction.PEER)
    assert trusts(judged)[0] == pytest.approx(0.5)
    assert trusts(judged)[1] > 0.2
    assert max(trusts(judged)[10:]) < 0.1
    assert any(entry.signal == "says_little" for entry in judged[5].evidence)


def test_a_newcomers_joy_is_no_habit_yet() -> None:
    """The first few empty words, even to a different one each, are doubted little: each adds at most so much."""
    praise = ("wow!", "Love this", "so beautiful", "Thank you!!")
    _, judged = live(4, text=lambda turn: praise[turn], to=lambda turn: f"person:{turn}", weights=WEIGHTS)
    assert [turn for turn, trust in enumerate(trusts(judged)) if trust < 0.3] == []


def test_thanks_among_other_things_cost_nothing() -> None:
    """A third of what somebody writes may be mere thanks; one who mostly thanks is still not called spam."""
    _, some = live(30, text=lambda turn: own_words(turn) if turn % 3 else "thank you so much!")
    _, most = live(30, text=lambda turn: "thank you so much!" if turn % 3 else own_words(turn), weights=WEIGHTS)
    assert not any(entry.signal == "says_little" for entry in some[-1].evidence)
    assert min(trusts(most)) >= 0.4


def test_answers_with_links_or_copied_text_are_no_help() -> None:
    """Only words of their own, without a link, count as help."""
    to = {"to": lambda turn: f"person:{turn}", "direction": Direction.PEER}
    linked, _ = live(10, text=lambda turn: f"{own_words(turn)} https://example.org/{turn}", **to)  # type: ignore[arg-type]
    copied, _ = live(10, text=lambda turn: own_words(1), **to)  # type: ignore[arg-type]
    assert linked.helped == 0.0
    assert copied.helped <= 1.0


def test_one_who_drops_the_same_link_everywhere_falls_within_four_acts() -> None:
    """The same text and link given to one stranger after the other, with content that gives nothing away."""
    _, judged = live(8, text=lambda turn: PITCH, to=lambda turn: f"person:{turn}")
    assert trusts(judged)[0] == pytest.approx(0.5)
    assert max(trusts(judged)[3:]) < 0.1
    signals = {entry.signal for entry in judged[4].evidence}
    assert {"repeats_own_text", "mostly_links"} <= signals


def test_a_template_is_known_again_behind_names_and_fresh_links() -> None:
    """Other names, cases, digits and link paths do not hide that the text is the same."""
    _, judged = live(
        5,
        text=lambda turn: f"@Person{turn} {PITCH.upper() if turn % 2 else PITCH}/{turn}",
        to=lambda turn: f"person:{turn}",
    )
    assert any(entry.signal == "repeats_own_text" and entry.weight < -1.0 for entry in judged[-1].evidence)


def test_links_wrapped_by_the_platform_are_no_site() -> None:
    """The wrapper around every picture of a platform does not make its people link droppers."""
    state, judged = live(20, text=lambda turn: f"{own_words(turn)} https://t.co/{turn}", to=lambda turn: f"p:{turn}")
    assert state.linked == 0.0
    assert min(trusts(judged)) >= 0.5


def test_insisting_on_an_answer_is_not_broadcasting() -> None:
    """Saying the same to one brand three times costs far less than saying it to three."""
    complaint = "I have been waiting for the money you owe me since the third of March"
    _, insists = live(3, text=lambda turn: complaint)
    _, broadcasts = live(3, text=lambda turn: complaint, to=lambda turn: f"person:{turn}")
    assert insists[-1].trust > 0.4 > broadcasts[-1].trust


def test_a_metronome_is_doubted_and_not_condemned() -> None:
    """Regularity alone makes doubtful; it never reaches the verdict spam."""
    _, judged = live(60, pause=lambda turn: 600.0)
    assert 0.3 <= trusts(judged)[-1] < 0.45
    assert any(entry.signal == "metronome" for entry in judged[-1].evidence)


def test_one_who_answers_many_faster_than_reading_is_doubted() -> None:
    """A different stranger every few seconds."""
    _, judged = live(
        30, pause=lambda turn: 1 + random.Random(turn).expovariate(1 / 4), to=lambda turn: f"person:{turn}"
    )
    assert any(entry.signal == "sprays" for entry in judged[-1].evidence)
    assert trusts(judged)[-1] < 0.4


def test_a_pace_that_people_do_not_reach_undoes_clean_words() -> None:
    """A thousand clean and different texts within a day: at first believed, in the end not, and the account exposed."""
    state, judged = live(1000, content=1.5, pause=lambda turn: random.Random(turn).expovariate(1 / 86), weights=WEIGHTS)
    assert min(trusts(judged)[:100]) > 0.9
    assert max(trusts(judged)[700:]) < 0.3
    assert any(entry.signal == "pace" for entry in judged[-1].evidence)
    assert state.exposed > 0


def test_a_pace_is_forgotten_within_days() -> None:
    """A week after the busiest evening of their life nothing of it is left."""
    state, _ = live(300, pause=lambda turn: 60.0 + random.Random(turn).expovariate(1 / 60))
    later = act(1, START + timedelta(days=8), own_words(1))
    assert not any(entry.signal == "pace" for entry in actor_log_odds(state, later)[1])


def test_mild_suspicion_adds_up_slowly() -> None:
    """Content at -1 each: doubtful reading becomes trust below .1 after some fifty acts; at -2 the second one."""
    below = {}
    for content in (-1.0, -2.0):
        _, judged = live(80, content=content)
        below[content] = next(turn for turn, trust in enumerate(trusts(judged), 1) if trust < 0.1)
        assert trusts(judged) == sorted(trusts(judged), reverse=True)
    assert 30 <= below[-1.0] <= 65
    assert below[-2.0] == 2


def test_a_reformed_account_recovers() -> None:
    """Forty acts of spam, then good ones: trusted again within fifteen, with its past still visible in the number."""
    bad, _ = live(40, content=-3.0)
    _, judged = live(60, content=2.0, since=bad, start=START + timedelta(days=60))
    _, fresh = live(1, content=2.0)
    assert trusts(judged)[0] < 0.5 < trusts(judged)[14]
    assert trusts(judged)[0] < fresh[0].trust < trusts(judged)[-1]


def test_a_hijacked_good_account_is_doubted_at_once() -> None:
    """Sixty good acts do not buy clear spam a pass, and the trust falls further with each."""
    good, _ = live(60, content=3.0, direction=Direction.PEER, to=lambda turn: f"person:{turn}")
    for content, ceiling in ((-2.0, 0.4), (-3.0, 0.2)):
        _, judged = live(10, content=content, since=good, start=START + timedelta(days=90))
        assert trusts(judged)[0] < ceiling
        assert trusts(judged)[-1] < trusts(judged)[0]


def test_answers_and_thanks_of_the_brand_are_earned() -> None:
    """A reply of the brand with thanks raises trust more than one without; an unasked message earns nothing."""
    reply = Interaction(
        id="r",
        platform="test",
        type=Activity.CREATE,
        published=START,
        actor=Account(id="brand"),
        content="Please restart it.",
        in_reply_to=Reference(id="act:0", actor="person"),
    )
    thanks = msgspec.structs.replace(reply, content="Vielen Dank und herzlichen Dank! Thanks!")
    unasked = msgspec.structs.replace(reply, in_reply_to=None)
    removal = msgspec.structs.replace(reply, type=Activity.DELETE)
    state, _ = live(1)

    def after(done: Interaction) -> float:
        later = act(9, START + timedelta(days=1), own_words(9))
        return actor_log_odds(fold_actor(state, done, Direction.OUTBOUND, 0.99), later)[0]

    assert after(removal) < after(unasked) < after(reply) < after(thanks)


def test_silence_lets_a_reputation_fade() -> None:
    """After two years of silence the past of an account says less than a third of what it said."""
    state, _ = live(60, content=-3.0)
    soon, late = START + timedelta(days=60), START + timedelta(days=60 + 730)
    states = [fold_actor(state, act(1, at, own_words(1)), Direction.INBOUND, 0.5) for at in (soon, late)]
    weights = [actor_log_odds(s, act(2, late, own_words(2)))[0] for s in states]
    assert weights[0] < 3 * weights[1] < 0.0


def test_burstiness_knows_its_three_cases() -> None:
    """-1 for equal gaps, about 0 for random ones whatever their number, 1 for one long gap among none."""
    assert burstiness(20, 60.0, 0.0) == pytest.approx(-1.0)
    assert burstiness(9, 1.0, 8.0) == pytest.approx(1.0)
    for gaps in (5, 10, 50):
        assert burstiness(gaps, 1.0, (gaps - 1) / (gaps + 1)) == pytest.approx(0.0, abs=1e-9)


ACTS = st.tuples(
    st.sampled_from(list(Activity)),
    st.sampled_from(list(Direction)),
    st.one_of(
        st.text(max_size=60), st.sampled_from([PITCH, "a.b.c.d.e.f.com " * 9, "ok", "谢谢你们的帮助我非常高兴今天"])
    ),
    st.datetimes(datetime(1970, 1, 2), datetime(9998, 1, 1)),
    st.one_of(st.floats(0, 1), st.just(math.nan)),
    st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTS, max_size=25))
def test_any_history_keeps_the_state_small_and_the_number_finite(history: list[tuple]) -> None:  # type: ignore[type-arg]
    """Whatever is folded, in whatever order of time, twice the same: bounded log-odds, and evidence that adds up."""
    ends = []
    for _ in range(2):
        state = Actor()
        for turn, (kind, direction, text, at, posterior, automated) in enumerate(history):
            done = msgspec.structs.replace(
                act(turn, at, text, f"person:{turn % 3}", bool(turn % 2), automated=automated), type=kind
            )
            log_odds, evidence = actor_log_odds(state, done)
            assert LOWEST - 1e-9 <= log_odds <= HIGHEST + 1e-9
            assert log_odds == pytest.approx(sum(entry.weight for entry in evidence))
            assert 0.0 <= actor_confidence(state) < 1.0
            state = fold_actor(state, done, direction, posterior, evidence)
            assert all(math.isfinite(value) for value in msgspec.structs.astuple(state)[:13])
        ends.append(state)
    packed = msgspec.msgpack.encode(ends[0])
    assert ends[0] == ends[1] == msgspec.msgpack.decode(packed, type=Actor)
    assert len(packed) <= 220


def test_a_full_state_fits_its_budget() -> None:
    """After 1,500 acts with links, texts and targets all different the state takes no more than 220 bytes."""
    state, _ = live(1500, text=lambda turn: f"{own_words(turn)} www.site{turn}.com", to=lambda turn: f"person:{turn}")
    assert len(state.recent) == 7
    assert len(msgspec.msgpack.encode(state)) <= 220
