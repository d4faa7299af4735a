"""The fault test; scripts/fault-test.sh runs it and says what it proves."""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

import network
from client import Connection, Unanswered
from fault_figures import ERROR_LIMIT, FaultFigures
from healing import CounterSum, Equality, present_anywhere, tombstones_of
from last_words import surely_deleted, was_on_one_disk
from members import Members
from nemesis import Nemesis
from node import ROOT, NodeFailure
from profiles import PROFILES
from verdicts import Verdicts
from workload import TABLE, Caller, Client, History, Request, keys_of, target

NODES = 3
CLIENTS_A_NODE = 4
FAULTS_A_GENERATION = 10  # then the clients turn to new keys, so that the judge's task stays small
CHECKER = os.environ.get("CHECK_HISTORY", os.path.join(ROOT, ".build/release/check-history"))
FINAL_CLIENT = 1000
FINAL_TRIES = 20
EQUAL_SECONDS = 60
PURGE_SECONDS = 60
SHOWN = 10


def say(line):
    print(line, flush=True)


class FaultTest:
    def __init__(self, seed, fault_count, profile):
        self.seed = seed
        self.profile = profile
        self.fault_count = fault_count
        self.folder = tempfile.mkdtemp(prefix="hedgehog-faults-")
        self.network = network.Network(NODES)
        self.members = Members(self.folder, hosts=self.network.hosts, clocks=True,
                               flags=["--log-format", "text", "--access-log", "errors", *profile.flags])
        self.history = History(os.path.join(self.folder, "history.jsonl"))
        self.nemesis = Nemesis(self.members, self.network, seed, profile, say)
        self.clients = [Client(number, number % NODES + 1, self.members.node(number % NODES + 1).address,
                               self.history, seed, profile.mix) for number in range(CLIENTS_A_NODE * NODES)]
        self.purged = CounterSum(self.members.nodes, "hedgehog_tombstones_purged_total")
        self.generation = 0
        self.verdicts = Verdicts()

    def run(self):
        """Whether every promise was kept."""
        formed = self.members.form()
        self.members.make_table(TABLE)
        say(f"fault-test: {NODES} nodes formed in {formed:.1f} s, {len(self.clients)} clients, SEED={self.seed}; "
            f"history and logs in {self.folder}")
        if not self.network.can_cut:
            say("  NO CUTS: this machine gives us no network namespaces (or nft is missing), so no link is cut")
        started = time.monotonic()
        for client in self.clients:
            client.start()
        try:
            self.nemesis.run(self.fault_count, self._between_faults)
        finally:
            for client in self.clients:
                client.stop()
        for client in self.clients:
            client.join()
        self._judge_healing()
        self._read_everything()
        self.history.close()
        return self._judge(time.monotonic() - started)

    def _between_faults(self, faults):
        self.purged.poll()
        if faults // FAULTS_A_GENERATION > self.generation:
            self.generation = faults // FAULTS_A_GENERATION
            for client in self.clients:
                client.keys = keys_of(self.generation)

    def _judge_healing(self):
        """Before anything is read strongly, which would mend what differs."""
        healed = time.monotonic()
        keys = {request.key for request in self.history.requests}
        equality = Equality(self.members, TABLE, keys)
        equality.judge(self.verdicts, EQUAL_SECONDS, "the last heal")
        deleted = surely_deleted(self.history.requests)
        deleted += [key for client in self.clients for key in client.deleted_once]
        self._judge_deleted(deleted, "")
        if self.profile.purges:
            self._judge_purge(deleted, healed)

    def _judge_deleted(self, deleted, when):
        back = present_anywhere(self.members.nodes, TABLE, deleted)
        self.verdicts.judge(not back, f"of {len(deleted)} keys deleted for good, {len(back)} came back on some node"
                            f"{when} {back[:SHOWN] or ''}")

    def _judge_purge(self, deleted, healed):
        """All tombstones are old soon, and then nothing but their absence keeps the keys deleted."""
        deadline = healed + self.profile.grace_seconds + PURGE_SECONDS
        while (left := tombstones_of(self.members.nodes[0], TABLE)) and time.monotonic() < deadline:
            time.sleep(0.5)
        self.verdicts.judge(
            left == 0, f"{left} tombstones are left {time.monotonic() - healed:.0f} s after the last heal "
            f"(gc-grace {self.profile.grace_seconds} s, {PURGE_SECONDS} s more allowed)")
        purged = self.purged.poll()
        self.verdicts.judge(purged > 0, f"{purged:.0f} tombstones were purged")
        self._judge_deleted(deleted, " after the purge")

    def _read_everything(self):
        """A strong read of every key through every node: what the judge takes as the last word."""
        for node in self.members.nodes:
            number = int(node.node_id.rpartition("-")[2])
            caller = Caller(FINAL_CLIENT + number, number, node.address, self.history)
            for generation in range(self.generation + 1):
                for key in keys_of(generation):
                    self._read_finally(caller, key)
            caller.close()

    def _read_finally(self, caller, key):
        for _ in range(FINAL_TRIES):
            request = Request(key, caller.number, caller.node_number, "get", "strong")
            caller.perform(request)
            self.history.add(request)
            if request.is_served:
                return
            time.sleep(0.1)
        self.history.surprise(f"with every fault healed, a strong read of {key} still answers {request.status}")

    def _lost_once_keys(self):
        """Keys put once, eventually and with a 200, that are on no node; and how many of them were looked for."""
        wipes = [fault for fault in self.nemesis.faults if fault.kind == "wipe"]
        wanted = {request.key: request.value for client in self.clients for request in client.put_once.values()
                  if not was_on_one_disk(request, wipes)}
        count = len(wanted)
        for node in self.members.nodes:
            connection = Connection(node.address)
            for key in list(wanted):
                response = connection.ask("GET", target(key, "eventual"))
                if response.status == 200 and response.json()["item"]["v"] == wanted[key]:
                    del wanted[key]
            connection.close()
        return sorted(wanted), count

    def _judge(self, seconds):
        lost, put_once = self._lost_once_keys()
        figures = FaultFigures(self.history.requests, self.nemesis.faults)
        figures.print_table()
        judge = subprocess.run([CHECKER, self.history.path], capture_output=True, text=True, check=False)
        say(judge.stdout.strip() or judge.stderr.strip())
        self.verdicts.judge(judge.returncode == 0, "strong operations are linearizable: 0 lost, 0 stale strong reads")
        self.verdicts.judge(not lost, f"of {put_once} keys put once with an eventual 200, {len(lost)} are lost "
                            f"{lost[:SHOWN] or ''}")
        self.verdicts.judge(
            figures.is_within_limit, f"of {figures.requests} requests to nodes without a fault, {figures.errors} "
            f"failed ({100 * figures.errors / max(1, figures.requests):.3f} %, allowed {100 * ERROR_LIMIT:.1f} %)")
        self.verdicts.judge(not self.history.surprises, f"{len(self.history.surprises)} answers that nobody expects")
        figures.print_examples(0 if figures.is_within_limit else SHOWN)
        for sentence in self.history.surprises[:SHOWN]:
            say(f"  {sentence}")
        is_good = self.verdicts.all_kept
        say(f"fault-test: {'passed' if is_good else 'FAILED'}, {len(self.nemesis.faults)} faults in {seconds:.0f} s, "
            f"{len(self.history.requests)} requests (SEED={self.seed}); history and logs are kept in {self.folder}")
        return is_good


def main():
    network.enter()
    seed = os.environ.get("SEED") or str(random.randrange(1 << 32))
    profile = os.environ.get("PROFILE", "usual")
    if profile not in PROFILES:
        sys.exit(f"fault-test: PROFILE is one of {', '.join(PROFILES)}, not '{profile}'")
    test = FaultTest(seed, int(os.environ.get("FAULTS", "60")), PROFILES[profile])
    is_good = False
    try:
        is_good = test.run()
    except (NodeFailure, OSError, Unanswered, TimeoutError) as failure:
        say(f"fault-test: FAILED (SEED={seed}, history and logs are kept in {test.folder}): {failure}")
    finally:
        test.members.end()
    if is_good:
        for node in test.members.nodes:
            shutil.rmtree(node.store)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
