"""How genuine people and the brands behave: threads, answers, help among people, announcements, promises, pestering."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from events import Activity
from rapport.demo.people import DAY, Account, House, Part, brand_person
from rapport.demo.stage import HOUR, Post, Stage
from rapport.demo.texts import BRAND_VOICE, spoken

ASKING = frozenset({"question", "complaint", "question_link", "outage", "detail"})
ENGAGED = frozenset({"loyal_fan", "helper", "newcomer", "lapsed", "ignored"})
ANNOUNCE_EVERY = 6 * DAY
PESTER_EVERY = 12


@dataclass(frozen=True)
class Planted:
    """Something that happened on purpose, between two times (milliseconds)."""

    kind: str
    brand: str
    at: int
    until: int


def enter(stage: Stage, part: Part) -> None:
    """Put on the agenda what ``part`` does unasked; everything else follows from what others do."""
    match part.role.name:
        case "passer_by":
            _once(stage, part, part.stop - part.start)
        case "asker":
            _once(stage, part, 20 * DAY)
        case "pestered":
            _once(stage, part, 10 * DAY)
            stage.later(part.start + 10 * DAY, partial(_pester, stage, part))
        case "loyal_fan":
            stage.later(part.start, partial(_follow, stage, part))
    for at in days_of_activity(stage, part):
        stage.later(stage.awake(part.person, at), partial(open_thread, stage, part))


def _once(stage: Stage, part: Part, within: int) -> None:
    day = part.start + int(stage.rng.random() * within)
    stage.later(stage.awake(part.person, day), partial(open_thread, stage, part))


def days_of_activity(stage: Stage, part: Part) -> Iterator[int]:
    """Poisson moments at the role's rate (none where the role has no rate)."""
    at = float(part.start)
    while part.role.per_day:
        at += stage.rng.expovariate(part.role.per_day * part.pace) * DAY
        if at >= part.stop:
            return
        yield int(at)


def open_thread(stage: Stage, part: Part, at: int) -> None:
    rng = stage.rng
    account = rng.choice(part.person.accounts)
    opens = part.role.opens or {"question": 1.0, "praise": 1.0}
    kind = rng.choices(list(opens), list(opens.values()))[0]
    if kind == "question" and rng.random() < 0.06:
        kind = "question_link"
    if kind == "peer_chat":
        others = [post for post in stage.recent(part.house, account.platform) if post.part not in (None, part)]
        if others:
            parent = rng.choice(others)
            stage.say(at, part, account, "peer_chat", parent=parent)
            return
        kind = "praise"
    addressed = kind in ASKING or rng.random() < 0.75
    to = (part.house.accounts[account.platform].id,) if addressed else ()
    post = stage.say(at, part, account, kind, to=to)
    await_brand(stage, post, part.answered * (1.0 if addressed else 0.5))
    if kind in ASKING:
        _await_helpers(stage, post)


def await_brand(stage: Stage, post: Post, chance: float) -> None:
    if stage.rng.random() < chance:
        at = _office(stage.soon(post.at, post.house.hours))
        stage.later(at, partial(_brand_reacts, stage, post))


def _office(at: int) -> int:
    """Nobody answers at night: what falls between 20 and 7 UTC waits for the morning."""
    hour = at % DAY // HOUR
    if 7 <= hour < 20:
        return at
    return (at // DAY + (hour >= 20)) * DAY + 7 * HOUR + at % (2 * HOUR)


def _brand_reacts(stage: Stage, post: Post, at: int) -> None:
    rng = stage.rng
    if post.why in ASKING:
        _brand_answers(stage, post, at)
        return
    if rng.random() < 0.25:
        stage.touch(at, None, post.house.accounts[post.account.platform], Activity.LIKE, post)
    unasked = not post.interaction.to and rng.random() < 0.3
    answer = speak(stage, post.house, "brand_proactive" if unasked else "brand_thanks", post, at)
    if rng.random() < _talks(post) * 0.5:
        stage.later(stage.soon(at, 3), partial(_writes_back, stage, post, "chat", answer))


def _brand_answers(stage: Stage, post: Post, at: int) -> None:
    rng = stage.rng
    kind, draw = "brand_answer", rng.random()
    if post.why == "outage":
        kind = "brand_sorry_outage"
    elif draw < (0.28 if post.why == "complaint" else 0.08):
        kind = "brand_promise"
    elif draw > 0.88 and post.why != "detail":
        kind = "brand_ask"
    answer = speak(stage, post.house, kind, post, at)
    talks = rng.random() < _talks(post)
    if kind == "brand_promise" and rng.random() < post.house.keeps:
        stage.later(_office(stage.soon(at, 72)), partial(_comes_back, stage, post, "brand_close"))
    elif kind == "brand_ask" and (talks or rng.random() < 0.4):
        stage.later(stage.soon(at, 5), partial(_writes_back, stage, post, "detail", answer))
    elif kind == "brand_answer" and talks:
        stage.later(stage.soon(at, 3), partial(_writes_back, stage, post, "thanks", answer))
    elif kind == "brand_answer" and rng.random() < 0.15:
        stage.later(_office(at + 2 * DAY), partial(_comes_back, stage, post, "brand_follow_up"))


def _comes_back(stage: Stage, post: Post, kind: str, at: int) -> None:
    """The brand returns to an old thread: a promise kept, or the question whether it helped."""
    word = speak(stage, post.house, kind, post, at)
    if stage.rng.random() < _talks(post):
        stage.later(stage.soon(at, 6), partial(_writes_back, stage, post, "thanks", word))


def _talks(post: Post) -> float:
    return post.part.role.talks if post.part else 0.0


def _writes_back(stage: Stage, mine: Post, kind: str, parent: Post, at: int) -> None:
    """The author of ``mine`` answers ``parent``."""
    if mine.part is None:
        return
    post = stage.say(at, mine.part, mine.account, kind, parent=parent)
    if kind in ASKING:
        await_brand(stage, post, mine.part.answered)


def speak(stage: Stage, house: House, kind: str, parent: Post, at: int) -> Post:
    """The brand answers ``parent`` with a text of ``kind``, in its author's language where the phrase book allows."""
    language = parent.part.person.voice.language if parent.part else "en"
    voice = replace(BRAND_VOICE, language=language)
    content = stage.text(replace(brand_person(house), voice=voice), house, kind)
    account = house.accounts[parent.account.platform]
    return stage.write(at, None, house, account, kind, content=content, language=spoken(voice, kind), parent=parent)


# ---- people among themselves


def _await_helpers(stage: Stage, post: Post) -> None:
    able = [
        (part, account)
        for part in stage.helpers
        if part.house is post.house and part is not post.part and part.start <= post.at < part.stop
        for account in part.person.accounts
        if account.platform == post.account.platform and account.id != post.account.id
    ]
    if able and stage.rng.random() < 0.7:
        helper, account = stage.rng.choices(able, [part.role.helps for part, _ in able])[0]
        stage.later(stage.soon(post.at, 2), partial(_help, stage, helper, account, post))


def _help(stage: Stage, helper: Part, account: Account, post: Post, at: int) -> None:
    rng = stage.rng
    given = stage.say(at, helper, account, "help", parent=post)
    if rng.random() < 0.5 + _talks(post) * 0.2:
        stage.later(stage.soon(at, 2), partial(_writes_back, stage, post, "thanks", given))
    if rng.random() < 0.3:
        stage.later(stage.soon(at, 1), lambda later: stage.touch(later, post.part, post.account, Activity.LIKE, given))
    if rng.random() < helper.answered * 0.8:
        stage.later(_office(stage.soon(at, 5)), partial(_credit, stage, given))


def _credit(stage: Stage, given: Post, at: int) -> None:
    credit = speak(stage, given.house, "brand_credit", given, at)
    if stage.rng.random() < _talks(given) * 0.4:
        stage.later(stage.soon(at, 3), partial(_writes_back, stage, given, "chat", credit))


# ---- what the brand starts


def announce(stage: Stage, house: House, kind: str, at: int, **slots: str) -> list[Post]:
    """The same text on every platform."""
    text = stage.text(brand_person(house), house, kind, **slots)
    return [stage.write(at, None, house, account, kind, content=text) for account in house.accounts.values()]


def announce_and_hear(stage: Stage, house: House, kind: str, at: int) -> None:
    """Announce, and let those react who follow the brand."""
    for post in announce(stage, house, kind, at):
        for part in stage.parts:
            if part.house is not house or not part.start <= at < part.stop or stage.rng.random() >= part.role.reacts:
                continue
            for account in part.person.accounts:
                if account.platform == post.account.platform:
                    stage.later(stage.soon(at, 6), partial(_react, stage, part, account, post))


def _react(stage: Stage, part: Part, account: Account, post: Post, at: int) -> None:
    draw = stage.rng.random()
    if draw < 0.6:
        stage.touch(at, part, account, Activity.LIKE, post)
    elif draw < 0.75:
        stage.touch(at, part, account, Activity.ANNOUNCE, post)
    else:
        comment = stage.say(at, part, account, "praise", parent=post)
        await_brand(stage, comment, part.answered * 0.6)


def big_news(stage: Stage, house: House, at: int) -> Planted:
    """A genuine spike: fans, and people who come only for this, say nearly the same thing within hours."""

    def happens(now: int) -> None:
        news = stage.text(brand_person(house), house, "news")
        posts = {post.account.platform: post for post in announce(stage, house, "brand_big_news", now, news=news)}
        for part in stage.parts:
            chance = 1.0 if part.role.name == "burst_fan" else 0.45 if part.role.name in ENGAGED else 0.0
            if part.house is not house or not part.start <= now < part.stop or stage.rng.random() >= chance:
                continue
            account = stage.rng.choice(part.person.accounts)
            stage.later(
                stage.soon(now, 2), partial(_cheer, stage, part, account, post=posts[account.platform], news=news)
            )

    stage.later(at, happens)
    return Planted("genuine_spike", house.name, at, at + 2 * DAY)


def _cheer(stage: Stage, part: Part, account: Account, at: int, *, post: Post, news: str) -> None:
    content = stage.text(part.person, part.house, "burst", news=news)
    parent = post if stage.rng.random() < 0.6 else None
    to = () if parent else (part.house.accounts[account.platform].id,)
    cheer = stage.write(at, part, part.house, account, "burst", content=content, parent=parent, to=to)
    await_brand(stage, cheer, part.answered * 0.3)


def outage(stage: Stage, house: House, at: int) -> Planted:
    """A second genuine spike, of complaints: the brand says sorry to nearly all, in the same words."""

    def happens(now: int) -> None:
        for part in stage.parts:
            likely = part.role.name in ENGAGED or part.role.name == "asker"
            if part.house is house and likely and part.start <= now < part.stop and stage.rng.random() < 0.3:
                stage.later(stage.soon(now, 1), partial(_complain, stage, part))
        stage.later(_office(now + 8 * HOUR), lambda later: announce_and_hear(stage, house, "brand_back", later))

    stage.later(at, happens)
    return Planted("outage", house.name, at, at + 2 * DAY)


def _complain(stage: Stage, part: Part, at: int) -> None:
    account = stage.rng.choice(part.person.accounts)
    post = stage.say(at, part, account, "outage", to=(part.house.accounts[account.platform].id,))
    await_brand(stage, post, part.answered + 0.1)


def _pester(stage: Stage, part: Part, at: int) -> None:
    account = part.person.accounts[0]
    mine = part.house.accounts[account.platform]
    content = stage.text(brand_person(part.house), part.house, "brand_pester")
    stage.write(at, None, part.house, mine, "brand_pester", content=content, to=(account.id,))
    stage.later(_office(at + int(stage.rng.uniform(0.5, 1.5) * PESTER_EVERY * DAY)), partial(_pester, stage, part))


def _follow(stage: Stage, part: Part, at: int) -> None:
    account = stage.rng.choice(part.person.accounts)
    posts = stage.recent(part.house, account.platform)
    if posts:
        stage.touch(at, part, account, Activity.FOLLOW, posts[-1])
