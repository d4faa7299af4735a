"""Questions to a node over its API and its metrics: hints, replica versions, counts, tombstones."""

import urllib.parse

from harness.http_client import Unanswered, request
from harness.node import NodeFailure

KEYS_PER_BATCH = 50


def ask_json(node, target):
    response = node.ask("GET", target)
    if response.status != 200:
        raise NodeFailure(f"{node.node_id}: GET {target} answered {response.status} {response.body[:300]!r}")
    return response.json()


def metric(node, name, **labels):
    """Returns the sum of the samples of this name that have these labels, or 0 if there is none."""
    response = node.ask("GET", "/metrics")
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    total = 0.0
    for line in response.body.decode().splitlines():
        series, _, value = line.rpartition(" ")
        if series.partition("{")[0] == name and all(part in series for part in wanted):
            total += float(value)
    return total


class CounterSum:
    """The sum of a counter over all nodes and over their restarts, as far as calls of `poll` observe it."""

    def __init__(self, nodes, name):
        self.nodes = nodes
        self.name = name
        self.last = {node: 0.0 for node in nodes}
        self.total = 0.0

    def poll(self):
        for node in self.nodes:
            try:
                value = metric(node, self.name)
            except (OSError, Unanswered):
                continue
            self.total += value if value < self.last[node] else value - self.last[node]
            self.last[node] = value
        return self.total


class Backlog:
    """The hints that one node stores for others, as its replication-backlog route reports them."""

    def __init__(self, node):
        answer = ask_json(node, "/api/v1/debug/replication-backlog?limit=1")
        self.node_id = node.node_id
        self.pending_per_node = answer["pending_per_node"]
        self.accounts = answer["accounts"]

    def pending(self, target):
        return self.accounts.get(target, {}).get("pending", 0)

    def stored(self, target):
        return self.accounts.get(target, {}).get("stored", 0)

    @property
    def total_pending(self):
        return sum(account["pending"] for account in self.accounts.values())

    @property
    def total_bytes(self):
        return sum(account["pending_bytes"] for account in self.accounts.values())

    @property
    def unbalanced_accounts(self):
        """A sentence for each account in which stored differs from delivered + superseded + expired + pending."""
        faults = []
        for target, account in self.accounts.items():
            accounted = sum(account[fate] for fate in ("delivered", "superseded", "expired", "pending"))
            if account["stored"] != accounted or self.pending_per_node.get(target, 0) != account["pending"]:
                faults.append(f"{self.node_id} for {target}: {account}, pending_per_node {self.pending_per_node}")
        return faults


def table_counts(node, table):
    """Returns the number of live items of the table by node id; -1 for a node that does not answer."""
    return ask_json(node, "/api/v1/cluster/table-counts").get(table, {})


def count_of(node, table):
    """Returns the number of items of the table and whether it is exact, which means that all replicas agree."""
    answer = ask_json(node, f"/api/v1/tables/{table}/count")
    return answer["count"], answer["exact"]


def tombstones_of(node, table):
    return ask_json(node, f"/api/v1/tables/{table}")["tombstones"]


def unequal_keys(node, table, keys):
    """Returns the keys whose replicas hold different versions or do not all answer, each with those versions."""
    unequal = {}
    keys = list(keys)
    connection = node.connect()
    for start in range(0, len(keys), KEYS_PER_BATCH):
        chunk = keys[start:start + KEYS_PER_BATCH]
        connection.send(b"".join(request("GET", "/api/v1/debug/replica-nodes?" + urllib.parse.urlencode(
            {"table": table, "key": key}, quote_via=urllib.parse.quote)) for key in chunk))
        for key in chunk:
            response = connection.receive()
            if response.status != 200:
                raise NodeFailure(f"{node.node_id}: replica-nodes of {key} answered {response.status} "
                                  f"{response.body[:300]!r}")
            answer = response.json()
            held = answer["versions"]
            if len(held) < len(answer["replicas"]) or len(set(held.values())) > 1:
                unequal[key] = held
    connection.close()
    return unequal


def present_anywhere(nodes, table, keys):
    """Returns (key, node id) for each key that a node finds in an eventual read, which asks its own replica."""
    found, keys = [], list(keys)
    for node in nodes:
        connection = node.connect()
        for start in range(0, len(keys), KEYS_PER_BATCH):
            chunk = keys[start:start + KEYS_PER_BATCH]
            connection.send(b"".join(request("GET", item_target(table, key, "eventual")) for key in chunk))
            for key in chunk:
                if connection.receive().status != 404:
                    found.append((key, node.node_id))
        connection.close()
    return found


def item_target(table, key, consistency):
    return f"/api/v1/tables/{table}/items/{urllib.parse.quote(key, safe='')}?consistency={consistency}"
