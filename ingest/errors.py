"""Why a source cannot go on. Each message is one line for people, without secrets."""

from datetime import datetime


class SourceError(Exception):
    """Base of what a source may raise; nothing is lost by it, the next pull begins at the same cursor."""


class Unreachable(SourceError):  # noqa: N818 - names a state, not a fault of ours
    """It passes: no answer, one of 5xx or 429, or one that breaks off; ``wait`` seconds where the platform said so."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Malformed(SourceError):  # noqa: N818 - see above
    """An answer that is not what the platform documents; it may pass."""


class Torn(Malformed):
    """An answer that breaks off, or an error page with status 200: it is worth another try at once."""


class Refused(SourceError):  # noqa: N818 - see above
    """The platform says no (HTTP ``status``), and will until somebody changes the settings or the permission."""

    def __init__(self, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.status = status


class Throttled(SourceError):  # noqa: N818 - see above
    """Not before ``until``: the platform's limit, or the budget of ``rapport.toml``, is used up."""

    def __init__(self, reason: str, until: datetime) -> None:
        super().__init__(reason)
        self.until = until
