"""What an interaction takes on disk."""

from dataclasses import replace

import pytest

from bench.warehouse_size import bytes_per_interaction
from warehouse.client import ClickHouse, connect

pytestmark = pytest.mark.engines


def test_an_interaction_is_small(clickhouse: ClickHouse, simulated: ClickHouse) -> None:
    """At most 45 bytes besides text, evidence and the platforms' own ids, indexes included."""
    client = connect(replace(clickhouse, database=simulated.database))
    found = bytes_per_interaction(client, "interaction", "act_class")
    client.disconnect()
    assert 5 < found["everything else"] + found["indexes and marks"] <= 45, found
