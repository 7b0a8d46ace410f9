"""A site of Stack Exchange, invented: search, questions, answers and comments, with its wrapper and its quota."""

from collections.abc import Iterable
from html import escape
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from rapport.demo.platforms.world import Kind, Person, Said, World

CARRIES = frozenset({Kind.POST, Kind.ANSWER})
ENV = {"STACKEXCHANGE_KEY": "invented"}
SITE = "stackoverflow"


def account(person: Person) -> str:
    return f"stackexchange:{SITE}/{person.number}"


def act(one: Said) -> str:
    return f"stackexchange:{SITE}/{_letter(one)}/{one.number}"


def table(url: str) -> dict[str, Any]:
    return {"kind": "stackexchange", "url": url, "key": {"env": "STACKEXCHANGE_KEY"}, "budget": {"limit": 100_000}}


def app(world: World) -> Starlette:
    def answer(request: Request, found: Iterable[Said]) -> JSONResponse:
        asked = request.query_params
        begin, end = int(asked.get("fromdate", 0)), int(asked.get("todate", 2**40))
        there = [one for one in found if begin <= int(one.at.timestamp()) <= end]
        if asked.get("order") == "desc":
            there.reverse()
        size, page = int(asked.get("pagesize", 30)), int(asked.get("page", 1))
        shown = there[(page - 1) * size : page * size]
        wrapper = {"has_more": len(there) > page * size, "quota_max": 10_000, "quota_remaining": 9_000}
        return JSONResponse({"items": [_item(world, one) for one in shown], **wrapper})

    async def search(request: Request) -> JSONResponse:
        words, now = request.query_params["q"].strip('"').lower(), world.now()
        return answer(request, (one for one in world.there(Kind.POST) if words in one.text_at(now).lower()))

    async def by_number(request: Request) -> JSONResponse:
        letter, numbers = request.path_params["kind"][0], _numbers(request)
        there = (one for one in world.there(*CARRIES) if one.number in numbers and _letter(one) == letter)
        return answer(request, there)

    async def answers(request: Request) -> JSONResponse:
        numbers = _numbers(request)
        return answer(request, (one for one in world.there(Kind.ANSWER) if one.depth == 1 and one.about in numbers))

    async def comments(request: Request) -> JSONResponse:
        numbers = _numbers(request)
        return answer(request, (one for one in world.there(Kind.ANSWER) if one.depth > 1 and one.about in numbers))

    async def by_user(request: Request) -> JSONResponse:
        numbers, letter = _numbers(request), request.path_params["what"][0]
        there = (one for one in world.there(*CARRIES) if one.author.number in numbers and _letter(one) == letter)
        return answer(request, there)

    return Starlette(
        routes=[
            Route("/search/advanced", search),
            Route("/questions/{numbers}/answers", answers),
            Route("/posts/{numbers}/comments", comments),
            Route("/users/{numbers}/{what}", by_user),
            Route("/{kind}/{numbers}", by_number),
        ]
    )


def _letter(one: Said) -> str:
    return "qac"[one.depth]


def _numbers(request: Request) -> set[int]:
    return {int(number) for number in request.path_params["numbers"].split(";")}


def _user(person: Person) -> dict[str, Any]:
    return {"user_id": person.number, "display_name": escape(person.name), "reputation": 1}


def _item(world: World, one: Said) -> dict[str, Any]:
    now = world.now()
    item: dict[str, Any] = {
        "creation_date": int(one.at.timestamp()),
        "owner": _user(one.author),
        "link": f"https://site.example/{one.number}",
    }
    text, changed = one.text_at(now), one.changed_at(now)
    if changed and one.depth < 2:
        item["last_edit_date"] = int(changed.timestamp())
    if one.depth == 0:
        return {**item, "question_id": one.number, "title": escape("How?"), "body": f"<p>{escape(text)}</p>"}
    if one.depth == 1:
        return {**item, "answer_id": one.number, "question_id": one.about, "body": f"<p>{escape(text)}</p>"}
    about = world.ever(one.about or 0)
    return {
        **item,
        "comment_id": one.number,
        "post_id": one.about,
        "body": escape(text),
        "reply_to_user": _user(about.author),
    }
