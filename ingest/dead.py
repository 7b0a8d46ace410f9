"""What cannot be used: kept with its reason and its origin, so that it can be looked at and replayed."""

from dataclasses import dataclass

from events.codec import MAX_BYTES
from events.dead_letters import KEPT_BYTES


@dataclass(frozen=True)
class DeadLetter:
    """``payload`` is cut to ``KEPT_BYTES``; ``size`` is the original length in bytes."""

    reason: str
    detail: str
    origin: str
    payload: bytes
    size: int


def dead_letter(reason: str, detail: str, origin: str, payload: bytes, size: int | None = None) -> DeadLetter:
    length = len(payload) if size is None else size
    return DeadLetter(reason, detail, origin, payload[:KEPT_BYTES], length)


def too_large(origin: str, kept: bytes, size: int) -> DeadLetter:
    return dead_letter("too_large", f"{size} bytes; at most {MAX_BYTES} are read", origin, kept, size)
