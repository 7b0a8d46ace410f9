"""When a worker counts as standing still: each topic by itself."""

import time

from events.topics import INTERACTIONS, LATE
from rapport.watchdog import STILL_SECONDS, Watchdog


def test_a_long_refold_does_not_hide_that_new_acts_stand_still() -> None:
    watchdog = Watchdog()
    later = time.monotonic() + STILL_SECONDS[INTERACTIONS] + 1
    assert watchdog.still(time.monotonic()) == []
    watchdog.moved[LATE] = later
    assert watchdog.still(later) == [INTERACTIONS]


def test_a_refold_may_wait_for_a_warehouse_that_is_away() -> None:
    watchdog = Watchdog()
    begun = time.monotonic()
    watchdog.moved[INTERACTIONS] = later = begun + STILL_SECONDS[LATE] - 1
    assert watchdog.still(later) == []
    watchdog.moved[INTERACTIONS] = later = begun + STILL_SECONDS[LATE] + 1
    assert watchdog.still(later) == [LATE]
