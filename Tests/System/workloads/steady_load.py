"""Open-loop load: distinct writes at a constant rate. Each write has a due time, whether or not earlier ones have been
answered, and its latency counts from that time. It uses one thread and few Python objects, to disturb little."""

import collections
import selectors
import socket
import sys
import threading
import time

CONNECTIONS_PER_NODE = 24
RESPONSE_SECONDS = 10
SWITCH_SECONDS = 0.001
HEAD_END = b"\r\n\r\n"
# The number of bytes received at once. The response to a PUT is short, so its body arrives together with its head.
PIECE = 16384


class Lane:
    """One kept connection with at most one request at a time."""

    __slots__ = ("socket", "due", "number", "buffer")

    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=RESPONSE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.due = 0.0
        self.number = -1
        self.buffer = b""


class SteadyLoad:
    """Runs from `start` to `stop`.

    `answers` are (due time, latency in seconds, status, number) in the order of arrival. `unacknowledged` are the
    numbers of writes whose response was not 200.
    """

    def __init__(self, nodes, table, rate):
        self.rate = rate
        self.table = table
        self.addresses = [node.address for node in nodes]
        self.answers = []
        self.unacknowledged = []
        self.refusals = collections.Counter()
        self.sent = 0
        self.problem = None
        self.is_stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        sys.setswitchinterval(SWITCH_SECONDS)
        self.thread.start()

    def stop(self):
        self.is_stopping.set()
        self.thread.join(2 * RESPONSE_SECONDS)
        if self.thread.is_alive():
            raise TimeoutError("the load did not end")
        if self.problem:
            raise self.problem

    def key(self, number):
        return f"w-{number:010d}"

    def request(self, number):
        """Returns the bytes of a write: odd numbers are strong writes, even ones eventual."""
        consistency = "strong" if number % 2 else "eventual"
        body = b'{"number":%d,"fill":"%s"}' % (number, b"o" * 60)
        return (f"PUT /api/v1/tables/{self.table}/items/{self.key(number)}?consistency={consistency} HTTP/1.1\r\n"
                f"Host: h\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body

    def _run(self):
        try:
            self._drive()
        except OSError as problem:
            self.problem = problem

    def _drive(self):
        selector = selectors.DefaultSelector()
        idle = collections.deque()
        for _ in range(CONNECTIONS_PER_NODE):
            for address in self.addresses:
                lane = Lane(address)
                selector.register(lane.socket, selectors.EVENT_READ, lane)
                idle.append(lane)
        lanes = len(idle)
        began = time.monotonic()
        while True:
            now = time.monotonic()
            due = began + self.sent / self.rate
            while due <= now and idle and not self.is_stopping.is_set():
                self._send(idle.popleft(), due)
                due = began + self.sent / self.rate
            if self.is_stopping.is_set() and len(idle) == lanes:
                break
            for key, _ in selector.select(max(0.0, min(due - now, 0.1)) if idle else 0.1):
                self._receive(key.data, idle)
        for key in list(selector.get_map().values()):
            key.fileobj.close()
        selector.close()

    def _send(self, lane, due):
        lane.due, lane.number, lane.buffer = due, self.sent, b""
        self.sent += 1
        lane.socket.send(self.request(lane.number))  # a request fits into the empty send buffer of the socket

    def _receive(self, lane, idle):
        piece = lane.socket.recv(PIECE)
        if not piece:
            raise ConnectionError(f"a node closed a connection of the load during write {lane.number}")
        lane.buffer += piece
        end = lane.buffer.find(HEAD_END)
        if end < 0 or len(lane.buffer) < end + len(HEAD_END) + self._length(lane.buffer[:end]):
            return
        status = int(lane.buffer[9:12])
        self.answers.append((lane.due, time.monotonic() - lane.due, status, lane.number))
        if status != 200:
            self.unacknowledged.append(lane.number)
            self.refusals[f"{status} {lane.buffer[end + 4:][:160]!r}"] += 1
        idle.append(lane)

    @staticmethod
    def _length(head):
        mark = b"content-length:"
        start = head.lower().index(mark) + len(mark)
        return int(head[start:].split(b"\r\n", 1)[0])

    def windows(self, since, until, count=3):
        """Splits the time into `count` windows by due time and returns the p99 of each in milliseconds."""
        length = (until - since) / count
        parts = [[] for _ in range(count)]
        for due, latency, _, _ in self.answers:
            if since <= due < until:
                parts[min(count - 1, int((due - since) / length))].append(latency)
        return [1000 * percentile(part, 0.99) for part in parts]

    def served_between(self, since, until):
        """Returns the number of writes that were due and answered with 200 in that time."""
        return sum(status == 200 and since <= due and due + latency <= until
                   for due, latency, status, _ in self.answers)


def percentile(values, share):
    if not values:
        return 0.0
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]
