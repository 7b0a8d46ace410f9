"""A person's word on whose an account is: published, kept, and applied to the past of all their accounts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from clickhouse_driver import Client

from events import Identity, encode
from events.interaction import from_milliseconds, milliseconds
from events.topics import IDENTITIES
from rapport import access, drained
from rapport.attached import attached
from rapport.config import Config
from rapport.correct import LONGEST_AUTHOR, LONGEST_REASON, kept
from rapport.errors import UserError
from rapport.people import stored
from rapport.wishes import tell
from scoring.identities import Identities
from warehouse import queries

LONGEST_ACCOUNT = 1_024
DECLARED = "declared in the settings"
MILLISECOND = timedelta(milliseconds=1)

Rows = list[dict[str, Any]]
Say = Callable[[str], None]
Left = Callable[[int], None]
Links = Sequence[tuple[str, str]]  # account, person


@dataclass(frozen=True)
class Changed:
    """What was ``said``, and the relationships of all concerned; ``after`` is ``None`` where nobody waited."""

    said: tuple[Identity, ...]
    before: Rows
    after: Rows | None = None


def merge(
    config: Config,
    account: str,
    person: str,
    *,
    author: str,
    reason: str,
    wait: bool,
    say: Say,
    progress: Left = lambda left: None,
) -> Changed:
    """``account`` is ``person``, too. Returns when every table has it, or without ``wait`` at once.

    Raises ``UserError``: an account nobody knows or that is a brand's, one that is merged there already, a circle.
    """
    with access.warehouse(config) as client:  # what is wrong is said before anything starts
        for each in (account, person):
            _check_account(client, config, each)
            _check_known(client, each)
        in_force = stored(client)
    check_link(in_force, account, person)
    return _change(config, in_force, [(account, person)], author, reason, wait=wait, say=say, progress=progress)


def split(
    config: Config,
    account: str,
    *,
    author: str,
    reason: str,
    wait: bool,
    say: Say,
    progress: Left = lambda left: None,
) -> Changed:
    """``account`` is a person by itself again. Raises ``UserError`` where it was nothing else."""
    with access.warehouse(config) as client:
        in_force = stored(client)
    last = in_force.newest(kept("account", account, LONGEST_ACCOUNT))
    if last is None or last.person == account:
        others = [identity.account for identity in in_force if identity.person == account]
        hint = f"; {', '.join(others)} are merged into it: split those" if others else "; see: rapport identities"
        raise UserError(f"{account} is not merged into anybody{hint}")
    return _change(config, in_force, [(account, account)], author, reason, wait=wait, say=say, progress=progress)


def merge_declared(
    config: Config, *, author: str, wait: bool, say: Say, progress: Left = lambda left: None
) -> Changed | None:
    """What ``[people]`` of the settings says, as far as it is not in force; ``None`` where all of it is.

    An account that nobody has seen yet will belong to its person when it comes. Raises ``UserError``.
    """
    declared = config.people
    if not declared:
        raise UserError(f"{config.path or 'rapport.toml'} declares nobody; see [people] in rapport.example.toml")
    with access.warehouse(config) as client:
        in_force, after = stored(client), stored(client)
        missing = []
        for account, person in declared:
            if after.person(account) != after.person(person):
                missing.append((account, person))
                after.apply(_identity(after, account, person, author, DECLARED))
        for account in dict.fromkeys(account for link in missing for account in link):
            _check_account(client, config, account)
    if not missing:
        return None
    return _change(config, in_force, missing, author, DECLARED, wait=wait, say=say, progress=progress)


def _change(
    config: Config,
    in_force: Identities,
    links: Links,
    author: str,
    reason: str,
    *,
    wait: bool,
    say: Say,
    progress: Left,
) -> Changed:
    author, reason = kept("author", author, LONGEST_AUTHOR), kept("reason", reason, LONGEST_REASON)
    said = [_identity(in_force, account, person, author, reason) for account, person in links]
    names = [name for link in links for name in link]
    concerned = dict.fromkeys(each for name in names for each in in_force.accounts(name))
    for identity in said:
        in_force.apply(identity)
    concerned |= dict.fromkeys(each for name in names for each in in_force.accounts(name))
    with attached(config, say) as ends_with_us:
        before = _relationships(config, concerned)
        kafka = access.kafka(config)
        for place, identity in enumerate(said):
            last = place == len(said) - 1
            persons = concerned if last else ()
            tell(kafka, IDENTITIES, identity.account.encode(), encode(identity), persons=persons)
        if not (wait or ends_with_us):
            return Changed(tuple(said), before)
        drained.wait(kafka, progress)
        return Changed(tuple(said), before, _relationships(config, concerned))


def _identity(in_force: Identities, account: str, person: str, author: str, reason: str) -> Identity:
    last = in_force.newest(account)
    now = from_milliseconds(milliseconds(datetime.now(UTC)))
    at = max(now, last.at + MILLISECOND) if last else now  # the newest is valid, whatever clocks say
    return Identity(account=account, person=person, author=author, reason=reason, at=at)


def _relationships(config: Config, persons: Iterable[str]) -> Rows:
    with access.warehouse(config) as client:
        tables = [queries.relationship(client, person) for person in persons]
    return [row for table in tables for row in table.records()]


def _check_account(client: Client, config: Config, account: str) -> None:
    kept("account", account, LONGEST_ACCOUNT)
    check_no_brand(client, config, account, "and a brand is nobody's other account")


def check_no_brand(client: Client, config: Config, account: str, why: str) -> None:
    """Raise ``UserError`` where a brand speaks as ``account``."""
    owners = config.brands.by_account.get(account) or {
        brand
        for (brand,) in client.execute(
            "SELECT brand FROM interaction WHERE actor = %(account)s AND direction = 'outbound' LIMIT 1",
            {"account": account},
        )
    }
    if owners:
        raise UserError(f"{account} is an account of {min(owners)}, {why}")


def _check_known(client: Client, account: str) -> None:
    known = client.execute("SELECT 1 FROM interaction WHERE account = %(account)s LIMIT 1", {"account": account})
    if not known:
        raise UserError(f"nobody knows the account {account}; see the accounts with: rapport sql")


def check_link(in_force: Identities, account: str, person: str) -> None:
    """Raise ``UserError`` where the link says nothing new, or would go in a circle."""
    if account == person:
        raise UserError(f"{account} is {person} already: they are the same account")
    last = in_force.newest(account)
    if last and last.person == person:
        raise UserError(f"{account} is merged into {person} already")
    if in_force.person(account) != in_force.person(person):
        return
    if in_force.person(person) == account:
        raise UserError(f"{person} is merged into {account}: that would go in a circle; split {person} first")
    raise UserError(
        f"{account} and {person} are one person already: {in_force.person(person)}; see: rapport identities"
    )
