"""A person's word on a score: published, kept, and applied to the past of whom it concerns."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from clickhouse_driver import Client
from msgspec.structs import replace

from events import Correction, Scored, Verdict, encode
from events.interaction import from_milliseconds, milliseconds
from events.topics import CORRECTIONS
from rapport import access, drained
from rapport.attached import attached
from rapport.config import Config
from rapport.embedded.clickhouse import ADMIN
from rapport.errors import UserError
from rapport.wishes import tell
from warehouse import queries
from warehouse.history import history

LONGEST_REASON, LONGEST_AUTHOR = 2_000, 200
TOOK_BACK = Verdict.INSUFFICIENT  # the verdict that takes a correction back
MILLISECOND = timedelta(milliseconds=1)

Rows = dict[tuple[str, str], Scored]  # by (id, brand)


@dataclass(frozen=True)
class Corrected:
    """Every row of the ``persons`` concerned, ``before`` and ``after``; ``after`` is ``None`` where nobody waited."""

    persons: tuple[str, ...]
    before: Rows
    after: Rows | None = None


def correct(
    config: Config,
    identifier: str,
    verdict: Verdict,
    *,
    author: str,
    reason: str,
    wait: bool,
    say: Callable[[str], None],
    progress: Callable[[int], None] = lambda left: None,
) -> Corrected:
    """``verdict`` is genuine, spam or ``TOOK_BACK``. Returns when every table has it, or without ``wait`` at once.

    Raises ``UserError``: an unknown id, nothing to take back, a text too long.
    """
    author, reason = kept("author", author, LONGEST_AUTHOR), kept("reason", reason, LONGEST_REASON)
    with access.warehouse(config) as client:  # a wrong id is said before anything starts
        persons = _concerned(client, identifier)
        before_at = _corrected_at(client, identifier, verdict)
    with attached(config, say) as ends_with_us:
        before = _rows(config, persons)
        now = from_milliseconds(milliseconds(datetime.now(UTC)))
        correction = Correction(
            id=identifier,
            verdict=verdict,
            author=author,
            reason=reason,
            at=max(now, before_at + MILLISECOND) if before_at else now,  # the newest is valid, whatever clocks say
            person=persons[0],
        )
        kafka = access.kafka(config)
        tell(kafka, CORRECTIONS, identifier.encode(), encode(correction), persons=persons)
        if not (wait or ends_with_us):
            return Corrected(persons, before)
        drained.wait(kafka, progress)
        return Corrected(persons, before, _rows(config, persons))


def changed(corrected: Corrected, identifier: str) -> int:
    """How many rows besides those of ``identifier`` are others now."""
    return sum(
        key[0] != identifier and replace(row, revision=0) != replace(corrected.before.get(key, row), revision=0)
        for key, row in (corrected.after or {}).items()
    )


def _concerned(client: Client, identifier: str) -> tuple[str, ...]:
    """The Kafka keys of the act, first that of whoever acts."""
    found = queries.interaction(client, kept("id", identifier, 1_024))
    if not found.rows:
        raise UserError(f"no interaction has the id {identifier}; see the ids with: rapport sql")
    person, actor = (found.columns.index(name) for name in ("person", "actor"))
    keys = {row[person] or row[actor] for row in found.rows}
    return tuple(sorted(keys, key=lambda key: (key != found.rows[0][actor], key)))


def _corrected_at(client: Client, identifier: str, verdict: Verdict) -> datetime | None:
    """When the correction that is valid was made. Raises ``UserError`` where there is none to take back."""
    rows = client.execute("SELECT verdict, at FROM corrections WHERE id = %(id)s AND valid", {"id": identifier})
    if verdict is TOOK_BACK and (not rows or rows[0][0] == TOOK_BACK):
        raise UserError(f"there is no correction of {identifier} to undo; see: rapport corrections")
    return rows[0][1] if rows else None


def _rows(config: Config, persons: tuple[str, ...]) -> Rows:
    with access.warehouse(config, ADMIN) as client:  # the reader may not send the settings of ``history``
        found = history(client, persons)
    return {(row.interaction.id, row.brand): row for rows in found.values() for row in rows}


def kept(name: str, value: str, longest: int) -> str:
    """``value`` if it can be kept. Raises ``UserError``."""
    if len(value) > longest:
        raise UserError(f"the {name} has {len(value):,} characters; at most {longest:,} are kept")
    try:
        value.encode()
    except UnicodeEncodeError as error:  # bytes of the command line that are no UTF-8
        raise UserError(f"the {name} is not UTF-8 at character {error.start + 1}") from error
    return value
