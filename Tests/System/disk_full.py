"""Fills the disk of one node, a tmpfs of 64 MiB. Needs root, to mount it.

While the disk is full, writes must answer 503 with the reason, reads must work and /readyz must name the problem. When
space is free again, the node must accept writes without a restart, and no acknowledged item may be lost.
"""

import os
import subprocess
import time

from harness.checks import CheckFailed, require
from harness.node import Node

DISK_MEBIBYTES = 64
BALLAST_BYTES = 24 << 20
VALUE_BYTES = 100_000
MAXIMUM_PUTS = 3 * (DISK_MEBIBYTES << 20) // VALUE_BYTES
RECOVERY_SECONDS = 20
TABLE = "full"


def put(node, number):
    body = b'{"number":%d,"fill":"%s"}' % (number, b"f" * VALUE_BYTES)
    return node.ask("PUT", f"/api/v1/tables/{TABLE}/items/item-{number:06d}", body)


def fill(node):
    """Puts items until one is refused. Returns how many were stored and the response that refused one."""
    for number in range(MAXIMUM_PUTS):
        response = put(node, number)
        if response.status != 200:
            return number, response
    raise CheckFailed(f"{MAXIMUM_PUTS} puts of {VALUE_BYTES} bytes all fit on a disk of {DISK_MEBIBYTES} MiB")


def check_reads(node, saved, when):
    for number in range(0, saved, 7):
        response = node.ask("GET", f"/api/v1/tables/{TABLE}/items/item-{number:06d}")
        if response.status != 200 or response.json()["item"]["number"] != number:
            raise CheckFailed(f"{when}, reading item {number} answered {response.status} {response.body[:200]!r}")
    answer = node.ask("GET", f"/api/v1/tables/{TABLE}/count").json()
    require(answer["count"] == saved, f"{when}, every item can be read and the count is {saved}")


def seconds_until_writable(node, saved):
    started = time.monotonic()
    while time.monotonic() - started < RECOVERY_SECONDS:
        if put(node, saved).status == 200:
            return time.monotonic() - started
        time.sleep(0.1)
    raise CheckFailed(f"{RECOVERY_SECONDS} s after space was freed, writes are still refused: "
                      f"{put(node, saved).body!r}")


def steps(node, ballast):
    node.start_and_wait()
    node.ask("POST", "/api/v1/tables", b'{"name":"%s"}' % TABLE.encode())
    saved, refusal = fill(node)
    reason = refusal.body.decode().strip()
    require(refusal.status == 503, f"after {saved} items a write answers {refusal.status}: {reason}")
    require(refusal.json().get("outcome") == "not_applied" or b"disk" in refusal.body.lower(),
            "the refusal names its reason")
    check_reads(node, saved, "with the disk full")
    ready = node.ask("GET", "/readyz")
    require(ready.status == 503, f"readyz answers {ready.status}: {ready.body.decode().strip()}")
    alive = node.ask("GET", "/livez")
    require(alive.status == 200, f"livez answers {alive.status}")
    refused = sum(put(node, saved + 1 + extra).status == 503 for extra in range(20))
    require(refused == 20, f"{refused} of 20 more writes are refused with 503")
    os.remove(ballast)
    seconds = seconds_until_writable(node, saved)
    require(True, f"a write succeeds {seconds:.1f} s after space was freed, without a restart")
    saved += 1
    node.wait_until_ready()
    check_reads(node, saved, "after the recovery")
    node.kill()
    node.start_and_wait()
    check_reads(node, saved, "after the recovery and kill -9")


def run(test):
    mount = os.path.join(test.folder, "disk")
    os.mkdir(mount)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MEBIBYTES}m", "hedgehog", mount], check=True)
    test.at_end(subprocess.run, ["umount", mount])
    node = Node(mount, flags=["--log-format", "text", "--access-log", "off"])
    test.at_end(node.end)
    ballast = os.path.join(mount, "ballast")
    with open(ballast, "wb") as file:
        file.write(b"\0" * BALLAST_BYTES)
    try:
        steps(node, ballast)
    except CheckFailed:
        test.say(node.log_tail())  # the log is on the tmpfs, which is unmounted at the end
        raise
