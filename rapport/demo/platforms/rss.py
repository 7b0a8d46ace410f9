"""A blog, invented: an Atom feed of its last entries."""

import hashlib
from typing import Any
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rapport.demo.platforms.world import Kind, Person, Said, World

CARRIES = frozenset({Kind.POST})
DELETIONS = False
ENV: dict[str, str] = {}
SHOWN = 50
SITE = "https://blog.example"


def account(person: Person) -> str:
    return f"rss:{SITE}/by/{person.handle}"


def act(one: Said) -> str:
    return f"rss:{SITE}/{one.number}"


def table(url: str) -> dict[str, Any]:
    return {"kind": "rss", "urls": [f"{url}/feed.atom"]}


def app(world: World) -> Starlette:
    async def feed(request: Request) -> Response:
        newest_first = list(world.there(*CARRIES))[: -SHOWN - 1 : -1]
        body = (
            '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title>'
            f"<id>{SITE}</id>{''.join(_entry(world, one) for one in newest_first)}</feed>"
        ).encode()
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if request.headers.get("If-None-Match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        return Response(body, media_type="application/atom+xml", headers={"ETag": tag})

    return Starlette(routes=[Route("/feed.atom", feed)])


def _entry(world: World, one: Said) -> str:
    now = world.now()
    changed = one.changed_at(now) or one.at
    return (
        f"<entry><id>{SITE}/{one.number}</id><title>News</title><link href='{SITE}/{one.number}'/>"
        f"<author><name>{escape(one.author.name)}</name><uri>{SITE}/by/{one.author.handle}</uri></author>"
        f"<published>{one.at.isoformat()}</published><updated>{changed.isoformat()}</updated>"
        f"<content type='html'>{escape('<p>' + escape(one.text_at(now)) + '</p>')}</content></entry>"
    )
