"""The load test; scripts/load runs it and says what it prints."""

import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from checks import Failed
from load_items import put_items
from node import ROOT, Node, NodeFailure, free_port
from wrk import wrk

SECONDS = int(os.environ.get("SECONDS_EACH", "5"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
CONNECTIONS = int(os.environ.get("CONNECTIONS", "64"))
ITEMS = 10000
BUSY_LOAD = 1.5
BARE = os.path.join(ROOT, ".build/release/bare-server")
TARGETS = {"GET": 0.70, "PUT": 0.35}
PINS = shutil.which("taskset") is not None and len(os.sched_getaffinity(0)) >= 2
CORES = sorted(os.sched_getaffinity(0))[:2]


def pinned(core):
    return ["taskset", "-c", str(CORES[core])] if PINS else []


def measure_one(url, method=None):
    arguments = ["-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s"]
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


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return re.search(r"model name\s*: (.*)", file.read()).group(1)
    except (OSError, AttributeError):
        return platform.processor() or platform.machine()


def measure(node, bare_port):
    bare_url = f"http://127.0.0.1:{bare_port}/"
    runs = {"bare": [], "GET": [], "PUT": []}
    measure_one(bare_url)  # the first run of a machine at rest is slower
    for _ in range(ROUNDS):
        runs["bare"].append(measure_one(bare_url))
        runs["GET"].append(measure_one(node.url, "GET"))
        runs["PUT"].append(measure_one(node.url, "PUT"))
    return runs


def report(runs, sync_microseconds, load_before):
    print(f"machine: {processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
          f"fdatasync of 4 KiB {sync_microseconds:.0f} us")
    if load_before > BUSY_LOAD:
        print(f"THE MACHINE WAS BUSY (load average {load_before:.1f} before the first run): these figures say nothing")
    print(f"wrk -t1 -c{CONNECTIONS}, {ROUNDS} alternating runs of {SECONDS} s; server and load "
          + ("on a core each" if PINS else "not pinned to cores"))
    floor = statistics.median(run.rate for run in runs["bare"])
    for name, of_name in runs.items():
        rate = statistics.median(run.rate for run in of_name)
        spread = f"{min(run.rate for run in of_name):,.0f}-{max(run.rate for run in of_name):,.0f}"
        p99 = statistics.median(run.p99_milliseconds for run in of_name)
        line = f"  {name:5} {rate:10,.0f} req/s  ({spread})  p99 {p99:.2f} ms"
        if name in TARGETS:
            ratio = rate / floor
            verdict = "met" if ratio >= TARGETS[name] else "not met"
            line += f"  {ratio:.2f} of bare; target {TARGETS[name]:.2f}: {verdict}"
        print(line)


def main():
    folder = tempfile.mkdtemp(prefix="hedgehog-load-", dir=os.environ.get("LOAD_FOLDER"))
    node = Node(folder, flags=os.environ.get("FLAGS", "").split(), command_prefix=pinned(0))
    bare_port = free_port()
    bare = subprocess.Popen([*pinned(0), BARE, str(bare_port)])
    try:
        load_before = os.getloadavg()[0]
        node.start_and_wait()
        node.ask("POST", "/api/v1/tables", b'{"name":"load"}')
        put_items(node, ITEMS)
        report(measure(node, bare_port), fdatasync_microseconds(folder), load_before)
    except (Failed, NodeFailure, OSError) as failure:
        print(f"load: FAILED: {failure}\n{node.log_tail()}")
        return 1
    finally:
        bare.terminate()
        bare.wait()
        node.end()
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
