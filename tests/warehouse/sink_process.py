"""The sink as a process of its own, for the tests that kill it."""

import json
import signal
import sys

from warehouse.client import ClickHouse
from warehouse.sink import SinkSettings, run


def main() -> None:
    settings = json.loads(sys.argv[1])
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    run(
        SinkSettings(**{**settings, "clickhouse": ClickHouse(**settings["clickhouse"])}),
        lambda: not stopped,
    )


if __name__ == "__main__":
    main()
