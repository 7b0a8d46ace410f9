"""The state of the one process that sees every text: clusters of near-duplicates, and who shares which link.

What it says in the end depends on the set of members alone. Two texts belong together when they share a MinHash band
(texts with links: of two bandings), are similar enough, and were published in the same or in neighbouring epochs;
clusters are the connected components.
Memory: about 1.3 kB per text, kept for ``horizon_days`` after its cluster last grew, and ``most`` texts at most
(0.65 GB as set here).
Members may come in any order as long as none is late by more than the horizon less two epochs.

A text that was edited or taken back may have held a cluster together: everything is put together anew without it
(``rebuild``), which takes about as long as reading it did. Until then it stays.
"""

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from events.campaigns import NOTHING, Campaign, Kind, Membership, Message
from events.interaction import id_hash
from scoring.campaigns.index import Index, redealt
from scoring.campaigns.members import Member
from scoring.campaigns.minhash import BYTES, Fingerprint
from scoring.campaigns.portrait import portrait
from scoring.campaigns.weight import ACCOUNTS_NEEDED, link_log_odds

DAY_MS = 86_400_000
EPOCH_DAYS = 28  # texts up to four weeks apart are compared, some up to eight
HORIZON_DAYS = 3_650  # so that a backfill of years clusters alike in whatever order it comes
MOST = 500_000

EPOCH_MS = EPOCH_DAYS * DAY_MS

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Member)

Group = int | str  # the label of a component, or a link or domain


class Clusters:
    def __init__(self, horizon_days: int = HORIZON_DAYS, most: int = MOST) -> None:
        if horizon_days < 2 * EPOCH_DAYS:
            raise ValueError(f"horizon_days is {horizon_days}; at least {2 * EPOCH_DAYS} are needed to compare texts")
        self.horizon_ms, self.most = horizon_days * DAY_MS, most
        self.watermark = 0  # the latest publication seen
        self.too_late = 0  # members that came after what they could have matched was forgotten
        self.unreadable = 0  # with fingerprints of another version of this program
        self.no_room = 0  # members refused because one live cluster fills everything
        self.told: dict[str, Campaign] = {}  # by campaign id
        self.waiting: dict[int, Member | None] = {}  # what a member is to be from the next ``rebuild`` on
        self.gone: set[int] = set()  # who was dropped
        self.lost: list[str] = []  # ids of campaigns of which nobody is left
        self._clear()

    def _clear(self) -> None:
        self.index = Index()
        # A template is spun until two of its first copies may share no band. Texts with links, a tenth of all, are
        # therefore banded a second time, their minima dealt out otherwise.
        self.dealt = Index()
        self.node_dealt = array("i")  # of each node there: the node in ``index``
        self.seen: dict[int, int] = {}  # hash of the id -> number
        self.records: list[bytes] = []
        self.node = array("i")  # of each member; -1 where the text says too little
        self.before = array("i")  # of each member: the one before it at the same node
        self.newest = array("i")  # of each node: its newest member
        self.size = array("i")  # of each label: its members
        self.links: dict[int, tuple[str, ...]] = {}  # "link URL" and "domain HOST" of each member that has any
        self.shared: dict[str, list[int]] = {}  # members by these
        self.names: dict[Group, list[str]] = {}  # the ids under which a group was told
        self.terms: dict[Group, float] = {}  # as drawn last
        self.grown: dict[Group, None] = {}  # since things were settled; a dictionary for its order
        self.joined: dict[int, set[str]] = {}  # member -> what it was told to be in: "" for its component, or links
        self.epoch_forgotten = 0

    def __len__(self) -> int:
        return len(self.records)

    def add(self, members: Iterable[Member]) -> None:
        """Repeats are ignored; one that says something else waits for ``rebuild``. Fastest by the thousand."""
        found: dict[int, Member] = {}
        for member in members:
            identity = id_hash(member.id)
            if member.fingerprint and len(member.fingerprint.minima) != BYTES:
                self.unreadable += 1
                continue
            self.gone.discard(identity)
            if identity in self.seen:
                self._say_again(identity, member)
                continue
            if member.at < self.watermark - self.horizon_ms:
                self.too_late += 1
                continue
            self.watermark = max(self.watermark, member.at)
            found[identity] = member
        fresh = list(found.values())
        epoch = self.watermark // EPOCH_MS
        if len(self.records) + len(fresh) > self.most or epoch > self.epoch_forgotten:
            self._forget()
            self.epoch_forgotten = epoch
        room = max(0, self.most - len(self.records))
        self.no_room += len(fresh[room:])
        self._keep(fresh[:room])

    def drop(self, ids: Iterable[str]) -> None:
        """From the next ``rebuild`` on they are no members any more."""
        for identity in map(id_hash, ids):
            self.gone.add(identity)
            if identity in self.seen:
                self.waiting[identity] = None

    def rebuild(self) -> None:
        """Everything as if it had only now been heard of, and what was dropped never. ``settle`` tells all of it."""
        stays = [number for identity, number in self.seen.items() if identity not in self.waiting]
        members = self._members(stays) + [member for member in self.waiting.values() if member]
        self._clear()
        self.waiting = {}
        for begin in range(0, len(members), 1024):
            self._keep(members[begin : begin + 1024])
        self.reclaim()

    def held(self) -> Iterator[Member]:
        """All members, without their fingerprints."""
        return (_decoder.decode(record) for record in self.records)

    def recall(self, told: Campaign) -> None:
        """After a restart, for each campaign on the topic: so that versions go on from there. Then ``reclaim``."""
        self.told[told.id] = told

    def reclaim(self) -> None:
        """After a restart, with all members added: each group has the names it was told under.

        A campaign is where its first example is that is left: the first of all named it. Without this, one that was
        told and became part of another before that was told, too, would stand for ever.
        """
        for told in self.told.values():
            if told.merged_into:
                continue
            examples = [id_hash(example) for example in told.examples]
            group = self._group_of(told, examples)
            if group is not None:
                self.names.setdefault(group, []).append(told.id)
                self.grown[group] = None
            elif not self.gone.isdisjoint(examples):  # else it is too old, and was forgotten
                self.lost.append(told.id)

    def _group_of(self, told: Campaign, examples: Sequence[int]) -> Group | None:
        if told.kind is not Kind.NEAR_DUPLICATE:
            group = f"{told.kind.value} {told.link}"
            return group if group in self.shared else None
        nodes = (self.node[self.seen[example]] for example in examples if example in self.seen)
        return next((self.index.component(node) for node in nodes if node >= 0), None)

    def _say_again(self, identity: int, member: Member) -> None:
        if identity not in self.waiting:
            number = self.seen[identity]
            known = replace(_decoder.decode(self.records[number]), fingerprint=None)
            text = bytes(self.index.minima([self.node[number]])[0].tobytes()) if self.node[number] >= 0 else None
            if known == replace(member, fingerprint=None) and text == (
                member.fingerprint.minima if member.fingerprint else None
            ):
                return
        self.waiting[identity] = member

    def settle(self) -> list[Message]:
        """What stands otherwise than it was told: campaigns, and who joined one that weighs something."""
        messages: list[Message] = []
        look_at: dict[int, None] = {}
        for of_texts in (True, False):  # texts first: a link is judged by the texts that carry it
            for group in [group for group in self.grown if isinstance(group, int) is of_texts]:
                del self.grown[group]
                if self._size(group) < ACCOUNTS_NEEDED and group not in self.names:
                    continue
                numbers = self._numbers(group)
                messages += self._draw(group, numbers)
                if self.terms[group]:
                    look_at.update(dict.fromkeys(numbers))
        for name in self.lost:
            messages += self._dissolve(name)
        self.lost = []
        return messages + [message for number in look_at for message in self._membership(number)]

    def campaigns(self) -> list[Campaign]:
        """As last told, by id."""
        return sorted((c for c in self.told.values() if not c.merged_into), key=lambda campaign: campaign.id)

    def members(self, label: int) -> list[Member]:
        """Of one component of near-duplicates."""
        return self._members(self._numbers(label))

    def _keep(self, members: Sequence[Member]) -> None:
        prints = [(member.fingerprint, member.at // EPOCH_MS) for member in members if member.fingerprint]
        nodes = iter(self._nodes(prints, [bool(member.domains) for member in members if member.fingerprint]))
        for member in members:
            number = len(self.records)
            self.seen[id_hash(member.id)] = number
            text = member.fingerprint
            self.records.append(
                _encoder.encode(replace(member, fingerprint=Fingerprint(b"", text.letters)) if text else member)
            )
            node = next(nodes) if text else -1
            self.node.append(node)
            self.before.append(self.newest[node] if text else -1)
            if text:
                self.newest[node] = number
                label = self.index.component(node)
                self.size[label] += 1
                if self.size[label] >= ACCOUNTS_NEEDED:
                    self.grown[label] = None
            if links := _links(member):
                self.links[number] = links
            for link in links:
                self.shared.setdefault(link, []).append(number)
                self.grown[link] = None

    def _nodes(self, prints: Sequence[tuple[Fingerprint, int]], linked: Sequence[bool]) -> list[int]:
        nodes = self.index.nodes(prints)
        self._deal([(*known, node) for known, node, has_link in zip(prints, nodes, linked, strict=True) if has_link])
        new = self.index.count - len(self.newest)
        self.newest.extend([-1] * new)
        self.size.extend([0] * new)
        for stays, goes, moved in self.index.joined:
            self.size[stays] += self.size[goes]
            if goes in self.names or goes in self.terms:
                self.names.setdefault(stays, []).extend(self.names.pop(goes, []))
                self.terms[stays] = math.nan  # unlike any: whoever relies on the old terms is told
            elif stays in self.terms:  # those who join it carry its term from now on, and their links with them
                for number in self._at(moved):
                    self.grown.update(dict.fromkeys(self.links.get(number, ())))
            self.terms.pop(goes, None)
            self.grown.pop(goes, None)
            self.grown[stays] = None
        self.index.joined.clear()
        return nodes

    def _deal(self, texts: Sequence[tuple[Fingerprint, int, int]]) -> None:
        """Join in ``index`` what the second banding of these (fingerprint, epoch, node) brings together."""
        dealt = self.dealt.nodes([(redealt(text), epoch) for text, epoch, _ in texts])
        for (_, _, node), there in zip(texts, dealt, strict=True):
            if there == len(self.node_dealt):
                self.node_dealt.append(node)
        for stays, goes, _ in self.dealt.joined:  # a label is the number of one of its nodes
            self.index.join(self.node_dealt[stays], self.node_dealt[goes])
        self.dealt.joined.clear()

    def _size(self, group: Group) -> int:
        return self.size[group] if isinstance(group, int) else len(self.shared[group])

    def _numbers(self, group: Group) -> list[int]:
        if isinstance(group, str):
            return self.shared[group]
        return self._at(self.index.members(group))

    def _at(self, nodes: Iterable[int]) -> list[int]:
        numbers = []
        for node in nodes:
            number = self.newest[node]
            while number >= 0:
                numbers.append(number)
                number = self.before[number]
        return numbers

    def _draw(self, group: Group, numbers: Sequence[int]) -> list[Message]:
        members = self._members(numbers)
        if isinstance(group, str):
            kind, link = group.split(" ", 1)
            campaign = portrait(Kind(kind), members, link)
            campaign = replace(campaign, log_odds=link_log_odds(self._worst_terms(numbers, members)))
        else:
            campaign = portrait(Kind.NEAR_DUPLICATE, members)
            if self.terms.get(group, 0.0) != campaign.log_odds:
                for link in {link for number in numbers for link in self.links.get(number, ())}:
                    self.grown[link] = None
        self.terms[group] = campaign.log_odds
        if campaign.accounts < ACCOUNTS_NEEDED:
            return [message for name in self.names.pop(group, []) for message in self._dissolve(name)]
        messages: list[Message] = []
        for old in self.names.get(group, []):
            if old != campaign.id:
                messages += self._tell(Campaign(id=old, kind=campaign.kind, version=0, merged_into=campaign.id))
        self.names[group] = [campaign.id]
        return messages + self._tell(campaign)

    def _dissolve(self, name: str) -> list[Message]:
        return self._tell(Campaign(id=name, kind=self.told[name].kind, version=0, merged_into=NOTHING))

    def _tell(self, campaign: Campaign) -> list[Message]:
        told = self.told.get(campaign.id)
        if told:
            campaign = replace(campaign, version=max(campaign.version, told.version))
            if campaign == told:
                return []
            campaign = replace(campaign, version=max(campaign.version, told.version + 1))
        self.told[campaign.id] = campaign
        return [campaign]

    def _worst_terms(self, numbers: Sequence[int], members: Sequence[Member]) -> list[float]:
        worst: dict[str, float] = {}
        for number, member in zip(numbers, members, strict=True):
            worst[member.actor] = min(worst.get(member.actor, 0.0), self._text_term(number))
        return list(worst.values())

    def _text_term(self, number: int) -> float:
        node = self.node[number]
        return self.terms.get(self.index.component(node), 0.0) if node >= 0 else 0.0

    def _membership(self, number: int) -> list[Message]:
        weighty = {link for link in self.links.get(number, ()) if self.terms.get(link)}
        if self._text_term(number):
            weighty.add("")
        told = self.joined.get(number, set())
        if weighty <= told:
            return []
        self.joined[number] = told = told | weighty
        groups: list[Group] = [link or self.index.component(self.node[number]) for link in sorted(told)]
        member = _decoder.decode(self.records[number])
        return [Membership(id=member.id, key=member.key, campaigns=tuple(self.names[group][0] for group in groups))]

    def _members(self, numbers: Sequence[int]) -> list[Member]:
        members = [_decoder.decode(self.records[number]) for number in numbers]
        minima = self.index.minima([max(0, self.node[number]) for number in numbers])
        return [
            replace(member, fingerprint=Fingerprint(row.tobytes(), member.fingerprint.letters))
            if member.fingerprint
            else member
            for member, row in zip(members, minima, strict=True)
        ]

    def _forget(self) -> None:
        """Start again with the clusters that are young enough. Whole ones: what is left of one would look harmless."""
        ages = [_decoder.decode(record).at for record in self.records]
        last: dict[int, int] = {}
        labels = [self.index.component(node) if node >= 0 else -1 - number for number, node in enumerate(self.node)]
        for label, at in zip(labels, ages, strict=True):
            last[label] = max(last.get(label, 0), at)
        cut = self.watermark - self.horizon_ms
        full = len(self.records) > self.most * 3 // 4
        if full:
            cut = max(cut, sorted(last[label] for label in labels)[len(self.records) - self.most * 3 // 4])
        kept = [number for number, label in enumerate(labels) if last[label] >= cut]
        if len(kept) > len(self.records) * 3 // 4 and not full:  # not worth the work yet
            return
        members = self._members(kept)
        names = [self.names.get(labels[number]) for number in kept]
        joined, named = [self.joined.get(number) for number in kept], self.names
        self._clear()
        for begin in range(0, len(members), 1024):
            self._keep(members[begin : begin + 1024])
        for number, (known, told) in enumerate(zip(names, joined, strict=True)):
            if known:
                self.names[self.index.component(self.node[number])] = known
            if told:
                self.joined[number] = told
        self.names |= {group: known for group, known in named.items() if group in self.shared}
        alive = {name for known in self.names.values() for name in known}
        for name in {name for known in named.values() for name in known} - alive:
            self.told.pop(name, None)


def _links(member: Member) -> tuple[str, ...]:
    return (*(f"link {link}" for link in member.links), *(f"domain {domain}" for domain in member.domains))
