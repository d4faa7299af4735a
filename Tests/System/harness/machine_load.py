"""Measures the CPU time of processes outside of a test. A measured latency means little while it is high."""

import os
import time

from harness.node import TICKS

IDLE_FIELDS = (3, 4)  # of /proc/stat: idle, and idle while waiting for a disk


def busy_seconds():
    """Returns the busy CPU seconds of all processors since the machine started."""
    with open("/proc/stat", encoding="ascii") as file:
        fields = [int(field) for field in file.readline().split()[1:9]]
    return (sum(fields) - sum(fields[index] for index in IDLE_FIELDS)) / TICKS


class OtherProcesses:
    """Starts to measure when it is made. Requires: `nodes` run from then until `percent` is read."""

    def __init__(self, nodes):
        self.nodes = nodes
        self.started = time.monotonic()
        self.before = self._seconds()

    def _seconds(self):
        return busy_seconds() - time.process_time() - sum(node.cpu_seconds() for node in self.nodes)

    @property
    def percent(self):
        """The share of all processors that processes other than this one and the nodes used."""
        elapsed = time.monotonic() - self.started
        return 100 * max(0.0, self._seconds() - self.before) / (elapsed * os.cpu_count())
