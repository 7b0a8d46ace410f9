"""Whose act it is: brands, their accounts, and the direction that follows from them."""

import re
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import cached_property

from msgspec import Struct

from events.interaction import Activity, Interaction

TOKEN = re.compile(r"\w+")
DOTS = {0x130: "i", 0x131: "i"}  # İ and ı, which are an i to re.IGNORECASE but not to casefold
IOTA = "\u0345"  # the only character that is part of a word once its case is folded, but not before
REMOVALS = frozenset({Activity.DELETE, Activity.FLAG})


class Direction(StrEnum):
    INBOUND = "inbound"  # from a person to, or about, the brand
    OUTBOUND = "outbound"  # from the brand
    PEER = "peer"  # from one person to another


class Brand(Struct, frozen=True):
    """A brand as ``[brands.NAME]`` of ``rapport.toml`` declares it."""

    name: str
    accounts: frozenset[str] = frozenset()
    match: tuple[str, ...] = ()


class Route(Struct, frozen=True, array_like=True):
    """What one act is for one brand. ``person`` is the audience side, empty when the brand speaks to nobody."""

    brand: str
    direction: Direction
    person: str


class Brands:
    """The declared brands, ready to say which of them an interaction concerns."""

    def __init__(self, brands: Iterable[Brand] = ()) -> None:
        self.by_name = {brand.name: brand for brand in brands}
        self.by_account: dict[str, set[str]] = {}
        for brand in self.by_name.values():
            for account in brand.accounts:
                self.by_account.setdefault(account, set()).add(brand.name)

    def __iter__(self) -> Iterator[Brand]:
        return iter(self.by_name.values())

    @cached_property
    def _words(self) -> dict[str, re.Pattern[str]]:
        return {
            brand.name: re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, brand.match))})(?!\w)", re.IGNORECASE)
            for brand in self
            if brand.match
        }

    @cached_property
    def _by_token(self) -> dict[str, set[str]]:
        """Brands by a token without which none of their words is in a text; by none where a word has no token."""
        found: dict[str, set[str]] = {}
        for brand in self:
            for word in brand.match:
                found.setdefault(next(iter(TOKEN.findall(folded(word))), ""), set()).add(brand.name)
        return found

    def named(self, text: str) -> set[str]:
        """Brands one of whose words stands in ``text``; most texts name none, which is found out without a search."""
        if not self._by_token:
            return set()
        likely = set(self._by_token.get("", ()))
        for token in self._by_token.keys() & TOKEN.findall(folded(text)):
            likely |= self._by_token[token]
        if IOTA in text:
            likely = set(self._words)
        return {name for name in likely if self._words[name].search(text)}

    def routes(self, interaction: Interaction) -> tuple[Route, ...]:
        """One route per brand concerned, by name; a single nameless one where no brand is.

        The brands named in the input count as concerned; the direction is never read from the input.
        """
        names = {name for name in interaction.brands if name}
        for account in (interaction.actor.id, *interaction.to, _answered(interaction)):
            names |= self.by_account.get(account, set())
        names |= self.named(interaction.content)
        if not names:
            return (Route("", Direction.INBOUND, _author(interaction) or interaction.actor.id),)
        return tuple(self._route(interaction, name) for name in sorted(names))

    def _route(self, interaction: Interaction, name: str) -> Route:
        brand = self.by_name.get(name)
        accounts = brand.accounts if brand else frozenset()
        actor, answered = interaction.actor.id, _answered(interaction)
        if author := _author(interaction):
            return Route(name, Direction.PEER, author)
        if actor in accounts:
            others = (other for other in (answered, *interaction.to) if other and other not in accounts)
            return Route(name, Direction.OUTBOUND, next(others, ""))
        addressed = [answered] if answered and answered != actor else list(interaction.to)
        to_others_only = bool(addressed) and not any(other in accounts or other == actor for other in addressed)
        return Route(name, Direction.PEER if to_others_only and accounts else Direction.INBOUND, actor)


def folded(text: str) -> str:
    """``text`` such that what ``re.IGNORECASE`` takes for the same is the same."""
    return text.translate(DOTS).casefold() if not text.isascii() else text.lower()


def by_person(
    interaction: Interaction, routes: Iterable[Route], person: Callable[[str], str] = str
) -> dict[str, tuple[Route, ...]]:
    """Routes grouped by Kafka key: the audience-side person, or the actor where there is none.

    ``person`` says whose account an account is; without it everybody has one.
    """
    grouped: dict[str, tuple[Route, ...]] = {}
    for route in routes:
        key = person(route.person or interaction.actor.id)
        grouped[key] = (*grouped.get(key, ()), route)
    return grouped


def by_platform(interaction: Interaction) -> bool:
    """Whether the platform itself removes or flags somebody's act: its account is named like the platform."""
    return interaction.type in REMOVALS and interaction.actor.id == interaction.platform


def _author(interaction: Interaction) -> str:
    """Whose act the platform removes: the history of that person is what it is about."""
    if not by_platform(interaction):
        return ""
    others = (_answered(interaction), *interaction.to)
    return next((other for other in others if other and other != interaction.actor.id), "")


def _answered(interaction: Interaction) -> str:
    return interaction.in_reply_to.actor if interaction.in_reply_to else ""
