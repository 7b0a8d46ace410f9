"""People whom bot scores punish, judged end to end: text model, account, verdict. None of them may be called spam."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from events import Activity, Direction, Interaction, Reference, Verdict
from events import Actor as Account
from scoring.actor import Actor, actor_confidence, actor_log_odds, fold_actor
from scoring.combine import Judgement, combine
from scoring.content import ContentModel, load
from scoring.encoder import default

START = datetime(2026, 3, 7, 20, 15, 11, tzinfo=UTC)


@dataclass(frozen=True)
class Someone:
    """What one person writes, ``seconds`` apart. ``helps``: each text answers another stranger, else all go to the
    brand; ``elsewhere``: each stands under another post."""

    texts: tuple[str, ...]
    seconds: float
    helps: bool = False
    elsewhere: bool = False
    profile: dict[str, Any] = field(default_factory=dict)


NOBODY = {"posts": 0, "followers": 0, "following": 3, "created": START - timedelta(days=2)}
NEW = {"posts": 1, "followers": 0, "following": 600, "created": START - timedelta(hours=1)}

PEOPLE = {
    "helper with no posts": Someone(
        (
            "Hold the reset pin for about ten seconds until the light turns amber, then let go.",
            "That is the old firmware. Update it once over the cable, after that the wireless update works again.",
            "You need both: first pair the handle with the dock, then add the dock in the app.",
            "Same here last winter. The seal was dry; a drop of oil and it was quiet.",
            "Mira en Ajustes, luego Red, y desactiva el ahorro de energía. A mí me funcionó.",
            "In den Einstellungen unter Konto findest du den Export, er heißt dort Sicherung.",
            "Essaie de vider le bac et de le remettre, le capteur est parfois mouillé.",
            "Tenta desligar o modo avião e reiniciar, comigo resolveu na hora.",
            "It is in the manual, page twelve, but badly explained. Turn the ring left, not right.",
            "No, the small one does not fit. Measure the inner width first, it should be 54 mm.",
        ),
        2_400.0,
        helps=True,
        profile=NOBODY,
    ),
    "helper who shows where it is written": Someone(
        (
            "The steps are here: https://support.kettle.example/articles/88, number four is the one you need.",
            "Known bug, see https://github.com/kettle/app/issues/12, there is a workaround in the third comment.",
            "I wrote down what worked for me, first unplug it, then wait a minute and hold both keys.",
            "Your version is too old for that: https://docs.kettle.example/upgrade explains how to move the data.",
        ),
        5_000.0,
        helps=True,
        profile=NOBODY,
    ),
    "newcomer": Someone(
        (
            "Hello, I am new here. Which of the two models is quieter?",
            "Just signed up, how do I change the name that others see?",
            "Hi! Got mine this morning, the box was open but everything is inside.",
            "Is there a channel for beginners? I do not want to ask the same things again.",
            "Thanks, that was quick!",
            "Where can I see my order? I only get a white page.",
        ),
        700.0,
        profile=NEW,
    ),
    "newcomer who praises": Someone(
        ("wow!", "so beautiful ❤", "thank you!!", "I only found you yesterday and cannot stop watching", "love it"),
        300.0,
        elsewhere=True,
        profile=NEW,
    ),
    "non-native writer, English": Someone(
        (
            "Good day sir, my package it is not come since two week, what can I do please?",
            "I have buy the blue one but he give me the red, is possible to change?",
            "Sorry for my bad english. The app say always wrong password but is right password.",
            "Please to help me, I am waiting long time and nobody is answer.",
            "Now is working, many thanks to you and your team, God bless.",
            "How much is cost the delivery to my country, I did not find in the page?",
        ),
        30_000.0,
    ),
    "non-native writer, own language": Someone(
        (
            "¿Por qué no puedo iniciar sesión desde ayer? Ya cambié la contraseña dos veces.",
            "Comprei em março e a tampa já partiu, onde posso pedir uma nova?",
            "Das Gerät geht nach fünf Minuten aus, woran kann das liegen?",
            "Mon colis est marqué livré mais je n'ai rien reçu, que faire ?",
            "Kargom üç gündür aynı yerde duruyor, bakabilir misiniz?",
            "Подскажите, пожалуйста, когда будет новая версия для старых телефонов?",
            "昨日から画面が真っ白で動きません。どうすればいいですか。",
            "更新之后声音就没有了，请问怎么解决？",
            "어제부터 로그인이 안 돼요. 확인 부탁드립니다.",
            "التطبيق لا يعمل منذ الصباح، هل هناك مشكلة؟",
            "ऐप खुल नहीं रहा है, कृपया मदद करें।",
            "Aplikacja zamyka się zaraz po starcie, co mogę zrobić?",
        ),
        90_000.0,
    ),
    "fan in a burst after an event": Someone(
        (
            "WHAT A GOAL!!!!!!",
            "I can't believe it, in the last minute!!!",
            "crying in the kitchen, my neighbours think I am mad 😭😭😭",
            "we did it we did it we did it",
            "VAMOOOOOS ❤❤❤",
            "best night of my life",
            "love you all so much",
            "who else is still awake??",
            "¡¡¡Gracias, gracias, gracias!!!",
            "que noite, nunca vou esquecer",
            "unglaublich!!! ich hab Gänsehaut",
            "see you at the parade tomorrow!!!",
            "still shaking 😂",
            "legend. that is all.",
        ),
        25.0,
    ),
    "fan who says the same again and again": Someone(
        tuple(f"we love you so much{'!' * turn}" for turn in range(12)), 20.0
    ),
}


@pytest.fixture(scope="module")
def model() -> ContentModel:
    return load(default())


def judged(someone: Someone, model: ContentModel) -> Iterator[Judgement]:
    """Each act of theirs as it comes, with what was known before it."""
    state = Actor()
    for turn, (text, content) in enumerate(zip(someone.texts, model(someone.texts), strict=True)):
        to = f"stranger:{turn}" if someone.helps else "brand"
        act = Interaction(
            id=f"act:{turn}",
            platform="test",
            type=Activity.CREATE,
            published=START + timedelta(seconds=turn * someone.seconds + turn * turn % 7),
            actor=Account(id="someone", **someone.profile),
            content=text,
            to=() if someone.elsewhere else (to,),
            in_reply_to=Reference(id=f"question:{turn}", actor=to) if someone.helps else None,
            conversation=f"post:{turn}" if someone.elsewhere else "post",
        )
        past = actor_log_odds(state, act)
        direction = Direction.PEER if someone.helps else Direction.INBOUND
        yield combine(content, past, None, actor_confidence(state))
        state = fold_actor(state, act, direction, combine(content, past).trust, past[1])


@pytest.mark.parametrize("name", PEOPLE)
def test_none_of_them_is_called_spam(name: str, model: ContentModel) -> None:
    """At no act, and where most acts stand they are trusted."""
    someone = PEOPLE[name]
    found = list(judged(someone, model))
    called = {text: round(one.trust, 2) for text, one in zip(someone.texts, found, strict=True)}
    assert not [text for text, one in zip(someone.texts, found, strict=True) if one.verdict is Verdict.SPAM], called
    assert sorted(one.trust for one in found)[len(found) // 2] >= 0.6, called
