"""What a worker knows of campaigns, from the compacted topic it reads whole."""

from collections.abc import Iterable

from events import Evidence
from events.campaigns import Campaign, Membership, Message
from events.interaction import id_hash
from scoring.campaigns.weight import campaign_evidence

Term = tuple[float, Evidence]


class Lookup:
    """About 250 bytes per interaction in a campaign that weighs anything; the rest is never told.

    Messages may come in any order and again; the newest of a topic key has to come last, as Kafka delivers them.
    """

    def __init__(self) -> None:
        self.campaigns: dict[str, Campaign] = {}
        self.memberships: dict[int, tuple[str, tuple[str, ...]]] = {}  # id hash -> person, campaigns
        self.members: dict[str, set[int]] = {}
        self.absorbed: dict[str, set[str]] = {}  # name -> the names that were merged into it

    def apply(self, message: Message) -> set[str]:
        """The persons (keys) with an act whose term or evidence is another one now: fold them again."""
        return self._membership(message) if isinstance(message, Membership) else self._campaign(message)

    def knows(self, message: Message) -> bool:
        """Whether this very message was the last one of its topic key."""
        if isinstance(message, Membership):
            return self.memberships.get(id_hash(message.id)) == (message.key, message.campaigns)
        return self.campaigns.get(message.id) == message

    def persons(self) -> set[str]:
        """Everybody with an act in a campaign that weighs anything."""
        return {key for key, _ in self.memberships.values()}

    def without(self, ids: Iterable[str]) -> list[Membership]:
        """What takes back that these interactions are in any campaign; of those in none there is nothing to say."""
        known = ((name, self.memberships.get(id_hash(name))) for name in ids)
        return [Membership(id=name, key=told[0]) for name, told in known if told]

    def term(self, interaction: str) -> Term | None:
        """What to add to the log-odds of this interaction, and why; ``None``: nothing is known."""
        return self._term(id_hash(interaction))

    def _term(self, member: int) -> Term | None:
        """Only the strongest: the campaigns of one text are not independent witnesses."""
        if member not in self.memberships:
            return None
        found = {campaign.id: campaign for campaign in map(self._resolved, self.memberships[member][1]) if campaign}
        weighty = [campaign for campaign in found.values() if campaign.log_odds]
        if not weighty:
            return None
        strongest = min(weighty, key=lambda campaign: (campaign.log_odds, campaign.id))
        return strongest.log_odds, campaign_evidence(strongest)

    def _resolved(self, name: str) -> Campaign | None:
        """``None`` also where names lead in a ring: then one of them has just become another's, and is told next."""
        campaign, passed = self.campaigns.get(name), {name}
        while campaign and campaign.merged_into:
            if campaign.merged_into in passed:
                return None
            passed.add(campaign.merged_into)
            campaign = self.campaigns.get(campaign.merged_into)
        return campaign

    def _membership(self, message: Membership) -> set[str]:
        member = id_hash(message.id)
        before = self._term(member)
        _, campaigns = self.memberships.pop(member, ("", ()))
        for name in campaigns:
            self.members[name].discard(member)
        if message.campaigns:
            self.memberships[member] = message.key, message.campaigns
        for name in message.campaigns:
            self.members.setdefault(name, set()).add(member)
        return {message.key} if self._term(member) != before else set()

    def _campaign(self, message: Campaign) -> set[str]:
        known = self.campaigns.get(message.id)
        if known == message:
            return set()
        if known and _told(known) == _told(message):
            self.campaigns[message.id] = message
            return set()
        affected = self._under(message.id)
        before = {member: self._term(member) for member in affected}
        self.campaigns[message.id] = message
        if known and known.merged_into:
            self.absorbed[known.merged_into].discard(message.id)
        if message.merged_into:
            self.absorbed.setdefault(message.merged_into, set()).add(message.id)
        return {self.memberships[member][0] for member, term in before.items() if self._term(member) != term}

    def _under(self, name: str) -> set[int]:
        """The members of a campaign, and those of the ones that were merged into it."""
        names, passed = [name], {name}
        while names:
            more = self.absorbed.get(names.pop(), set()) - passed
            passed |= more
            names += more
        return {member for one in passed for member in self.members.get(one, ())}


def _told(campaign: Campaign) -> tuple[str, Evidence]:
    return campaign.merged_into, campaign_evidence(campaign)
