"""Bytes to words and back. What cannot be read says why, in a word that can be counted."""

import re
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from events.interaction import Interaction, milliseconds

T = TypeVar("T")

MAX_BYTES = 900_000  # of one interaction; Kafka's default message limit is 1 MB
CLOCK_SKEW = timedelta(days=1)

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_interactions = msgspec.json.Decoder(Interaction)
_encoder = msgspec.json.Encoder()


class Invalid(Exception):  # noqa: N818 - it names a message, not a fault of ours
    """This one message cannot be used: ``reason`` is a word for counting, ``detail`` a sentence for people."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


def encode(record: object) -> bytes:
    return _encoder.encode(record)


def decode(payload: bytes, kind: type[T]) -> T:
    """Raise ``Invalid`` unless ``payload`` is a ``kind``."""
    try:
        return msgspec.json.decode(payload, type=kind)
    except UNREADABLE as error:
        raise _invalid(error) from error


def decode_interaction(payload: bytes, now: datetime) -> Interaction:
    """The interaction in ``payload``, received at ``now``. Raises ``Invalid``.

    ``null`` is read as absent. An act from the future (beyond a day of clock skew) or from before 1970 is refused:
    its time would order and decay everything about the person wrongly.
    """
    if len(payload) > MAX_BYTES:
        raise Invalid("too_large", f"{len(payload)} bytes; at most {MAX_BYTES} are read")
    try:
        interaction = _interactions.decode(payload)
    except UNREADABLE as error:
        interaction = _without_nulls(payload, error)
    try:
        at = interaction.at
    except (OverflowError, ValueError) as error:  # a zone offset that leads out of the calendar
        raise Invalid("bad_time", f"published {interaction.published.isoformat()}: {error}") from error
    if not 0 <= at <= milliseconds(now + CLOCK_SKEW):
        raise Invalid("bad_time", f"published {interaction.published.isoformat()} is not between 1970 and now")
    return interaction


def _without_nulls(payload: bytes, error: Exception) -> Interaction:
    if "`null`" not in str(error):
        raise _invalid(error) from error
    try:
        return msgspec.convert(_dropped(msgspec.json.decode(payload)), Interaction)
    except UNREADABLE as second:
        raise _invalid(second) from second


def _dropped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _dropped(inner) for key, inner in value.items() if inner is not None}
    return [_dropped(inner) for inner in value if inner is not None] if isinstance(value, list) else value


def _invalid(error: Exception) -> Invalid:
    detail = str(error)
    if isinstance(error, UnicodeDecodeError):
        return Invalid("not_utf8", detail)
    if not isinstance(error, msgspec.ValidationError):
        return Invalid("not_json", detail)
    if "missing required field" in detail:
        return Invalid("missing_field", detail)
    if "enum value" in detail and re.search(r"\$\.type", detail):
        return Invalid("unknown_type", detail)
    if "RFC3339" in detail:
        return Invalid("bad_time", detail)
    return Invalid("wrong_type", detail)
