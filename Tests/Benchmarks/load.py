"""Runs wrk against one node, GET and durable PUT, in short runs that alternate with a bare libuv server.

Prints medians, their ratios to the bare server of Tests/Benchmarks/BareServer, and whether targets are met. The store
is in the folder LOAD_FOLDER of the environment, or in the temporary folder of the system.
"""

import os
import statistics
import subprocess
import time

from harness.node import ROOT, Node, free_port
from load_items import put_items
from machine import PINS, pinned, print_machine
from wrk import wrk

ITEMS = 10000
BARE = os.path.join(ROOT, ".build/release/bare-server")
TARGETS = {"GET": 0.70, "PUT": 0.35}


def measure_one(url, values, method=None):
    arguments = ["-t1", f"-c{values.connections}", f"-d{values.seconds_each}s"]
    if method is None:
        return wrk(url, arguments, prefix=pinned(1))
    return wrk(url, arguments, "items.lua", prefix=pinned(1), ITEMS=str(ITEMS), METHOD=method)


def fdatasync_microseconds(folder):
    path = os.path.join(folder, "probe")
    file = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        times = []
        for turn in range(200):
            os.pwrite(file, b"p" * 4096, turn * 4096)
            started = time.perf_counter()
            os.fdatasync(file)
            times.append((time.perf_counter() - started) * 1e6)
        return statistics.median(times)
    finally:
        os.close(file)
        os.remove(path)


def measure(node, bare_port, values):
    bare_url = f"http://127.0.0.1:{bare_port}/"
    runs = {"bare": [], "GET": [], "PUT": []}
    measure_one(bare_url, values)  # the first run on an idle machine is slower
    for _ in range(values.rounds):
        runs["bare"].append(measure_one(bare_url, values))
        runs["GET"].append(measure_one(node.url, values, "GET"))
        runs["PUT"].append(measure_one(node.url, values, "PUT"))
    return runs


def report(runs, sync_microseconds, load_before, values):
    print_machine(load_before)
    print(f"fdatasync of 4 KiB takes {sync_microseconds:.0f} us; wrk -t1 -c{values.connections}, {values.rounds} "
          f"alternating runs of {values.seconds_each} s; server and load "
          + ("on one core each" if PINS else "not pinned to cores"))
    bare = statistics.median(run.rate for run in runs["bare"])
    for name, of_name in runs.items():
        rate = statistics.median(run.rate for run in of_name)
        spread = f"{min(run.rate for run in of_name):,.0f}-{max(run.rate for run in of_name):,.0f}"
        p99 = statistics.median(run.p99_milliseconds for run in of_name)
        line = f"  {name:5} {rate:10,.0f} req/s  ({spread})  p99 {p99:.2f} ms"
        if name in TARGETS:
            ratio = rate / bare
            verdict = "met" if ratio >= TARGETS[name] else "not met"
            line += f"  {ratio:.2f} of the bare server; target {TARGETS[name]:.2f}: {verdict}"
        print(line)


def run(test):
    values = test.values
    node = Node(test.folder, command_prefix=pinned(0))
    bare_port = free_port()
    bare = subprocess.Popen([*pinned(0), BARE, str(bare_port)])
    test.at_end(bare.wait)
    test.at_end(bare.terminate)
    test.at_end(node.end)
    load_before = os.getloadavg()[0]
    node.start_and_wait()
    node.ask("POST", "/api/v1/tables", b'{"name":"load"}')
    put_items(node, ITEMS)
    report(measure(node, bare_port, values), fdatasync_microseconds(test.folder), load_before, values)
