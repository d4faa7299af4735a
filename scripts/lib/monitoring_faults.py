"""The faults of check-monitoring, and the alerts that each must make fire."""

import os
import subprocess
import time

from client import Connection, Unanswered
from node import NodeFailure

DISK_MEBIBYTES = 320  # RocksDB reserves some 75 of them for its log
BALLAST_BYTES = 64 << 20
CONNECTIONS = 60
CROWD = 120
TABLES_SHOWN = 8
HINT_BUDGET = "100KiB"
FREEZES, FREEZE_SECONDS, THAW_SECONDS = 30, 0.2, 0.1
MENDED_SECONDS = 40


class Disk:
    """A small file system for one node's store, where the machine lets us mount one."""

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
    """`alerts` are names, with @node where the alert names one. `end` None: the next fault goes on from here."""

    def __init__(self, name, alerts, begin, end, lasts_seconds=0):
        self.name, self.alerts, self.begin, self.end = name, alerts, begin, end
        self.lasts_seconds = lasts_seconds


class Faults:
    def __init__(self, members, network, disk, sink, say):
        self.members, self.network, self.disk, self.sink, self.say = members, network, disk, sink, say
        self.crowd = []

    def all(self):
        yield Fault("node-2 frozen now and then", ["HedgehogEventLoopStalled@node-2"], self._freeze, lambda: None)
        yield Fault("a crowd of clients", ["HedgehogRequestsShed@node-1"], self._crowd, self._disperse, 3)
        yield Fault("node-3 killed", ["HedgehogNodeDown@node-3", "HedgehogUnderReplicated",
                                      "HedgehogReplicationFailing@node-3", "HedgehogHintBacklogGrowing@node-3",
                                      "HedgehogHintsDropped@node-3"],
                    lambda: self.members.kill(3), None)
        yield Fault("node-3 started again", ["HedgehogNodeRestarted@node-3"], lambda: self._start(3), lambda: None)
        if self.network.can_cut:
            yield Fault("the link between node-1 and node-2 cut", ["HedgehogLivenessMismatch@node-2"],
                        lambda: self.network.cut_only({(1, 2), (2, 1)}), lambda: self.network.cut_only(set()))
        else:
            self.say("  NOT CUT: this machine gives us no network namespaces, so HedgehogLivenessMismatch is not tried")
        yield Fault("the clock of node-2 two seconds ahead", ["HedgehogClockSkew@node-2"],
                    lambda: self.members.clock(2).set(2), lambda: self.members.clock(2).set(0), 2)
        if self.disk.is_mounted:
            yield Fault("the disk of node-1 full", ["HedgehogDiskLow@node-1", "HedgehogWritesRefused@node-1",
                                                     "HedgehogNotReady@node-1"],
                        self._fill, lambda: os.remove(self.disk.ballast), 2)
        else:
            self.say("  NOT FILLED: mounting a small disk needs root, so HedgehogDiskLow and others are not tried")
        yield Fault(f"more than {TABLES_SHOWN} tables", ["HedgehogMetricsSeriesLimited"], self._make_tables,
                    lambda: None)
        yield Fault("node-2 and node-3 killed", ["HedgehogMajorityAtRisk", "HedgehogPartitionsUnavailable",
                                                 "HedgehogQuorumFailures", "HedgehogErrorBudgetFastBurn"],
                    lambda: [self.members.kill(number) for number in (2, 3)],
                    lambda: [self._start(number) for number in (2, 3)])
        if self.sink is not None:
            yield Fault("the collector gone", ["HedgehogTracesDropped"], self.sink.end, lambda: None)

    def wait_until_mended(self):
        """All ready, and nothing owed to anybody."""
        deadline = time.monotonic() + MENDED_SECONDS
        for node in self.members.nodes:
            while not self._owes_nothing(node):
                if time.monotonic() > deadline:
                    raise NodeFailure(f"{node.node_id} was not ready, or still owed writes, {MENDED_SECONDS} s after "
                                      f"the fault: {node.readiness()}\n{node.log_tail()}")
                time.sleep(0.1)

    @staticmethod
    def _owes_nothing(node):
        try:
            page = node.ask("GET", "/metrics").body.decode()
        except (OSError, Unanswered):
            return False
        owed = [line for line in page.splitlines()
                if line.startswith("hedgehog_replication_hinted_handoff_pending{") and not line.endswith(" 0")]
        return node.is_ready() and not owed

    def _start(self, number):
        self.members.node(number).start_and_wait()

    def _crowd(self):
        for _ in range(CROWD):
            try:
                self.crowd.append(Connection(self.members.node(1).address, 2))
                self.crowd[-1].send(b"GET /livez HTTP/1.1\r\nHost: h\r\n\r\n")
            except OSError:
                pass

    def _disperse(self):
        for connection in self.crowd:
            connection.close()

    def _freeze(self):
        for _ in range(FREEZES):
            self.members.node(2).pause()
            time.sleep(FREEZE_SECONDS)
            self.members.node(2).resume()
            time.sleep(THAW_SECONDS)

    def _fill(self):
        """Leaves no byte: what the file takes is what there is."""
        with open(self.disk.ballast, "ab") as file:
            try:
                while True:
                    file.write(b"\0" * 65536)
                    file.flush()
            except OSError:
                pass

    def _make_tables(self):
        for number in range(TABLES_SHOWN + 3):
            self.members.node(1).ask("POST", "/api/v1/tables", b'{"name":"many-%d"}' % number)
            self.members.node(1).ask("PUT", f"/api/v1/tables/many-{number}/items/one", b'{"n":1}')
