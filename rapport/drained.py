"""Whether everything sent into the pipeline has come out at its end."""

import time
from collections.abc import Callable
from contextlib import closing

from events.topics import CAMPAIGN_GROUP, FINGERPRINTS, INTERACTIONS, LATE, SINK_GROUP, WORKER_GROUP
from warehouse.lag import SUNK, Group

# In the order of the flow: when a stage is empty, all that it will send to the next is there.
STAGES = (
    (WORKER_GROUP, (INTERACTIONS,)),
    (WORKER_GROUP, (INTERACTIONS,)),  # an act without a key goes round once
    (CAMPAIGN_GROUP, (FINGERPRINTS,)),
    (WORKER_GROUP, (INTERACTIONS, LATE)),
    (SINK_GROUP, SUNK),
)
PAUSE = 0.2


def wait(kafka: str, progress: Callable[[int], None] = lambda left: None) -> None:
    """Return when nothing is on its way any more. ``progress`` gets the number of messages the stage has left."""
    for name, topics in STAGES:
        with closing(Group(kafka, name)) as group:
            partitions = group.partitions(topics)
            while left := group.behind(partitions):
                progress(left)
                time.sleep(PAUSE)
    progress(0)
