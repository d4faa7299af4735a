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
from client import request
from node import ROOT, Node, NodeFailure, free_port

SECONDS = int(os.environ.get("SECONDS_EACH", "5"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
CONNECTIONS = int(os.environ.get("CONNECTIONS", "64"))
ITEMS = 10000
BUSY_LOAD = 1.5
SEED_CONNECTIONS = 32
SEED_BATCH = 16
BARE = os.path.join(ROOT, ".build/release/bare-server")
TARGETS = {"GET": 0.70, "PUT": 0.35}
PINS = shutil.which("taskset") is not None and len(os.sched_getaffinity(0)) >= 2
CORES = sorted(os.sched_getaffinity(0))[:2]


def pinned(core):
    return ["taskset", "-c", str(CORES[core])] if PINS else []


class Run:
    """What one run of wrk said."""

    def __init__(self, text):
        self.rate = float(re.search(r"Requests/sec:\s*([\d.]+)", text).group(1))
        self.p99_milliseconds = milliseconds(re.search(r"99%\s+([\d.]+)(us|ms|s)", text))
        bad = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: .*", text)
        if bad:
            raise Failed(f"wrk saw failures: {bad.group()}\n{text}")


def milliseconds(match):
    return float(match.group(1)) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[match.group(2)]


def wrk(url, script=None):
    command = [*pinned(1), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency"]
    if script:
        command += ["-s", os.path.join(ROOT, "scripts/wrk", script)]
    environment = dict(os.environ, ITEMS=str(ITEMS))
    done = subprocess.run([*command, url], capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0 or done.stderr:  # with a script it cannot read, wrk goes on without it
        raise Failed(f"wrk ended with {done.returncode}: {done.stderr or done.stdout}")
    return Run(done.stdout)


def put_items(node):
    node.ask("POST", "/api/v1/tables", b'{"name":"load"}')
    connections = [node.connect() for _ in range(SEED_CONNECTIONS)]
    numbers = list(range(ITEMS))
    while numbers:
        batch = []
        for connection in connections:
            mine, numbers = numbers[:SEED_BATCH], numbers[SEED_BATCH:]
            connection.send(b"".join(request("PUT", f"/api/v1/tables/load/items/item-{number:08d}", document(number))
                                     for number in mine))
            batch.append((connection, len(mine)))
        for connection, count in batch:
            for _ in range(count):
                if connection.receive().status != 200:
                    raise Failed("an item could not be put before the measurement")
    for connection in connections:
        connection.close()


def document(number):
    head = f'{{"number":{number},"fill":"'
    return (head + "s" * (191 - len(head) - 2) + '"}').encode()


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
    wrk(bare_url)  # the first run of a machine at rest is slower
    for _ in range(ROUNDS):
        runs["bare"].append(wrk(bare_url))
        runs["GET"].append(wrk(node.url, "get.lua"))
        runs["PUT"].append(wrk(node.url, "put.lua"))
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
        put_items(node)
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
