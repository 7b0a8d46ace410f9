"""One of each kind of event on a quiet stage, with what it is and when it can be known at the earliest."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec import structs

from events import Activity, Actor, Brand, Direction, Interaction, Reference, SourceState, SourceStatus
from events.brands import Brands
from events.interaction import milliseconds
from rapport.demo import conduct, prey
from rapport.demo.conduct import Planted
from rapport.demo.stage import Stage
from tests.alerts.audience import END, Audience, simulate

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
WAVE, NEWS = END - 40 * DAY, END - 30 * DAY + 9 * HOUR
SILENT, BACK = END - 80 * DAY, END - 10 * DAY
ASKED, ANSWERED = END - 20 * DAY + 10 * HOUR, END - 14 * DAY
PROMISED, KEPT = END - 27 * DAY + 10 * HOUR, END - 15 * DAY
SPAMMY = END - 12 * DAY
GAP, SEEN_AGAIN = END - 3 * DAY, END - 3 * DAY + 3 * HOUR
LINK = "Limited offer! Buy now and win a free voucher at http://best-deals-today.example/win"


@dataclass(frozen=True)
class Story:
    acts: list[Interaction]
    brands: tuple[Brand, ...]
    sources: list[SourceStatus]
    fan: str
    helper: str
    promised: str


def story(seed: int = 1) -> Story:
    audience = simulate(seed, 130, 240, _on_stage)
    acme, zephory = sorted(audience.brands, key=lambda brand: brand.name)
    back = {act.actor.id for act in audience.interactions if act.published > BACK and act.content}
    fan = _most(audience, acme, "loyal_fan", among=back)
    helper = _most(audience, acme, "helper")
    promised = _most(audience, acme, "loyal_fan", but=fan)
    acts = [act for act in audience.interactions if not _hushed(act, fan) and not _unseen(act, acme, audience)]
    acts = [act for act in acts if not (helper in _people(act) and ASKED - DAY < act.published < ANSWERED)]
    acts = [act for act in acts if not (promised in _people(act) and PROMISED - DAY < act.published < KEPT)]
    ours = _account(acme, helper)
    asked = _said(ASKED, helper, ours, "Hello, how do I reset my lamp after the update? The light stays red.")
    acts += [asked, _said(ANSWERED, ours, helper, "Hold the button for ten seconds, then it resets.", asked)]
    brand = _account(acme, promised)
    broken = _said(PROMISED, promised, brand, "My order arrived with a broken handle, can you help me?")
    word = "Sorry to hear that! We will look into it and get back to you."
    acts += [
        broken,
        _said(PROMISED + HOUR, brand, promised, word, broken),
        _said(KEPT, brand, promised, "We sent you a new handle, it arrives on Friday.", broken),
    ]
    spammer = sorted(zephory.accounts)[0]
    acts += [_said(SPAMMY + number * MINUTE, spammer, f"mastodon:p{number}", LINK) for number in range(40)]
    gap = SourceStatus(
        source="mastodon:search",
        brand="acme",
        state=SourceState.GAP,
        since=GAP,
        until=SEEN_AGAIN,
        at=END,
        reason="quota used up",
        last_event_at=GAP,
    )
    live = structs.replace(gap, state=SourceState.LIVE, since=SEEN_AGAIN, until=None, reason="")
    return Story(sorted(acts, key=lambda act: act.order), audience.brands, [gap, live], fan, helper, promised)


def _on_stage(stage: Stage) -> list[Planted]:
    acme = next(house for house in stage.houses if house.name == "acme")
    return [
        prey.spam_wave(stage, 0, milliseconds(WAVE), 0.5),
        conduct.big_news(stage, acme, milliseconds(NEWS)),
    ]


def _most(audience: Audience, brand: Brand, role: str, but: str = "", among: set[str] | None = None) -> str:
    """Who of that role talks most with the brand."""
    pairs = [pair for pair in audience.truth.pairs if (pair.brand, pair.role) == (brand.name, role)]
    fit = [pair for pair in pairs if pair.person != but and (among is None or pair.person in among)]
    return max(fit, key=lambda pair: pair.exchanges).person


def _people(act: Interaction) -> set[str]:
    answered = act.in_reply_to.actor if act.in_reply_to else ""
    return {act.actor.id, answered, *act.to}


def _hushed(act: Interaction, fan: str) -> bool:
    return fan in _people(act) and SILENT <= act.published < BACK


def _unseen(act: Interaction, brand: Brand, audience: Audience) -> bool:
    """What nobody could see: everything about the brand on the platform of the gap."""
    routes = Brands(audience.brands).routes(act)
    about = any(route.brand == brand.name and route.direction is not Direction.OUTBOUND for route in routes)
    return about and act.platform == "mastodon" and GAP <= act.published < SEEN_AGAIN


def _account(brand: Brand, person: str) -> str:
    platform = person.partition(":")[0]
    return next(account for account in sorted(brand.accounts) if account.startswith(platform))


def _said(at: datetime, actor: str, to: str, content: str, parent: Interaction | None = None) -> Interaction:
    identifier = f"{actor.partition(':')[0]}:planted/{actor}/{at.isoformat()}"
    return Interaction(
        id=identifier,
        platform=actor.partition(":")[0],
        type=Activity.CREATE,
        published=at,
        actor=Actor(id=actor),
        to=(to,),
        content=content,
        in_reply_to=Reference(id=parent.id, actor=parent.actor.id) if parent else None,
        conversation=parent.id if parent else identifier,
    )
