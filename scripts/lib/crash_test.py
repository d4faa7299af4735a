"""The crash test; scripts/crash-test.sh runs it and says what it proves."""

import os
import random
import shutil
import sys
import tempfile
import time

from client import request
from history import ABSENT
from node import Node, NodeFailure
from writers import TABLE, Counts, Writer, target

WRITER_COUNT = 16
SIGTERM_SHARE = 0.25
CRASH_AGAIN_SHARE = 0.25  # rounds in which the node is killed once more while it starts
CHECK_BATCH = 50
PAGE_LIMIT = 700
SHOWN_FAULTS = 10


class Rounds:
    def __init__(self, count, seed):
        self.count = count
        self.seed = seed
        self.chance = random.Random(seed)
        self.folder = tempfile.mkdtemp(prefix="hedgehog-crash-")
        self.node = Node(self.folder, flags=["--log-format", "text", "--access-log", "off"])
        self.writers = [Writer(number, seed) for number in range(WRITER_COUNT)]
        self.total = Counts()

    def run(self):
        """Whether all rounds passed. The data folder stays when one did not."""
        self.node.start_and_wait()
        response = self.node.ask("POST", "/api/v1/tables", b'{"name":"%s"}' % TABLE.encode())
        if response.status != 201:
            raise NodeFailure(f"creating the table answered {response.status} {response.body!r}")
        for number in range(1, self.count + 1):
            faults = self._round(number)
            if faults:
                self._show(faults)
                return False
        self.node.terminate()
        shutil.rmtree(self.folder)
        counts = self.total
        print(f"crash-test: {self.count} rounds passed, {counts.acknowledged} acknowledged, {counts.refused} refused, "
              f"{counts.unknown + counts.unanswered} in doubt, 0 lost, 0 resurrected (SEED={self.seed})")
        return True

    def _round(self, number):
        is_clean = self.chance.random() < SIGTERM_SHARE
        for writer in self.writers:
            writer.start(self.node.address, closes_cleanly=is_clean)
        time.sleep(self.chance.uniform(0.02, 0.8))
        faults = self._end_cleanly() if is_clean else self._end_at_once()
        ready_seconds = self._restart()
        for writer in self.writers:
            faults += writer.faults
        present, judged = self._verify()
        faults += judged
        self._report(number, "SIGTERM" if is_clean else "kill -9", ready_seconds, present, faults)
        return faults

    def _end_at_once(self):
        self.node.kill()
        self._join()
        return []

    def _end_cleanly(self):
        signalled_at = time.monotonic()
        status = self.node.terminate()
        self._join()
        faults = [] if status == 0 else [f"SIGTERM ended the node with status {status}"]
        for writer in self.writers:
            since = writer.unanswered_since
            if since is not None and since < signalled_at:
                faults.append(f"writer {writer.number}: requests sent {(signalled_at - since) * 1000:.1f} ms before "
                              "SIGTERM were never answered")
        return faults

    def _join(self):
        for writer in self.writers:
            writer.thread.join(60)
            if writer.thread.is_alive():
                raise NodeFailure(f"writer {writer.number} still waits for a server that is gone")

    def _restart(self):
        if self.chance.random() < CRASH_AGAIN_SHARE:
            self.node.start()
            time.sleep(self.chance.uniform(0.0, 0.15))
            self.node.kill()
        return self.node.start_and_wait()

    def _verify(self):
        """How many items there are, and every way in which keys, scan and count disagree with the histories."""
        faults, seen = [], {}
        connection = self.node.connect()
        for writer in self.writers:
            for start in range(0, len(writer.keys), CHECK_BATCH):
                keys = writer.keys[start:start + CHECK_BATCH]
                connection.send(b"".join(request("GET", target(key)) for key in keys))
                for key in keys:
                    seen[key] = state_of(key, connection.receive())
                    faults += self._judge(writer.histories[key], key, seen[key])
        present = {key: state for key, state in seen.items() if state is not ABSENT}
        faults += self._compare_scan(connection, present)
        faults += self._compare_count(connection, len(present))
        connection.close()
        return len(present), faults

    @staticmethod
    def _judge(history, key, seen):
        verdict = history.judge(seen)
        if verdict is None:
            return []
        tail = ", ".join(f"{outcome} {shown(state)}" for outcome, state in history.attempts[-4:])
        return [f"{key} {verdict}: it holds {shown(seen)}; last attempts: {tail}"]

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
        return [f"the scan and the single reads differ in {len(differing)} keys (or in order): {differing[:5]}"]

    @staticmethod
    def _compare_count(connection, expected):
        answer = connection.ask("GET", f"/api/v1/tables/{TABLE}/count").json()
        if answer == {"count": expected, "exact": True}:
            return []
        return [f"the count says {answer}, the single reads found {expected}"]

    def _report(self, number, kind, ready_seconds, present, faults):
        counts = Counts()
        for writer in self.writers:
            counts.add(writer.counts)
        self.total.add(counts)
        print(f"round {number:3d}  {kind}  {counts.acknowledged:6d} acknowledged  {counts.refused:3d} refused  "
              f"{counts.unknown:3d} unknown  {counts.unanswered:3d} unanswered  ready {ready_seconds:.2f} s  "
              f"{present:5d} items  {'FAILED' if faults else 'ok'}", flush=True)

    def _show(self, faults):
        for fault in faults[:SHOWN_FAULTS]:
            print(f"  {fault}")
        if len(faults) > SHOWN_FAULTS:
            print(f"  and {len(faults) - SHOWN_FAULTS} more")
        print(f"crash-test: FAILED. Replay: SEED={self.seed} scripts/crash-test.sh ROUNDS={self.count} "
              f"(choices repeat, timing does not). Store and log are kept in {self.folder}")


def state_of(key, response):
    if response.status == 404:
        return ABSENT
    prefix = b'{"key":"%s","item":' % key.encode()
    if response.status != 200 or not response.body.startswith(prefix) or not response.body.endswith(b"}\n"):
        raise NodeFailure(f"reading {key} answered {response.status} {response.body[:200]!r}")
    return response.body[len(prefix):-2]


def shown(state):
    return "nothing" if state is ABSENT else state[:60].decode("utf-8", "replace")


def main():
    count = int(os.environ.get("ROUNDS", "50"))
    seed = os.environ.get("SEED") or str(random.randrange(1 << 32))
    rounds = Rounds(count, seed)
    try:
        return 0 if rounds.run() else 1
    except NodeFailure as failure:
        print(f"crash-test: FAILED (SEED={seed}, store and log kept in {rounds.folder}): {failure}")
        return 1
    finally:
        rounds.node.end()


if __name__ == "__main__":
    sys.exit(main())
