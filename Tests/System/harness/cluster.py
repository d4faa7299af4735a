"""The nodes of one cluster under test, each on its host and, on request, with a wall clock of its own."""

import os
import shutil
import time
from email.utils import parsedate_to_datetime

from faults.network import Host
from faults.wall_clock import WallClock
from harness.http_client import Unanswered, ask_once
from harness.node import Node, NodeFailure

TABLE_SECONDS = 10


class Cluster:
    """Nodes are numbered from 1, as in their ids."""

    def __init__(self, folder, hosts=None, count=3, clocks=False, prefix=(), flags=()):
        self.hosts = hosts or [Host(number) for number in range(1, count + 1)]
        folders = [os.path.join(folder, f"node-{host.number}") for host in self.hosts]
        self.clocks = [WallClock(folder) for folder in folders] if clocks else []
        self.nodes = []
        for index, host in enumerate(self.hosts):
            others = [f"{other.address[0]}:{other.address[1]}" for other in self.hosts if other is not host]
            peers = ["--seed-nodes", ",".join(others), "--bootstrap-expect", str(len(self.hosts))] if others else []
            clock = self.clocks[index].prefix if clocks else []
            self.nodes.append(Node(folders[index], node_id=f"node-{host.number}", address=host.address,
                                   command_prefix=[*host.prefix, *prefix, *clock],
                                   flags=[*peers, *flags]))

    @property
    def numbers(self):
        return range(1, len(self.nodes) + 1)

    def node(self, number):
        return self.nodes[number - 1]

    def clock(self, number):
        return self.clocks[number - 1]

    def start_all(self):
        """Starts all nodes and returns after how many seconds every node was ready."""
        started = time.monotonic()
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            node.wait_until_ready()
        return time.monotonic() - started

    def make_table(self, name):
        """Creates a table through the first node and returns when every node knows it."""
        response = self.nodes[0].ask("POST", "/api/v1/tables", b'{"name":"%s"}' % name.encode())
        if response.status != 201:
            raise NodeFailure(f"creating table {name} answered {response.status} {response.body!r}")
        deadline = time.monotonic() + TABLE_SECONDS
        for node in self.nodes:
            while node.ask("GET", f"/api/v1/tables/{name}").status != 200:
                if time.monotonic() > deadline:
                    raise NodeFailure(f"{node.node_id} does not know table {name} after {TABLE_SECONDS} s")
                time.sleep(0.02)

    def kill(self, number):
        self.node(number).kill()
        self._clean_up(number)

    def lose_disk(self, number):
        """Deletes the data directory of a node that is down."""
        shutil.rmtree(self.node(number).store)

    def terminate(self, number):
        status = self.node(number).terminate()
        self._clean_up(number)
        return status

    def _clean_up(self, number):
        if self.clocks:
            self.clock(number).clean_up_after(self.node(number).process.pid)

    def end(self):
        for number in self.numbers:
            process = self.node(number).process
            if process is not None and process.poll() is None:
                self.kill(number)

    def skew_seconds(self, number):
        """Returns how far the Date of a response of the node is from the time to which its clock was set."""
        try:
            date = ask_once(self.node(number).address, "GET", "/livez").header("Date")
        except (OSError, Unanswered) as error:
            raise NodeFailure(f"node-{number} does not answer with its time: {error}") from None
        shown = parsedate_to_datetime(date).timestamp()
        return abs(shown - time.time() - self.clock(number).offset_seconds)
