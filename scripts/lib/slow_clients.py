"""The slow-client test; scripts/slow-clients.sh runs it and says what it proves."""

import os
import resource
import selectors
import shutil
import socket
import sys
import tempfile
import time

from checks import Failed, check
from client import Unanswered
from node import Node, NodeFailure

IDLE_CONNECTIONS = int(os.environ.get("IDLE", "5000"))
SLOW_CONNECTIONS = int(os.environ.get("SLOW", "200"))
REQUEST_LIMIT_SECONDS = 30
WATCH_SECONDS = REQUEST_LIMIT_SECONDS + 10
IDLE_WATCH_SECONDS = 10
CPU_LIMIT = 0.01
RESIDENT_LIMIT_BYTES = 40 << 20
IDLE_CONNECTION_LIMIT_BYTES = 8 << 10
P99_LIMIT_SECONDS = 0.050
GOOD_PAUSE_SECONDS = 0.002

SLOW_HEAD = b"GET /api/v1/health HTTP/1.1\r\nHost: slow\r\nX-Drip: " + b"d" * 200
SLOW_BODY_START = b"PUT /api/v1/tables/slow/items/drip HTTP/1.1\r\nHost: slow\r\nContent-Length: 500\r\n\r\n"


def cpu_share(node, seconds):
    before = node.cpu_seconds()
    time.sleep(seconds)
    return (node.cpu_seconds() - before) / seconds


class Drip:
    """Sends one byte a second: half of them of a head, half of a body whose head came whole."""

    def __init__(self, address, number):
        self.socket = socket.create_connection(address)
        self.rest = memoryview(SLOW_HEAD)
        self.started = time.monotonic()
        if number % 2:
            self.socket.sendall(SLOW_BODY_START)
            self.rest = memoryview(b"x" * 500)
        self.answer = b""
        self.ended_after = None

    def send_byte(self):
        try:
            self.socket.send(self.rest[:1])
            self.rest = self.rest[1:]
        except OSError:
            pass  # the server has closed; receive() sees how

    def receive(self):
        try:
            piece = self.socket.recv(4096)
        except OSError as error:
            self.answer += f"(the connection broke: {error.strerror})".encode()
            piece = b""
        self.answer += piece
        if not piece:
            self.ended_after = time.monotonic() - self.started
        return piece != b""


class Watch:
    """Drips bytes once a second while one good client asks again and again; its latencies are what is judged."""

    def __init__(self, node):
        self.good = node.connect()
        self.drips = [Drip(node.address, number) for number in range(SLOW_CONNECTIONS)]
        self.selector = selectors.DefaultSelector()
        for drip in self.drips:
            self.selector.register(drip.socket, selectors.EVENT_READ, drip)
        self.latencies = []

    def run(self):
        started = time.monotonic()
        next_drip = started + 1
        while time.monotonic() - started < WATCH_SECONDS:
            if time.monotonic() >= next_drip:
                next_drip += 1
                for drip in self.drips:
                    if drip.ended_after is None:
                        drip.send_byte()
            self._ask()
            for entry, _ in self.selector.select(GOOD_PAUSE_SECONDS):
                if not entry.data.receive():
                    self.selector.unregister(entry.fileobj)
                    entry.fileobj.close()

    def _ask(self):
        started = time.monotonic()
        response = self.good.ask("GET", "/api/v1/tables/slow/items/good")
        self.latencies.append(time.monotonic() - started)
        if response.status != 200:
            raise Failed(f"the good client got {response.status} {response.body!r}")


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def check_quiet(node):
    time.sleep(1)
    share = cpu_share(node, IDLE_WATCH_SECONDS)
    check(share < CPU_LIMIT, f"idle CPU is {share:.2%} (limit {CPU_LIMIT:.0%})")
    resident = node.resident_bytes()
    check(resident < RESIDENT_LIMIT_BYTES, f"idle resident memory is {resident / (1 << 20):.1f} MiB "
          f"(limit {RESIDENT_LIMIT_BYTES >> 20} MiB)")


def open_idle(node):
    """Half of them have sent a request before they fall silent: a used connection must not cost more than a new one."""
    before = node.resident_bytes()
    idle = []
    for number in range(IDLE_CONNECTIONS):
        connection = node.connect()
        if number % 2:
            connection.ask("GET", "/api/v1/health")
        idle.append(connection)
    time.sleep(2)
    each = (node.resident_bytes() - before) / max(1, IDLE_CONNECTIONS)
    check(each <= IDLE_CONNECTION_LIMIT_BYTES, f"{IDLE_CONNECTIONS:,} idle connections cost {each / 1024:.1f} KiB each "
          f"(limit {IDLE_CONNECTION_LIMIT_BYTES >> 10} KiB)")
    return idle


def steps(node):
    node.start_and_wait()
    node.ask("POST", "/api/v1/tables", b'{"name":"slow"}')
    node.ask("PUT", "/api/v1/tables/slow/items/good", b'{"good":true}')
    check_quiet(node)
    idle = open_idle(node)
    share = cpu_share(node, IDLE_WATCH_SECONDS)
    check(share < CPU_LIMIT, f"CPU with them idle is {share:.2%} (limit {CPU_LIMIT:.0%})")
    watch = Watch(node)
    watch.run()
    p99 = percentile(watch.latencies, 0.99)
    check(p99 < P99_LIMIT_SECONDS, f"a good client's {len(watch.latencies):,} requests took p50 "
          f"{percentile(watch.latencies, 0.5) * 1000:.2f} ms, p99 {p99 * 1000:.2f} ms, "
          f"at most {max(watch.latencies) * 1000:.1f} ms (limit of p99 {P99_LIMIT_SECONDS * 1000:.0f} ms)")
    check_drips(watch.drips)
    for connection in idle:
        connection.close()


def check_drips(drips):
    open_still = sum(drip.ended_after is None for drip in drips)
    check(open_still == 0, f"of {len(drips)} slow clients {open_still} are still connected after {WATCH_SECONDS} s")
    wrong = [drip.answer[:200] for drip in drips if not drip.answer.startswith(b"HTTP/1.1 408 ")]
    check(not wrong, f"{len(drips) - len(wrong)} of {len(drips)} slow clients were told 408 before the close"
          + (f"; another got {wrong[0]!r}" if wrong else ""))
    first = min(drip.ended_after for drip in drips)
    last = max(drip.ended_after for drip in drips)
    check(first > REQUEST_LIMIT_SECONDS - 2, f"they were closed {first:.1f} to {last:.1f} s after their first byte")


def raise_descriptor_limit():
    needed = IDLE_CONNECTIONS + SLOW_CONNECTIONS + 200
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < needed:
        if hard != resource.RLIM_INFINITY and hard < needed:
            raise Failed(f"this test needs {needed} file descriptors a process, the hard limit is {hard} (ulimit -Hn)")
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def main():
    folder = tempfile.mkdtemp(prefix="hedgehog-slow-")
    node = Node(folder, flags=["--log-format", "text", "--access-log", "off"])
    try:
        raise_descriptor_limit()
        steps(node)
    except (Failed, NodeFailure, Unanswered, OSError) as failure:
        print(f"slow-clients: FAILED: {failure}\n{node.log_tail()}")
        return 1
    finally:
        node.end()
        shutil.rmtree(folder)
    print("slow-clients: passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
