"""How a message that cannot be used is put aside: what the headers on the topic ``dead-letters`` say of it."""

from datetime import UTC, datetime

KEPT_BYTES = 100_000  # of the message: enough to see what it was, and Kafka takes it whatever it came from
KEPT_DETAIL = 1_000  # characters: a detail may quote the message


def dead_letter_headers(reason: str, detail: str, origin: str, at: datetime, size: int) -> dict[str, bytes]:
    """``origin``: file:NAME:LINE or TOPIC:PARTITION:OFFSET. ``size``: of the whole message, in bytes.

    A time without a zone is UTC.
    """
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    headers = {
        "reason": reason,
        "detail": detail[:KEPT_DETAIL],
        "origin": origin,
        "at": aware.astimezone(UTC).isoformat(),
        "bytes": str(size),
    }
    # A file name and a detail may hold what UTF-8 cannot.
    return {name: text.encode("utf-8", "backslashreplace") for name, text in headers.items()}
