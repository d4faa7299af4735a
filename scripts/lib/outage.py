"""The outage test; scripts/outage.sh runs it and says what it proves."""

import os
import shutil
import statistics
import sys
import tempfile
import time

from bulk import perform
from checks import Failed, check
from client import Unanswered
from healing import Backlog, Equality, item_target, metric, settle
from members import Members
from node import NodeFailure
from other_load import OtherLoad
from steady_load import SteadyLoad
from verdicts import Verdicts

SECONDS = int(os.environ.get("SECONDS", "600"))
RATE = int(os.environ.get("RATE", "2000"))
BUDGET = os.environ.get("BUDGET", "1GiB")
HINTS = int(os.environ.get("HINTS", "10000"))
TABLE = "outage"
WARM_UP_SECONDS = 3.0
WINDOWS = 3
WINDOW_SECONDS = max(3.0, min(20.0, SECONDS / 12))
POLL_SECONDS = 0.5
DRAIN_FACTOR = 2
P99_FACTOR = float(os.environ.get("P99_FACTOR", "2"))  # 0: printed and not judged
EQUAL_SECONDS = 60
SETTLE_SECONDS = 60
PENDING = "hedgehog_replication_hinted_handoff_pending"
DROPPED = "hedgehog_replication_hints_dropped_total"
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def bytes_of(text):
    for unit, size in UNITS.items():
        if text.endswith(unit):
            return int(text.removesuffix(unit)) * size
    return int(text.removesuffix("B"))


class Watch:
    """Polls what the nodes that stay say of their hints for the one that is away."""

    def __init__(self, nodes, away):
        self.nodes = nodes
        self.away = away.node_id
        self.polls = self.most_pending = self.most_bytes = 0
        self.open_accounts = []

    def poll(self):
        """How many hints wait for it on all."""
        backlogs = [Backlog(node) for node in self.nodes]
        self.polls += 1
        for backlog in backlogs:
            self.open_accounts += backlog.open_accounts
            self.most_bytes = max(self.most_bytes, backlog.bytes_in_all)
        pending = sum(backlog.pending(self.away) for backlog in backlogs)
        self.most_pending = max(self.most_pending, pending)
        return pending

    def poll_until(self, deadline):
        while time.monotonic() < deadline:
            self.poll()
            time.sleep(POLL_SECONDS)

    @property
    def stored(self):
        return sum(Backlog(node).stored(self.away) for node in self.nodes)

    @property
    def overflowed(self):
        return int(sum(metric(node, DROPPED, target_node=self.away, reason="limit") for node in self.nodes))


class Outage:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="hedgehog-outage-")
        self.members = Members(self.folder, flags=["--log-format", "text", "--access-log", "errors",
                                                   "--hint-budget", BUDGET])
        self.stay, self.away = self.members.nodes[:2], self.members.nodes[2]
        self.away_number = 3
        self.verdicts = Verdicts()
        self.watch = Watch(self.stay, self.away)
        self.load = SteadyLoad(self.stay, TABLE, RATE)

    def run(self):
        # What a build or a clone has left to be written would hold up every fsync half a minute later.
        os.sync()
        self.members.form()
        self.members.make_table(TABLE)
        print(f"outage: {RATE} writes a second through two of three nodes, the third away for {SECONDS} s, hints "
              f"within {BUDGET}; logs in {self.folder}", flush=True)
        self.load.start()
        try:
            overflowed = self._away_and_back()
        finally:
            self.load.stop()
        self._judge_end(overflowed)
        self._coordinator_crashes()
        return self.verdicts.all_kept

    def _away_and_back(self):
        """How many hints had no place."""
        verdicts, watch = self.verdicts, self.watch
        time.sleep(WARM_UP_SECONDS)
        before = time.monotonic()
        others_before = OtherLoad(self.members.nodes)
        watch.poll_until(before + WINDOWS * WINDOW_SECONDS)
        others_before = others_before.percent
        calm = self.load.windows(before, before + WINDOWS * WINDOW_SECONDS)
        self.members.kill(self.away_number)
        went = time.monotonic()
        watch.poll_until(went + SECONDS)
        returned = time.monotonic()
        stored, overflowed = watch.stored, watch.overflowed
        self.away.start_and_wait()
        ready = time.monotonic()
        others = OtherLoad(self.members.nodes)
        drained = self._drain(returned)
        # A short drain is measured as long as it lasts.
        length = min(WINDOWS * WINDOW_SECONDS, max(drained - ready, 1.0))
        time.sleep(max(0.0, ready + length - time.monotonic()))
        busy = self.load.windows(ready, ready + length)
        others = others.percent
        verdicts.judge(watch.most_bytes <= bytes_of(BUDGET), f"hints stay within their budget: at most "
                       f"{watch.most_bytes} of {bytes_of(BUDGET)} bytes on one node, {watch.most_pending} hints in all")
        written = self.load.served_between(went, returned)
        verdicts.judge(stored + overflowed >= written, f"of {written} writes of {returned - went:.0f} s away, {stored} "
                       f"hints were stored and {overflowed} had no place, which is counted")
        allowed = DRAIN_FACTOR * (returned - went)
        verdicts.judge(watch.poll() == 0, f"hints drained {drained - returned:.1f} s after the return (allowed "
                       f"{allowed:.0f} s, {watch.most_pending / max(drained - ready, 0.1):.0f} a second)")
        print(f"  meanwhile anti-entropy mended {self._mended():.0f} keys", flush=True)
        self._judge_p99(calm, busy, f"others took {others_before:.0f} % of the machine before, {others:.0f} % then")
        return overflowed

    def _judge_p99(self, calm, busy, others):
        ratio = statistics.median(busy) / max(statistics.median(calm), 0.001)
        sentence = f"{ratio:.2f} times that before: {shown(busy)} ms after {shown(calm)} ms ({others})"
        if P99_FACTOR == 0:
            print(f"  p99 while hints drain, not judged: {sentence}", flush=True)
        else:
            self.verdicts.judge(
                ratio <= P99_FACTOR, f"p99 while hints drain (allowed {P99_FACTOR:g} times) is {sentence}")

    def _drain(self, returned):
        """When the last hint was gone."""
        deadline = returned + DRAIN_FACTOR * SECONDS
        while self.watch.poll() > 0 and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS / 2)
        return time.monotonic()

    def _judge_end(self, overflowed):
        verdicts, watch, load = self.verdicts, self.watch, self.load
        ended = time.monotonic()
        late = load.windows(ended - 1, ended, 1)
        verdicts.judge(not load.refusals, f"{len(load.answers)} writes, {len(load.unanswered)} without a 200 (p99 in "
                       f"the end {late[0]:.1f} ms) {load.refusals.most_common(3) or ''}")
        equality = Equality(self.members, TABLE)
        equality.judge(verdicts, EQUAL_SECONDS, "the load's end")
        served = len(load.answers) - len(load.unanswered)
        verdicts.judge(served <= equality.count <= load.sent,
                       f"{equality.count} items: {served} writes acknowledged, {load.sent} sent")
        verdicts.judge(not watch.open_accounts, f"accounts closed at each of {watch.polls} polls: stored = delivered + "
                       f"superseded + expired + pending {watch.open_accounts[:3] or ''}")
        gauge = sum(metric(node, PENDING) for node in self.members.nodes)
        verdicts.judge(gauge == 0, f"the gauge of pending hints is {gauge:.0f} at the end")
        if overflowed:
            mended = self._mended()
            verdicts.judge(mended > 0, f"{overflowed} hints had no place, and anti-entropy mended {mended:.0f} keys")

    def _mended(self):
        return sum(metric(node, "hedgehog_anti_entropy_keys_total") for node in self.members.nodes)

    def _coordinator_crashes(self):
        """Hints are on the disk: kill -9 of the node that keeps them loses none."""
        problem = settle(self.members, SETTLE_SECONDS)
        if problem:
            raise NodeFailure(f"the cluster did not settle: {problem}")
        keeper = self.stay[0]
        before = Backlog(keeper)
        self.members.kill(self.away_number)
        statuses, refusals = perform([keeper], (
            ("PUT", item_target(TABLE, f"crash-{number:06d}", "eventual"), b'{"number":%d}' % number)
            for number in range(HINTS)))
        check(statuses == {200: HINTS}, f"{HINTS} writes while {self.away.node_id} is away: {statuses} "
              f"{refusals or ''}")
        deadline = time.monotonic() + SETTLE_SECONDS
        fits = bytes_of(BUDGET) >= HINTS * 1000
        wanted = HINTS if fits else 1
        while Backlog(keeper).pending(self.away.node_id) < wanted and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        kept = Backlog(keeper)
        self.members.kill(1)
        keeper.start_and_wait()
        found = Backlog(keeper)
        name = self.away.node_id
        self.verdicts.judge(
            kept.pending(name) == found.pending(name) and kept.accounts == found.accounts,
            f"{kept.pending(name)} hints pending before kill -9 of their keeper, {found.pending(name)} after; account "
            f"{'the same' if kept.accounts == found.accounts else [kept.accounts, found.accounts]}")
        self.verdicts.judge(kept.pending(name) >= wanted, f"{kept.pending(name)} hints for {HINTS} writes")
        self.away.start_and_wait()
        problem = settle(self.members, SETTLE_SECONDS)
        after = Backlog(keeper).accounts[name]
        delivered = after["delivered"] - before.accounts[name]["delivered"]
        self.verdicts.judge(not problem and after["pending"] == 0 and delivered >= kept.pending(name),
                            f"{delivered} of them delivered, {after['pending']} pending {problem}")
        Equality(self.members, TABLE).judge(self.verdicts, EQUAL_SECONDS, "the return")


def shown(milliseconds):
    return "/".join(f"{value:.1f}" for value in milliseconds)


def main():
    outage = Outage()
    is_good = False
    try:
        is_good = outage.run()
        print(f"outage: {'passed' if is_good else 'FAILED'}; stores and logs "
              f"{'were' if is_good else 'are kept'} in {outage.folder}")
    except (Failed, NodeFailure, Unanswered, OSError, TimeoutError) as failure:
        print(f"outage: FAILED (stores and logs are kept in {outage.folder}): {failure}")
    finally:
        outage.members.end()
    if is_good:
        shutil.rmtree(outage.folder)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
