"""The test of lost disks; scripts/disk-loss.sh runs it and says what it proves."""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from bulk import perform
from client import Unanswered
from healing import Equality, ask_json, item_target, metric, settle
from members import Members
from node import ROOT, NodeFailure
from verdicts import Verdicts
from workload import TABLE, Caller, Client, History, Request, document, keys_of, now

ROUNDS = int(os.environ.get("ROUNDS", "20"))
ITEMS = int(os.environ.get("ITEMS", "5000"))
CHECKER = os.environ.get("CHECK_HISTORY", os.path.join(ROOT, ".build/release/check-history"))
NODES = 3
CLIENTS_A_NODE = 4
ROUNDS_A_GENERATION = 5
DOWN_SECONDS = (0.0, 2.0)
WHOLE_SECONDS = 60
EQUAL_SECONDS = 60
FREEZE_SHARE = 0.34
FREEZE_SECONDS = 3.0

VOTE_TRIES = 10
PROBE_CLIENT, FINAL_CLIENT = 900, 1000
FINAL_TRIES = 20


class Round:
    """What one node's loss came to."""

    def __init__(self, number, lost):
        self.number = number
        self.lost = lost
        self.began_answering = None
        self.whole_after = None
        self.progress = []  # what readyz said of recovery, each sentence once
        self.whole_partitions = set()  # as its metrics said meanwhile
        self.said_recovering = set()  # by which nodes
        self.frozen = None
        self.reads_refused = self.reads_answered = 0

    def line(self):
        frozen = (f", node-{self.frozen} frozen meanwhile: {self.reads_refused} strong reads refused"
                  if self.frozen else "")
        return (f"round {self.number:3d}  node-{self.lost} lost its disk: answers after {self.began_answering:.2f} s, "
                f"whole after {self.whole_after:.2f} s, partitions whole on the way {sorted(self.whole_partitions)[:8]}"
                f"{frozen}")


class DiskLoss:
    def __init__(self, seed):
        self.seed = seed
        self.chance = random.Random(seed)
        self.folder = tempfile.mkdtemp(prefix="hedgehog-disk-loss-")
        self.members = Members(self.folder, count=NODES, flags=["--log-format", "text", "--access-log", "errors"])
        self.history = History(os.path.join(self.folder, "history.jsonl"))
        self.verdicts = Verdicts()
        self.generation = 0
        self.clients = []
        for number in range(CLIENTS_A_NODE * NODES):
            node = number % NODES + 1
            self.clients.append(Client(number, node, self.members.node(node).address, self.history, seed))

    def run(self):
        formed = self.members.form()
        self.members.make_table(TABLE)
        print(f"disk-loss: {NODES} nodes formed in {formed:.1f} s, {len(self.clients)} clients, {ITEMS} items at rest, "
              f"SEED={self.seed}; history and logs in {self.folder}", flush=True)
        self._put_items()
        for client in self.clients:
            client.start()
        rounds = []
        try:
            for number in range(1, ROUNDS + 1):
                rounds.append(self._round(number))
        finally:
            for client in self.clients:
                client.stop()
        for client in self.clients:
            client.join()
        keys = {request.key for request in self.history.requests}
        Equality(self.members, TABLE, keys).judge(self.verdicts, EQUAL_SECONDS, "the last round")
        self._judge_items_at_rest()
        self._read_everything()
        self.history.close()
        self._judge(rounds)
        return self.verdicts.all_kept

    def _put_items(self):
        statuses, refusals = perform(self.members.nodes, (
            ("PUT", self._at_rest(number), document(f"r{number}", 10)) for number in range(ITEMS)))
        if statuses != {200: ITEMS}:
            raise NodeFailure(f"putting {ITEMS} items was answered {statuses} {refusals}")

    @staticmethod
    def _at_rest(number):
        return item_target(TABLE, f"rest-{number:07d}", "strong")

    def _judge_items_at_rest(self):
        statuses, refusals = perform(self.members.nodes, (
            ("GET", self._at_rest(number), None) for number in range(ITEMS)))
        self.verdicts.judge(statuses == {200: ITEMS}, f"{ITEMS} items that were put strongly before the first loss are "
                            f"all there: {statuses} {refusals or ''}")

    def _round(self, number):
        problem = settle(self.members, WHOLE_SECONDS)
        if problem:
            raise NodeFailure(f"not whole {WHOLE_SECONDS} s after the round before: {problem}")
        if number // ROUNDS_A_GENERATION > self.generation:
            self.generation = number // ROUNDS_A_GENERATION
            for client in self.clients:
                client.keys = keys_of(self.generation)
        time.sleep(self.chance.uniform(0.5, 1.5))
        this = Round(number, self.chance.choice(list(self.members.numbers)))
        node = self.members.node(this.lost)
        self.members.kill(this.lost)
        self.members.lose_disk(this.lost)
        time.sleep(self.chance.uniform(*DOWN_SECONDS))
        node.start()
        self._watch(this, node, freezes=self.chance.random() < FREEZE_SHARE or number == 1)
        print(this.line(), flush=True)
        self._votes_again(this)
        return this

    def _watch(self, this, node, freezes):
        """Until it is whole, asking it and the others what they say of it."""
        frozen = None
        while True:
            elapsed = time.monotonic() - node.started_at
            if node.process.poll() is not None:
                raise NodeFailure(f"{node.node_id} ended with {node.process.returncode}\n{node.log_tail()}")
            recovery = self._hear(this, node)
            if recovery and this.began_answering is None:
                this.began_answering = elapsed
            if recovery and recovery["ok"] and node.is_ready():
                this.whole_after = elapsed
                return
            if elapsed > WHOLE_SECONDS:
                raise NodeFailure(f"{node.node_id} is not whole after {WHOLE_SECONDS} s: {node.readiness()}\n"
                                  f"{node.log_tail()}")
            if freezes and frozen is None and this.said_recovering:
                frozen = threading.Thread(target=self._freeze_another, args=(this,), daemon=True)
                frozen.start()
            time.sleep(0.02)

    def _hear(self, this, node):
        """Its own check of recovery, and whether others call it recovering; None while it does not answer."""
        try:
            checks = node.ask("GET", "/readyz").json()["checks"]
        except (OSError, Unanswered):
            return None
        recovery = checks["recovery"]
        if not recovery["ok"]:
            if recovery["reason"] not in this.progress:
                this.progress.append(recovery["reason"])
            this.whole_partitions.add(int(metric(node, "hedgehog_recovery_partitions_whole")))
        for other in self.members.nodes:
            if other.node_id == f"node-{this.frozen}":
                continue
            try:
                members = ask_json(other, "/api/v1/cluster/status")["nodes"]
            except (OSError, Unanswered):
                continue
            if any(member["id"] == node.node_id and member["state"] == "recovering" for member in members):
                this.said_recovering.add(other.node_id)
        return recovery

    def _freeze_another(self, this):
        """With one of the two whole nodes frozen there is no quorum of reads: none may be answered."""
        others = [number for number in self.members.numbers if number != this.lost]
        this.frozen = self.chance.choice(others)
        self.members.node(this.frozen).pause()
        began = now()
        try:
            time.sleep(FREEZE_SECONDS)
        finally:
            ended = now()
            self.members.node(this.frozen).resume()
        time.sleep(0.5)
        with self.history.lock:
            reads = [request for request in self.history.requests if request.op == "get"
                     and request.consistency == "strong" and began <= request.start and request.end <= ended]
        this.reads_answered = sum(request.is_served for request in reads)
        this.reads_refused = sum(not request.is_served for request in reads)

    def _votes_again(self, this):
        """With another node frozen, it must be one of the two that make a quorum."""
        others = [number for number in self.members.numbers if number != this.lost]
        frozen = self.members.node(self.chance.choice(others))
        caller = Caller(PROBE_CLIENT, this.lost, self.members.node(this.lost).address, self.history)
        key = f"vote-{this.number}"
        frozen.pause()
        try:
            put = self._repeat(caller, "put", key)
            got = self._repeat(caller, "get", key)
        finally:
            frozen.resume()
            caller.close()
        if put.status != 200 or got.value != put.value:
            self.verdicts.judge(False, f"round {this.number}: node-{this.lost} is whole, {frozen.node_id} frozen: a "
                                f"strong put through it answers {put.status}, a strong read {got.status} {got.value}")

    def _repeat(self, caller, op, key):
        for turn in range(VOTE_TRIES):
            value = f"c{caller.number}-{key}-{turn}" if op == "put" else None
            request = Request(key, caller.number, caller.node_number, op, "strong", value)
            caller.perform(request, document(value, 1) if value else None)
            self.history.add(request)
            if request.is_served:
                break
            time.sleep(0.1)
        return request

    def _read_everything(self):
        for number in self.members.numbers:
            caller = Caller(FINAL_CLIENT + number, number, self.members.node(number).address, self.history)
            for generation in range(self.generation + 1):
                for key in keys_of(generation):
                    for _ in range(FINAL_TRIES):
                        request = Request(key, caller.number, number, "get", "strong")
                        caller.perform(request)
                        self.history.add(request)
                        if request.is_served:
                            break
                        time.sleep(0.1)
            caller.close()

    def _judge(self, rounds):
        verdicts = self.verdicts
        times = sorted(this.whole_after for this in rounds)
        judge = subprocess.run([CHECKER, self.history.path], capture_output=True, text=True, check=False)
        print(judge.stdout.strip() or judge.stderr.strip())
        verdicts.judge(judge.returncode == 0, "strong operations are linearizable: 0 acknowledged strong writes lost, "
                       f"0 strong reads answered from an empty disk, of {len(self.history.requests)} requests")
        frozen = [this for this in rounds if this.frozen]
        answered = sum(this.reads_answered for this in frozen)
        refused = sum(this.reads_refused for this in frozen)
        verdicts.judge(answered == 0 and refused > 0, f"with one of the two whole nodes frozen ({len(frozen)} rounds), "
                       f"{answered} strong reads were answered, {refused} refused")
        silent = [this.number for this in rounds if not this.progress]
        verdicts.judge(not silent, "readyz of the node said that it is recovering, and how far it is, in every round"
                       f"{' but ' + str(silent) if silent else ''}, as: \"{rounds[0].progress[-1:]}\"")
        unseen = [this.number for this in rounds if len(this.said_recovering) < 2]
        verdicts.judge(not unseen, "the status of two nodes or more called it recovering in every round "
                       f"{'but ' + str(unseen) if unseen else ''}")
        verdicts.judge(len(times) == ROUNDS, f"{len(times)} disks lost, every node whole again and voting: after "
                       f"{times[0]:.1f} s at best, {times[len(times) // 2]:.1f} s in the middle, {times[-1]:.1f} s at "
                       "worst")
        verdicts.judge(not self.history.surprises, f"{len(self.history.surprises)} answers that nobody expects "
                       f"{self.history.surprises[:5] or ''}")


def main():
    seed = os.environ.get("SEED") or str(random.randrange(1 << 32))
    test = DiskLoss(seed)
    is_good = False
    try:
        is_good = test.run()
        print(f"disk-loss: {'passed' if is_good else 'FAILED'} (SEED={seed}); history and logs are kept in "
              f"{test.folder}")
    except (NodeFailure, OSError, Unanswered, TimeoutError) as failure:
        print(f"disk-loss: FAILED (SEED={seed}; stores, history and logs are kept in {test.folder}): {failure}")
    finally:
        test.members.end()
    if is_good:
        for node in test.members.nodes:
            shutil.rmtree(node.store)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
