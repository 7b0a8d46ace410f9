"""A repository on GitHub, invented: issues and comments by when they were changed, discussions, likes, profiles."""

from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from rapport.demo.platforms.world import Kind, Person, Said, World

CARRIES = frozenset({Kind.POST, Kind.ANSWER, Kind.LIKE})
ENV = {"GITHUB_TOKEN": "invented"}
REPOSITORY = "acme/grinder"


def account(person: Person) -> str:
    return f"github:{person.handle}"


def act(one: Said) -> str:
    if one.kind is Kind.LIKE:
        return f"github:{REPOSITORY}/reactions/{one.number}"
    if _is_discussed(one):
        return f"github:{REPOSITORY}/discussions/{_node(one)}"
    return f"github:{REPOSITORY}/{'comments' if one.depth else 'issues'}/{one.number}"


def table(url: str) -> dict[str, Any]:
    budget = {"limit": 100_000, "per": "hour"}
    return {
        "kind": "github",
        "repositories": [REPOSITORY],
        "token": {"env": "GITHUB_TOKEN"},
        "url": url,
        "budget": budget,
    }


def app(world: World) -> Starlette:
    def listed(request: Request, found: list[Said]) -> JSONResponse:
        if request.headers.get("Authorization") != f"Bearer {ENV['GITHUB_TOKEN']}":
            return JSONResponse({"message": "Bad credentials"}, 401)
        asked, now = request.query_params, world.now()
        since = datetime.fromisoformat(asked.get("since", "2000-01-01T00:00:00Z"))
        changed = sorted((one.changed_at(now) or one.at, one.number, one) for one in found)
        there = [one for at, _, one in changed if at.replace(microsecond=0) >= since]
        size, page = int(asked.get("per_page", 30)), int(asked.get("page", 1))
        return JSONResponse([_post(world, one) for one in there[(page - 1) * size : page * size]])

    async def issues(request: Request) -> JSONResponse:
        return listed(request, [one for one in world.there(Kind.POST) if not _is_discussed(one)])

    async def comments(request: Request) -> JSONResponse:
        return listed(request, [one for one in world.there(Kind.ANSWER) if not _is_discussed(one)])

    async def thread(request: Request) -> JSONResponse:
        root = int(request.path_params["number"])
        return JSONResponse([_post(world, one) for one in world.there(Kind.ANSWER) if world.root(one).number == root])

    async def one(request: Request) -> JSONResponse:
        said = world.get(int(request.path_params["number"]))
        return JSONResponse(_post(world, said)) if said else JSONResponse({"message": "Not Found"}, 404)

    async def reactions(request: Request) -> JSONResponse:
        return JSONResponse([_reaction(one) for one in _likes(world, int(request.path_params["number"]))])

    async def graphql(request: Request) -> JSONResponse:
        if request.headers.get("Authorization") != f"Bearer {ENV['GITHUB_TOKEN']}":
            return JSONResponse({"message": "Bad credentials"}, 401)
        asked = (await request.json())["variables"]
        if "ids" in asked:
            there = {_node(one) for one in world.there(Kind.POST, Kind.ANSWER)}
            return JSONResponse({"data": {"nodes": [{"id": key} if key in there else None for key in asked["ids"]]}})
        if "number" in asked:
            root = world.get(asked["number"])
            return JSONResponse({"data": {"repository": {"discussion": root and _discussion(world, root, asked)}}})
        return JSONResponse({"data": {"repository": {"discussions": _touched(world, asked)}}})

    async def user(request: Request) -> JSONResponse:
        for person in (world.brand, *world.people):
            if person.handle == request.path_params["login"]:
                told = {"login": person.handle, "name": person.name, "created_at": _time(person.joined)}
                return JSONResponse({**told, "followers": person.followers, "following": person.following})
        return JSONResponse({"message": "Not Found"}, 404)

    at = f"/repos/{REPOSITORY}/issues"
    return Starlette(
        routes=[
            Route(at, issues),
            Route(f"{at}/comments", comments),
            Route(f"{at}/comments/{{number:int}}", one),
            Route(f"{at}/{{number:int}}/comments", thread),
            Route(f"{at}/{{number:int}}/reactions", reactions),
            Route(f"{at}/comments/{{number:int}}/reactions", reactions),
            Route(f"{at}/{{number:int}}", one),
            Route("/graphql", graphql, methods=["POST"]),
            Route("/users/{login}", user),
        ]
    )


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _post(world: World, one: Said) -> dict[str, Any]:
    now, text = world.now(), one.text_at(world.now())
    told: dict[str, Any] = {
        "id": one.number,
        "user": {"login": one.author.handle, "id": one.author.number, "type": "User"},
        "created_at": _time(one.at),
        "updated_at": _time(one.changed_at(now) or one.at),
        "html_url": f"https://code.example/{one.number}",
        "author_association": "NONE",
        "reactions": {"total_count": len(_likes(world, one.number))},
    }
    if one.depth == 0:
        return {**told, "number": one.number, "title": "A question", "body": text}
    about = world.ever(one.about or 0)
    mention = f"@{about.author.handle} " if one.depth > 1 else ""
    issue = f"https://api.example/repos/{REPOSITORY}/issues/{world.root(one).number}"
    return {**told, "issue_url": issue, "body": mention + text}


def _likes(world: World, number: int) -> list[Said]:
    return [one for one in world.there(Kind.LIKE) if one.about == number]


def _reaction(one: Said) -> dict[str, Any]:
    user = {"login": one.author.handle, "type": "User"}
    return {"id": one.number, "content": "+1", "created_at": _time(one.at), "user": user}


def _is_discussed(one: Said) -> bool:
    """Of what ``invented`` says, eight in a row are about each other."""
    return one.number // 8 % 3 == 2


def _node(one: Said) -> str:
    return f"D{'C' if one.depth else ''}_{one.number}"


def _touched(world: World, asked: dict[str, Any]) -> dict[str, Any]:
    """Discussions, the latest changed first."""
    now, changed = world.now(), dict[int, datetime]()
    for one in world.there(Kind.POST, Kind.ANSWER):
        if _is_discussed(one) and world.root(one).there_at(now):
            root = world.root(one).number
            changed[root] = max(changed.get(root, one.at), one.changed_at(now) or one.at)
    found = sorted(changed.items(), key=lambda told: told[1], reverse=True)
    return _connection([{"number": number, "updatedAt": _time(at)} for number, at in found], asked, 100)


def _discussion(world: World, root: Said, asked: dict[str, Any]) -> dict[str, Any]:
    comments = []
    answers = [
        one for one in world.said if one.kind is Kind.ANSWER and one.at <= world.now() and world.root(one) == root
    ]
    for top in (one for one in answers if one.depth == 1):
        below = [one for one in answers if one.about == top.number and one.there_at(world.now())]
        if top.there_at(world.now()) or below:
            replies = [_said(world, one) for one in below]
            comments.append({**_said(world, top), "replies": {"nodes": replies}})
    return {**_said(world, root), "title": "A question", "comments": _connection(comments, asked, 25)}


def _said(world: World, one: Said) -> dict[str, Any]:
    changed = one.changed_at(world.now())
    likes = [
        {
            "databaseId": like.number,
            "content": "THUMBS_UP",
            "createdAt": _time(like.at),
            "user": {"login": like.author.handle},
        }
        for like in _likes(world, one.number)
    ]
    return {
        "id": _node(one),
        "url": f"https://code.example/{one.number}",
        "body": one.text_at(world.now()),
        "createdAt": _time(one.at),
        "lastEditedAt": changed and _time(changed),
        "deletedAt": None if one.there_at(world.now()) else _time(one.deleted or one.at),
        "author": {"login": one.author.handle, "__typename": "User"},
        "reactions": {"nodes": likes},
    }


def _connection(nodes: list[dict[str, Any]], asked: dict[str, Any], size: int) -> dict[str, Any]:
    begin = int(asked.get("after") or 0)
    more = {"hasNextPage": len(nodes) > begin + size, "endCursor": str(begin + size)}
    return {"nodes": nodes[begin : begin + size], "pageInfo": more}
