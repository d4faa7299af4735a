"""Deletes COUNT items while one of three nodes is down for longer than gc-grace.

The node stays down past a hint window of 10 s and a gc-grace of 20 s, so no hint delivers the deletes to it, and it
returns with every item. The test fails if
  - a deleted item is live on a node that stayed, even for a moment, or on any node EQUAL_SECONDS after the return;
  - counts are then not 0, exact and equal on all nodes;
  - a tombstone was purged while a replica was down, or one is left PURGE_SECONDS after gc-grace with all nodes up;
  - an item exists after that and after a kill -9 of all three nodes.
"""

import time

from harness.bulk_requests import perform
from harness.checks import require
from harness.cluster import Cluster
from harness.convergence import Convergence
from harness.node_queries import CounterSum, item_target, metric, table_counts, tombstones_of

WINDOW_SECONDS, GRACE_SECONDS = 10, 20
# The time that a purge pass may take after gc-grace. The test also waits this long before it checks that no tombstone
# is purged while a replica is down.
MARGIN_SECONDS = 5
TABLE = "deletes"
POLL_SECONDS = 0.25
SAMPLE_EVERY = 97


def target(number):
    return item_target(TABLE, f"d-{number:08d}", "eventual")


class Deletes:
    def __init__(self, test):
        values = test.values
        self.count = values.count
        # No hint is left, so anti-entropy must repair all keys. The limits assume 1,000 keys per second.
        self.equal_seconds = values.equal_seconds or 60 + values.count // 1000
        self.purge_seconds = values.purge_seconds or 60 + values.count // 1000
        self.checks = test.checks
        self.cluster = Cluster(test.folder, flags=[
            "--log-format", "text", "--access-log", "errors", "--hint-window", f"{WINDOW_SECONDS}s",
            "--gc-grace", f"{GRACE_SECONDS}s"])
        test.at_end(self.cluster.end)
        self.purged = CounterSum(self.cluster.nodes, "hedgehog_tombstones_purged_total")

    def run(self):
        self.cluster.start_all()
        self.cluster.make_table(TABLE)
        self._put()
        self._delete_while_one_is_down()
        self._return()
        self._purge()

    def _put(self):
        started = time.monotonic()
        statuses, refusals = perform(self.cluster.nodes, (
            ("PUT", target(number), b'{"number":%d}' % number) for number in range(self.count)))
        require(statuses == {200: self.count}, f"{self.count} items put through three nodes "
                f"({self._rate(started):.0f} per second) {statuses} {refusals or ''}")
        convergence = Convergence(self.cluster, TABLE)
        convergence.expect(self.checks, self.equal_seconds, "the last put")
        require(convergence.count == self.count, f"{convergence.count} items on each node")

    def _delete_while_one_is_down(self):
        stay = self.cluster.nodes[:2]
        self.cluster.kill(3)
        self.stopped_at = time.monotonic()
        started = time.monotonic()
        statuses, refusals = perform(stay, (("DELETE", target(number), None) for number in range(self.count)))
        require(statuses == {200: self.count}, f"{self.count} items deleted through two nodes while node-3 is down "
                f"({self._rate(started):.0f} per second) {statuses} {refusals or ''}")
        time.sleep(GRACE_SECONDS + MARGIN_SECONDS)
        blocked = sum(metric(node, "hedgehog_purge_blocked_partitions") for node in stay)
        self.checks.expect(self.purged.poll() == 0 and tombstones_of(stay[0], TABLE) >= self.count,
                           f"no tombstone is purged while a replica is down ({tombstones_of(stay[0], TABLE)} "
                           f"tombstones, {blocked:.0f} partitions blocked from purging)")

    def _return(self):
        returning = self.cluster.nodes[2]
        returning.start_and_wait()
        returned = time.monotonic()
        held = table_counts(returning, TABLE)
        worst, counts = {}, {}
        while time.monotonic() - returned < self.equal_seconds:
            counts = table_counts(self.cluster.nodes[0], TABLE)
            for node_id, count in counts.items():
                worst[node_id] = max(worst.get(node_id, 0), count)
            self.purged.poll()
            if len(counts) == 3 and set(counts.values()) == {0}:
                break
            time.sleep(POLL_SECONDS)
        print(f"  node-3 was down for {returned - self.stopped_at:.0f} s and held {held.get('node-3')} items when it "
              "returned", flush=True)
        self.checks.expect(worst.get("node-1") == 0 and worst.get("node-2") == 0,
                           f"no deleted item came back on the nodes that stayed; most live items per node: {worst}")
        self.checks.expect(set(counts.values()) == {0}, f"live items per node {time.monotonic() - returned:.1f} s "
                           f"after the return (limit {self.equal_seconds} s): {counts}")
        sample = [f"d-{number:08d}" for number in range(0, self.count, SAMPLE_EVERY)]
        convergence = Convergence(self.cluster, TABLE, sample)
        convergence.expect(self.checks, self.equal_seconds, "the deletes arrived")
        self.checks.expect(convergence.count == 0, f"{convergence.count} items counted on every node")

    def _purge(self):
        started = time.monotonic()
        left = None
        while time.monotonic() - started < GRACE_SECONDS + self.purge_seconds:
            self.purged.poll()
            left = tombstones_of(self.cluster.nodes[0], TABLE)
            if left == 0:
                break
            time.sleep(POLL_SECONDS)
        self.checks.expect(left == 0, f"{left} tombstones are left {time.monotonic() - started:.1f} s later (limit "
                           f"{GRACE_SECONDS + self.purge_seconds} s), {self.purged.poll():.0f} were purged")
        for number in self.cluster.numbers:
            self.cluster.kill(number)
        for node in self.cluster.nodes:
            node.start()
        for node in self.cluster.nodes:
            node.wait_until_ready()
        convergence = Convergence(self.cluster, TABLE)
        convergence.expect(self.checks, self.equal_seconds, "kill -9 and restart of all nodes")
        self.checks.expect(convergence.count == 0, f"{convergence.count} items came back")

    def _rate(self, started):
        return self.count / (time.monotonic() - started)


def run(test):
    Deletes(test).run()
