"""What one account buys by a thousand acts in one day, through the whole fold: ``python -m bench.science.flood``

Into a simulated audience comes one stranger who writes to a brand once or a thousand times on one day. Told is what
that does to the stranger's own relationship, to everybody else's, and to the figures of that month. Kinds of flood:
a *scam* with links; one *short* praise again and again; *questions* that are all different and clean; *likes*.
"""

import sys
from collections.abc import Iterable, Sequence
from datetime import timedelta
from random import Random

from msgspec.structs import replace

from bench.science.data import Inputs, write
from bench.science.measures import show
from bench.science.reciprocity_simulator import END, Found, mean, of_people, real_share, scored
from events import Activity, Actor, Content, Direction, Interaction, Reference, Relationship, Scored
from events.interaction import milliseconds
from rapport.demo.simulator import DEFAULT_DAYS, DEFAULT_PEOPLE, Simulation, simulate
from rapport.model import text_reader
from rapport.offline import TextReader
from scoring.ties.reading import standing

SEED = 101
BRAND = "acme"
STRANGER = "mastodon:stranger@flood.example"
DAY = END - timedelta(days=12)
MONTH = timedelta(days=30)
KINDS = ("scam", "short", "questions", "likes")
MOST = 1_000
_WORDS = (
    *("really", "nice", "quick", "bag", "lamp", "table", "phone", "quiet", "morning", "coffee", "works", "well"),
    *("today", "shop", "street", "friend", "again", "parcel", "colour", "price", "week", "battery", "screen", "cable"),
    *("sound", "light", "photo", "train", "home", "garden", "update", "menu", "button", "page", "letter", "window"),
)


def main() -> None:
    simulation = simulate(SEED, DEFAULT_DAYS, DEFAULT_PEOPLE, END)
    reader = once(text_reader())
    calm = scored(simulation, reader)
    table = {"nobody": figures(calm, calm)}
    for kind in KINDS:
        for count in (1, MOST):
            table[f"{kind}, {count:,}"] = figures(flooded(simulation, flood(simulation, kind, count), reader), calm)
    stranger = {name: row for name, row in table.items() if "realness" in row}
    show("the month of the brand", {name: {key: row[key] for key in table["nobody"]} for name, row in table.items()})
    show(
        "the stranger", {n: {key: row[key] for key in row if key not in table["nobody"]} for n, row in stranger.items()}
    )
    print(f"written: {write('flood', Inputs(), SEED, table)}", file=sys.stderr)


def flood(simulation: Simulation, kind: str, count: int) -> list[Interaction]:
    """``count`` acts of the stranger, spread over ``DAY``, all addressed to the brand."""
    rng = Random(SEED)
    brand = next(brand for brand in simulation.brands if brand.name == BRAND)
    account = min(one for one in brand.accounts if one.startswith("mastodon:"))
    like = Interaction(
        id="mastodon:stranger",
        platform="mastodon",
        type=Activity.LIKE,
        actor=Actor(id=STRANGER),
        published=DAY,
        to=(account,),
        in_reply_to=Reference(id="mastodon:post", actor=account),
    )
    return [
        replace(
            like if kind == "likes" else replace(like, type=Activity.CREATE, in_reply_to=None),
            id=f"mastodon:stranger-{place}",
            published=DAY + timedelta(seconds=86 * place + rng.randrange(40)),
            content=_text(kind, rng),
        )
        for place in range(count)
    ]


def flooded(simulation: Simulation, acts: Iterable[Interaction], read_texts: TextReader) -> Found:
    everything = sorted([*simulation.interactions, *acts], key=lambda one: one.order)
    return scored(Simulation(everything, simulation.brands, simulation.truth), read_texts)


def figures(found: Found, calm: Found) -> dict[str, float]:
    """The brand's month, whose truth is that nothing the stranger did is genuine; then the stranger's relationship."""
    rows = [row for row in found.rows if row.brand == BRAND and row.interaction.published >= END - MONTH]
    audience = [row for row in rows if row.direction is not Direction.OUTBOUND]
    acts = found.simulation.truth.acts
    true = [row.interaction.id in acts and acts[row.interaction.id].genuine for row in audience]
    share, low, high = real_share(audience)
    people = of_people(audience)
    told = {
        "volume": float(len(audience)),
        "people": float(len(people)),
        "true share": mean(true),
        "real share": share,
        "low": low,
        "high": high,
        "of people": mean(mean(trusts) for trusts in people.values()),
    }
    mine = [one for one in found.relationships if (one.brand, one.person) == (BRAND, STRANGER)]
    return told | (_stranger(mine[0], audience, found, calm) if mine else {})


def _stranger(mine: Relationship, audience: Sequence[Scored], found: Found, calm: Found) -> dict[str, float]:
    trusts = [row.trust for row in audience if row.person == STRANGER]
    others = [one for one in found.relationships if one.person != STRANGER]
    return {
        "first trust": trusts[0],
        "mean trust": mean(trusts),
        "realness": standing(mine, milliseconds(mine.last_at)).realness,
        "gave": mine.received,
        "debts": float(len(mine.debts)),
        "others": float(sum(one != before for one, before in zip(others, calm.relationships, strict=True))),
    }


def once(read_texts: TextReader) -> TextReader:
    """Reads every text once."""
    known: dict[str, Content] = {}

    def reader(texts: Sequence[str]) -> list[Content]:
        new = [text for text in texts if text not in known]
        known.update(zip(new, read_texts(new), strict=True))
        return [known[text] for text in texts]

    return reader


def _text(kind: str, rng: Random) -> str:
    if kind == "scam":
        return f"Win a free phone now, click https://win-{rng.randrange(9)}.example/x and claim your prize!!!"
    if kind == "questions":
        return f"Hello, {' '.join(rng.sample(_WORDS, 7))}, how can I {' '.join(rng.sample(_WORDS, 3))}?"
    return "Love this!" if kind == "short" else ""


if __name__ == "__main__":
    main()
