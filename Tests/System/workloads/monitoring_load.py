"""Clients of check-monitoring: valid and invalid requests, so that every panel has something to show."""

import os
import random
import threading

from harness.http_client import Connection, Malformed, Unanswered

CLIENTS_PER_NODE = 2
THINK_SECONDS = 0.012
INVALID_SECONDS = 0.5
TABLES = ("users", "orders")
KEYS = 500
# The share of each kind of request among all requests. The remaining requests read keys that exist.
KINDS = [("put", 0.28), ("delete", 0.04), ("miss", 0.05), ("scan", 0.02), ("count", 0.02), ("list", 0.02),
         ("bad_body", 0.01), ("unknown", 0.01), ("make_table", 0.002), ("head", 0.02)]
INVALID = [b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01 not http\r\n\r\n", b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n",
         b"GET /livez HTTP/1.1\r\nHost: h\r\nX-Request-ID: not an id\r\nConnection: close\r\n\r\n"]


class LoadClient:
    def __init__(self, number, address, seed):
        self.number = number
        self.address = address
        self.chance = random.Random(f"{seed}/{number}")
        self.sequence = 0
        self.statuses = {}
        self.traces = []  # ids of the sampled traces that this client started
        self.connection = None
        self.is_stopped = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while not self.is_stopped.is_set():
            self._ask(*self._next())
            self.is_stopped.wait(self.chance.uniform(0, 2 * THINK_SECONDS))
        self._close()

    def _next(self):
        draw = self.chance.random()
        for kind, share in KINDS:
            if draw < share:
                return getattr(self, "_" + kind)()
            draw -= share
        return "GET", self._item(self._known()), None

    def _item(self, key):
        consistency = self.chance.choice(("strong", "eventual"))
        return f"/api/v1/tables/{self.chance.choice(TABLES)}/items/{key}?consistency={consistency}"

    def _known(self):
        return f"k{self.chance.randrange(KEYS):04d}"

    def _put(self):
        key = self._known()
        if self.chance.random() < 0.7:  # new keys: a node stores one hint per key, not per write
            self.sequence += 1
            key = f"c{self.number}-{self.sequence}"
        fill = "x" * self.chance.choice((20, 200, 2000))
        return "PUT", self._item(key), b'{"n":%d,"fill":"%s"}' % (self.sequence, fill.encode())

    def _delete(self):
        return "DELETE", self._item(f"c{self.number}-{self.chance.randint(0, self.sequence)}"), None

    def _miss(self):
        return "GET", self._item("missing"), None

    def _head(self):
        return "HEAD", self._item(self._known()), None

    def _scan(self):
        return "GET", f"/api/v1/tables/{self.chance.choice(TABLES)}/items?limit=50", None

    def _count(self):
        return "GET", f"/api/v1/tables/{self.chance.choice(TABLES)}/count", None

    def _list(self):
        return "GET", "/api/v1/tables", None

    def _bad_body(self):
        return "PUT", self._item("bad"), b"this is not JSON"

    def _unknown(self):
        return "GET", "/no/such/place", None

    def _make_table(self):
        return "POST", "/api/v1/tables", b'{"name":"users"}'  # the table exists, so the response is 409

    def _ask(self, method, target, body):
        trace = None
        head = f"{method} {target} HTTP/1.1\r\nHost: hedgehog\r\n"
        if self.chance.random() < 0.1:
            trace = os.urandom(16).hex()
            head += f"traceparent: 00-{trace}-{os.urandom(8).hex()}-01\r\n"
        if body is not None:
            head += f"Content-Length: {len(body)}\r\n"
        try:
            if self.connection is None:
                self.connection = Connection(self.address, 7)
            self.connection.send(head.encode() + b"\r\n" + (body or b""))
            response = self.connection.receive(is_head=method == "HEAD")
        except (OSError, Unanswered, Malformed):
            self._close()
            self.is_stopped.wait(0.2)
            return
        self.statuses[response.status] = self.statuses.get(response.status, 0) + 1
        if trace:
            self.traces.append(trace)
        if (response.header("Connection") or "").lower() == "close":
            self._close()

    def _close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def put_all(node, table):
    """Puts the keys that clients read, so that reads do not answer 404."""
    connection = node.connect()
    for key in range(KEYS):
        if connection.ask("PUT", f"/api/v1/tables/{table}/items/k{key:04d}", b'{"n":0}').status != 200:
            raise OSError(f"{node.node_id} refused an item that the load reads")
    connection.close()


class Load:
    def __init__(self, nodes, seed):
        self.clients = [LoadClient(number, nodes[number % len(nodes)].address, seed)
                        for number in range(CLIENTS_PER_NODE * len(nodes))]
        self.nodes = nodes
        self.is_stopped = threading.Event()
        self.invalid = threading.Thread(target=self._send_invalid, daemon=True)

    def start(self):
        for client in self.clients:
            client.thread.start()
        self.invalid.start()

    def stop(self):
        self.is_stopped.set()
        for client in self.clients:
            client.is_stopped.set()
        for thread in [self.invalid, *(client.thread for client in self.clients)]:
            thread.join(15)

    @property
    def traces(self):
        return {trace for client in self.clients for trace in client.traces}

    def statuses(self):
        total = {}
        for client in self.clients:
            for status, count in client.statuses.items():
                total[status] = total.get(status, 0) + count
        return dict(sorted(total.items()))

    def _send_invalid(self):
        """Sends bytes that are not valid requests, each on a connection of its own."""
        turn = 0
        while not self.is_stopped.wait(INVALID_SECONDS):
            turn += 1
            try:
                connection = Connection(self.nodes[turn % len(self.nodes)].address, 2)
                connection.send(INVALID[turn % len(INVALID)])
                connection.receive()
                connection.close()
            except (OSError, Unanswered, Malformed):
                pass
