"""The test of what anti-entropy costs; scripts/repair-cost.sh runs it and says what it proves."""

import os
import shutil
import sys
import tempfile
import time
from collections import Counter

import counting_proxy
from bulk import perform
from checks import Failed, check
from client import Unanswered
from healing import Equality, item_target, metric
from members import Members
from node import NodeFailure
from verdicts import Verdicts

ITEMS = int(os.environ.get("ITEMS", "1000000"))
DIFFERING = int(os.environ.get("DIFFERING", "100"))
TABLE = "repair"
INTERVAL_SECONDS = 2
WATCHED_INTERVALS = 6
EQUAL_LIMIT_BYTES = 4 << 10
LEAF_LIMIT_BYTES, PARTITION_LIMIT_BYTES = 4 << 10, 1 << 10
LOAD_EQUAL_SECONDS = 120
REPAIR_SECONDS = 60
# What was written so shortly before is left to the ordinary flow of writes.
RECENT_SECONDS = 3
POLL_SECONDS = 0.1
REPLICATE = "/internal/v1/replicate"
READS = "hedgehog_storage_reads_total"
COMPARISONS = "hedgehog_anti_entropy_comparisons_total"
KEYS = "hedgehog_anti_entropy_keys_total"


def key_of(number):
    return f"item-{number:015d}"


def document(number):
    return b'{"number":%d,"fill":"%s"}' % (number, b"r" * 60)


def puts(numbers):
    return (("PUT", item_target(TABLE, key_of(number), "eventual"), document(number)) for number in numbers)


class RepairCost:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="hedgehog-repair-")
        self.members = Members(self.folder, flags=[
            "--log-format", "text", "--access-log", "errors", "--hint-budget", "0",
            "--anti-entropy-interval-ms", str(1000 * INTERVAL_SECONDS)])
        self.verdicts = Verdicts()
        self.proxies = []

    def run(self):
        self.members.form()
        self.members.make_table(TABLE)
        print(f"repair-cost: {ITEMS} items on three nodes, a comparison every {INTERVAL_SECONDS} s; logs in "
              f"{self.folder}", flush=True)
        started = time.monotonic()
        statuses, refusals = perform(self.members.nodes, puts(range(ITEMS)))
        check(statuses == {200: ITEMS}, f"{ITEMS} items of {len(key_of(0)) + len(document(ITEMS))} bytes put "
              f"({ITEMS / (time.monotonic() - started):.0f} a second) {statuses} {refusals or ''}")
        Equality(self.members, TABLE).judge(self.verdicts, LOAD_EQUAL_SECONDS, "the last put")
        self._restart_behind_proxies()
        self._equal()
        self._differing()
        return self.verdicts.all_kept

    def _restart_behind_proxies(self):
        """Only now: the items themselves need not pass through."""
        self.proxies = counting_proxy.start(self.members.nodes)
        for number in self.members.numbers:
            self.members.terminate(number)
        for node, proxy in zip(self.members.nodes, self.proxies):
            node.flags += ["--advertise", proxy.host_port]
            node.start()
        waited = [node.wait_until_ready() for node in self.members.nodes]
        print(f"  all three started again behind counting proxies, ready after {max(waited):.1f} s", flush=True)
        time.sleep(2 * INTERVAL_SECONDS + RECENT_SECONDS)

    def _calls(self):
        """What passed between nodes but for gossip, since the last time it was asked."""
        calls = []
        for proxy in self.proxies:
            taken, proxy.calls = proxy.calls, []
            calls += [call for call in taken if call.path == REPLICATE]
        return calls

    def _sum(self, name, **labels):
        return sum(metric(node, name, **labels) for node in self.members.nodes)

    @staticmethod
    def _mended(nodes):
        return sum(metric(node, KEYS, direction=direction) for node in nodes for direction in ("pulled", "pushed"))

    def _equal(self):
        self._calls()
        reads, equal, others = self._sum(READS), self._sum(COMPARISONS, result="equal"), self._sum(COMPARISONS)
        time.sleep(INTERVAL_SECONDS * WATCHED_INTERVALS)
        calls = self._calls()
        done = self._sum(COMPARISONS, result="equal") - equal
        total, most = sum(call.bytes for call in calls), max((call.bytes for call in calls), default=0)
        check(done >= WATCHED_INTERVALS and calls, f"{done:.0f} comparisons of equal replicas were watched, in "
              f"{len(calls)} calls (of all comparisons: {self._sum(COMPARISONS) - others:.0f})")
        self.verdicts.judge(total / done < EQUAL_LIMIT_BYTES and most < EQUAL_LIMIT_BYTES,
                            f"a comparison of equal replicas of {ITEMS} items moved {total / done:.0f} bytes, {most} "
                            f"at most (allowed {EQUAL_LIMIT_BYTES})")
        self.verdicts.judge(self._sum(READS) == reads, f"it read {self._sum(READS) - reads:.0f} items")

    def _differing(self):
        stay, away = self.members.nodes[:2], self.members.nodes[2]
        self.members.kill(3)
        statuses, refusals = perform(stay[:1], puts(range(ITEMS, ITEMS + DIFFERING)))
        check(statuses == {200: DIFFERING}, f"{DIFFERING} items put while node-3 is away, and no hint kept of them "
              f"{refusals or ''}")
        self._wait_for_items(stay, "the items did not reach the second node")
        time.sleep(RECENT_SECONDS)
        self._calls()
        mended = self._mended(stay)
        away.start_and_wait()
        returned = time.monotonic()
        took = self._wait_for_items([away], "the items did not reach the node that was away") - returned
        time.sleep(2 * INTERVAL_SECONDS)
        calls = self._calls()
        moved = Counter()
        for call in calls:
            moved[call.sender, call.target] += call.bytes
        size = DIFFERING * (len(key_of(0)) + len(document(ITEMS)))
        allowed = size + DIFFERING * (LEAF_LIMIT_BYTES + PARTITION_LIMIT_BYTES)
        most = max(moved.values(), default=0)
        print(f"  mended {took:.1f} s after the return; bytes by who asked whom: "
              f"{ {f'{sender} {target}': count for (sender, target), count in sorted(moved.items())} }", flush=True)
        self.verdicts.judge(0 < most <= allowed, f"{DIFFERING} differing items ({size} bytes with their keys) moved "
                            f"{most} bytes between two nodes at most, {(most - size) / DIFFERING:.0f} an item beside "
                            f"their size (allowed {allowed}: 4 KiB a leaf, 1 KiB a partition); {sum(moved.values())} "
                            f"bytes in {len(calls)} calls between all")
        gained = self._mended(self.members.nodes) - mended
        self.verdicts.judge(gained >= DIFFERING, f"anti-entropy mended {gained:.0f} keys")
        keys = [key_of(number) for number in range(ITEMS, ITEMS + DIFFERING)]
        equality = Equality(self.members, TABLE, keys)
        equality.judge(self.verdicts, REPAIR_SECONDS, "that")
        self.verdicts.judge(equality.count == ITEMS + DIFFERING, f"{equality.count} items on each node")

    @staticmethod
    def _wait_for_items(nodes, problem):
        """Asking each node only of itself, so that nothing passes between nodes for it."""
        deadline = time.monotonic() + REPAIR_SECONDS
        while any(metric(node, "hedgehog_storage_items", table=TABLE) != ITEMS + DIFFERING for node in nodes):
            if time.monotonic() > deadline:
                raise Failed(problem)
            time.sleep(POLL_SECONDS)
        return time.monotonic()


def main():
    cost = RepairCost()
    is_good = False
    try:
        is_good = cost.run()
        print(f"repair-cost: {'passed' if is_good else 'FAILED; stores and logs are kept in ' + cost.folder}")
    except (Failed, NodeFailure, Unanswered, OSError) as failure:
        print(f"repair-cost: FAILED (stores and logs are kept in {cost.folder}): {failure}")
    finally:
        cost.members.end()
    if is_good:
        shutil.rmtree(cost.folder)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
