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
        of_brand[act.brand].append(act)
    for brand, acts in sorted(of_brand.items()):
        for together in _waves(acts):
            lately = [act for act in together if act.at >= facts.at - DAY]
            accounts = {act.person for act in lately}
            found = level(len(accounts), setting.threshold, setting.resolve * setting.threshold)
            if found is not Level.CLEAR:
                names = [name for _, name in sorted({(act.began, act.campaign) for act in together})]
                yield _campaign(facts, setting, found, brand, names, lately, len(accounts))


def _campaign(  # noqa: PLR0917 - what is said of a campaign
    facts: Facts, setting: Setting, found: Level, brand: str, names: list[str], acts: list[Joined], accounts: int
) -> Finding:
    first = min(acts, key=lambda act: (act.at, act.id))
    return Finding(
        rule="campaign_seen",
        labels=labelled("campaign_seen", setting, brand, campaign=names[0]),
        level=found,
        summary=f"{accounts} accounts post alike about {brand}",
        certainty="coordination is evidence, never a verdict: fans say the same thing, too",
        evidence=(
            f"{len({act.id for act in acts})} acts within {span(facts.at - first.at)}, the first is {first.id}",
            *([f"also known as {', '.join(names[1:4])}"] if names[1:] else []),
        ),
        value=accounts,
        threshold=setting.threshold,
        sql=f"SELECT * FROM campaigns WHERE campaign IN ({', '.join(map(literal, names))})",  # noqa: S608 - to be read
        board="rapport-campaigns",
    )


def _waves(acts: Sequence[Joined]) -> Iterator[list[Joined]]:
    """Campaigns that share an account are one wave: one text, its links and its domains are campaigns of their own."""
    group: dict[str, str] = {}

    def root(name: str) -> str:
        while group.setdefault(name, name) != name:
            name = group[name]
        return name

    by_person: dict[str, str] = {}
    for act in acts:
        group[root(act.campaign)] = root(by_person.setdefault(act.person, act.campaign))
    found: dict[str, list[Joined]] = defaultdict(list)
    for act in acts:
        found[root(act.campaign)].append(act)
    yield from found.values()


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
