"""What is said of one source: that it is listened to, how far, and what could not be seen when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from events import SourceState, SourceStatus
from ingest.ledger import Heard
from ingest.source import Gap

BEAT = timedelta(seconds=30)
MOMENT = timedelta(milliseconds=1)  # by which an outage begins later than what was said before: one row for each begin
CLOSE = timedelta(seconds=60)  # a position not further back than this is as good as now
AFTERWARDS = "; read afterwards"


@dataclass
class Outage:
    since: datetime
    reason: str


class Watch:
    """``heard`` is what was kept of the source's last run, if there was one; ``cannot``, what nobody can see there.

    Every method returns what is to be said, and takes the time as it is. An outage of a source that resumes is a gap as
    long as it lasts, and filled once the source has caught up.
    """

    def __init__(self, source: str, resumes: bool, heard: Heard | None, now: datetime, cannot: str = "") -> None:
        self.source, self.resumes, self._heard = source, resumes, heard
        self._limits = f"cannot be seen there: {cannot}" if cannot else ""
        self.since = self._caught_up = self._beat = now
        self.newest = heard.newest if heard else None
        self.position: datetime | None = None
        self._outages: list[Outage] = []

    def begin(self, now: datetime) -> Iterator[SourceStatus]:
        if heard := self._heard:
            yield self._said(SourceState.STOPPED, heard.since, now, until=heard.at, reason="rapport was stopped")
            if heard.failing:  # it goes on until a pull goes well
                self._caught_up = heard.failing
                self._outages.append(Outage(heard.failing, heard.reason))
                yield self._gap(self._outages[-1], now, until=None)
            elif now - heard.at > 2 * BEAT:
                self._outages.append(Outage(heard.at + MOMENT, "rapport was not running"))
                yield self._gap(self._outages[-1], now, until=now)
        yield self._live(now)

    def page(self, position: datetime, newest: datetime | None, now: datetime) -> Iterator[SourceStatus]:
        """A page was published, after which everything until ``position`` has been read."""
        self.position = max(self.position or position, position)
        if newest:
            self.newest = max(self.newest or newest, newest)
        if now - position <= CLOSE:
            yield from self.caught_up(now)
        elif now - self._beat >= BEAT:
            yield self._live(now)

    def caught_up(self, now: datetime) -> Iterator[SourceStatus]:
        """Nothing newer is to be read for now."""
        for outage in self._outages:
            if self.resumes:
                yield self._said(SourceState.FILLED, outage.since, now, until=now, reason=outage.reason + AFTERWARDS)
            else:
                yield self._gap(outage, now, until=now)
        self._outages.clear()
        self._caught_up = now
        if now - self._beat >= BEAT:
            yield self._live(now)

    def failed(self, reason: str, now: datetime) -> Iterator[SourceStatus]:
        """A pull ended with an error."""
        last = self._outages[-1] if self._outages else None
        if last is None or last.since < self._caught_up:
            last = Outage(self._caught_up + MOMENT, "")
            self._outages.append(last)
        if reason != last.reason:
            last.reason = reason
            yield self._gap(last, now, until=None)

    def gap(self, gap: Gap, now: datetime) -> SourceStatus:
        return self._said(SourceState.GAP, gap.since, now, until=gap.until, reason=gap.reason)

    def beat(self, now: datetime) -> Iterator[SourceStatus]:
        """Due every half a minute, also when nothing happens."""
        if now - self._beat >= BEAT:
            yield self._live(now)

    def end(self, now: datetime) -> Iterator[SourceStatus]:
        yield self._said(SourceState.STOPPED, self.since, now, until=now, reason="rapport was stopped")

    def heard(self, now: datetime) -> Heard:
        first = self._outages[0] if self._outages else None
        if first is None:
            return Heard(self.since, now, self.newest)
        return Heard(self.since, now, self.newest, first.since, first.reason)

    def _live(self, now: datetime) -> SourceStatus:
        self._beat = now
        return self._said(SourceState.LIVE, self.since, now, until=None, reason=self._limits)

    def _gap(self, outage: Outage, now: datetime, until: datetime | None) -> SourceStatus:
        return self._said(SourceState.GAP, outage.since, now, until=until, reason=outage.reason)

    def _said(
        self, state: SourceState, since: datetime, now: datetime, *, until: datetime | None, reason: str
    ) -> SourceStatus:
        return SourceStatus(
            source=self.source,
            state=state,
            since=since,
            at=now,
            until=until,
            reason=reason,
            position=self.position,
            last_event_at=self.newest,
        )
