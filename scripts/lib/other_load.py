"""How much of the machine processes took that are none of ours: what a measured time is worth."""

import os
import time

from node import TICKS

IDLE_FIELDS = (3, 4)  # idle, and idle while a disk is waited for


def busy_seconds():
    """Of all processors, since the machine started."""
    with open("/proc/stat", encoding="ascii") as file:
        fields = [int(field) for field in file.readline().split()[1:9]]
    return (sum(fields) - sum(fields[index] for index in IDLE_FIELDS)) / TICKS


class OtherLoad:
    """Begins to count when it is made. Requires: `nodes` run from then until it is asked."""

    def __init__(self, nodes):
        self.nodes = nodes
        self.started = time.monotonic()
        self.before = self._others()

    def _others(self):
        return busy_seconds() - time.process_time() - sum(node.cpu_seconds() for node in self.nodes)

    @property
    def percent(self):
        """Of all processors."""
        elapsed = time.monotonic() - self.started
        return 100 * max(0.0, self._others() - self.before) / (elapsed * os.cpu_count())
