"""Links to the dashboard that shows what an alert is about. Names of strangers enter a link percent-encoded only."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from alerts.alert import Link
from alerts.finding import Finding
from alerts.state import Linker
from events.interaction import milliseconds

AROUND = timedelta(days=2)


def to_grafana(base: str) -> Linker:
    """Without a ``base`` no Grafana is known, and there are no links."""

    def link(finding: Finding, at: datetime) -> tuple[Link, ...]:
        if not base or not finding.board:
            return ()
        brand = dict(finding.labels)["brand"]
        shown = {"var-brand": brand} if brand else {}
        query = urlencode({**shown, "from": milliseconds(at - AROUND), "to": milliseconds(at + AROUND)})
        return (Link(title="dashboard", url=f"{base.rstrip('/')}/d/{finding.board}?{query}"),)

    return link
