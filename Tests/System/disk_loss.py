"""Deletes the disk of one of three nodes, again and again, under load through all of them.

In each round one node is killed with kill -9, its data directory is removed and it is started again. The next round
begins when it is in sync. In some rounds one of the two nodes that are in sync is frozen during the recovery, which
leaves no quorum. The test fails if
  - an acknowledged strong write is lost, or a strong read is answered from the empty disk (check-history decides);
  - a strong read is answered while only one node that is in sync runs;
  - the node itself and the others do not report it as recovering, or it is not in sync within 60 s;
  - it does not vote when it is in sync: another node is frozen then, so strong operations need its vote;
  - replicas still differ 60 s after the last round.
"""

import os
import random
import shutil
import threading
import time

from harness.bulk_requests import perform
from harness.cluster import Cluster
from harness.convergence import Convergence, wait_until_settled
from harness.history_checker import expect_linearizable
from harness.http_client import Unanswered
from harness.node import NodeFailure
from harness.node_queries import ask_json, item_target, metric
from workloads.mixed_workload import TABLE, Caller, Client, History, document, keys_of, now, read_all_keys, repeat

NODES = 3
CLIENTS_PER_NODE = 4
ROUNDS_PER_GENERATION = 5
DOWN_SECONDS = (0.0, 2.0)
IN_SYNC_SECONDS = 60
EQUAL_SECONDS = 60
FREEZE_SHARE = 0.34
FREEZE_SECONDS = 3.0
POLL_SECONDS = 0.02
VOTE_TRIES = 10
PROBE_CLIENT = 900


class Round:
    """The observations of one round."""

    def __init__(self, number, lost):
        self.number = number
        self.lost = lost
        self.first_answer_seconds = None
        self.in_sync_seconds = None
        self.reasons = []  # each reason that the recovery check of /readyz gave
        self.partitions_in_sync = set()  # the values of hedgehog_recovery_partitions_whole during recovery
        self.reported_recovering_by = set()  # the ids of the nodes that reported it
        self.frozen = None
        self.reads_refused = self.reads_answered = 0

    def line(self):
        frozen = (f", node-{self.frozen} frozen meanwhile: {self.reads_refused} strong reads refused"
                  if self.frozen else "")
        return (f"round {self.number:3d}  node-{self.lost} lost its disk: answers after "
                f"{self.first_answer_seconds:.2f} s, in sync after {self.in_sync_seconds:.2f} s, partitions in sync on "
                f"the way {sorted(self.partitions_in_sync)[:8]}{frozen}")


class DiskLoss:
    def __init__(self, test):
        self.test = test
        self.checks = test.checks
        self.rounds, self.items = test.values.rounds, test.values.items
        seed = str(test.values.seed)
        self.chance = random.Random(seed)
        self.cluster = Cluster(test.folder, count=NODES, flags=["--log-format", "text", "--access-log", "errors"])
        test.at_end(self.cluster.end)
        self.history = History(os.path.join(test.folder, "history.jsonl"))
        self.generation = 0
        self.clients = []
        for number in range(CLIENTS_PER_NODE * NODES):
            node = number % NODES + 1
            self.clients.append(Client(number, node, self.cluster.node(node).address, self.history, seed))

    def run(self):
        ready = self.cluster.start_all()
        self.cluster.make_table(TABLE)
        self.test.say(f"  {NODES} nodes ready after {ready:.1f} s, {len(self.clients)} clients, {self.items} unchanged "
                      "items")
        self._put_items()
        for client in self.clients:
            client.start()
        rounds = []
        try:
            for number in range(1, self.rounds + 1):
                rounds.append(self._round(number))
        finally:
            for client in self.clients:
                client.stop()
        for client in self.clients:
            client.join()
        keys = {request.key for request in self.history.requests}
        Convergence(self.cluster, TABLE, keys).expect(self.checks, EQUAL_SECONDS, "the last round")
        self._expect_unchanged_items()
        read_all_keys(self.cluster, self.history, self.generation)
        self.history.close()
        self._expect_promises(rounds)
        # The history and the logs stay for inspection; the stores of a passed test are not needed.
        self.test.keeps_folder = True
        if self.checks.all_passed:
            self.test.at_end(self._remove_stores)

    def _remove_stores(self):
        self.cluster.end()
        for node in self.cluster.nodes:
            shutil.rmtree(node.store)

    def _put_items(self):
        statuses, refusals = perform(self.cluster.nodes, (
            ("PUT", self._item(number), document(f"r{number}", 10)) for number in range(self.items)))
        if statuses != {200: self.items}:
            raise NodeFailure(f"{self.items} puts were answered {statuses} {refusals}")

    @staticmethod
    def _item(number):
        return item_target(TABLE, f"rest-{number:07d}", "strong")

    def _expect_unchanged_items(self):
        statuses, refusals = perform(self.cluster.nodes, (
            ("GET", self._item(number), None) for number in range(self.items)))
        self.checks.expect(statuses == {200: self.items}, f"all {self.items} items exist that were put with strong "
                           f"writes before the first loss: {statuses} {refusals or ''}")

    def _round(self, number):
        problem = wait_until_settled(self.cluster, IN_SYNC_SECONDS)
        if problem:
            raise NodeFailure(f"the cluster had not settled {IN_SYNC_SECONDS} s after the previous round: {problem}")
        if number // ROUNDS_PER_GENERATION > self.generation:
            self.generation = number // ROUNDS_PER_GENERATION
            for client in self.clients:
                client.keys = keys_of(self.generation)
        time.sleep(self.chance.uniform(0.5, 1.5))
        this = Round(number, self.chance.choice(list(self.cluster.numbers)))
        node = self.cluster.node(this.lost)
        self.cluster.kill(this.lost)
        self.cluster.lose_disk(this.lost)
        time.sleep(self.chance.uniform(*DOWN_SECONDS))
        node.start()
        self._watch_recovery(this, node, freezes=self.chance.random() < FREEZE_SHARE or number == 1)
        self.test.say(this.line())
        self._expect_vote(this)
        return this

    def _watch_recovery(self, this, node, freezes):
        """Polls the node and the others until the node is in sync."""
        frozen = None
        while True:
            elapsed = time.monotonic() - node.started_at
            if node.process.poll() is not None:
                raise NodeFailure(f"{node.node_id} ended with status {node.process.returncode}\n{node.log_tail()}")
            recovery = self._poll_recovery(this, node)
            if recovery and this.first_answer_seconds is None:
                this.first_answer_seconds = elapsed
            if recovery and recovery["ok"] and node.is_ready():
                this.in_sync_seconds = elapsed
                return
            if elapsed > IN_SYNC_SECONDS:
                raise NodeFailure(f"{node.node_id} is not in sync after {IN_SYNC_SECONDS} s: {node.readiness()}\n"
                                  f"{node.log_tail()}")
            if freezes and frozen is None and this.reported_recovering_by:
                frozen = threading.Thread(target=self._freeze_another, args=(this,), daemon=True)
                frozen.start()
            time.sleep(POLL_SECONDS)

    def _poll_recovery(self, this, node):
        """Returns the node's own recovery check, or None while it does not answer, and records what others report."""
        try:
            checks = node.ask("GET", "/readyz").json()["checks"]
        except (OSError, Unanswered):
            return None
        recovery = checks["recovery"]
        if not recovery["ok"]:
            if recovery["reason"] not in this.reasons:
                this.reasons.append(recovery["reason"])
            this.partitions_in_sync.add(int(metric(node, "hedgehog_recovery_partitions_whole")))
        for other in self.cluster.nodes:
            if other.node_id == f"node-{this.frozen}":
                continue
            try:
                members = ask_json(other, "/api/v1/cluster/status")["nodes"]
            except (OSError, Unanswered):
                continue
            if any(member["id"] == node.node_id and member["state"] == "recovering" for member in members):
                this.reported_recovering_by.add(other.node_id)
        return recovery

    def _freeze_another(self, this):
        """Freezes one of the two nodes that are in sync. Without a read quorum no strong read may be answered."""
        others = [number for number in self.cluster.numbers if number != this.lost]
        this.frozen = self.chance.choice(others)
        self.cluster.node(this.frozen).pause()
        began = now()
        try:
            time.sleep(FREEZE_SECONDS)
        finally:
            ended = now()
            self.cluster.node(this.frozen).resume()
        time.sleep(0.5)
        with self.history.lock:
            reads = [request for request in self.history.requests if request.op == "get"
                     and request.consistency == "strong" and began <= request.start and request.end <= ended]
        this.reads_answered = sum(request.is_served for request in reads)
        this.reads_refused = sum(not request.is_served for request in reads)

    def _expect_vote(self, this):
        """Freezes another node, so that the recovered node must be one of the two that form a quorum."""
        others = [number for number in self.cluster.numbers if number != this.lost]
        frozen = self.cluster.node(self.chance.choice(others))
        caller = Caller(PROBE_CLIENT, this.lost, self.cluster.node(this.lost).address, self.history)
        key = f"vote-{this.number}"
        frozen.pause()
        try:
            put = repeat(caller, "put", key, VOTE_TRIES)
            got = repeat(caller, "get", key, VOTE_TRIES)
        finally:
            frozen.resume()
            caller.close()
        if put.status != 200 or got.value != put.value:
            self.checks.expect(False, f"round {this.number}: node-{this.lost} is in sync and {frozen.node_id} frozen: "
                               f"a strong put through node-{this.lost} answers {put.status}, a strong read "
                               f"{got.status} {got.value}")

    def _expect_promises(self, rounds):
        checks = self.checks
        expect_linearizable(checks, self.history)
        frozen = [this for this in rounds if this.frozen]
        answered = sum(this.reads_answered for this in frozen)
        refused = sum(this.reads_refused for this in frozen)
        checks.expect(answered == 0 and refused > 0, "with one of the two nodes in sync frozen "
                      f"({len(frozen)} rounds), {answered} strong reads were answered and {refused} refused")
        silent = [this.number for this in rounds if not this.reasons]
        checks.expect(not silent, "/readyz of the node reported its recovery and progress in every round"
                      f"{' except ' + str(silent) if silent else ''}, for example {rounds[0].reasons[-1:]}")
        unseen = [this.number for this in rounds if len(this.reported_recovering_by) < 2]
        checks.expect(not unseen, "at least two nodes reported it as recovering in every round"
                      f"{' except ' + str(unseen) if unseen else ''}")
        times = sorted(this.in_sync_seconds for this in rounds)
        checks.expect(len(times) == self.rounds, f"{len(times)} disks lost; every node was in sync and voted again, "
                      f"after {times[0]:.1f} s at least, {times[len(times) // 2]:.1f} s in the median and "
                      f"{times[-1]:.1f} s at most")


def run(test):
    DiskLoss(test).run()
