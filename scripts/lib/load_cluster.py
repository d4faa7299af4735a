"""The load test of three nodes; scripts/load-cluster runs it and says what it prints."""

import os
import platform
import shutil
import statistics
import sys
import tempfile

from checks import Failed
from client import Unanswered
from load_items import put_items
from members import Members
from node import NodeFailure
from wrk import wrk

SECONDS = int(os.environ.get("SECONDS_EACH", "5"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
CONNECTIONS = int(os.environ.get("CONNECTIONS", "48"))
NODES = 3
ITEMS = 10000
BUSY_LOAD = 1.5
KINDS = [("GET", "eventual"), ("GET", "strong"), ("PUT", "eventual"), ("PUT", "strong")]


def measure(members):
    hosts = " ".join(node.host_port for node in members.nodes)
    runs = {kind: [] for kind in KINDS}
    for _ in range(ROUNDS):
        for method, consistency in KINDS:
            arguments = [f"-t{NODES}", f"-c{CONNECTIONS}", f"-d{SECONDS}s"]
            runs[method, consistency].append(
                wrk(members.nodes[0].url, arguments, "items.lua", ITEMS=str(ITEMS), METHOD=method,
                    CONSISTENCY=consistency, HOSTS=hosts))
    return runs


def report(runs, load_before):
    print(f"machine: {os.cpu_count()} cores for {NODES} nodes and the load, {platform.system()} {platform.release()}")
    if load_before > BUSY_LOAD:
        print(f"THE MACHINE WAS BUSY (load average {load_before:.1f} before the first run): these figures say little")
    print(f"wrk -t{NODES} -c{CONNECTIONS}, a third of the connections to each node, {ROUNDS} runs of {SECONDS} s, "
          "no answer but 200")
    for (method, consistency), of_kind in runs.items():
        rates = [run.rate for run in of_kind]
        p50, p99 = (statistics.median(getattr(run, name) for run in of_kind)
                    for name in ("p50_milliseconds", "p99_milliseconds"))
        print(f"  {consistency:8} {method}  {statistics.median(rates):8,.0f} req/s  "
              f"({min(rates):,.0f}-{max(rates):,.0f})  p50 {p50:.2f} ms  p99 {p99:.2f} ms")


def main():
    folder = tempfile.mkdtemp(prefix="hedgehog-load-", dir=os.environ.get("LOAD_FOLDER"))
    members = Members(folder)
    try:
        load_before = os.getloadavg()[0]
        members.form()
        members.make_table("load")
        put_items(members.nodes[0], ITEMS)
        report(measure(members), load_before)
    except (Failed, NodeFailure, Unanswered, OSError) as failure:
        print(f"load-cluster: FAILED: {failure}")
        for node in members.nodes:
            print(f"--- {node.node_id}\n{node.log_tail()}")
        return 1
    finally:
        members.end()
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
