"""Overwrites one key with COUNT strong writes, each through another of three nodes with different wall clocks.

The clocks are at +300 s, 0 s and -300 s. After every tenth write, a strong read through another node must return that
write. The test fails if a write loses against an older one because of a clock.
"""

import time

from harness.checks import CheckFailed, require
from harness.cluster import Cluster

OFFSETS_SECONDS = (300, 0, -300)
READ_EVERY = 10
TABLE = "overwrites"
TARGET = f"/api/v1/tables/{TABLE}/items/the-key?consistency=strong"
PROGRESS_EVERY = 20_000


def expect(response, number, what):
    if response.status != 200:
        raise CheckFailed(f"{what} {number} answered {response.status} {response.body[:300]!r}")


def read(connection, number):
    response = connection.ask("GET", TARGET)
    expect(response, number, "the strong read after write")
    found = response.json()["item"]["number"]
    if found != number:
        raise CheckFailed(f"after write {number}, a strong read returned {found}: the last write did not win")


def overwrite(connections, count):
    """Returns the median time of a write in milliseconds."""
    times = []
    for number in range(1, count + 1):
        started = time.perf_counter()
        response = connections[number % len(connections)].ask("PUT", TARGET, b'{"number":%d}' % number)
        times.append(time.perf_counter() - started)
        expect(response, number, "write")
        if number % READ_EVERY == 0:
            # Alternates between the two nodes that did not coordinate the write.
            read(connections[(number + 1 + number // READ_EVERY % 2) % len(connections)], number)
        if number % PROGRESS_EVERY == 0:
            print(f"  {number} writes", flush=True)
    return sorted(times)[len(times) // 2] * 1000


def steps(cluster, count):
    for number, offset in zip(cluster.numbers, OFFSETS_SECONDS):
        cluster.clock(number).set(offset)
    cluster.start_all()
    cluster.make_table(TABLE)
    skews = [cluster.skew_seconds(number) for number in cluster.numbers]
    offsets = ", ".join(f"{offset:+d} s" for offset in OFFSETS_SECONDS)
    require(max(skews) < 2, f"the wall clocks of the nodes are at {offsets}")
    connections = [node.connect() for node in cluster.nodes]
    median = overwrite(connections, count)
    for connection in connections:
        read(connection, count)
    require(True, f"{count} strong overwrites through alternating coordinators, {count // READ_EVERY} strong reads "
            f"between: the last write always won (median {median:.2f} ms per write)")


def run(test):
    cluster = Cluster(test.folder, clocks=True, flags=["--log-format", "text", "--access-log", "errors"])
    test.at_end(cluster.end)
    steps(cluster, test.values.count)
