"""Writes through two of three nodes, at a constant RATE, while the third is down for SECONDS. Then it returns.

Writes are distinct, alternately eventual and strong, and go on after the return. The test fails if
  - hints use more than BUDGET, or a write during the outage has neither a hint nor is counted as one without;
  - an account is not balanced at any poll: stored = delivered + superseded + expired + pending;
  - hints are not delivered within twice the outage, or the gauge of pending hints is not 0 then;
  - p99 while hints are delivered is more than P99_FACTOR times the p99 before the outage (medians of 3 windows); with
    P99_FACTOR=0 it is printed only, for a machine that runs other work too;
  - a write is refused, or counts at the end are not exact and equal on all nodes.
With a small BUDGET, such as 2MiB, anti-entropy must repair the keys without a hint. Finally one node stores HINTS
hints, is killed with kill -9 and started again: no hint may be lost and all must be delivered.
"""

import os
import statistics
import time

from harness.arguments import bytes_of
from harness.bulk_requests import perform
from harness.checks import require
from harness.cluster import Cluster
from harness.convergence import Convergence, wait_until_settled
from harness.machine_load import OtherProcesses
from harness.node import NodeFailure
from harness.node_queries import Backlog, item_target, metric
from workloads.steady_load import SteadyLoad

TABLE = "outage"
WARM_UP_SECONDS = 3.0
WINDOWS = 3
POLL_SECONDS = 0.5
DRAIN_FACTOR = 2
EQUAL_SECONDS = 60
SETTLE_SECONDS = 60
PENDING = "hedgehog_replication_hinted_handoff_pending"
DROPPED = "hedgehog_replication_hints_dropped_total"


class Watch:
    """Polls the hints that the running nodes store for the node that is down."""

    def __init__(self, nodes, target):
        self.nodes = nodes
        self.target = target.node_id
        self.polls = self.most_pending = self.most_bytes = 0
        self.unbalanced = []

    def poll(self):
        """Returns the number of hints that are pending on all nodes."""
        backlogs = [Backlog(node) for node in self.nodes]
        self.polls += 1
        for backlog in backlogs:
            self.unbalanced += backlog.unbalanced_accounts
            self.most_bytes = max(self.most_bytes, backlog.total_bytes)
        pending = sum(backlog.pending(self.target) for backlog in backlogs)
        self.most_pending = max(self.most_pending, pending)
        return pending

    def poll_until(self, deadline):
        while time.monotonic() < deadline:
            self.poll()
            time.sleep(POLL_SECONDS)

    @property
    def stored(self):
        return sum(Backlog(node).stored(self.target) for node in self.nodes)

    @property
    def without_hint(self):
        return int(sum(metric(node, DROPPED, target_node=self.target, reason="limit") for node in self.nodes))


class Outage:
    def __init__(self, test):
        self.values = test.values
        self.window_seconds = max(3.0, min(20.0, self.values.seconds / 12))
        self.cluster = Cluster(test.folder, flags=["--log-format", "text", "--access-log", "errors",
                                                   "--hint-budget", self.values.budget])
        test.at_end(self.cluster.end)
        self.running, self.target = self.cluster.nodes[:2], self.cluster.nodes[2]
        self.target_number = 3
        self.checks = test.checks
        self.watch = Watch(self.running, self.target)
        self.load = SteadyLoad(self.running, TABLE, self.values.rate)

    def run(self):
        # Dirty pages of a build or a clone would delay every fsync half a minute later.
        os.sync()
        self.cluster.start_all()
        self.cluster.make_table(TABLE)
        self.load.start()
        try:
            without_hint = self._outage_and_return()
        finally:
            self.load.stop()
        self._expect_final_state(without_hint)
        self._kill_node_with_hints()

    def _outage_and_return(self):
        """Returns the number of writes without a hint because the budget was used up."""
        checks, watch = self.checks, self.watch
        time.sleep(WARM_UP_SECONDS)
        before = time.monotonic()
        others_before = OtherProcesses(self.cluster.nodes)
        watch.poll_until(before + WINDOWS * self.window_seconds)
        others_before = others_before.percent
        p99_before = self.load.windows(before, before + WINDOWS * self.window_seconds)
        self.cluster.kill(self.target_number)
        stopped = time.monotonic()
        watch.poll_until(stopped + self.values.seconds)
        returned = time.monotonic()
        stored, without_hint = watch.stored, watch.without_hint
        self.target.start_and_wait()
        ready = time.monotonic()
        others = OtherProcesses(self.cluster.nodes)
        drained = self._drain(returned)
        # The latency after the node's return is measured while its hints drain, but for at least 1 s, even if that is
        # shorter than the measurement before the outage.
        length = min(WINDOWS * self.window_seconds, max(drained - ready, 1.0))
        time.sleep(max(0.0, ready + length - time.monotonic()))
        p99_after = self.load.windows(ready, ready + length)
        others = others.percent
        budget = bytes_of(self.values.budget)
        checks.expect(watch.most_bytes <= budget, f"hints stay within their budget: at most {watch.most_bytes} of "
                      f"{budget} bytes on one node, {watch.most_pending} hints on both")
        written = self.load.served_between(stopped, returned)
        checks.expect(stored + without_hint >= written, f"of {written} writes in {returned - stopped:.0f} s of outage, "
                      f"{stored} have a hint and {without_hint} are counted as without one")
        limit = DRAIN_FACTOR * (returned - stopped)
        checks.expect(watch.poll() == 0, f"hints were delivered {drained - returned:.1f} s after the return (limit "
                      f"{limit:.0f} s, {watch.most_pending / max(drained - ready, 0.1):.0f} per second)")
        print(f"  anti-entropy repaired {self._repaired_keys():.0f} keys in that time", flush=True)
        self._expect_p99(p99_before, p99_after, f"other processes used {others_before:.0f} % of the machine before, "
                         f"{others:.0f} % after")
        return without_hint

    def _expect_p99(self, before, after, note):
        factor = self.values.p99_factor
        ratio = statistics.median(after) / max(statistics.median(before), 0.001)
        sentence = f"{ratio:.2f} times that before: {shown(after)} ms, before {shown(before)} ms ({note})"
        if factor == 0:
            print(f"  p99 while hints are delivered (not checked): {sentence}", flush=True)
        else:
            self.checks.expect(
                ratio <= factor, f"p99 while hints are delivered (limit {factor:g} times) is {sentence}")

    def _drain(self, returned):
        """Returns the time at which no hint was pending any more, or the end of the time limit."""
        deadline = returned + DRAIN_FACTOR * self.values.seconds
        while self.watch.poll() > 0 and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS / 2)
        return time.monotonic()

    def _expect_final_state(self, without_hint):
        checks, watch, load = self.checks, self.watch, self.load
        ended = time.monotonic()
        late = load.windows(ended - 1, ended, 1)
        checks.expect(not load.refusals, f"{len(load.answers)} writes, {len(load.unacknowledged)} without a 200 (p99 "
                      f"at the end {late[0]:.1f} ms) {load.refusals.most_common(3) or ''}")
        convergence = Convergence(self.cluster, TABLE)
        convergence.expect(checks, EQUAL_SECONDS, "the end of the load")
        served = len(load.answers) - len(load.unacknowledged)
        checks.expect(served <= convergence.count <= load.sent,
                      f"{convergence.count} items: {served} writes acknowledged, {load.sent} sent")
        checks.expect(not watch.unbalanced, f"accounts are balanced at each of {watch.polls} polls: stored = delivered "
                      f"+ superseded + expired + pending {watch.unbalanced[:3] or ''}")
        gauge = sum(metric(node, PENDING) for node in self.cluster.nodes)
        checks.expect(gauge == 0, f"the gauge of pending hints is {gauge:.0f} at the end")
        if without_hint:
            repaired = self._repaired_keys()
            checks.expect(repaired > 0, f"anti-entropy repaired {repaired:.0f} keys; {without_hint} writes had no hint")

    def _repaired_keys(self):
        return sum(metric(node, "hedgehog_anti_entropy_keys_total") for node in self.cluster.nodes)

    def _kill_node_with_hints(self):
        """Kills the node that stores hints: they are on its disk, so none may be lost."""
        problem = wait_until_settled(self.cluster, SETTLE_SECONDS)
        if problem:
            raise NodeFailure(f"the cluster did not settle: {problem}")
        holder, name, count = self.running[0], self.target.node_id, self.values.hints
        before = Backlog(holder)
        self.cluster.kill(self.target_number)
        statuses, refusals = perform([holder], (
            ("PUT", item_target(TABLE, f"crash-{number:06d}", "eventual"), b'{"number":%d}' % number)
            for number in range(count)))
        require(statuses == {200: count}, f"{count} writes while {name} is down: {statuses} {refusals or ''}")
        deadline = time.monotonic() + SETTLE_SECONDS
        wanted = count if bytes_of(self.values.budget) >= count * 1000 else 1
        while Backlog(holder).pending(name) < wanted and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        stored = Backlog(holder)
        self.cluster.kill(1)
        holder.start_and_wait()
        found = Backlog(holder)
        self.checks.expect(
            stored.pending(name) == found.pending(name) and stored.accounts == found.accounts,
            f"{stored.pending(name)} hints pending before kill -9 of their node, {found.pending(name)} after; the "
            f"account is {'the same' if stored.accounts == found.accounts else [stored.accounts, found.accounts]}")
        self.checks.expect(stored.pending(name) >= wanted, f"{stored.pending(name)} hints for {count} writes")
        self.target.start_and_wait()
        problem = wait_until_settled(self.cluster, SETTLE_SECONDS)
        after = Backlog(holder).accounts[name]
        delivered = after["delivered"] - before.accounts[name]["delivered"]
        self.checks.expect(not problem and after["pending"] == 0 and delivered >= stored.pending(name),
                           f"{delivered} of them delivered, {after['pending']} pending {problem}")
        Convergence(self.cluster, TABLE).expect(self.checks, EQUAL_SECONDS, "the return")


def shown(milliseconds):
    return "/".join(f"{value:.1f}" for value in milliseconds)


def run(test):
    Outage(test).run()
