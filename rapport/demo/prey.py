"""How those behave who do not mean it: promoters, bots, the spam ring and the engagement pod."""

from functools import partial

from events import Activity
from rapport.demo.conduct import Planted, await_brand, days_of_activity, open_thread
from rapport.demo.people import Account, House, Part
from rapport.demo.stage import HOUR, Post, Stage
from rapport.demo.texts import domain, spin

SINCERE = 0.08  # of a promoter's acts: an honest question; a promoter is a customer too


def enter(stage: Stage, part: Part) -> None:
    """Put a promoter or a bot on the agenda (the ring and the pod act together: ``spam_wave``, ``pod_burst``)."""
    if part.role.name == "promoter":
        for at in days_of_activity(stage, part):
            stage.later(stage.awake(part.person, at), partial(_promote, stage, part))
    elif part.role.name == "bot":
        every = int(stage.rng.uniform(70, 130) * HOUR)  # a machine keeps its beat, day and night
        stage.later(part.start, partial(_beat, stage, part, every))


def _promote(stage: Stage, part: Part, at: int) -> None:
    rng = stage.rng
    if rng.random() < SINCERE:
        open_thread(stage, part, at)
        return
    account = rng.choice(part.person.accounts)
    content = stage.text(part.person, part.house, "promo")
    parent = _victim(stage, part, account) if rng.random() < 0.7 else None
    to = () if parent else (part.house.accounts[account.platform].id,)
    stage.write(at, part, part.house, account, "promo", content=content, parent=parent, to=to, genuine=False)


def _beat(stage: Stage, part: Part, every: int, at: int) -> None:
    rng = stage.rng
    account = part.person.accounts[0]
    target = _victim(stage, part, account)
    draw = rng.random()
    if target is None:
        pass
    elif draw < 0.45:
        stage.touch(at, part, account, Activity.LIKE, target, genuine=False)
    elif draw < 0.5:
        stage.touch(at, part, account, Activity.FOLLOW, target, genuine=False)
    else:
        content = stage.text(part.person, part.house, "bot_praise")
        post = stage.write(at, part, part.house, account, "bot_praise", content=content, parent=target, genuine=False)
        await_brand(stage, post, part.answered)
    stage.later(at + every + rng.randrange(-60_000, 60_000), partial(_beat, stage, part, every))


def spam_wave(stage: Stage, number: int, at: int, hours: float) -> Planted:
    """The ring spins one template over several accounts, targets and domains for ``hours``."""
    rng = stage.rng
    domains = [domain(rng) for _ in range(4)]
    for part in stage.parts:
        if part.role.name == "ring":
            for _ in range(rng.randint(2, 4)):
                when = at + int(rng.uniform(0, hours) * HOUR)
                stage.later(when, partial(_spam, stage, part, number, rng.choice(domains)))
    return Planted("spam_wave", "", at, at + int(hours * HOUR))


def _spam(stage: Stage, part: Part, template: int, host: str, at: int) -> None:
    rng = stage.rng
    account = part.person.accounts[0]
    link = f"https://{host}/{rng.randrange(16**5):05x}" if rng.random() < 0.85 else f"@{host.removesuffix('.example')}"
    content = spin(rng, template, part.house.name, link)
    parent = _victim(stage, part, account) if rng.random() < 0.8 else None
    to = () if parent else (part.house.accounts[account.platform].id,)
    stage.write(at, part, part.house, account, "spun", content=content, parent=parent, to=to, genuine=False)


def pod_burst(stage: Stage, house: House, at: int) -> Planted | None:
    """One member praises the brand, the others praise the member, all within the hour."""
    rng = stage.rng
    members = [part for part in stage.parts if part.role.name == "pod" and part.house is house]
    if not members:
        return None

    def starts(now: int) -> None:
        leader = rng.choice(members)
        account = leader.person.accounts[0]
        content = stage.text(leader.person, house, "pod_post")
        post = stage.write(now, leader, house, account, "pod_post", content=content, genuine=False)
        await_brand(stage, post, leader.answered)
        for part in members:
            if part is not leader:
                for _ in range(rng.randint(1, 2)):
                    stage.later(now + rng.randrange(60_000, HOUR), partial(_gush, stage, part, post))

    stage.later(at, starts)
    return Planted("pod_burst", house.name, at, at + HOUR)


def _gush(stage: Stage, part: Part, post: Post, at: int) -> None:
    rng = stage.rng
    account = part.person.accounts[0]
    if account.platform != post.account.platform:  # other platform: the member praises alone
        content = stage.text(part.person, part.house, "pod_post")
        stage.write(at, part, part.house, account, "pod_post", content=content, genuine=False)
    elif rng.random() < 0.3:
        stage.touch(at, part, account, rng.choice((Activity.LIKE, Activity.ANNOUNCE)), post, genuine=False)
    else:
        content = stage.text(part.person, part.house, "pod_reply")
        stage.write(at, part, part.house, account, "pod_reply", content=content, parent=post, genuine=False)


def _victim(stage: Stage, part: Part, account: Account) -> Post | None:
    others = stage.recent(part.house, account.platform)
    return stage.rng.choice(others) if others else None
