"""The test of many deletes; scripts/deletes.sh runs it and says what it proves."""

import os
import shutil
import sys
import tempfile
import time

from bulk import perform
from checks import Failed, check
from client import Unanswered
from healing import CounterSum, Equality, item_target, metric, table_counts, tombstones_of
from members import Members
from node import NodeFailure
from verdicts import Verdicts

COUNT = int(os.environ.get("COUNT", "100000"))
WINDOW_SECONDS, GRACE_SECONDS = 10, 20
# Beyond gc-grace by enough for a round of purges, which must not happen while a replica is away.
MARGIN_SECONDS = 5
# By then all that it missed has come to the node that was away: at the pace of comparisons, not of hints.
EQUAL_SECONDS = int(os.environ.get("EQUAL_SECONDS", str(60 + COUNT // 1000)))
PURGE_SECONDS = int(os.environ.get("PURGE_SECONDS", str(60 + COUNT // 1000)))
TABLE = "deletes"
POLL_SECONDS = 0.25
SAMPLE_EVERY = 97


def target(number):
    return item_target(TABLE, f"d-{number:08d}", "eventual")


class Deletes:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="hedgehog-deletes-")
        self.members = Members(self.folder, flags=[
            "--log-format", "text", "--access-log", "errors", "--hint-window", f"{WINDOW_SECONDS}s",
            "--gc-grace", f"{GRACE_SECONDS}s"])
        self.verdicts = Verdicts()
        self.purged = CounterSum(self.members.nodes, "hedgehog_tombstones_purged_total")

    def run(self):
        self.members.form()
        self.members.make_table(TABLE)
        print(f"deletes: {COUNT} items on three nodes, hint window {WINDOW_SECONDS} s, gc-grace {GRACE_SECONDS} s; "
              f"logs in {self.folder}", flush=True)
        self._put()
        self._delete_while_one_is_away()
        self._return()
        self._purge()
        return self.verdicts.all_kept

    def _put(self):
        started = time.monotonic()
        statuses, refusals = perform(self.members.nodes, (
            ("PUT", target(number), b'{"number":%d}' % number) for number in range(COUNT)))
        check(statuses == {200: COUNT}, f"{COUNT} items put through three nodes ({rate(started):.0f} a second) "
              f"{statuses} {refusals or ''}")
        equality = Equality(self.members, TABLE)
        equality.judge(self.verdicts, EQUAL_SECONDS, "the last put")
        check(equality.count == COUNT, f"{equality.count} items on each node")

    def _delete_while_one_is_away(self):
        stay = self.members.nodes[:2]
        self.members.kill(3)
        self.went = time.monotonic()
        started = time.monotonic()
        statuses, refusals = perform(stay, (("DELETE", target(number), None) for number in range(COUNT)))
        check(statuses == {200: COUNT}, f"{COUNT} items deleted through two nodes while node-3 is away "
              f"({rate(started):.0f} a second) {statuses} {refusals or ''}")
        time.sleep(GRACE_SECONDS + MARGIN_SECONDS)
        blocked = sum(metric(node, "hedgehog_purge_blocked_partitions") for node in stay)
        self.verdicts.judge(self.purged.poll() == 0 and tombstones_of(stay[0], TABLE) >= COUNT,
                            f"no tombstone was purged while a replica is away ({tombstones_of(stay[0], TABLE)} are "
                            f"there, {blocked:.0f} partitions say what blocks them)")

    def _return(self):
        away = self.members.nodes[2]
        away.start_and_wait()
        returned = time.monotonic()
        held = table_counts(away, TABLE)
        worst, counts = {}, {}
        while time.monotonic() - returned < EQUAL_SECONDS:
            counts = table_counts(self.members.nodes[0], TABLE)
            for node_id, count in counts.items():
                worst[node_id] = max(worst.get(node_id, 0), count)
            self.purged.poll()
            if len(counts) == 3 and set(counts.values()) == {0}:
                break
            time.sleep(POLL_SECONDS)
        print(f"  node-3 was away {returned - self.went:.0f} s and held {held.get('node-3')} items at its return",
              flush=True)
        self.verdicts.judge(worst.get("node-1") == 0 and worst.get("node-2") == 0,
                            f"no deleted item came back on the nodes that stayed: at most {worst} were live on each")
        self.verdicts.judge(set(counts.values()) == {0}, f"items on each node {time.monotonic() - returned:.1f} s "
                            f"after the return (allowed {EQUAL_SECONDS} s): {counts}")
        sample = [f"d-{number:08d}" for number in range(0, COUNT, SAMPLE_EVERY)]
        equality = Equality(self.members, TABLE, sample)
        equality.judge(self.verdicts, EQUAL_SECONDS, "that")
        self.verdicts.judge(equality.count == 0, f"{equality.count} items counted on every node")

    def _purge(self):
        started = time.monotonic()
        left = None
        while time.monotonic() - started < GRACE_SECONDS + PURGE_SECONDS:
            self.purged.poll()
            left = tombstones_of(self.members.nodes[0], TABLE)
            if left == 0:
                break
            time.sleep(POLL_SECONDS)
        self.verdicts.judge(left == 0, f"{left} tombstones are left {time.monotonic() - started:.1f} s later (allowed "
                            f"{GRACE_SECONDS + PURGE_SECONDS} s), {self.purged.poll():.0f} were purged")
        for number in self.members.numbers:
            self.members.kill(number)
        for node in self.members.nodes:
            node.start()
        for node in self.members.nodes:
            node.wait_until_ready()
        equality = Equality(self.members, TABLE)
        equality.judge(self.verdicts, EQUAL_SECONDS, "kill -9 and start of all three")
        self.verdicts.judge(equality.count == 0, f"{equality.count} items came back")


def rate(started):
    return COUNT / (time.monotonic() - started)


def main():
    deletes = Deletes()
    is_good = False
    try:
        is_good = deletes.run()
        print(f"deletes: {'passed' if is_good else 'FAILED; stores and logs are kept in ' + deletes.folder}")
    except (Failed, NodeFailure, Unanswered, OSError) as failure:
        print(f"deletes: FAILED (stores and logs are kept in {deletes.folder}): {failure}")
    finally:
        deletes.members.end()
    if is_good:
        shutil.rmtree(deletes.folder)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
