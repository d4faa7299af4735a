"""Opens IDLE idle connections and SLOW connections that send one byte a second.

An idle node must use no CPU time and little memory. A normal client must stay fast while these connections are open.
The slow ones must receive 408 and be closed.
"""

import resource
import selectors
import socket
import time

from harness.checks import CheckFailed, require
from harness.node import Node

REQUEST_LIMIT_SECONDS = 30
WATCH_SECONDS = REQUEST_LIMIT_SECONDS + 10
IDLE_WATCH_SECONDS = 10
CPU_LIMIT = 0.01
RESIDENT_LIMIT_BYTES = 40 << 20
IDLE_CONNECTION_LIMIT_BYTES = 8 << 10
P99_LIMIT_SECONDS = 0.050
PAUSE_SECONDS = 0.002

SLOW_HEAD = b"GET /api/v1/health HTTP/1.1\r\nHost: slow\r\nX-Drip: " + b"d" * 200
SLOW_BODY_START = b"PUT /api/v1/tables/slow/items/drip HTTP/1.1\r\nHost: slow\r\nContent-Length: 500\r\n\r\n"


def cpu_share(node, seconds):
    before = node.cpu_seconds()
    time.sleep(seconds)
    return (node.cpu_seconds() - before) / seconds


class SlowClient:
    """Sends one byte per second: of a head, or of a body after a complete head if its number is odd."""

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
            pass  # the server has closed the connection; receive() reads how

    def receive(self):
        try:
            piece = self.socket.recv(4096)
        except OSError as error:
            self.answer += f"(connection error: {error.strerror})".encode()
            piece = b""
        self.answer += piece
        if not piece:
            self.ended_after = time.monotonic() - self.started
        return piece != b""


class Measurement:
    """Lets slow clients send a byte each second while one normal client sends requests and measures their latency."""

    def __init__(self, node, slow_count):
        self.normal = node.connect()
        self.slow_clients = [SlowClient(node.address, number) for number in range(slow_count)]
        self.selector = selectors.DefaultSelector()
        for client in self.slow_clients:
            self.selector.register(client.socket, selectors.EVENT_READ, client)
        self.latencies = []

    def run(self):
        started = time.monotonic()
        next_byte = started + 1
        while time.monotonic() - started < WATCH_SECONDS:
            if time.monotonic() >= next_byte:
                next_byte += 1
                for client in self.slow_clients:
                    if client.ended_after is None:
                        client.send_byte()
            self._ask()
            for entry, _ in self.selector.select(PAUSE_SECONDS):
                if not entry.data.receive():
                    self.selector.unregister(entry.fileobj)
                    entry.fileobj.close()

    def _ask(self):
        started = time.monotonic()
        response = self.normal.ask("GET", "/api/v1/tables/slow/items/normal")
        self.latencies.append(time.monotonic() - started)
        if response.status != 200:
            raise CheckFailed(f"the normal client got {response.status} {response.body!r}")


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def check_idle_node(node):
    time.sleep(1)
    share = cpu_share(node, IDLE_WATCH_SECONDS)
    require(share < CPU_LIMIT, f"idle CPU is {share:.2%} (limit {CPU_LIMIT:.0%})")
    resident = node.resident_bytes()
    require(resident < RESIDENT_LIMIT_BYTES, f"idle resident memory is {resident / (1 << 20):.1f} MiB "
            f"(limit {RESIDENT_LIMIT_BYTES >> 20} MiB)")


def open_idle(node, count):
    """Opens idle connections. Half of them send one request first: a used connection must not need more memory."""
    before = node.resident_bytes()
    idle = []
    for number in range(count):
        connection = node.connect()
        if number % 2:
            connection.ask("GET", "/api/v1/health")
        idle.append(connection)
    time.sleep(2)
    each = (node.resident_bytes() - before) / count
    require(each <= IDLE_CONNECTION_LIMIT_BYTES, f"{count:,} idle connections use {each / 1024:.1f} KiB each "
            f"(limit {IDLE_CONNECTION_LIMIT_BYTES >> 10} KiB)")
    return idle


def steps(node, values):
    node.start_and_wait()
    node.ask("POST", "/api/v1/tables", b'{"name":"slow"}')
    node.ask("PUT", "/api/v1/tables/slow/items/normal", b'{"normal":true}')
    check_idle_node(node)
    idle = open_idle(node, values.idle)
    share = cpu_share(node, IDLE_WATCH_SECONDS)
    require(share < CPU_LIMIT, f"CPU with idle connections is {share:.2%} (limit {CPU_LIMIT:.0%})")
    measurement = Measurement(node, values.slow)
    measurement.run()
    latencies = measurement.latencies
    p99 = percentile(latencies, 0.99)
    require(p99 < P99_LIMIT_SECONDS, f"{len(latencies):,} requests of a normal client took p50 "
            f"{percentile(latencies, 0.5) * 1000:.2f} ms, p99 {p99 * 1000:.2f} ms, at most "
            f"{max(latencies) * 1000:.1f} ms (limit of p99 {P99_LIMIT_SECONDS * 1000:.0f} ms)")
    check_slow_clients(measurement.slow_clients)
    for connection in idle:
        connection.close()


def check_slow_clients(clients):
    open_still = sum(client.ended_after is None for client in clients)
    require(open_still == 0, f"of {len(clients)} slow clients {open_still} are still connected after {WATCH_SECONDS} s")
    wrong = [client.answer[:200] for client in clients if not client.answer.startswith(b"HTTP/1.1 408 ")]
    require(not wrong, f"{len(clients) - len(wrong)} of {len(clients)} slow clients received 408 before the close"
            + (f"; another got {wrong[0]!r}" if wrong else ""))
    first = min(client.ended_after for client in clients)
    last = max(client.ended_after for client in clients)
    require(first > REQUEST_LIMIT_SECONDS - 2, f"they were closed {first:.1f} to {last:.1f} s after their first byte")


def raise_descriptor_limit(values):
    needed = values.idle + values.slow + 200
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < needed:
        if hard != resource.RLIM_INFINITY and hard < needed:
            raise CheckFailed(f"this test needs {needed} file descriptors per process, but the hard limit is {hard} "
                              "(ulimit -Hn)")
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def run(test):
    raise_descriptor_limit(test.values)
    node = Node(test.folder, flags=["--log-format", "text", "--access-log", "off"])
    test.at_end(node.end)
    steps(node, test.values)
