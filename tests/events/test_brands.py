"""Direction follows from the brand's accounts, and from nothing the input says."""

from datetime import UTC, datetime
from typing import Any

import pytest

from events import Activity, Actor, Brand, Brands, Direction, Interaction, Reference, Route
from events.brands import by_person

BRANDS = Brands(
    [
        Brand("acme", frozenset({"m:acme", "b:acme"}), ("acme lamp", "Äcme")),
        Brand("zenith", frozenset({"m:zenith"}), ("zenith",)),
    ]
)


def act(actor: str, **fields: Any) -> Interaction:
    answered = fields.pop("answers", None)
    return Interaction(
        id="m:1",
        platform="m",
        type=Activity.CREATE,
        published=datetime(2026, 1, 1, tzinfo=UTC),
        actor=Actor(id=actor),
        in_reply_to=Reference(id="m:0", actor=answered) if answered else None,
        **fields,
    )


@pytest.mark.parametrize(
    ("interaction", "expected"),
    [
        (act("m:eve", to=("m:acme",)), Route("acme", Direction.INBOUND, "m:eve")),
        (act("m:eve", answers="b:acme"), Route("acme", Direction.INBOUND, "m:eve")),
        (act("m:eve", content="my Acme Lamp broke"), Route("acme", Direction.INBOUND, "m:eve")),
        (act("m:eve", content="ÄCME!"), Route("acme", Direction.INBOUND, "m:eve")),
        (act("m:eve", brands=("acme",)), Route("acme", Direction.INBOUND, "m:eve")),
        (act("m:eve", brands=("unheard-of",)), Route("unheard-of", Direction.INBOUND, "m:eve")),
        (act("m:eve", answers="m:eve", to=("m:acme",)), Route("acme", Direction.INBOUND, "m:eve")),
        (act("m:eve", answers="m:bob", content="acme lamp tip"), Route("acme", Direction.PEER, "m:eve")),
        (act("m:eve", answers="m:bob", to=("m:bob", "m:acme")), Route("acme", Direction.PEER, "m:eve")),
        (act("m:acme", answers="m:eve"), Route("acme", Direction.OUTBOUND, "m:eve")),
        (act("m:acme", to=("b:acme", "m:eve")), Route("acme", Direction.OUTBOUND, "m:eve")),
        (act("m:acme", content="new!"), Route("acme", Direction.OUTBOUND, "")),
        (act("m:eve", content="the acme lamps"), Route("", Direction.INBOUND, "m:eve")),
        (act("m:eve"), Route("", Direction.INBOUND, "m:eve")),
    ],
)
def test_route(interaction: Interaction, expected: Route) -> None:
    """One brand, one direction, one audience-side person."""
    assert BRANDS.routes(interaction) == (expected,)


def test_two_brands_see_one_act_each_in_its_way() -> None:
    """A brand that talks to another brand is outbound for itself and inbound for the other."""
    interaction = act("m:acme", to=("m:zenith",))
    routes = BRANDS.routes(interaction)
    assert routes == (
        Route("acme", Direction.OUTBOUND, "m:zenith"),
        Route("zenith", Direction.INBOUND, "m:acme"),
    )
    assert by_person(interaction, routes) == {"m:zenith": (routes[0],), "m:acme": (routes[1],)}


def test_a_broadcast_is_keyed_by_who_speaks() -> None:
    """Where there is no person, the actor's id orders the messages."""
    interaction = act("m:acme", content="new!")
    assert by_person(interaction, BRANDS.routes(interaction)) == {"m:acme": BRANDS.routes(interaction)}
