"""Who is whom, as the warehouse has it."""

from clickhouse_driver import Client

from events import Identity
from scoring.identities import Identities


def stored(client: Client) -> Identities:
    """What has been said of every account."""
    rows = client.execute("SELECT account, person, author, reason, at FROM identity FINAL")
    return Identities(
        Identity(account=account, person=person, author=author, reason=reason, at=at)
        for account, person, author, reason, at in rows
    )
