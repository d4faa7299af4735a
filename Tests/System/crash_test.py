"""Kills one node under load, again and again, and verifies what it acknowledged.

16 writers pipeline puts and deletes of unique values. The node is ended at a random moment and started again; in some
rounds it is killed once more during the start. Then every key is read, scanned and counted. The test fails if
  - an acknowledged write or delete is missing, or one that was refused as not_applied took effect;
  - single reads, the ordered scan and the exact count disagree;
  - after kill -9 a key holds anything but the acknowledged state or a write without a response;
  - after SIGTERM (a quarter of the rounds) a response is truncated, a request that was fully sent before the signal has
    no response, a request without a response took effect, or the exit status is not 0.
"""

import random
import time

from harness.checks import CheckFailed
from harness.http_client import request
from harness.node import Node, NodeFailure
from workloads.crash_writers import TABLE, Counts, Writer, target
from workloads.key_history import ABSENT

WRITER_COUNT = 16
SIGTERM_SHARE = 0.25
CRASH_AGAIN_SHARE = 0.25  # rounds in which the node is killed once more while it starts
CHECK_BATCH = 50
PAGE_LIMIT = 700
SHOWN_FAULTS = 10


class CrashTest:
    def __init__(self, test):
        self.test = test
        seed = str(test.values.seed)
        self.chance = random.Random(seed)
        self.node = Node(test.folder, flags=["--log-format", "text", "--access-log", "off"])
        self.writers = [Writer(number, seed) for number in range(WRITER_COUNT)]
        self.total = Counts()
        test.at_end(self.node.end)

    def run(self):
        self.node.start_and_wait()
        response = self.node.ask("POST", "/api/v1/tables", b'{"name":"%s"}' % TABLE.encode())
        if response.status != 201:
            raise NodeFailure(f"creating the table answered {response.status} {response.body!r}")
        rounds = self.test.values.rounds
        for number in range(1, rounds + 1):
            faults = self._round(number)
            if faults:
                self._fail(number, faults)
        self.node.terminate()
        counts = self.total
        self.test.checks.expect(
            True, f"{rounds} rounds: {counts.acknowledged} writes acknowledged, {counts.refused} refused, "
            f"{counts.unknown + counts.unanswered} with an unknown outcome, 0 lost, 0 resurrected")

    def _round(self, number):
        is_clean = self.chance.random() < SIGTERM_SHARE
        for writer in self.writers:
            writer.start(self.node.address, closes_cleanly=is_clean)
        time.sleep(self.chance.uniform(0.02, 0.8))
        faults = self._end_cleanly() if is_clean else self._kill()
        ready_seconds = self._restart()
        for writer in self.writers:
            faults += writer.faults
        present, wrong = self._verify()
        faults += wrong
        self._report(number, "SIGTERM" if is_clean else "kill -9", ready_seconds, present, faults)
        return faults

    def _kill(self):
        self.node.kill()
        self._join()
        return []

    def _end_cleanly(self):
        signalled_at = time.monotonic()
        status = self.node.terminate()
        self._join()
        faults = [] if status == 0 else [f"the exit status after SIGTERM is {status}"]
        for writer in self.writers:
            since = writer.unanswered_since
            if since is not None and since < signalled_at:
                faults.append(f"writer {writer.number}: requests sent {(signalled_at - since) * 1000:.1f} ms before "
                              "SIGTERM have no response")
        return faults

    def _join(self):
        for writer in self.writers:
            writer.thread.join(60)
            if writer.thread.is_alive():
                raise NodeFailure(f"writer {writer.number} still waits for a server that has ended")

    def _restart(self):
        if self.chance.random() < CRASH_AGAIN_SHARE:
            self.node.start()
            time.sleep(self.chance.uniform(0.0, 0.15))
            self.node.kill()
        return self.node.start_and_wait()

    def _verify(self):
        """Returns the number of items, and a sentence for each way in which they disagree with the histories."""
        faults, seen = [], {}
        connection = self.node.connect()
        for writer in self.writers:
            for start in range(0, len(writer.keys), CHECK_BATCH):
                keys = writer.keys[start:start + CHECK_BATCH]
                connection.send(b"".join(request("GET", target(key)) for key in keys))
                for key in keys:
                    seen[key] = state_of(key, connection.receive())
                    faults += self._check_key(writer.histories[key], key, seen[key])
        present = {key: state for key, state in seen.items() if state is not ABSENT}
        faults += self._compare_scan(connection, present)
        faults += self._compare_count(connection, len(present))
        connection.close()
        return len(present), faults

    @staticmethod
    def _check_key(history, key, seen):
        problem = history.check(seen)
        if problem is None:
            return []
        tail = ", ".join(f"{outcome} {shown(state)}" for outcome, state in history.attempts[-4:])
        return [f"{key} {problem}: it holds {shown(seen)}; last attempts: {tail}"]

    @staticmethod
    def _compare_scan(connection, present):
        scanned, after = [], ""
        while True:
            response = connection.ask("GET", f"/api/v1/tables/{TABLE}/items?limit={PAGE_LIMIT}&keys_only=true{after}")
            if response.status != 200:
                return [f"the scan answered {response.status} {response.body!r}"]
            page = response.json()
            scanned += [entry["key"] for entry in page["items"]]
            if page.get("next") is None:
                break
            after = f"&after={page['next']}"
        if scanned == sorted(present):
            return []
        differing = sorted(set(scanned) ^ set(present))
        return [f"the scan and the single reads differ in {len(differing)} keys or in their order: {differing[:5]}"]

    @staticmethod
    def _compare_count(connection, expected):
        answer = connection.ask("GET", f"/api/v1/tables/{TABLE}/count").json()
        if answer == {"count": expected, "exact": True}:
            return []
        return [f"the count is {answer}, but single reads found {expected} items"]

    def _report(self, number, kind, ready_seconds, present, faults):
        counts = Counts()
        for writer in self.writers:
            counts.add(writer.counts)
        self.total.add(counts)
        print(f"round {number:3d}  {kind}  {counts.acknowledged:6d} acknowledged  {counts.refused:3d} refused  "
              f"{counts.unknown:3d} unknown  {counts.unanswered:3d} unanswered  ready {ready_seconds:.2f} s  "
              f"{present:5d} items  {'FAILED' if faults else 'ok'}", flush=True)

    @staticmethod
    def _fail(number, faults):
        for fault in faults[:SHOWN_FAULTS]:
            print(f"  {fault}")
        if len(faults) > SHOWN_FAULTS:
            print(f"  and {len(faults) - SHOWN_FAULTS} more")
        raise CheckFailed(f"round {number} found {len(faults)} faults")


def state_of(key, response):
    if response.status == 404:
        return ABSENT
    prefix = b'{"key":"%s","item":' % key.encode()
    if response.status != 200 or not response.body.startswith(prefix) or not response.body.endswith(b"}\n"):
        raise NodeFailure(f"reading {key} answered {response.status} {response.body[:200]!r}")
    return response.body[len(prefix):-2]


def shown(state):
    return "nothing" if state is ABSENT else state[:60].decode("utf-8", "replace")


def run(test):
    CrashTest(test).run()
