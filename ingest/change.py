"""What a page means for those who know the pages before: what is new, what was changed, what was taken back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import msgspec

from events import Activity, Actor, Brands, Interaction, Invalid, Reference, decode_interaction, encode
from ingest.dead import DeadLetter, dead_letter
from ingest.ledger import Kept, route_of, text_hash
from ingest.source import Edited, Gap, Item, Removed


class Noticed(Protocol):
    """When something was noticed for the first time, by its id: the same whenever it is asked again."""

    def __call__(self, key: str, now: datetime) -> datetime: ...


@dataclass
class Change:
    """To be published: ``acts``, ``dead``, ``gaps``. To be kept: what is ``new``, ``present`` and ``removed``."""

    acts: list[Interaction] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    new: list[Interaction] = field(default_factory=list)
    present: list[Interaction] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unconcerned: int = 0  # acts that are about none of the brands


def ids(items: Iterable[Item]) -> set[str]:
    """Ids about which the ledger has to be asked."""
    found = set()
    for item in items:
        match item:
            case Interaction(id=key) | Removed(id=key):
                found.add(key)
            case Edited(interaction=act):
                found.add(act.id)
    return found


@dataclass(frozen=True)
class Reader:
    """Reads pages of the source ``origin`` at ``now``, for ``brands``, knowing what is ``kept`` of their ids."""

    kept: Mapping[str, Kept]
    brands: Brands
    noticed: Noticed
    now: datetime
    origin: str

    def read(self, items: Iterable[Item]) -> Change:
        """What ``items`` change. Deterministic but for ``noticed``."""
        result, known = Change(), dict(self.kept)
        for item in items:
            match item:
                case Interaction():
                    self._act(item, None, result, known)
                case Edited(interaction=act, at=at):
                    self._act(act, at, result, known)
                case Removed():
                    self._removed(item, result, known)
                case Gap():
                    result.gaps.append(item)
                case DeadLetter():
                    result.dead.append(item)
        return result

    def _act(self, given: Interaction, edited: datetime | None, result: Change, known: dict[str, Kept]) -> None:
        try:
            act = self._valid(given)
        except Invalid as error:
            payload = repr(given).encode("utf-8", "replace")
            result.dead.append(dead_letter(error.reason, error.detail, self.origin, payload))
            return
        if not any(route.brand for route in self.brands.routes(act)):
            result.unconcerned += 1
            return
        before, text = known.get(act.id), text_hash(act.content)
        if before is None:
            result.acts.append(act)
            result.new.append(act)
        elif before.text is None:
            return  # it was taken back, and a late answer shows it once more
        else:
            if not before.sure:  # it may have been published before we were killed: the same once more changes nothing
                result.acts.append(act)
            if before.text != text:
                result.acts.append(self._update(act, before, edited))
        result.present.append(act)
        known[act.id] = Kept(act.id, text, True, before.route if before else route_of(act))

    def _valid(self, act: Interaction) -> Interaction:
        try:
            return decode_interaction(encode(act), self.now)
        except UnicodeEncodeError as error:
            raise Invalid("not_utf8", str(error)) from error

    def _update(self, act: Interaction, before: Kept, edited: datetime | None) -> Interaction:
        key = f"{act.id}#edit-{text_hash(act.content):x}"
        at = edited or self.noticed(key, self.now)
        change = _about(before, key, Activity.UPDATE, at=at, actor=act.actor)
        return msgspec.structs.replace(change, content=act.content, language=act.language, url=act.url)

    def _removed(self, item: Removed, result: Change, known: dict[str, Kept]) -> None:
        before = known.get(item.id)
        if before is None or before.text is None:
            return
        key, route = f"{item.id}#delete", before.route
        at = item.at or self.noticed(key, self.now)
        author = Actor(id=route.platform if item.by_platform else route.actor)
        deletion = _about(before, key, Activity.DELETE, at=at, actor=author)
        if item.by_platform:
            deletion = msgspec.structs.replace(deletion, in_reply_to=Reference(id=item.id, actor=route.actor))
        result.acts.append(deletion)
        result.removed.append(item.id)
        known[item.id] = Kept(item.id, None, True, route)


def _about(before: Kept, key: str, kind: Activity, *, at: datetime, actor: Actor) -> Interaction:
    """To whom the act went, the change goes, too."""
    route = before.route
    return Interaction(
        id=key,
        platform=route.platform,
        type=kind,
        published=at,
        actor=actor,
        to=route.to,
        in_reply_to=route.in_reply_to,
        object=before.id,
        conversation=route.conversation,
        brands=route.brands,
    )
