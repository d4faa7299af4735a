"""Causes faults in a cluster of three nodes under load, one after another and sometimes two at once.

Faults are kill -9, SIGSTOP for 1 to 20 s, a clean restart, a node that is cut off (in both directions or one), a cut
link, a wall clock that jumps by up to 300 s, and a data directory that is lost while its node is down (only when all
nodes are in sync). Each node runs in a network namespace of its own; where the machine does not permit that, no link is
cut and the output says so. The test fails if
  - the strong operations of a key are not linearizable, or an acknowledged one is lost (check-history decides);
  - a key that was put once with an eventual 200 is on no node at the end, or a deleted key is on any;
  - replicas still differ 60 s after the last fault, in a count or in the version of a key;
  - 0.1 % or more of the requests to nodes without a fault fail, counted from 2 s after a fault began;
  - a node does not start again, ends SIGTERM with a status other than 0, or sends an unexpected response.
PROFILE=grace deletes many keys, with gc-grace 20 s, a hint window of 10 s, clocks up to 2 s off and freezes up to 30 s.
Then tombstones must also be purged, and the deleted keys must stay deleted.
"""

import os
import shutil
import time

from faults import network
from faults.nemesis import Nemesis
from faults.profiles import PROFILES
from harness.cluster import Cluster
from harness.convergence import Convergence
from harness.error_rates import ERROR_LIMIT, ErrorRates
from harness.history_checker import expect_linearizable
from harness.http_client import Connection
from harness.node_queries import CounterSum, present_anywhere, tombstones_of
from workloads.final_state import surely_deleted, was_on_one_disk
from workloads.mixed_workload import TABLE, Client, History, keys_of, read_all_keys, target

NODES = 3
CLIENTS_PER_NODE = 4
# The number of faults after which clients use new keys, so that check-history has to search less.
FAULTS_PER_GENERATION = 10
EQUAL_SECONDS = 60
PURGE_SECONDS = 60
SHOWN = 10


class FaultTest:
    def __init__(self, test):
        self.test = test
        self.checks = test.checks
        self.profile = PROFILES[test.values.profile]
        seed = str(test.values.seed)
        self.network = network.Network(NODES)
        self.cluster = Cluster(test.folder, hosts=self.network.hosts, clocks=True,
                               flags=["--log-format", "text", "--access-log", "errors", *self.profile.flags])
        test.at_end(self.cluster.end)
        self.history = History(os.path.join(test.folder, "history.jsonl"))
        self.nemesis = Nemesis(self.cluster, self.network, seed, self.profile, test.say)
        self.clients = [Client(number, number % NODES + 1, self.cluster.node(number % NODES + 1).address,
                               self.history, seed, self.profile.mix) for number in range(CLIENTS_PER_NODE * NODES)]
        self.purged = CounterSum(self.cluster.nodes, "hedgehog_tombstones_purged_total")
        self.generation = 0

    def run(self):
        ready = self.cluster.start_all()
        self.cluster.make_table(TABLE)
        self.test.say(f"  {NODES} nodes ready after {ready:.1f} s, {len(self.clients)} clients")
        if not self.network.can_cut:
            self.test.say("  NO LINK IS CUT: this machine does not permit network namespaces, or nft is missing")
        for client in self.clients:
            client.start()
        try:
            self.nemesis.run(self.test.values.faults, self._after_fault)
        finally:
            for client in self.clients:
                client.stop()
        for client in self.clients:
            client.join()
        self._expect_convergence()
        read_all_keys(self.cluster, self.history, self.generation)
        self.history.close()
        self._expect_promises()
        # The history and the logs stay for inspection; the stores of a passed test are not needed.
        self.test.keeps_folder = True
        if self.checks.all_passed:
            self.test.at_end(self._remove_stores)

    def _remove_stores(self):
        self.cluster.end()
        for node in self.cluster.nodes:
            shutil.rmtree(node.store)

    def _after_fault(self, faults):
        self.purged.poll()
        if faults // FAULTS_PER_GENERATION > self.generation:
            self.generation = faults // FAULTS_PER_GENERATION
            for client in self.clients:
                client.keys = keys_of(self.generation)

    def _expect_convergence(self):
        """Runs before any strong read, which would repair keys that differ."""
        ended = time.monotonic()
        keys = {request.key for request in self.history.requests}
        Convergence(self.cluster, TABLE, keys).expect(self.checks, EQUAL_SECONDS, "the end of the last fault")
        deleted = surely_deleted(self.history.requests)
        deleted += [key for client in self.clients for key in client.deleted_once]
        self._expect_deleted(deleted, "")
        if self.profile.purges:
            self._expect_purge(deleted, ended)

    def _expect_deleted(self, deleted, when):
        back = present_anywhere(self.cluster.nodes, TABLE, deleted)
        self.checks.expect(not back, f"of {len(deleted)} deleted keys, {len(back)} came back on some node{when} "
                           f"{back[:SHOWN] or ''}")

    def _expect_purge(self, deleted, ended):
        """After the purge, nothing but their absence keeps these keys deleted."""
        deadline = ended + self.profile.grace_seconds + PURGE_SECONDS
        while (left := tombstones_of(self.cluster.nodes[0], TABLE)) and time.monotonic() < deadline:
            time.sleep(0.5)
        self.checks.expect(left == 0, f"{left} tombstones are left {time.monotonic() - ended:.0f} s after the last "
                           f"fault (limit gc-grace of {self.profile.grace_seconds} s and {PURGE_SECONDS} s)")
        purged = self.purged.poll()
        self.checks.expect(purged > 0, f"{purged:.0f} tombstones were purged")
        self._expect_deleted(deleted, " after the purge")

    def _lost_once_keys(self):
        """Returns the keys with an acknowledged eventual put that are on no node, and how many were looked for."""
        wipes = [fault for fault in self.nemesis.faults if fault.kind == "wipe"]
        wanted = {request.key: request.value for client in self.clients for request in client.put_once.values()
                  if not was_on_one_disk(request, wipes)}
        count = len(wanted)
        for node in self.cluster.nodes:
            connection = Connection(node.address)
            for key in list(wanted):
                response = connection.ask("GET", target(key, "eventual"))
                if response.status == 200 and response.json()["item"]["v"] == wanted[key]:
                    del wanted[key]
            connection.close()
        return sorted(wanted), count

    def _expect_promises(self):
        lost, put_once = self._lost_once_keys()
        rates = ErrorRates(self.history.requests, self.nemesis.faults)
        rates.print_table()
        expect_linearizable(self.checks, self.history)
        self.checks.expect(not lost, f"of {put_once} keys put once with an eventual 200, {len(lost)} are lost "
                           f"{lost[:SHOWN] or ''}")
        self.checks.expect(
            rates.is_within_limit, f"of {rates.requests} requests to nodes without a fault, {rates.errors} failed "
            f"({100 * rates.errors / max(1, rates.requests):.3f} %, limit {100 * ERROR_LIMIT:.1f} %)")
        rates.print_examples(0 if rates.is_within_limit else SHOWN)


def run(test):
    FaultTest(test).run()
