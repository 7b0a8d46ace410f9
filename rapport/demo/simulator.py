"""A simulated audience with known truth: the input of ``rapport demo`` and of the tests that need to know who is real.

The same seed, size and end time give the same bytes on every machine.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random

import msgspec

from events import Brand, Interaction, encode
from events.interaction import milliseconds
from rapport.demo import conduct, prey
from rapport.demo.conduct import Planted
from rapport.demo.people import DAY, FEWEST_PEOPLE, House, cast, houses
from rapport.demo.stage import HOUR, Stage
from rapport.demo.truth import Truth, establish

DEFAULT_DAYS = 180
DEFAULT_PEOPLE = 240
EVENTS_PER_PERSON = 24.3  # over DEFAULT_DAYS, measured
SPAM_WAVES = (0.36, 0.61, 0.9)  # fractions of the simulated time
BIG_NEWS = (("acme", 0.45), ("zephory", 0.8))
OUTAGE = ("acme", 0.55)
POD_EVERY = 20 * DAY

INTERACTIONS, BRANDS, TRUTH = "interactions.jsonl", "brands.toml", "truth.json"


@dataclass(frozen=True)
class Simulation:
    """``interactions`` in published order (``Interaction.order``); ``truth`` is for judges, never for a scorer."""

    interactions: list[Interaction]
    brands: tuple[Brand, ...]
    truth: Truth


def simulate(seed: int, days: int, people: int, end: datetime) -> Simulation:
    """``people`` and two brands over the ``days`` before ``end`` (read as UTC where it has no zone).

    Raises ``ValueError`` for fewer than ``FEWEST_PEOPLE`` people or less than one day.
    """
    if days < 1:
        raise ValueError(f"{days} days: at least one is needed")
    rng = Random(seed)
    stop = milliseconds(end)
    start = stop - days * DAY
    brand_houses = houses(rng, start)
    parts = cast(rng, people, brand_houses, start, stop)
    stage = Stage(rng, brand_houses, parts, stop)
    planted = _plant(stage, start)
    for part in parts:
        (conduct if part.role.genuine else prey).enter(stage, part)
    stage.run()
    brands = tuple(_declared(house) for house in brand_houses)
    posts = sorted(stage.posts, key=lambda post: post.interaction.order)
    return Simulation([post.interaction for post in posts], brands, establish(posts, brands, parts, planted, stop))


def simulate_events(seed: int, events: int, end: datetime) -> Simulation:
    """About ``events`` interactions over ``DEFAULT_DAYS``; within a tenth from 10,000 on, a fifth from 1,000 on."""
    return simulate(seed, DEFAULT_DAYS, max(FEWEST_PEOPLE, round(events / EVENTS_PER_PERSON)), end)


def write(simulation: Simulation, folder: Path) -> None:
    """Write ``interactions.jsonl``, ``brands.toml`` and, aside, ``truth.json`` into ``folder``. Raises ``OSError``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / INTERACTIONS).write_bytes(b"".join(encode(one) + b"\n" for one in simulation.interactions))
    (folder / BRANDS).write_text("\n".join(map(_toml, simulation.brands)), encoding="utf-8")
    (folder / TRUTH).write_bytes(msgspec.json.format(encode(simulation.truth), indent=1) + b"\n")


def read_truth(folder: Path) -> Truth:
    """The truth that ``write`` put beside the interactions. Raises ``OSError`` and ``msgspec.DecodeError``."""
    return msgspec.json.decode((folder / TRUTH).read_bytes(), type=Truth)


def _plant(stage: Stage, start: int) -> list[Planted]:
    span = stage.end - start
    planted: list[Planted | None] = []
    for number, place in enumerate(SPAM_WAVES):
        planted.append(prey.spam_wave(stage, number, start + int(place * span), stage.rng.uniform(20, 40)))
    by_name = {house.name: house for house in stage.houses}
    for name, place in BIG_NEWS:
        planted.append(conduct.big_news(stage, by_name[name], _morning(start + int(place * span))))
    planted.append(conduct.outage(stage, by_name[OUTAGE[0]], _morning(start + int(OUTAGE[1] * span))))
    for house in stage.houses:
        _calendar(stage, house, start)
        planted.extend(
            prey.pod_burst(stage, house, at + stage.rng.randrange(10 * DAY))
            for at in range(start, stage.end, POD_EVERY)
        )
    return sorted((one for one in planted if one and one.at < stage.end), key=lambda one: (one.at, one.kind, one.brand))


def _calendar(stage: Stage, house: House, start: int) -> None:
    at = start
    while at < stage.end:
        when = _morning(at) + stage.rng.randrange(6 * HOUR)
        stage.later(when, partial(conduct.announce_and_hear, stage, house, "brand_announce"))
        at += int(stage.rng.uniform(0.6, 1.4) * conduct.ANNOUNCE_EVERY)


def _morning(at: int) -> int:
    return at // DAY * DAY + 9 * HOUR


def _declared(house: House) -> Brand:
    return Brand(house.name, frozenset(account.id for account in house.accounts.values()), (house.name,))


def _toml(brand: Brand) -> str:
    # Names and ids are made by us of letters, digits, ":", "@" and ".": nothing that TOML would read otherwise.
    accounts = ", ".join(f'"{account}"' for account in sorted(brand.accounts))
    match = ", ".join(f'"{word}"' for word in brand.match)
    return f"[brands.{brand.name}]\naccounts = [{accounts}]\nmatch = [{match}]\n"
