"""Values that fit the columns they are for. ClickHouse would change the others without a word, or the driver fail."""

from datetime import datetime

from events import Invalid
from events.interaction import from_milliseconds, milliseconds

SCALE = 10_000
UNSIGNED_8, UNSIGNED_32, SIGNED_64, UNSIGNED_64 = 2**8, 2**32, 2**63, 2**64
LAST_MINUTE_MS = 2**32 * 1000  # ClickHouse's DateTime, in which the minutes are kept, ends in 2106
LAST_TIME_MS = milliseconds(datetime(2299, 1, 1))  # and its DateTime64 in 2299


def time_ms(name: str, time: datetime, end: int = LAST_TIME_MS) -> int:
    """Milliseconds since 1970. Raises ``Invalid`` (``bad_time``) before then, and from ``end`` on."""
    try:
        at = milliseconds(time)
    except (OverflowError, ValueError) as error:  # a zone offset that leads out of the calendar
        raise Invalid("bad_time", f"{name} is {time.isoformat()}: {error}") from error
    if not 0 <= at < end:
        raise Invalid("bad_time", f"{name} is {time.isoformat()}, not between 1970 and {from_milliseconds(end).year}")
    return at


def scaled(name: str, score: float) -> int:
    """A score of 0..1 in whole ten-thousandths. Raises ``Invalid`` (``bad_value``)."""
    if not 0 <= score <= 1:
        raise Invalid("bad_value", f"{name} is {score}, not between 0 and 1")
    return round(score * SCALE)


def unsigned(name: str, number: int, end: int = UNSIGNED_64) -> int:
    """``number``. Raises ``Invalid`` (``bad_value``) unless it is from 0 up to but without ``end``."""
    if not 0 <= number < end:
        raise Invalid("bad_value", f"{name} is {number}, not between 0 and {end - 1}")
    return number
