"""The full-disk test; scripts/disk-full.sh runs it and says what it proves."""

import os
import subprocess
import sys
import tempfile
import time

from checks import Failed, check
from client import Unanswered
from node import Node, NodeFailure

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
    """Puts until one is refused; how many were saved, and the refusal."""
    for number in range(MAXIMUM_PUTS):
        response = put(node, number)
        if response.status != 200:
            return number, response
    raise Failed(f"{MAXIMUM_PUTS} puts of {VALUE_BYTES} bytes all fitted on a disk of {DISK_MEBIBYTES} MiB")


def check_reads(node, saved, when):
    for number in range(0, saved, 7):
        response = node.ask("GET", f"/api/v1/tables/{TABLE}/items/item-{number:06d}")
        if response.status != 200 or response.json()["item"]["number"] != number:
            raise Failed(f"{when}, reading item {number} answered {response.status} {response.body[:200]!r}")
    answer = node.ask("GET", f"/api/v1/tables/{TABLE}/count").json()
    check(answer["count"] == saved, f"{when}, every item read is there and the count is {saved}")


def seconds_until_writable(node, saved):
    started = time.monotonic()
    while time.monotonic() - started < RECOVERY_SECONDS:
        if put(node, saved).status == 200:
            return time.monotonic() - started
        time.sleep(0.1)
    raise Failed(f"{RECOVERY_SECONDS} s after space came back, writes are still refused: {put(node, saved).body!r}")


def steps(node, ballast):
    node.start_and_wait()
    node.ask("POST", "/api/v1/tables", b'{"name":"%s"}' % TABLE.encode())
    saved, refusal = fill(node)
    reason = refusal.body.decode().strip()
    check(refusal.status == 503, f"after {saved} items a write answers {refusal.status}: {reason}")
    check(refusal.json().get("outcome") == "not_applied" or b"disk" in refusal.body.lower(), "the refusal says why")
    check_reads(node, saved, "with the disk full")
    ready = node.ask("GET", "/readyz")
    check(ready.status == 503, f"readyz answers {ready.status}: {ready.body.decode().strip()}")
    alive = node.ask("GET", "/livez")
    check(alive.status == 200, f"livez answers {alive.status}")
    refused = sum(put(node, saved + 1 + extra).status == 503 for extra in range(20))
    check(refused == 20, f"{refused} of 20 more writes are refused with 503")
    os.remove(ballast)
    seconds = seconds_until_writable(node, saved)
    check(True, f"{seconds:.1f} s after space came back a write is saved, with no restart")
    saved += 1
    node.wait_until_ready()
    check_reads(node, saved, "after the recovery")
    node.kill()
    node.start_and_wait()
    check_reads(node, saved, "after the recovery and kill -9")


def main():
    mount = tempfile.mkdtemp(prefix="hedgehog-disk-")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MEBIBYTES}m", "hedgehog", mount], check=True)
    node = Node(mount, flags=["--log-format", "text", "--access-log", "off"])
    ballast = os.path.join(mount, "ballast")
    try:
        with open(ballast, "wb") as file:
            file.write(b"\0" * BALLAST_BYTES)
        steps(node, ballast)
    except (Failed, NodeFailure, Unanswered, OSError) as failure:
        print(f"disk-full: FAILED: {failure}\n{node.log_tail()}")
        return 1
    finally:
        node.end()
        subprocess.run(["umount", mount], check=True)
        os.rmdir(mount)
    print("disk-full: passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
