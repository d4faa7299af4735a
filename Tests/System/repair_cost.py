"""Measures the bytes that anti-entropy moves between three nodes that hold ITEMS items.

Proxies between the nodes count the bytes of HTTP, heads included, without heartbeats. The test fails if
  - a sync session between equal replicas moves 4 KiB or more, or reads an item;
  - the repair of DIFFERING items, which were written while one node was down and have no hint, moves more bytes between
    two nodes than their size, 4 KiB per differing leaf and 1 KiB per differing partition;
  - replicas differ afterwards.
"""

import time
from collections import Counter

from harness import counting_proxy
from harness.bulk_requests import perform
from harness.checks import CheckFailed, require
from harness.cluster import Cluster
from harness.convergence import Convergence
from harness.node_queries import item_target, metric

TABLE = "repair"
INTERVAL_SECONDS = 2
WATCHED_INTERVALS = 6
EQUAL_LIMIT_BYTES = 4 << 10
LEAF_LIMIT_BYTES, PARTITION_LIMIT_BYTES = 4 << 10, 1 << 10
LOAD_EQUAL_SECONDS = 120
REPAIR_SECONDS = 60
# Anti-entropy ignores writes that are this recent, because replication may still deliver them.
RECENT_SECONDS = 3
POLL_SECONDS = 0.1
REPLICATE = "/internal/v1/replicate"
READS = "hedgehog_storage_reads_total"
SESSIONS = "hedgehog_anti_entropy_comparisons_total"
KEYS = "hedgehog_anti_entropy_keys_total"


def key_of(number):
    return f"item-{number:015d}"


def document(number):
    return b'{"number":%d,"fill":"%s"}' % (number, b"r" * 60)


def puts(numbers):
    return (("PUT", item_target(TABLE, key_of(number), "eventual"), document(number)) for number in numbers)


class RepairCost:
    def __init__(self, test):
        self.checks = test.checks
        self.items, self.differing = test.values.items, test.values.differing
        self.cluster = Cluster(test.folder, flags=[
            "--log-format", "text", "--access-log", "errors", "--hint-budget", "0",
            "--anti-entropy-interval-ms", str(1000 * INTERVAL_SECONDS)])
        test.at_end(self.cluster.end)
        self.proxies = []

    def run(self):
        self.cluster.start_all()
        self.cluster.make_table(TABLE)
        started = time.monotonic()
        statuses, refusals = perform(self.cluster.nodes, puts(range(self.items)))
        require(statuses == {200: self.items}, f"{self.items} items of {self._item_bytes()} bytes put "
                f"({self.items / (time.monotonic() - started):.0f} per second) {statuses} {refusals or ''}")
        Convergence(self.cluster, TABLE).expect(self.checks, LOAD_EQUAL_SECONDS, "the last put")
        self._restart_behind_proxies()
        self._measure_equal()
        self._measure_differing()

    def _item_bytes(self):
        return len(key_of(0)) + len(document(self.items))

    def _restart_behind_proxies(self):
        """Restarts all nodes with proxies between them. The items themselves were put without proxies."""
        self.proxies = counting_proxy.start(self.cluster.nodes)
        for number in self.cluster.numbers:
            self.cluster.terminate(number)
        for node, proxy in zip(self.cluster.nodes, self.proxies):
            node.flags += ["--advertise", proxy.host_port]
            node.start()
        waited = [node.wait_until_ready() for node in self.cluster.nodes]
        print(f"  all nodes restarted behind counting proxies, ready after {max(waited):.1f} s", flush=True)
        time.sleep(2 * INTERVAL_SECONDS + RECENT_SECONDS)

    def _calls(self):
        """Returns the calls between nodes since the last time, without heartbeats."""
        calls = []
        for proxy in self.proxies:
            taken, proxy.calls = proxy.calls, []
            calls += [call for call in taken if call.path == REPLICATE]
        return calls

    def _sum(self, name, **labels):
        return sum(metric(node, name, **labels) for node in self.cluster.nodes)

    @staticmethod
    def _repaired_keys(nodes):
        return sum(metric(node, KEYS, direction=direction) for node in nodes for direction in ("pulled", "pushed"))

    def _measure_equal(self):
        self._calls()
        reads, equal, others = self._sum(READS), self._sum(SESSIONS, result="equal"), self._sum(SESSIONS)
        time.sleep(INTERVAL_SECONDS * WATCHED_INTERVALS)
        calls = self._calls()
        done = self._sum(SESSIONS, result="equal") - equal
        total, most = sum(call.bytes for call in calls), max((call.bytes for call in calls), default=0)
        require(done >= WATCHED_INTERVALS and calls, f"{done:.0f} sync sessions between equal replicas, in "
                f"{len(calls)} calls (of {self._sum(SESSIONS) - others:.0f} sync sessions in total)")
        self.checks.expect(total / done < EQUAL_LIMIT_BYTES and most < EQUAL_LIMIT_BYTES,
                           f"a sync session between equal replicas of {self.items} items moved {total / done:.0f} "
                           f"bytes, at most {most} per call (limit {EQUAL_LIMIT_BYTES})")
        self.checks.expect(self._sum(READS) == reads, f"it read {self._sum(READS) - reads:.0f} items")

    def _measure_differing(self):
        running, returning = self.cluster.nodes[:2], self.cluster.nodes[2]
        self.cluster.kill(3)
        statuses, refusals = perform(running[:1], puts(range(self.items, self.items + self.differing)))
        require(statuses == {200: self.differing}, f"{self.differing} items put without a hint while node-3 is down "
                f"{refusals or ''}")
        self._wait_for_items(running, "the items did not reach the second node")
        time.sleep(RECENT_SECONDS)
        self._calls()
        repaired = self._repaired_keys(running)
        returning.start_and_wait()
        returned = time.monotonic()
        took = self._wait_for_items([returning], "the items did not reach node-3") - returned
        time.sleep(2 * INTERVAL_SECONDS)
        calls = self._calls()
        moved = Counter()
        for call in calls:
            moved[call.sender, call.target] += call.bytes
        size = self.differing * self._item_bytes()
        limit = size + self.differing * (LEAF_LIMIT_BYTES + PARTITION_LIMIT_BYTES)
        most = max(moved.values(), default=0)
        print(f"  repaired {took:.1f} s after the return; bytes by sender and target: "
              f"{ {f'{sender} {target}': count for (sender, target), count in sorted(moved.items())} }", flush=True)
        self.checks.expect(0 < most <= limit, f"the repair of {self.differing} differing items ({size} bytes with "
                           f"their keys) moved at most {most} bytes between two nodes, "
                           f"{(most - size) / self.differing:.0f} per item beyond its size (limit {limit}: 4 KiB per "
                           f"leaf, 1 KiB per partition); {sum(moved.values())} bytes in {len(calls)} calls in total")
        gained = self._repaired_keys(self.cluster.nodes) - repaired
        self.checks.expect(gained >= self.differing, f"anti-entropy repaired {gained:.0f} keys")
        keys = [key_of(number) for number in range(self.items, self._total)]
        convergence = Convergence(self.cluster, TABLE, keys)
        convergence.expect(self.checks, REPAIR_SECONDS, "the repair")
        self.checks.expect(convergence.count == self._total, f"{convergence.count} items on each node")

    @property
    def _total(self):
        return self.items + self.differing

    def _wait_for_items(self, nodes, problem):
        """Polls a metric of each node, which causes no calls between nodes. Returns the time of success."""
        deadline = time.monotonic() + REPAIR_SECONDS
        while any(metric(node, "hedgehog_storage_items", table=TABLE) != self._total for node in nodes):
            if time.monotonic() > deadline:
                raise CheckFailed(problem)
            time.sleep(POLL_SECONDS)
        return time.monotonic()


def run(test):
    RepairCost(test).run()
