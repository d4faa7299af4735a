"""Runs wrk against three nodes, with a third of the connections to each: strong and eventual GET and PUT.

Prints throughput, p50 and p99. Fails if any response is not 200. The stores are in the folder LOAD_FOLDER of the
environment, or in the temporary folder of the system.
"""

import os
import statistics

from harness.checks import require
from harness.cluster import Cluster
from harness.convergence import Convergence
from load_items import put_items
from machine import print_machine
from wrk import wrk

NODES = 3
ITEMS = 10000
CONVERGENCE_SECONDS = 60
KINDS = [("GET", "eventual"), ("GET", "strong"), ("PUT", "eventual"), ("PUT", "strong")]


def measure(cluster, values):
    hosts = " ".join(node.host_port for node in cluster.nodes)
    runs = {kind: [] for kind in KINDS}
    for _ in range(values.rounds):
        for method, consistency in KINDS:
            arguments = [f"-t{NODES}", f"-c{values.connections}", f"-d{values.seconds_each}s"]
            runs[method, consistency].append(
                wrk(cluster.nodes[0].url, arguments, "items.lua", ITEMS=str(ITEMS), METHOD=method,
                    CONSISTENCY=consistency, HOSTS=hosts))
    return runs


def report(runs, load_before, values):
    print_machine(load_before)
    print(f"wrk -t{NODES} -c{values.connections}, a third of the connections to each of {NODES} nodes on this machine, "
          f"{values.rounds} runs of {values.seconds_each} s, all responses are 200")
    for (method, consistency), of_kind in runs.items():
        rates = [run.rate for run in of_kind]
        p50, p99 = (statistics.median(getattr(run, name) for run in of_kind)
                    for name in ("p50_milliseconds", "p99_milliseconds"))
        print(f"  {consistency:8} {method}  {statistics.median(rates):8,.0f} req/s  "
              f"({min(rates):,.0f}-{max(rates):,.0f})  p50 {p50:.2f} ms  p99 {p99:.2f} ms")


def run(test):
    cluster = Cluster(test.folder)
    test.at_end(cluster.end)
    load_before = os.getloadavg()[0]
    cluster.start_all()
    cluster.make_table("load")
    put_items(cluster.nodes[0], ITEMS)
    # An eventual read asks one replica only, so each must have all items before the measurement.
    require(Convergence(cluster, "load").wait(CONVERGENCE_SECONDS) is not None, "all replicas hold all items")
    report(measure(cluster, test.values), load_before, test.values)
