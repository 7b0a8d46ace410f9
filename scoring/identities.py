"""Which accounts are one person: what people have declared, never guessed. Told in any order, it ends the same."""

from collections.abc import Iterable, Iterator, Mapping

from events import Identity


class Identities:
    """Links between accounts. The newest word (``at``) on an account holds; of two at once, the one told later."""

    def __init__(self, identities: Iterable[Identity] = ()) -> None:
        self._newest: dict[str, Identity] = {}
        self._others: dict[str, set[str]] = {}  # the accounts that say that they are this one
        self._ever: dict[str, set[str]] = {}  # with whom an account was ever named together, itself included
        for identity in identities:
            self.apply(identity)

    def __iter__(self) -> Iterator[Identity]:
        """The links in force, by account."""
        return (identity for _, identity in sorted(self._newest.items()) if identity.account != identity.person)

    def __bool__(self) -> bool:
        """Whether anything was ever said of any account."""
        return bool(self._newest)

    def __contains__(self, account: str) -> bool:
        """Whether anything was ever said of this account, or of another one as its own."""
        return account in self._ever

    def apply(self, identity: Identity) -> None:
        """Take in ``identity``. One whose person is its own account takes the account out of the person again."""
        named = {identity.account, identity.person}
        for account in named:
            self._ever.setdefault(account, set()).update(named)
        before = self._newest.get(identity.account)
        if before and before.at > identity.at:
            return
        if before and before.person in self._others:
            self._others[before.person].discard(identity.account)
            if not self._others[before.person]:
                del self._others[before.person]
        self._newest[identity.account] = identity
        if identity.account != identity.person:
            self._others.setdefault(identity.person, set()).add(identity.account)

    def newest(self, account: str) -> Identity | None:
        """The last word on ``account`` itself, whether it links it or takes it out again."""
        return self._newest.get(account)

    def person(self, account: str) -> str:
        """The account that stands for the person of ``account``: the end of the chain; of a cycle, the smallest."""
        path = [account]
        while identity := self._newest.get(path[-1]):
            if identity.person == path[-1]:
                break
            if identity.person in path:
                return min(path[path.index(identity.person) :])
            path.append(identity.person)
        return path[-1]

    def accounts(self, person: str) -> tuple[str, ...]:
        """Every account of the person of ``person``: first the one that stands for them, the others sorted."""
        first = self.person(person)
        return (first, *sorted(_reached(first, self._others) - {first}))

    def ever(self, account: str) -> set[str]:
        """Every account that is, was or may once have been of the person of ``account``."""
        return _reached(account, self._ever)


def _reached(account: str, links: Mapping[str, set[str]]) -> set[str]:
    found, waiting = {account}, [account]
    while waiting:
        more = links.get(waiting.pop(), set()) - found
        found |= more
        waiting += more
    return found
