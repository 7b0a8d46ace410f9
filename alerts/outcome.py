"""What came of one try to deliver. A reason names the receiver's host at most: addresses and keys are secrets."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Delivered:
    """The receiver took it."""


@dataclass(frozen=True)
class Retry:
    """It may pass. ``after``: seconds in which the receiver wants nothing at all, ``None`` where it did not say."""

    after: float | None
    reason: str


@dataclass(frozen=True)
class Permanent:
    """The same will be refused again: a dead letter. ``gone``: the receiver wants nothing ever again."""

    reason: str
    gone: bool = False


Outcome = Delivered | Retry | Permanent
