"""What each text tells the campaign finder: one small message on the topic ``fingerprints``."""

from collections.abc import Sequence

from msgspec import Struct

from events import Interaction
from scoring.campaigns.minhash import Fingerprint, of_normalised
from scoring.campaigns.text import normalised


class Act(Struct, frozen=True):
    """An interaction to observe. ``key``: the person whose history is folded again when its campaign changes."""

    interaction: Interaction
    key: str
    brands: tuple[str, ...] = ()


class Member(Struct, frozen=True, array_like=True, omit_defaults=True):
    """``at``: milliseconds since 1970. ``target``: what was written to or under; empty where nothing says."""

    id: str
    key: str
    actor: str
    target: str
    at: int
    brands: tuple[str, ...] = ()
    fingerprint: Fingerprint | None = None
    links: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


def observe(acts: Sequence[Act]) -> list[Member | None]:
    """One per act, ``None`` where its text is too short and holds no link. Fastest with a thousand at a time.

    Leave out what a brand itself says: it repeats itself, and is not under suspicion.
    """
    texts = [normalised(act.interaction.content) for act in acts]
    return [
        Member(
            id=act.interaction.id,
            key=act.key,
            actor=act.interaction.actor.id,
            target=_target(act.interaction),
            at=act.interaction.at,
            brands=act.brands,
            fingerprint=found,
            links=text.links,
            domains=text.domains,
        )
        if found or text.domains
        else None
        for act, text, found in zip(acts, texts, of_normalised(texts), strict=True)
    ]


def _target(interaction: Interaction) -> str:
    answered = interaction.in_reply_to
    places = (answered.id if answered else "", interaction.conversation, *interaction.to[:1], interaction.object)
    return next((place for place in places if place and place != interaction.id), "")
