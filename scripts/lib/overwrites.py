"""The overwrite test; scripts/overwrites.sh runs it and says what it proves."""

import os
import shutil
import sys
import tempfile
import time

from checks import Failed, check
from client import Unanswered
from members import Members
from node import NodeFailure

COUNT = int(os.environ.get("COUNT", "100000"))
OFFSETS_SECONDS = (300, 0, -300)
READ_EVERY = 10
TABLE = "overwrites"
TARGET = f"/api/v1/tables/{TABLE}/items/the-key?consistency=strong"
PROGRESS_EVERY = 20_000


def expect(response, number, what):
    if response.status != 200:
        raise Failed(f"{what} {number} answered {response.status} {response.body[:300]!r}")


def read(connection, number):
    response = connection.ask("GET", TARGET)
    expect(response, number, "the strong read after write")
    found = response.json()["item"]["number"]
    if found != number:
        raise Failed(f"after write {number}, a strong read returned {found}: the last write did not win")


def overwrite(connections):
    """Milliseconds a write took, in the middle."""
    times = []
    for number in range(1, COUNT + 1):
        started = time.perf_counter()
        response = connections[number % len(connections)].ask("PUT", TARGET, b'{"number":%d}' % number)
        times.append(time.perf_counter() - started)
        expect(response, number, "write")
        if number % READ_EVERY == 0:
            # By turns from every coordinator but the writer's own.
            read(connections[(number + 1 + number // READ_EVERY % 2) % len(connections)], number)
        if number % PROGRESS_EVERY == 0:
            print(f"  {number} writes", flush=True)
    return sorted(times)[len(times) // 2] * 1000


def steps(members):
    for number, offset in zip(members.numbers, OFFSETS_SECONDS):
        members.clock(number).set(offset)
    members.form()
    members.make_table(TABLE)
    skews = [members.skew_seconds(number) for number in members.numbers]
    stand = ", ".join(f"{offset:+d} s" for offset in OFFSETS_SECONDS)
    check(max(skews) < 2, f"the nodes' wall clocks stand at {stand}")
    connections = [node.connect() for node in members.nodes]
    middle = overwrite(connections)
    for connection in connections:
        read(connection, COUNT)
    check(True, f"{COUNT} strong overwrites through rotating coordinators, {COUNT // READ_EVERY} strong reads between: "
          f"the last write always won ({middle:.2f} ms a write in the middle)")


def main():
    folder = tempfile.mkdtemp(prefix="hedgehog-overwrites-")
    members = Members(folder, clocks=True, flags=["--log-format", "text", "--access-log", "errors"])
    try:
        steps(members)
    except (Failed, NodeFailure, Unanswered, OSError) as failure:
        print(f"overwrites: FAILED (stores and logs are kept in {folder}): {failure}")
        return 1
    finally:
        members.end()
    shutil.rmtree(folder)
    print("overwrites: passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
