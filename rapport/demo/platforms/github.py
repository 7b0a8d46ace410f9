"""A repository on GitHub, invented: issues and comments by when they were changed, and profiles."""

from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from rapport.demo.platforms.world import Kind, Person, Said, World

CARRIES = frozenset({Kind.POST, Kind.ANSWER})
ENV = {"GITHUB_TOKEN": "invented"}
REPOSITORY = "acme/grinder"


def account(person: Person) -> str:
    return f"github:{person.handle}"


def act(one: Said) -> str:
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
        return listed(request, list(world.there(Kind.POST)))

    async def comments(request: Request) -> JSONResponse:
        return listed(request, list(world.there(Kind.ANSWER)))

    async def thread(request: Request) -> JSONResponse:
        root = int(request.path_params["number"])
        return JSONResponse([_post(world, one) for one in world.there(Kind.ANSWER) if world.root(one).number == root])

    async def one(request: Request) -> JSONResponse:
        said = world.get(int(request.path_params["number"]))
        return JSONResponse(_post(world, said)) if said else JSONResponse({"message": "Not Found"}, 404)

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
            Route(f"{at}/{{number:int}}", one),
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
    }
    if one.depth == 0:
        return {**told, "number": one.number, "title": "A question", "body": text}
    about = world.ever(one.about or 0)
    mention = f"@{about.author.handle} " if one.depth > 1 else ""
    issue = f"https://api.example/repos/{REPOSITORY}/issues/{world.root(one).number}"
    return {**told, "issue_url": issue, "body": mention + text}
