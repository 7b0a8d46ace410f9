"""Stack Exchange: what its answers ask of us, tags and accounts of a brand, and people without a number."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from events import Brand, Brands, Interaction
from ingest.errors import Malformed, Throttled
from ingest.source import Edited, Page
from tests.ingest.sources.given import NOW, Clock, connected, pulled

BEGIN = NOW - timedelta(days=1)
AT = int((NOW - timedelta(hours=5)).timestamp())
BRANDS = Brands([Brand("acme", frozenset({"stackexchange:stackoverflow/7"}), ("acme",))])
EMPTY = {"items": [], "has_more": False}
Answering = Callable[[httpx.Request], Mapping[str, Any]]


def read(tmp_path: Path, answering: Answering, **settings: Any) -> list[Page]:
    async def look() -> list[Page]:
        transport = httpx.MockTransport(lambda asked: httpx.Response(200, json=answering(asked)))
        table = {"kind": "stackexchange", **settings}
        async with connected(table, tmp_path, Clock(), brands=BRANDS, transport=transport) as (source,):
            return await pulled(source, None, BEGIN)

    return asyncio.run(look())


def acts(pages: list[Page]) -> dict[str, Interaction]:
    told = [one.interaction if isinstance(one, Edited) else one for page in pages for one in page.items]
    return {one.id.removeprefix("stackexchange:stackoverflow/"): one for one in told if isinstance(one, Interaction)}


def question(number: int, title: str, **owner: Any) -> dict[str, Any]:
    return {"question_id": number, "creation_date": AT, "title": title, "body": "<p>How?</p>", "owner": owner}


def test_a_long_backoff_is_obeyed(tmp_path: Path) -> None:
    """Nothing is asked for before the platform allows it."""
    with pytest.raises(Throttled) as caught:
        read(tmp_path, lambda asked: {**EMPTY, "backoff": 120})
    assert caught.value.until == NOW + timedelta(seconds=120)


def test_a_used_up_quota_ends_with_the_day(tmp_path: Path) -> None:
    """The platform counts days in UTC; it bans who goes on."""
    with pytest.raises(Throttled) as caught:
        read(tmp_path, lambda asked: {**EMPTY, "quota_remaining": 0})
    assert caught.value.until == datetime(2026, 6, 2, tzinfo=UTC)


def test_the_same_page_over_and_over_is_malformed(tmp_path: Path) -> None:
    """Pages that lead round in a circle are found out."""
    with pytest.raises(Malformed, match="circle"):
        read(tmp_path, lambda asked: {"items": [question(1, "acme", user_id=3)], "has_more": True})


def test_a_tag_of_the_brand_is_about_it(tmp_path: Path) -> None:
    """Also where nobody names it; what the brand says elsewhere is brought, too, with the question it answers."""
    answer = {"answer_id": 12, "question_id": 11, "creation_date": AT + 60, "body": "Try", "owner": {"user_id": 7}}

    def site(asked: httpx.Request) -> Mapping[str, Any]:
        path, tag = asked.url.path.removeprefix("/2.3/"), asked.url.params.get("tagged")
        found = {
            "search/advanced": [question(10, "It &amp; beeps", user_id=3)] if tag == "acme-grinder" else [],
            "users/7/answers": [answer],
            "questions/11": [question(11, "Beans?", user_id=4)],
        }
        return {**EMPTY, "items": found.get(path, [])}

    found = acts(read(tmp_path, site, tags={"acme": ["acme-grinder"]}))
    assert found.keys() == {"q/10", "a/12"}
    assert found["q/10"].content == "It & beeps\nHow?"
    assert found["q/10"].brands == ("acme",)
    answered = found["a/12"].in_reply_to
    assert answered
    assert (answered.id, answered.actor) == ("stackexchange:stackoverflow/q/11", "stackexchange:stackoverflow/4")


def test_people_without_a_number_are_not_one_person(tmp_path: Path) -> None:
    """Who was deleted keeps a name, which tells them apart."""
    asked = [question(1, "acme", display_name="user1"), question(2, "acme", display_name="user2")]
    pages = read(tmp_path, lambda one: {**EMPTY, "items": asked if one.url.path.endswith("advanced") else []})
    assert len({act.actor.id for act in acts(pages).values()}) == 2


def test_how_often_follows_from_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three hundred calls a day must last for the day."""
    monkeypatch.setenv("STACKEXCHANGE_KEY", "invented")

    async def every(**settings: Any) -> float:
        async with connected({"kind": "stackexchange", **settings}, tmp_path, Clock(), brands=BRANDS) as (source,):
            return source.poll_every

    assert asyncio.run(every()) == 3_600
    assert asyncio.run(every(key={"env": "STACKEXCHANGE_KEY"})) == 900
