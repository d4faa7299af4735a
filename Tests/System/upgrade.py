"""Replaces the program of three nodes by another build, one node at a time, while the cluster serves strong operations.

OLD is the hedgehogdb of an earlier commit. Its data directories hold items, tombstones and hints when the new program
opens them, and in each step nodes of both programs form every quorum. The last step goes back to OLD on one node, which
must work as long as the formats on disk and on the wire are unchanged.
"""

import os

from harness.checks import CheckFailed, require
from harness.cluster import Cluster
from harness.convergence import wait_until_settled
from harness.node import BINARY

TABLE = "upgrade"
ITEMS_WHILE_DOWN = 50
SETTLE_SECONDS = 60


def target(key):
    return f"/api/v1/tables/{TABLE}/items/{key}?consistency=strong"


def ask(node, method, key, body=None, expected=200):
    response = node.ask(method, target(key), body)
    if response.status != expected:
        raise CheckFailed(f"{method} {key} through {node.node_id} answered {response.status} {response.body[:300]!r}, "
                          f"expected {expected}")
    return response


class Items:
    """The items that must exist, each with the value of its last acknowledged write."""

    def __init__(self):
        self.values = {}
        self.deleted = set()

    def put(self, node, key, value):
        ask(node, "PUT", key, b'{"value":%d}' % value)
        self.values[key] = value
        self.deleted.discard(key)

    def delete(self, node, key):
        ask(node, "DELETE", key)
        del self.values[key]
        self.deleted.add(key)

    def check(self, nodes):
        for index, (key, value) in enumerate(sorted(self.values.items())):
            found = ask(nodes[index % len(nodes)], "GET", key).json()["item"]["value"]
            if found != value:
                raise CheckFailed(f"{key} has the value {found}, and the last acknowledged write was {value}")
        for index, key in enumerate(sorted(self.deleted)):
            ask(nodes[index % len(nodes)], "GET", key, expected=404)


def switch(cluster, number, binary, items):
    """Stops one node, writes what it misses, and starts it again with another program on the same data directory."""
    node, others = cluster.node(number), [node for node in cluster.nodes if node is not cluster.node(number)]
    status = cluster.terminate(number)
    require(status == 0, f"{node.node_id} ends with status 0 after SIGTERM")
    for index in range(ITEMS_WHILE_DOWN):
        items.put(others[index % 2], f"missed-by-{number}-{index}", index)
    node.binary = binary
    node.start_and_wait()
    for index in range(ITEMS_WHILE_DOWN):
        items.put(cluster.nodes[index % 3], f"after-{number}-{index}", index)
        if index % 5 == 0:
            items.delete(cluster.nodes[(index + 1) % 3], f"missed-by-{number}-{index}")
    items.check(cluster.nodes)
    problem = wait_until_settled(cluster, SETTLE_SECONDS)
    problem = problem and f": {problem}"
    require(not problem, f"after {node.node_id} runs the {label(binary)} program, {len(items.values)} items and "
            f"{len(items.deleted)} deletes read back through every node, and no hint is pending{problem}")


def label(binary):
    return "new" if binary == BINARY else "old"


def steps(cluster, old, count):
    cluster.start_all()
    cluster.make_table(TABLE)
    items = Items()
    for index in range(count):
        items.put(cluster.nodes[index % 3], f"item-{index}", index)
    for index in range(0, count, 7):
        items.delete(cluster.nodes[index % 3], f"item-{index}")
    for number in cluster.numbers:
        switch(cluster, number, BINARY, items)
    switch(cluster, 2, old, items)
    switch(cluster, 2, BINARY, items)


def run(test):
    old = os.path.abspath(test.values.old)
    require(os.access(old, os.X_OK), f"OLD={old} is an executable")
    cluster = Cluster(test.folder, flags=["--log-format", "text", "--access-log", "errors"])
    for node in cluster.nodes:
        node.binary = old
    test.at_end(cluster.end)
    steps(cluster, old, test.values.items)
