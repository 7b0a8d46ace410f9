"""The content model: explained to the last digit, total, and no enemy of newcomers and helpers."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import content, features
from scoring.content import Content, ContentModel, load
from scoring.encoder import ModelError, Vectors, default
from scoring.intent import Kind

GENUINE = {
    "helper with no posts": [
        "You can fix this: open settings, then network, and choose reset. It took me a day to find out.",
        "Hold the power button for ten seconds, then plug the cable back in. Let me know if that helps!",
        "@maria the setting moved in the new version, look under Privacy and then Export.",
        "I had the same error, see https://support.example.com/articles/123 and check step 4, that was it for me",
        "please try the other USB port first, mine was dead too",
    ],
    "newcomer": [
        "Hi everyone, first time posting here. How do I change my profile picture?",
        "just joined, where can i find the rules?",
        "Hello! I bought the phone yesterday and I love it so far",
    ],
    "non-native writer": [
        "Sorry for my english, the application is not open in my phone since two days, what I must do?",
        "hello sir kindly help, my order it not arrive yet and nobody is answer me",
        "I am from Brazil and I very like this song, make me cry always",
        "Hola, ¿alguien sabe por qué no puedo entrar en mi cuenta desde ayer?",
        "Meu pedido ainda não chegou, podem verificar por favor?",
        "Hallo, meine Bestellung ist seit zwei Wochen unterwegs, können Sie bitte nachsehen?",
        "Bonjour, mon colis n'est toujours pas arrivé, merci de vérifier",
        "Merhaba, siparişim hâlâ gelmedi, yardımcı olur musunuz?",
        "Здравствуйте, приложение не открывается уже два дня",
        "注文がまだ届いていません。確認をお願いします。",
        "这首歌太好听了",
        "이 노래 정말 좋아요",
        "أحب هذه الأغنية كثيرا",
    ],
    "fan in a burst after an event": [
        "WHAT A NIGHT!!! best concert of my life",
        "omg omg omg they won!!!!",
        "I love this song so much",
        "who is still listening in 2026?",
        "see you all on Friday, can't wait!!! ❤❤❤",
        "love from Argentina",
    ],
}
SPAM = [
    "Hey guys check out my new channel and subscribe please, link: http://www.youtube.com/channel/x",
    "Earn $500 a day working from home, click here http://cheap-money.example.xyz",
    "free iphone giveaway!!! follow me and visit www.win-now.example.top",
]


class Lengths:
    """A stand-in for the transformer: a vector of the right size that depends on the text alone."""

    def __call__(self, texts: Sequence[str]) -> Vectors:
        rows = np.ones((len(texts), 384), np.float32)
        for i, text in enumerate(texts):
            rows[i, len(text) % 384] = 5.0
        unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


@pytest.fixture(scope="module")
def quick() -> ContentModel:
    return load(Lengths())


def probability(scored: Content) -> float:
    return 1.0 / (1.0 + math.exp(-scored.log_odds))


@given(st.text(max_size=200))
def test_any_text_is_scored_and_explained(text: str) -> None:
    """No text raises, and the prior and the weights of the evidence add up to the log-odds."""
    scored = load(Lengths())([text])[0]
    assert math.isfinite(scored.log_odds)
    assert 0.0 <= scored.effort <= 1.0
    told = sum(entry.weight for entry in scored.evidence) + (content.read().prior if scored.evidence else 0.0)
    assert math.isclose(scored.log_odds, told, abs_tol=1e-6)


def test_hostile_texts_are_scored(quick: ContentModel) -> None:
    """Lone surrogates, a million characters and nothing at all."""
    lone, long, empty = quick(["\ud800 http://", "a http://x.com " * 100_000, ""])
    assert math.isfinite(lone.log_odds)
    assert math.isfinite(long.log_odds)
    assert empty == Content(model=empty.model)


def test_a_score_depends_on_its_text_alone(quick: ContentModel) -> None:
    """The same text gives the same content alone and among others."""
    texts = [text for group in GENUINE.values() for text in group]
    assert [quick([text])[0] for text in texts] == quick(texts)


def test_what_would_fit_anywhere_is_read_like_any_text(quick: ContentModel) -> None:
    """One empty text says nothing against its writer; that is for the account's history to say, over many acts."""
    scored = quick(["Great post!"])[0]
    assert {entry.signal for entry in scored.evidence} - {"meaning"} == {*features.GROUPS, "wording"}


def test_the_transformer_is_asked_where_the_rest_is_not_sure() -> None:
    """Only such texts reach the encoder, and exactly they have their meaning among the evidence."""
    asked: list[str] = []

    def listening(texts: Sequence[str]) -> Vectors:
        asked.extend(texts)
        return Lengths()(texts)

    texts = [*SPAM, *(text for group in GENUINE.values() for text in group)]
    model, weights = load(listening), content.read()
    asked.clear()
    scored = dict(zip(texts, model(texts), strict=True))
    doubted = [text for text in texts if "meaning" in {entry.signal for entry in scored[text].evidence}]
    assert asked == [features.without_links(features.clean(text)) for text in doubted]
    assert 0 < len(doubted) < len(texts)
    for text, found in scored.items():
        rest = weights.prior + sum(entry.weight for entry in found.evidence if entry.signal != "meaning")
        assert (abs(rest) < weights.sure) == (text in doubted)


def test_evidence_names_the_words(quick: ContentModel) -> None:
    """What is asked for, and where a link leads, is told with the weight."""
    evidence = {entry.signal: entry for entry in quick([SPAM[0]])[0].evidence}
    assert "youtube.com" in evidence["link"].detail
    assert "subscribe" in evidence["solicitation"].detail
    assert evidence["solicitation"].weight < 0


def test_intent_and_effort_come_along(quick: ContentModel) -> None:
    """The content says what somebody is after."""
    assert quick(["how do I cancel my plan?"])[0].intents[0] == Kind.QUESTION


def test_weights_of_another_encoder_are_refused() -> None:
    """A model with another number of dimensions needs its own fit."""
    with pytest.raises(ModelError, match="make models"):
        load(lambda texts: np.ones((len(texts), 8), np.float32))


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    """A changed file does not score."""
    file = tmp_path / "content.npz"
    with pytest.raises(ModelError, match="missing"):
        content.read(file)
    file.write_bytes(content.FILE.read_bytes()[:-1])
    file.with_suffix(".sha256").write_text(content.FILE.with_suffix(".sha256").read_text())
    with pytest.raises(ModelError, match="damaged"):
        content.read(file)


def test_no_feature_knows_the_platform() -> None:
    """The committed weights are small and hold only the features that carry over."""
    weights = content.read()
    assert len(weights.side) == len(features.SIDE)
    assert content.FILE.stat().st_size < 1_000_000


@pytest.mark.engines
@pytest.mark.parametrize("group", GENUINE)
def test_genuine_people_are_not_called_spam(group: str) -> None:
    """Helpers, newcomers, non-native writers and fans keep at least .3 by their words alone."""
    scored = load(default())(GENUINE[group])
    assert {
        text: round(probability(s), 2) for text, s in zip(GENUINE[group], scored, strict=True) if probability(s) < 0.3
    } == {}


@pytest.mark.engines
def test_plain_spam_is_called_spam() -> None:
    """Advertising that says what it is stays below .3."""
    assert [probability(scored) < 0.3 for scored in load(default())(SPAM)] == [True] * len(SPAM)
