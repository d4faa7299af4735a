"""Runs three nodes, built with ThreadSanitizer, under load and faults. A data race that ThreadSanitizer sees fails the
test. The node's C libraries are not instrumented, so races inside them are not seen.
"""

import glob
import os
import random
import threading
import time

from harness.checks import require
from harness.cluster import Cluster
from harness.http_client import Malformed, Unanswered
from harness.node import ROOT

BINARY = os.path.join(ROOT, ".build/tsan/release/hedgehogdb")
CLIENTS = 12
KEYS = 300
EXIT_CODE = 66
LARGE = b'{"a":"%s"}' % (b"x" * 100_000)
LOST = (OSError, Unanswered, Malformed)


class Client(threading.Thread):
    """Sends requests of every kind to the nodes in turn until it is told to stop."""

    def __init__(self, cluster, seed, stopping):
        super().__init__()
        self.cluster = cluster
        self.random = random.Random(seed)
        self.stopping = stopping
        self.answered = 0

    def run(self):
        while not self.stopping.is_set():
            node = self.random.choice(self.cluster.nodes)
            method, target, body = self.request()
            try:
                node.ask(method, target, body)
                self.answered += 1
            except LOST:
                self.stopping.wait(0.02)

    def request(self):
        key = f"/api/v1/tables/races/items/k{self.random.randrange(KEYS)}"
        level = self.random.choice(["", "?consistency=strong"])
        table = f"/api/v1/tables/short{self.random.randrange(3)}"
        kinds = {
            ("PUT", key + level, b'{"a":1}'): 30, ("PUT", key + level, LARGE): 4, ("GET", key + level, None): 30,
            ("DELETE", key + level, None): 10, ("GET", "/api/v1/tables/races/items?limit=50", None): 4,
            ("GET", "/api/v1/tables", None): 3, ("GET", "/metrics", None): 2, ("GET", "/readyz", None): 2,
            ("GET", "/api/v1/debug/traces", None): 1,
            ("POST", "/api/v1/tables", b'{"name":"%s"}' % table.rpartition("/")[2].encode()): 2,
            ("PUT", table + "/items/a", b'{"a":1}'): 3,
            ("DELETE", f"{table}?confirm={table.rpartition('/')[2]}", None): 1,
        }
        return self.random.choices(list(kinds), weights=list(kinds.values()))[0]


def disturb(cluster, seconds, chance):
    """Kills, pauses or restarts one node after another. Returns the exit statuses of the clean stops."""
    statuses = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(min(3, seconds / 6))
        node = chance.choice(cluster.nodes)
        kind = chance.choice(["kill", "pause", "stop"])
        if kind == "pause":
            node.pause()
            time.sleep(0.5)
            node.resume()
            continue
        if kind == "kill":
            node.kill()
        else:
            statuses.append(node.terminate(30))
        time.sleep(1)
        node.start()
        node.wait_until_ready()
    return statuses


def reports(folder):
    for path in sorted(glob.glob(os.path.join(folder, "race.*"))):
        with open(path, encoding="utf-8", errors="replace") as file:
            yield file.read()


def run(test):
    values = test.values
    chance = random.Random(values.seed)
    options = f"log_path={test.folder}/race exitcode={EXIT_CODE}"
    cluster = Cluster(test.folder, prefix=["env", f"TSAN_OPTIONS={options}"],
                      flags=["--access-log", "off", "--anti-entropy-interval-ms", "500", "--gc-grace", "4s",
                             "--hint-window", "2s", "--shutdown-timeout", "2s"])
    for node in cluster.nodes:
        node.binary = BINARY
        test.at_end(node.end)
    cluster.start_all()
    cluster.make_table("races")
    stopping = threading.Event()
    test.at_end(stopping.set)
    clients = [Client(cluster, chance.random(), stopping) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    statuses = disturb(cluster, values.seconds, chance)
    stopping.set()
    for client in clients:
        client.join()
    statuses += [node.terminate(30) for node in cluster.nodes]
    answered = sum(client.answered for client in clients)
    found = list(reports(test.folder))
    for report in found[:3]:
        test.say(report[:4000])
    require(not found, f"ThreadSanitizer reported {len(found)} processes with races in {answered:,} requests")
    require(set(statuses) == {0}, f"{len(statuses)} stops ended with status 0: {statuses}")
