"""Loads a million items of 200 bytes into one node.

The node must be ready within 5 s after kill -9 and after SIGTERM, count exactly, and scan everything in key order with
memory that does not grow. While writers run, scans with limit, after, prefix, start, end and reverse must be correct
across page borders.
"""

import itertools
import json
import random
import selectors
import threading
import time
from urllib.parse import quote

from harness.checks import CheckFailed, require
from harness.http_client import Connection, Unanswered, request
from harness.node import Node

TABLE = "million"
ITEM_BYTES = 200
LOAD_CONNECTIONS = 256
LOAD_PIPELINE = 16
READY_LIMIT_SECONDS = 5.0
SCAN_GROWTH_LIMIT_BYTES = 8 << 20
BORDER_ROUNDS = 60
CONCURRENT_WRITERS = 3
SAVED = b'"message":"item saved"}\n'


def key_of(number):
    return f"item-{number:08d}"


def document_of(number):
    head = f'{{"number":{number},"fill":"'
    return (head + "m" * (ITEM_BYTES - len(head) - 2) + '"}').encode()


def item_target(key):
    return f"/api/v1/tables/{TABLE}/items/{quote(key, safe='')}"


def items_target(**parameters):
    query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in parameters.items())
    return f"/api/v1/tables/{TABLE}/items?{query}"


class Loader:
    """Puts the items 0..<count in a scattered order through many connections, with pipelined requests on each."""

    def __init__(self, address, count):
        self.address = address
        self.order = iter(self._scattered(count))
        self.selector = selectors.DefaultSelector()

    @staticmethod
    def _scattered(count):
        stride = 7_368_787  # a prime: every number occurs once, and neighbours are far apart in time
        return (index * stride % count for index in range(count)) if count % stride else range(count)

    def run(self):
        for _ in range(LOAD_CONNECTIONS):
            connection = Connection(self.address)
            connection.outstanding = 0
            connection.tail = b""
            if self._send_more(connection):
                self.selector.register(connection.socket, selectors.EVENT_READ, connection)
        while self.selector.get_map():
            for entry, _ in self.selector.select():
                self._receive(entry.data)

    def _send_more(self, connection):
        numbers = list(itertools.islice(self.order, LOAD_PIPELINE))
        if not numbers:
            return False
        connection.outstanding = len(numbers)
        connection.send(b"".join(request("PUT", item_target(key_of(number)), document_of(number))
                                 for number in numbers))
        return True

    def _receive(self, connection):
        piece = connection.socket.recv(65536)
        if not piece:
            raise CheckFailed("the server closed a connection while items were loaded")
        window = connection.tail + piece
        found = window.count(SAVED)
        connection.tail = window[window.rfind(SAVED) + len(SAVED):] if found else window
        if len(connection.tail) > 65536:
            raise CheckFailed(f"an item was not saved: {connection.tail[:400]!r}")
        connection.outstanding -= found
        if connection.outstanding == 0 and not self._send_more(connection):
            self.selector.unregister(connection.socket)
            connection.close()


class ConcurrentWriter:
    """Puts and deletes keys between the loaded ones until it is stopped."""

    def __init__(self, address, number, count):
        self.chance = random.Random(number)
        self.stopped = threading.Event()
        self.writes = 0
        self.fault = None
        self.thread = threading.Thread(target=self._run, args=(address, number, count), daemon=True)
        self.thread.start()

    def _run(self, address, number, count):
        try:
            connection = Connection(address)
            while not self.stopped.is_set():
                key = f"{key_of(self.chance.randrange(count))}~{number}"
                is_put = self.chance.random() < 0.6
                method, body = ("PUT", b'{"churn":1}') if is_put else ("DELETE", None)
                response = connection.ask(method, item_target(key), body)
                if response.status not in ((200,) if is_put else (200, 404)):
                    self.fault = f"a concurrent writer got {response.status} {response.body!r}"
                    return
                self.writes += 1
            connection.close()
        except (OSError, Unanswered) as error:
            self.fault = f"a concurrent writer lost its connection: {error}"

    def stop(self):
        self.stopped.set()
        self.thread.join(30)
        if self.fault:
            raise CheckFailed(self.fault)
        return self.writes


def pages(connection, **parameters):
    """Yields the entries of each page of a scan, to its end."""
    while True:
        response = connection.ask("GET", items_target(**parameters))
        if response.status != 200:
            raise CheckFailed(f"a scan with {parameters} answered {response.status} {response.body[:300]!r}")
        page = response.json()
        if page["count"] != len(page["items"]) or len(page["items"]) > parameters.get("limit", 1000):
            raise CheckFailed(f"a page with {parameters} has count {page['count']} and "
                              f"{len(page['items'])} items")
        yield page["items"]
        if page.get("next") is None:
            return
        parameters["after"] = page["next"]


def scan_all(node, count):
    """Checks order and content of a full scan. Returns its rate and the highest resident size during it."""
    connection = node.connect()
    number, highest, started = 0, 0, time.monotonic()
    for items in pages(connection, limit=10000):
        for entry in items:
            if entry["key"] != key_of(number) or entry["item"]["number"] != number:
                raise CheckFailed(f"the scan returned {entry['key']} instead of {key_of(number)}")
            number += 1
        highest = max(highest, node.resident_bytes())
    connection.close()
    if number != count:
        raise CheckFailed(f"the scan returned {number} of {count} items")
    return count / (time.monotonic() - started), highest


def check_borders(node, count, seed):
    """Scans random ranges, prefixes, limits and directions. Each loaded key in range must occur once, in order."""
    chance = random.Random(seed)
    connection = node.connect()
    for _ in range(BORDER_ROUNDS):
        parameters, low, high = random_range(chance, count)
        got = [entry["key"] for items in pages(connection, **parameters) for entry in items]
        if got != sorted(set(got), reverse="reverse" in parameters):
            raise CheckFailed(f"a scan with {parameters} returned keys twice or out of order")
        stable = [key for key in got if "~" not in key]
        expected = [key_of(number) for number in range(low, high)]
        if "reverse" in parameters:
            expected.reverse()
        if stable != expected:
            raise CheckFailed(f"a scan with {parameters} returned {len(stable)} of {len(expected)} loaded keys")
        outside = [key for key in got if not key_of(low) <= key < (key_of(high) if high < count else "item-~")]
        if outside:
            raise CheckFailed(f"a scan with {parameters} returned {outside[:3]}, which are out of range")
    connection.close()


def random_range(chance, count):
    """Returns scan parameters and the half-open range of item numbers that they select."""
    parameters = {"limit": chance.choice([1, 2, 3, 7, 64, 500, 1000, 9999]), "keys_only": "true"}
    width = min(count, parameters["limit"] * chance.randint(1, 12) + chance.randint(0, 3))
    low = chance.randrange(count - width + 1)
    high = low + width
    if chance.random() < 0.3:
        digits = chance.randint(5, 7)
        span = 10 ** (8 - digits)
        low = low // span * span
        high = min(count, low + span)
        parameters["prefix"] = key_of(low)[:5 + digits]
        parameters["limit"] = max(parameters["limit"], span // 50)
    else:
        parameters["start"] = key_of(low)
        parameters["end"] = key_of(high)
    if chance.random() < 0.5:
        parameters["reverse"] = "true"
    return parameters, low, high


def check_count(node, count):
    answer = node.ask("GET", f"/api/v1/tables/{TABLE}/count").json()
    require(answer == {"count": count, "exact": True}, f"the count is exactly {count:,} ({json.dumps(answer)})")


def steps(node, count, seed):
    node.start_and_wait()
    node.ask("POST", "/api/v1/tables", b'{"name":"%s"}' % TABLE.encode())
    started = time.monotonic()
    Loader(node.address, count).run()
    print(f"loaded {count:,} items of {ITEM_BYTES} bytes in {time.monotonic() - started:.0f} s "
          f"({count / (time.monotonic() - started):,.0f} durable puts/s), "
          f"{node.resident_bytes() / 1e6:.0f} MB resident")
    check_count(node, count)
    node.kill()
    seconds = node.start_and_wait()
    require(seconds < READY_LIMIT_SECONDS, f"ready {seconds:.2f} s after kill -9 (limit {READY_LIMIT_SECONDS:.0f} s)")
    check_count(node, count)
    status = node.terminate()
    require(status == 0, f"the exit status after SIGTERM is {status}")
    seconds = node.start_and_wait()
    require(seconds < READY_LIMIT_SECONDS, f"ready {seconds:.2f} s after SIGTERM (limit {READY_LIMIT_SECONDS:.0f} s)")
    check_count(node, count)
    rate, first_highest = scan_all(node, count)
    rate, highest = scan_all(node, count)
    growth = highest - first_highest
    require(growth < SCAN_GROWTH_LIMIT_BYTES,
            f"two full scans in key order ({rate:,.0f} items/s with this client); resident memory at most "
            f"{first_highest / 1e6:.0f} MB in the first, {growth / 1e6:+.1f} MB in the second")
    writers = [ConcurrentWriter(node.address, number, count) for number in range(CONCURRENT_WRITERS)]
    check_borders(node, count, seed)
    writes = sum(writer.stop() for writer in writers)
    require(writes > 0, f"{BORDER_ROUNDS} scans with limit, after, prefix, start, end and reverse are correct "
            f"across page borders during {writes:,} concurrent writes")


def run(test):
    node = Node(test.folder, flags=["--log-format", "text", "--access-log", "off"])
    test.at_end(node.end)
    steps(node, test.values.items, str(test.values.seed))
