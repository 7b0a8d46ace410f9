"""What has to arrive of an invented world, and what did, in a form that can be compared."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from events import Activity, Brand, Brands, Interaction
from events.brands import Direction
from rapport.demo.platforms.world import Kind, Said, World

TYPES = {
    Kind.POST: Activity.CREATE,
    Kind.ANSWER: Activity.CREATE,
    Kind.LIKE: Activity.LIKE,
    Kind.SHARE: Activity.ANNOUNCE,
    Kind.FOLLOW: Activity.FOLLOW,
}


@dataclass(frozen=True)
class Told:
    """One act as it has to arrive. ``answers`` is the id and the author of what is answered."""

    id: str
    type: Activity
    direction: Direction
    author: str
    published: datetime
    answers: tuple[str, str] | None


def brands_of(platform: Any, world: World) -> Brands:
    return Brands([Brand("acme", frozenset({platform.account(world.brand)}), (world.word,))])


def expected(platform: Any, world: World, *, deleted: bool = False) -> dict[str, Told]:
    """Everything the platform can show of ``world``, by id; what was taken back only where asked for."""
    return {
        platform.act(one): _told(platform, world, one)
        for one in world.said
        if one.kind in platform.CARRIES and (deleted or one.deleted is None) and one.at <= world.now()
    }


def _told(platform: Any, world: World, one: Said) -> Told:
    about = world.ever(one.about) if one.about is not None else None
    answers = (platform.act(about), platform.account(about.author)) if about and one.kind is Kind.ANSWER else None
    if one.author == world.brand:
        direction = Direction.OUTBOUND
    elif about and about.author not in (world.brand, one.author):
        direction = Direction.PEER
    else:
        direction = Direction.INBOUND
    author = platform.account(one.author)
    return Told(platform.act(one), TYPES[one.kind], direction, author, one.at, answers)


def arrived(act: Interaction, brands: Brands) -> Told:
    """``act`` as the brand sees it."""
    (route,) = [route for route in brands.routes(act) if route.brand == "acme"]
    answered = act.in_reply_to if act.type is Activity.CREATE else None
    answers = (answered.id, answered.actor) if answered else None
    return Told(act.id, act.type, route.direction, act.actor.id, act.published, answers)
