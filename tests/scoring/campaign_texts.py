"""Members of made-up campaigns and of made-up crowds; every sentence is ours."""

from itertools import product

from scoring.campaigns import Member
from scoring.campaigns.minhash import of_normalised
from scoring.campaigns.text import normalised

HOUR = 3_600_000
START = 1_700_000_000_000
TEMPLATE = (
    ("Hello friends,", "Hey everybody,", "Good day all,"),
    ("yesterday I discovered", "this morning I found", "last week I came across"),
    ("a gardening page that hands out golden watering cans",),
    ("to the first hundred visitors.", "to anybody who signs up."),
    (
        "I could hardly believe it but mine arrived by post within two days!",
        "Mine came by post within two days, unbelievable!",
    ),
)
HEADLINE = "City council votes to keep the old botanical garden open for another ten years despite the falling budget"


def spun(turn: int) -> str:
    """A template filled in, with one of three domains."""
    variants = list(product(*TEMPLATE))
    return " ".join(variants[turn * 7 % len(variants)]) + f" golden-can-{'abc'[turn % 3]}.com"


def members(texts: list[str], accounts: int, targets: int, gap: int = HOUR, name: str = "m") -> list[Member]:
    """Text after text, one ``gap`` apart, over so many accounts and targets."""
    read = [normalised(text) for text in texts]
    return [
        Member(
            id=f"{name}:{turn}",
            key=f"{name}:person{turn % accounts}",
            actor=f"{name}:person{turn % accounts}",
            target=f"video{turn % targets}",
            at=START + turn * gap,
            brands=("acme",),
            fingerprint=found,
            links=text.links,
            domains=text.domains,
        )
        for turn, (text, found) in enumerate(zip(read, of_normalised(read), strict=True))
    ]
