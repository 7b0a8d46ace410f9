"""Rules over campaigns, and over what the brand itself does."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from alerts.facts import DAY, Facts, Joined
from alerts.finding import Finding, Level, Setting, labelled, level, literal, percent, span

LOW_TRUST = 0.75  # rapport/audit.py says where it comes from
FEWEST_TEXTS = 10


def campaign_seen(facts: Facts, setting: Setting) -> Iterator[Finding]:
    """``threshold``: accounts that posted within a day."""
    of_brand: dict[str, list[Joined]] = defaultdict(list)
    for act in facts.joined:
        if facts.at - DAY <= act.at < facts.at:
            of_brand[act.brand].append(act)
    for brand, acts in sorted(of_brand.items()):
        for names, together in _waves(acts):
            accounts = {act.person for act in together}
            first = min(together, key=lambda act: (act.at, act.id))
            yield Finding(
                rule="campaign_seen",
                labels=labelled("campaign_seen", setting, brand, campaign=names[0]),
                level=level(len(accounts), setting.threshold, setting.resolve * setting.threshold),
                summary=f"{len(accounts)} accounts post alike about {brand}",
                certainty="coordination is evidence, never a verdict: fans say the same thing, too",
                evidence=(
                    f"{len({act.id for act in together})} acts within {span(facts.at - first.at)}",
                    f"the first is {first.id}",
                    *([f"also known as {', '.join(names[1:4])}"] if names[1:] else []),
                ),
                value=len(accounts),
                threshold=setting.threshold,
                sql="SELECT * FROM campaigns WHERE campaign IN"  # noqa: S608 - to be read
                f" ({', '.join(map(literal, names))})",
                board="rapport-campaigns",
            )


def _waves(acts: Sequence[Joined]) -> Iterator[tuple[list[str], list[Joined]]]:
    """Campaigns that share an account are one wave: one text, its links and its domains are campaigns of their own.

    The name is that of the campaign that is oldest within the window.
    """
    group: dict[str, str] = {}

    def root(name: str) -> str:
        while group.setdefault(name, name) != name:
            name = group[name]
        return name

    by_person: dict[str, str] = {}
    for act in acts:
        group[root(act.campaign)] = root(by_person.setdefault(act.person, act.campaign))
    found: dict[str, list[Joined]] = defaultdict(list)
    for act in sorted(acts, key=lambda act: (act.at, act.id, act.campaign)):
        found[root(act.campaign)].append(act)
    for together in found.values():
        yield list(dict.fromkeys(act.campaign for act in together)), together


def own_acts_like_spam(facts: Facts, setting: Setting) -> Iterator[Finding]:
    """``threshold``: the share of our own texts that would be judged spam. ``least``: texts within a week."""
    for own in facts.own:
        enough = own.texts >= max(FEWEST_TEXTS, setting.least)
        found = level(own.spam_share, setting.threshold, setting.resolve * setting.threshold)
        if found is Level.CLEAR and own.mean_trust < LOW_TRUST:
            found = Level.FIRES
        yield Finding(
            rule="own_acts_like_spam",
            labels=labelled("own_acts_like_spam", setting, own.brand),
            level=found if enough else Level.CLEAR,
            summary=f"to somebody who does not know it, {own.brand} itself behaves like a spammer:"
            f" {percent(own.spam_share)} of its texts would be judged spam"
            if found is not Level.CLEAR
            else f"{percent(own.spam_share)} of {own.brand}'s own texts would be judged spam",
            certainty=f"from {own.texts} texts within 7 days, trusted {own.mean_trust:.2f} on average",
            evidence=own.against,
            value=own.spam_share,
            threshold=setting.threshold,
            sql="SELECT published, content FROM interactions"  # noqa: S608 - to be read
            f" WHERE brand = {literal(own.brand)} AND direction = 'outbound' ORDER BY published DESC LIMIT 50",
            board="rapport-own-behaviour",
        )
