"""Causes the faults of the fault test, one after another and sometimes two at once."""

import random
import time

from harness.convergence import wait_until_settled
from harness.node import NodeFailure
from workloads.mixed_workload import now

PAUSE_SECONDS = (1.5, 4.0)
READY_SECONDS = 30
SETTLED_SECONDS = 60
OVERLAP_SHARE = 0.15
DURATION_SECONDS = {
    "kill -9": (0.5, 8.0), "freeze": (1.0, 20.0), "restart": (0.0, 0.0), "isolate": (2.0, 12.0),
    "cut one way": (2.0, 12.0), "cut a link": (2.0, 12.0), "clock jump": (2.0, 6.0),
    "wipe": (0.5, 6.0),
}
NEEDS_CUTS = {"isolate", "cut one way", "cut a link"}
# The fault that wipes a disk may begin only while all other disks hold everything: three replicas do not survive two
# losses at once.
ALONE = {"wipe"}


class Fault:
    """`targets` are the nodes that need not answer during the fault: none when only a clock jumps."""

    def __init__(self, kind, node, details, targets):
        self.kind = kind
        self.node = node
        self.details = details
        self.targets = targets
        self.started = self.ended = 0

    @property
    def lasted_seconds(self):
        return (self.ended - self.started) / 1e6


class Nemesis:
    def __init__(self, cluster, network, seed, profile, say):
        self.cluster = cluster
        self.network = network
        self.chance = random.Random(f"{seed}/nemesis")
        self.maximum_skew_seconds = profile.maximum_skew_seconds
        self.duration_seconds = {**DURATION_SECONDS, **profile.duration_seconds}
        self.say = say
        self.faults = []
        self.pairs_cut = {}

    def run(self, count, after_fault):
        """Causes `count` faults. Calls `after_fault` with the number of faults so far when none is active."""
        kinds = self._kinds(count)
        while kinds:
            time.sleep(self.chance.uniform(*PAUSE_SECONDS))
            together = [self._begin(kinds.pop(), set())]
            may_overlap = kinds and not ALONE & {together[0].kind, kinds[-1]}
            if may_overlap and self.chance.random() < OVERLAP_SHARE:
                time.sleep(self.chance.uniform(0.0, 2.0))
                together.append(self._begin(kinds.pop(), {together[0].node}))
            for fault in together:
                self._wait_for_end(fault)
                self._end(fault)
            self._wait_until_all_ready()
            after_fault(len(self.faults))

    def _kinds(self, count):
        """Returns kinds in random order, each about as often as the others."""
        possible = [kind for kind in DURATION_SECONDS if self.network.can_cut or kind not in NEEDS_CUTS]
        kinds = []
        while len(kinds) < count:
            kinds += self.chance.sample(possible, len(possible))
        return kinds[:count]

    def _begin(self, kind, busy):
        if kind in ALONE:
            self._wait_until_settled()
        node = self.chance.choice([number for number in self.cluster.numbers if number not in busy])
        fault = Fault(kind, node, "", {node})
        fault.started = now()
        {"kill -9": self._kill, "freeze": self._freeze, "restart": self._terminate, "isolate": self._isolate,
         "cut one way": self._cut_one_way, "cut a link": self._cut_link, "clock jump": self._jump,
         "wipe": self._wipe}[kind](fault)
        self.faults.append(fault)
        self.say(f"fault {len(self.faults):3d}  node-{node}  {kind} {fault.details}")
        return fault

    def _wait_for_end(self, fault):
        until = fault.started + 1e6 * self.chance.uniform(*self.duration_seconds[fault.kind])
        time.sleep(max(0.0, (until - now()) / 1e6))

    def _end(self, fault):
        node = self.cluster.node(fault.node)
        if fault.kind in ("kill -9", "restart", "wipe"):
            node.start_and_wait()
        elif fault.kind == "freeze":
            node.resume()
        elif fault.kind in NEEDS_CUTS:
            self._cut(fault, set())
        elif self.cluster.skew_seconds(fault.node) > 2:
            raise NodeFailure(f"the wall clock of node-{fault.node} did not jump to the time that was set")
        fault.ended = now()

    def _wait_until_all_ready(self):
        deadline = time.monotonic() + READY_SECONDS
        for node in self.cluster.nodes:
            while node.readiness():
                if node.process.poll() is not None:
                    raise NodeFailure(f"{node.node_id} ended without a signal, with status {node.process.returncode}\n"
                                      f"{node.log_tail()}")
                if time.monotonic() > deadline:
                    raise NodeFailure(f"{node.node_id} was not ready {READY_SECONDS} s after the fault ended: "
                                      f"{node.readiness()}\n{node.log_tail()}")
                time.sleep(0.05)

    def _wait_until_settled(self):
        problem = wait_until_settled(self.cluster, SETTLED_SECONDS)
        if problem:
            raise NodeFailure(f"the cluster had not settled {SETTLED_SECONDS} s after the previous fault: {problem}")

    def _others(self, fault):
        return [number for number in self.cluster.numbers if number != fault.node]

    def _kill(self, fault):
        self.cluster.kill(fault.node)

    def _wipe(self, fault):
        self.cluster.kill(fault.node)
        self.cluster.lose_disk(fault.node)
        fault.details = "its disk, while it is down"

    def _freeze(self, fault):
        self.cluster.node(fault.node).pause()

    def _terminate(self, fault):
        status = self.cluster.terminate(fault.node)
        if status != 0:
            raise NodeFailure(f"SIGTERM ended node-{fault.node} with status {status}")

    def _isolate(self, fault):
        fault.details = "from both other nodes, both ways"
        self._cut(fault, {pair for other in self._others(fault) for pair in ((fault.node, other), (other, fault.node))})

    def _cut_one_way(self, fault):
        if self.chance.random() < 0.5:
            fault.details = "packets from it are dropped"
            self._cut(fault, {(fault.node, other) for other in self._others(fault)})
        else:
            fault.details = "packets to it are dropped"
            self._cut(fault, {(other, fault.node) for other in self._others(fault)})

    def _cut_link(self, fault):
        other = self.chance.choice(self._others(fault))
        is_one_way = self.chance.random() < 0.5
        fault.details = f"to node-{other}, {'one way' if is_one_way else 'both ways'}"
        fault.targets = {fault.node, other}
        self._cut(fault, {(fault.node, other)} if is_one_way else {(fault.node, other), (other, fault.node)})

    def _cut(self, fault, pairs):
        self.pairs_cut[fault] = pairs
        self.network.cut_only(set().union(*self.pairs_cut.values()))

    def _jump(self, fault):
        offset = self.chance.randint(-self.maximum_skew_seconds, self.maximum_skew_seconds)
        before = self.cluster.clock(fault.node).offset_seconds
        self.cluster.clock(fault.node).set(offset)
        fault.details = f"from {before:+d} s to {offset:+d} s"
        fault.targets = set()
