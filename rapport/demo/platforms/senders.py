"""Those who are not asked but send, to a webhook and into a file: the invented world in the words of Rapport."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
from standardwebhooks.webhooks import Webhook

from events import Activity, Actor, Interaction, Reference, encode
from rapport.demo.platforms.world import Kind, Person, Said, World

TYPES = {
    Kind.POST: Activity.CREATE,
    Kind.ANSWER: Activity.CREATE,
    Kind.LIKE: Activity.LIKE,
    Kind.SHARE: Activity.ANNOUNCE,
    Kind.FOLLOW: Activity.FOLLOW,
}
AGAIN = 0.5  # seconds until what was not taken is sent again


def sender(name: str) -> Any:
    """What the modules of this package have, of a platform that is called ``name`` and carries everything."""

    def account(person: Person) -> str:
        return f"{name}:{person.handle}"

    def act(one: Said) -> str:
        return f"{name}:{one.number}"

    return SimpleNamespace(name=name, account=account, act=act, CARRIES=frozenset(Kind))


def told(platform: Any, world: World, one: Said) -> Interaction:
    """``one`` as an act of the contract."""
    about = world.ever(one.about) if one.about is not None else None
    to = platform.account(about.author if about else world.brand)
    return Interaction(
        id=platform.act(one),
        platform=platform.name,
        type=TYPES[one.kind],
        published=one.at,
        actor=Actor(id=platform.account(one.author), name=one.author.name, created=one.author.joined),
        to=(to,) if about or one.kind is Kind.FOLLOW else (),
        content=one.text,
        in_reply_to=Reference(id=platform.act(about), actor=to) if about and one.kind is Kind.ANSWER else None,
        object=platform.act(about) if about and one.kind in (Kind.LIKE, Kind.SHARE) else "",
        conversation=platform.act(world.root(one)),
        brands=("acme",),
    )


def post(world: World, url: str, secret: str, going_on: Callable[[], bool]) -> None:
    """Each act when it is due, again and again until the answer is 202, as a careful sender does."""
    hook, key = sender("hook"), Webhook(secret)
    with httpx.Client(trust_env=False, timeout=30) as client:
        for one in world.said:
            body = encode(told(hook, world, one))
            while one.at > datetime.now(UTC) and going_on():
                time.sleep(0.05)
            while going_on():
                now, name = datetime.now(UTC), f"msg_{one.number}"
                headers = {
                    "webhook-id": name,
                    "webhook-timestamp": str(int(now.timestamp())),
                    "webhook-signature": key.sign(name, now, body.decode()),
                }
                try:
                    if client.post(url, content=body, headers=headers).status_code == httpx.codes.ACCEPTED:
                        break
                except httpx.HTTPError:  # nobody listens just now
                    pass
                time.sleep(AGAIN)


def write(world: World, path: Path, going_on: Callable[[], bool]) -> None:
    """Each act when it is due, a line each, in two halves: whoever reads meanwhile sees half a line."""
    spool = sender("spool")
    with path.open("ab", buffering=0) as file:
        for one in world.said:
            while one.at > datetime.now(UTC) and going_on():
                time.sleep(0.05)
            line = encode(told(spool, world, one)) + b"\n"
            file.write(line[: len(line) // 2])
            file.write(line[len(line) // 2 :])
