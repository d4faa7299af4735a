"""The nodes of one cluster under test, each with its host and, if wanted, a wall clock of its own."""

import os
import shlex
import shutil
import time
from email.utils import parsedate_to_datetime

from client import Unanswered, ask_once
from network import Host
from node import Node, NodeFailure
from wall_clock import WallClock

TABLE_SECONDS = 10


class Members:
    """Numbered from 1, as the nodes are."""

    def __init__(self, folder, hosts=None, count=3, clocks=False, prefix=(), flags=()):
        self.hosts = hosts or [Host(number) for number in range(1, count + 1)]
        folders = [os.path.join(folder, f"node-{host.number}") for host in self.hosts]
        self.clocks = [WallClock(folder) for folder in folders] if clocks else []
        self.nodes = []
        for index, host in enumerate(self.hosts):
            others = [f"{other.address[0]}:{other.address[1]}" for other in self.hosts if other is not host]
            cluster = ["--seed-nodes", ",".join(others), "--bootstrap-expect", str(len(self.hosts))] if others else []
            clock = self.clocks[index].prefix if clocks else []
            self.nodes.append(Node(folders[index], node_id=f"node-{host.number}", address=host.address,
                                   command_prefix=[*host.prefix, *prefix, *clock],
                                   flags=[*cluster, *flags, *shlex.split(os.environ.get("FLAGS", ""))]))

    @property
    def numbers(self):
        return range(1, len(self.nodes) + 1)

    def node(self, number):
        return self.nodes[number - 1]

    def clock(self, number):
        return self.clocks[number - 1]

    def form(self):
        """Starts all; how many seconds until every one was ready."""
        started = time.monotonic()
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            node.wait_until_ready()
        return time.monotonic() - started

    def make_table(self, name):
        """Creates it through the first node and returns when every node answers for it."""
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
        """Of a node that is down: its data directory is gone."""
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
        """How far what the node's answers say the time is lies from what its clock was set to."""
        try:
            date = ask_once(self.node(number).address, "GET", "/livez").header("Date")
        except (OSError, Unanswered) as silence:
            raise NodeFailure(f"node-{number} does not tell its time: {silence}") from None
        told = parsedate_to_datetime(date).timestamp()
        return abs(told - time.time() - self.clock(number).offset_seconds)
