"""Waits until all replicas hold the same versions, and until a cluster has nothing left to repair."""

import time

from harness.http_client import Unanswered
from harness.node_queries import Backlog, ask_json, count_of, metric, table_counts, unequal_keys

POLL_SECONDS = 0.25
SETTLED_STATES = {"alive"}


class Convergence:
    """Waits until all replicas of a table are equal. Requires: nothing writes to the table any more."""

    def __init__(self, cluster, table, keys=()):
        self.cluster = cluster
        self.table = table
        self.unequal = dict.fromkeys(keys)
        self.key_count = len(self.unequal)
        self.counts = {}
        self.exact = []

    def wait(self, seconds):
        """Returns after how many seconds replicas were equal, or None if they were not in time (see `problem`)."""
        started = time.monotonic()
        while True:
            if self._holds():
                return time.monotonic() - started
            if time.monotonic() - started > seconds:
                return None
            time.sleep(POLL_SECONDS)

    def expect(self, checks, seconds, since):
        """Waits and records the check. `since` names the event after which the wait starts."""
        took = self.wait(seconds)
        checks.expect(took is not None, (
            f"all replicas are equal {took:.1f} s after {since} (limit {seconds} s): {self.count} items on each node, "
            f"exact counts, the same version of each of {self.key_count} keys") if took is not None else
            f"replicas still differ {seconds} s after {since}: {self.problem}")
        return took

    def _holds(self):
        nodes = self.cluster.nodes
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
        return (f"items per node {self.counts}, (count, exact) from each {self.exact}, {len(self.unequal)} of "
                f"{self.key_count} keys differ {examples or ''}")


def wait_until_settled(cluster, seconds):
    """Waits until every node is ready and sees all others alive, no hint is pending and no key is known to differ.
    Returns an empty text, or the reason why the cluster did not settle in time."""
    deadline = time.monotonic() + seconds
    while True:
        problem = unsettled_reason(cluster)
        if not problem or time.monotonic() > deadline:
            return problem
        time.sleep(POLL_SECONDS)


def unsettled_reason(cluster):
    for node in cluster.nodes:
        problem = node.readiness()
        if problem:
            return f"{node.node_id}: {problem}"
        try:
            for member in ask_json(node, "/api/v1/cluster/nodes")["nodes"]:
                if member["state"] not in SETTLED_STATES:
                    return f"{node.node_id} sees {member['id']} as {member['state']}"
            pending = Backlog(node).total_pending
            if pending:
                return f"{node.node_id} has {pending} pending hints"
            differing = metric(node, "hedgehog_divergent_keys")
        except (OSError, Unanswered) as error:
            return f"{node.node_id}: {error}"
        if differing:
            return f"{node.node_id} knows of {differing:.0f} keys that differ"
    return ""
