"""One round of watching: what the rules found becomes state, what is due becomes messages, both written at once."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from alerts.facts import Facts
from alerts.finding import Setting
from alerts.notify import Audience, Timing, flush, forget, muted
from alerts.rules import findings
from alerts.state import Linker, advance
from alerts.store import Store


def evaluate(store: Store, facts: Facts, settings: Mapping[str, Setting], links: Linker) -> None:
    """What is so at the time of ``facts``."""
    found = list(findings(facts, settings))
    with store.changing():
        before = store.tracks()
        after = advance(before, found, facts.at, settings, links)
        store.keep(before, after, facts.at)


def tell(store: Store, audiences: Iterable[Audience], timing: Timing, at: datetime) -> datetime | None:
    """Put what is due into the outbox. Returns when the next group may be told, ``None`` where there is none."""
    with store.changing():
        tracks, book = store.tracks(), store.book()
        messages, after = flush(tracks, muted(tracks, store.silences(), at), book, audiences, timing, at)
        if messages or after != book:
            store.tell(messages, after)
        store.keep(tracks, forget(tracks, after), at)
    return min(after.due.values(), default=None)
