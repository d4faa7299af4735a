"""The faults of check-monitoring, and the alerts that each must cause."""

import os
import subprocess
import time

from harness.http_client import Connection, Unanswered
from harness.node import NodeFailure

DISK_MEBIBYTES = 320  # RocksDB reserves about 75 of them for its log
BALLAST_BYTES = 64 << 20
CONNECTIONS = 60
TOO_MANY_CONNECTIONS = 120
TABLES_SHOWN = 8
HINT_BUDGET = "100KiB"
FREEZES, FREEZE_SECONDS, THAW_SECONDS = 30, 0.2, 0.1
RECOVERY_SECONDS = 40


class Disk:
    """A small file system for the store of one node, where the machine permits to mount one."""

    def __init__(self, folder):
        self.folder = folder
        self.ballast = os.path.join(folder, "ballast")
        os.makedirs(folder, exist_ok=True)
        self.is_mounted = os.geteuid() == 0 and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEBIBYTES}m", "hedgehog", folder], capture_output=True,
            check=False).returncode == 0
        if self.is_mounted:
            with open(self.ballast, "wb") as file:
                file.write(b"\0" * BALLAST_BYTES)

    def release(self):
        if self.is_mounted:
            subprocess.run(["umount", self.folder], check=False)


class Fault:
    """`alerts` are names, with @node where the alert names one. `end` None: the next fault starts in this state."""

    def __init__(self, name, alerts, begin, end, lasts_seconds=0):
        self.name, self.alerts, self.begin, self.end = name, alerts, begin, end
        self.lasts_seconds = lasts_seconds


class MonitoringFaults:
    def __init__(self, cluster, network, disk, collector, say):
        self.cluster, self.network, self.disk, self.collector, self.say = cluster, network, disk, collector, say
        self.connections = []

    def all(self):
        yield Fault("node-2 frozen repeatedly", ["HedgehogEventLoopStalled@node-2"], self._freeze, lambda: None)
        yield Fault("too many connections", ["HedgehogRequestsShed@node-1"], self._connect, self._disconnect, 3)
        yield Fault("node-3 killed", ["HedgehogNodeDown@node-3", "HedgehogUnderReplicated",
                                      "HedgehogReplicationFailing@node-3", "HedgehogHintBacklogGrowing@node-3",
                                      "HedgehogHintsDropped@node-3"],
                    lambda: self.cluster.kill(3), None)
        yield Fault("node-3 started again", ["HedgehogNodeRestarted@node-3"], lambda: self._start(3), lambda: None)
        if self.network.can_cut:
            yield Fault("the link between node-1 and node-2 cut", ["HedgehogLivenessMismatch@node-2"],
                        lambda: self.network.cut_only({(1, 2), (2, 1)}), lambda: self.network.cut_only(set()))
        else:
            self.say("  NOT CUT: this machine permits no network namespaces, so HedgehogLivenessMismatch is not tested")
        yield Fault("the clock of node-2 two seconds ahead", ["HedgehogClockSkew@node-2"],
                    lambda: self.cluster.clock(2).set(2), lambda: self.cluster.clock(2).set(0), 2)
        if self.disk.is_mounted:
            yield Fault("the disk of node-1 full", ["HedgehogDiskLow@node-1", "HedgehogWritesRefused@node-1",
                                                     "HedgehogNotReady@node-1"],
                        self._fill, lambda: os.remove(self.disk.ballast), 2)
        else:
            self.say("  NOT FILLED: mounting a small disk needs root, so HedgehogDiskLow and others are not tested")
        yield Fault(f"more than {TABLES_SHOWN} tables", ["HedgehogMetricsSeriesLimited"], self._make_tables,
                    lambda: None)
        yield Fault("node-2 and node-3 killed", ["HedgehogMajorityAtRisk", "HedgehogPartitionsUnavailable",
                                                 "HedgehogQuorumFailures", "HedgehogErrorBudgetFastBurn"],
                    lambda: [self.cluster.kill(number) for number in (2, 3)],
                    lambda: [self._start(number) for number in (2, 3)])
        yield Fault("the collector stopped", ["HedgehogTracesDropped"], self.collector.end, lambda: None)

    def wait_until_recovered(self):
        """Waits until all nodes are ready and have no pending hints."""
        deadline = time.monotonic() + RECOVERY_SECONDS
        for node in self.cluster.nodes:
            while not self._has_recovered(node):
                if time.monotonic() > deadline:
                    raise NodeFailure(f"{node.node_id} was not ready, or had pending hints, {RECOVERY_SECONDS} s "
                                      f"after the fault: {node.readiness()}\n{node.log_tail()}")
                time.sleep(0.1)

    @staticmethod
    def _has_recovered(node):
        try:
            page = node.ask("GET", "/metrics").body.decode()
        except (OSError, Unanswered):
            return False
        pending = [line for line in page.splitlines()
                   if line.startswith("hedgehog_replication_hinted_handoff_pending{") and not line.endswith(" 0")]
        return node.is_ready() and not pending

    def _start(self, number):
        self.cluster.node(number).start_and_wait()

    def _connect(self):
        for _ in range(TOO_MANY_CONNECTIONS):
            try:
                self.connections.append(Connection(self.cluster.node(1).address, 2))
                self.connections[-1].send(b"GET /livez HTTP/1.1\r\nHost: h\r\n\r\n")
            except OSError:
                pass

    def _disconnect(self):
        for connection in self.connections:
            connection.close()

    def _freeze(self):
        for _ in range(FREEZES):
            self.cluster.node(2).pause()
            time.sleep(FREEZE_SECONDS)
            self.cluster.node(2).resume()
            time.sleep(THAW_SECONDS)

    def _fill(self):
        """Writes to a file until the disk is full."""
        with open(self.disk.ballast, "ab", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 65536)
            except OSError:
                pass

    def _make_tables(self):
        for number in range(TABLES_SHOWN + 3):
            self.cluster.node(1).ask("POST", "/api/v1/tables", b'{"name":"many-%d"}' % number)
            self.cluster.node(1).ask("PUT", f"/api/v1/tables/many-{number}/items/one", b'{"n":1}')
