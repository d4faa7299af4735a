"""What nodes say of hints, differences and recovery, and the wait until all replicas are equal."""

import time
import urllib.parse

from client import Unanswered, request
from node import NodeFailure

ASKED_AT_ONCE = 50
AGAIN_SECONDS = 0.25
SETTLED_STATES = {"alive"}


def ask_json(node, target):
    response = node.ask("GET", target)
    if response.status != 200:
        raise NodeFailure(f"{node.node_id}: GET {target} answered {response.status} {response.body[:300]!r}")
    return response.json()


def metric(node, name, **labels):
    """The sum of the samples with this name and these labels; 0 where there is none."""
    response = node.ask("GET", "/metrics")
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    total = 0.0
    for line in response.body.decode().splitlines():
        series, _, value = line.rpartition(" ")
        if series.partition("{")[0] == name and all(part in series for part in wanted):
            total += float(value)
    return total


class CounterSum:
    """What a counter has come to on all nodes over their restarts, as far as `poll` has seen it."""

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
    """One answer of a node about the hints that it keeps for others."""

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
    def pending_in_all(self):
        return sum(account["pending"] for account in self.accounts.values())

    @property
    def bytes_in_all(self):
        return sum(account["pending_bytes"] for account in self.accounts.values())

    @property
    def open_accounts(self):
        """A sentence for each that does not close."""
        faults = []
        for target, account in self.accounts.items():
            fates = sum(account[fate] for fate in ("delivered", "superseded", "expired", "pending"))
            if account["stored"] != fates or self.pending_per_node.get(target, 0) != account["pending"]:
                faults.append(f"{self.node_id} for {target}: {account}, pending_per_node {self.pending_per_node}")
        return faults


def table_counts(node, table):
    """By node: how many live items of the table it holds; -1 where it does not answer."""
    return ask_json(node, "/api/v1/cluster/table-counts").get(table, {})


def count_of(node, table):
    """The table's items, and whether all replicas agree on them."""
    answer = ask_json(node, f"/api/v1/tables/{table}/count")
    return answer["count"], answer["exact"]


def tombstones_of(node, table):
    return ask_json(node, f"/api/v1/tables/{table}")["tombstones"]


def unequal_keys(node, table, keys):
    """Those of which the replicas hold different versions, or do not all answer, with what they answered."""
    unequal = {}
    keys = list(keys)
    connection = node.connect()
    for start in range(0, len(keys), ASKED_AT_ONCE):
        chunk = keys[start:start + ASKED_AT_ONCE]
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


def present_anywhere(nodes, table, keys, batch=ASKED_AT_ONCE):
    """Keys that some node finds in an eventual read, which asks its own replica: [(key, node id)]."""
    found, keys = [], list(keys)
    for node in nodes:
        connection = node.connect()
        for start in range(0, len(keys), batch):
            chunk = keys[start:start + batch]
            connection.send(b"".join(request("GET", item_target(table, key, "eventual")) for key in chunk))
            for key in chunk:
                if connection.receive().status != 404:
                    found.append((key, node.node_id))
        connection.close()
    return found


def item_target(table, key, consistency):
    return f"/api/v1/tables/{table}/items/{urllib.parse.quote(key, safe='')}?consistency={consistency}"


class Equality:
    """Waits until all replicas hold the same of a table whose writers have stopped."""

    def __init__(self, members, table, keys=()):
        self.members = members
        self.table = table
        self.unequal = dict.fromkeys(keys)
        self.key_count = len(self.unequal)
        self.counts = {}
        self.exact = []

    def wait(self, seconds):
        """How many seconds it took; None when it did not come to pass, and `problem` says why."""
        started = time.monotonic()
        while True:
            if self._holds():
                return time.monotonic() - started
            if time.monotonic() - started > seconds:
                return None
            time.sleep(AGAIN_SECONDS)

    def judge(self, verdicts, seconds, since):
        """Waits, and says what came of it; how many seconds it took, or None."""
        took = self.wait(seconds)
        verdicts.judge(took is not None, (
            f"all replicas are equal {took:.1f} s after {since} (allowed {seconds} s): {self.count} items each, counts "
            f"exact, versions of {self.key_count} keys the same") if took is not None else
            f"replicas still differ {seconds} s after {since}: {self.problem}")
        return took

    def _holds(self):
        nodes = self.members.nodes
        self.counts = table_counts(nodes[0], self.table)
        self.exact = [count_of(node, self.table) for node in nodes]
        self.unequal = unequal_keys(nodes[0], self.table, self.unequal)
        return (not self.unequal and len(self.counts) == len(nodes) and len(set(self.counts.values())) == 1
                and set(self.exact) == {(self.count, True)})

    @property
    def count(self):
        return next(iter(self.counts.values()), 0)

    @property
    def problem(self):
        examples = list(self.unequal.items())[:5]
        return (f"items per node {self.counts}, (count, exact) by each {self.exact}, {len(self.unequal)} of "
                f"{self.key_count} keys differ {examples or ''}")


def settle(members, seconds):
    """Waits until every node is ready and takes every other for alive and whole, no hint waits and nothing is known to
    differ. Returns why not, or nothing."""
    deadline = time.monotonic() + seconds
    while True:
        problem = unrest(members)
        if not problem or time.monotonic() > deadline:
            return problem
        time.sleep(AGAIN_SECONDS)


def unrest(members):
    for node in members.nodes:
        problem = node.readiness()
        if problem:
            return f"{node.node_id}: {problem}"
        try:
            for member in ask_json(node, "/api/v1/cluster/nodes")["nodes"]:
                if member["state"] not in SETTLED_STATES:
                    return f"{node.node_id} takes {member['id']} for {member['state']}"
            pending = Backlog(node).pending_in_all
            if pending:
                return f"{node.node_id} has {pending} hints to deliver"
            differing = metric(node, "hedgehog_divergent_keys")
        except (OSError, Unanswered) as silence:
            return f"{node.node_id}: {silence}"
        if differing:
            return f"{node.node_id} knows of {differing:.0f} keys that differ"
    return ""
