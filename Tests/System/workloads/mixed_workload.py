"""Clients of the fault test. Each sends its requests to one node, mixes operations over shared keys and records all.

Half of the shared keys receive strong writes only, so none of their acknowledged writes may be lost; the others mix
both consistencies. Each client also puts keys of its own once, with an eventual write, and never again: such a key must
stay on some node if the put was acknowledged. It reads some of these strongly and then deletes them strongly: such a
key must stay deleted, because the strong read orders the delete after the put.
"""

import json
import random
import threading
import time
import urllib.parse

from harness.http_client import Connection, Malformed, Unanswered

TABLE = "faults"
NO_TABLE = b'table \\"%s\\" not found' % TABLE.encode()
KEYS = 50
ODD_ENDINGS = ["", "", "/#&?", " 100%", "%2F", "ü 日本 🦔"]
GET_SHARE, STRONG_SHARE = 0.45, 0.6
LARGE_SHARE, LARGE_COPIES = 0.02, 3000
THINK_SECONDS = 0.02
# The time that a client waits for a response. It is longer than the operation timeout, because a running node answers
# even an operation that it could not finish.
RESPONSE_SECONDS = 7
REFUSED_PAUSE_SECONDS = 0.05
FINAL_CLIENT, FINAL_TRIES, REPEAT_SECONDS = 1000, 20, 0.1


class Mix:
    """The shares of deletes among the shared keys, of puts of own keys, and of deletes of own keys."""

    def __init__(self, delete=0.08, once=0.02, delete_once=0.005):
        self.delete, self.once, self.delete_once = delete, once, delete_once


USUAL = Mix()
MANY_DELETES = Mix(delete=0.25, once=0.06, delete_once=0.05)


def now():
    return time.monotonic_ns() // 1000


def keys_of(generation):
    return [f"g{generation}-k{index:02d}{ODD_ENDINGS[index // 2 % len(ODD_ENDINGS)]}" for index in range(KEYS)]


def takes_strong_writes_only(index):
    return index % 2 == 1


def target(key, consistency):
    return f"/api/v1/tables/{TABLE}/items/{urllib.parse.quote(key, safe='')}?consistency={consistency}"


def document(value, copies):
    return ('{"v":"%s","fill":"%s"}' % (value, value * copies)).encode()


class Request:
    """One operation and its result. Times are in microseconds. `status` 0 means that there was no response."""

    __slots__ = ("key", "client", "node", "op", "consistency", "value", "start", "end", "status", "outcome")

    def __init__(self, key, client, node, op, consistency, value=None):
        self.key, self.client, self.node = key, client, node
        self.op, self.consistency, self.value = op, consistency, value
        self.start = self.end = self.status = 0
        self.outcome = None

    def line(self):
        return json.dumps({
            "key": self.key, "client": self.client, "node": self.node, "op": self.op,
            "consistency": self.consistency, "value": self.value, "start_us": self.start,
            "end_us": self.end if self.status else None, "status": self.status, "outcome": self.outcome,
        }, ensure_ascii=False) + "\n"

    @property
    def is_served(self):
        return self.status == 200 or (self.status == 404 and self.op != "put")


class History:
    """Every request, in memory for the report and in a file for check-history."""

    def __init__(self, path):
        self.path = path
        self.file = open(path, "w", encoding="utf-8")
        self.lock = threading.Lock()
        self.requests = []
        self.unexpected = []

    def add(self, request):
        with self.lock:
            self.requests.append(request)
            self.file.write(request.line())

    def add_unexpected(self, sentence):
        with self.lock:
            self.unexpected.append(sentence)

    def close(self):
        self.file.close()


class Caller:
    """Sends requests to one node over a kept connection. Must not be shared between threads."""

    def __init__(self, number, node_number, address, history):
        self.number = number
        self.node_number = node_number
        self.address = address
        self.history = history
        self.connection = None

    def perform(self, request, body=None):
        """Sends the request and stores its result in it."""
        request.start = now()
        response = self._ask(request, body)
        request.end = now()
        if response is not None:
            request.status = response.status
            self._read(request, response)

    def _ask(self, request, body):
        method = request.op.upper()
        try:
            if self.connection is None:
                self.connection = Connection(self.address, RESPONSE_SECONDS)
        except OSError:
            request.outcome = "not_applied"  # the request was not sent
            return None
        try:
            return self.connection.ask(method, target(request.key, request.consistency), body)
        except Malformed as error:
            self.history.add_unexpected(f"{method} {request.key}: {error}")
        except (OSError, Unanswered):
            pass
        self.close()
        return None

    def _read(self, request, response):
        if request.status == 200 and request.op == "get":
            item = response.json()["item"]
            request.value = item["v"]
            copies = len(item["fill"]) // len(item["v"])
            if document(item["v"], copies) not in response.body or response.json()["key"] != request.key:
                self.history.add_unexpected(f"GET {request.key}: not the bytes that were put: "
                                            f"{response.body[:200]!r}")
        elif request.status == 503:
            request.outcome = response.json().get("outcome")
        elif not request.is_served or NO_TABLE in response.body:
            self.history.add_unexpected(f"{request.op} {request.key} answered {request.status} "
                                        f"{response.body[:200]!r}")

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Client(Caller):
    def __init__(self, number, node_number, address, history, seed, mix=USUAL):
        super().__init__(number, node_number, address, history)
        self.mix = mix
        self.chance = random.Random(f"{seed}/{number}")
        self.keys = keys_of(0)
        self.sequence = 0
        self.put_once = {}  # the acknowledged put of each own key
        self.deleted_once = []
        self.is_stopped = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self.thread.start()

    def stop(self):
        self.is_stopped.set()

    def join(self):
        self.thread.join(2 * RESPONSE_SECONDS)
        if self.thread.is_alive():
            raise TimeoutError(f"client {self.number} did not return from its last request")

    def _run(self):
        while not self.is_stopped.is_set():
            draw = self.chance.random()
            if draw < self.mix.once:
                self._put_once()
            elif draw < self.mix.once + self.mix.delete_once:
                self._delete_once()
            else:
                self._mixed()
            self.is_stopped.wait(self.chance.uniform(0, 2 * THINK_SECONDS))
        self.close()

    def _mixed(self):
        index = self.chance.randrange(len(self.keys))
        draw = self.chance.random()
        op = "get" if draw < GET_SHARE else "delete" if draw < GET_SHARE + self.mix.delete else "put"
        is_strong = self.chance.random() < STRONG_SHARE or (op != "get" and takes_strong_writes_only(index))
        request = Request(self.keys[index], self.number, self.node_number, op, "strong" if is_strong else "eventual")
        self._send(request)

    def _put_once(self):
        request = Request(f"once-{self.number}-{self.sequence}", self.number, self.node_number, "put", "eventual")
        self._send(request)
        if request.status == 200:
            self.put_once[request.key] = request

    def _delete_once(self):
        if not self.put_once:
            return
        key = self.chance.choice(list(self.put_once))
        read = self._own(key, "get")
        if read.status != 200:
            return
        del self.put_once[key]
        if self._own(key, "delete").status == 200:
            self.deleted_once.append(key)

    def _own(self, key, op):
        request = Request(key, self.number, self.node_number, op, "strong")
        self._send(request)
        return request

    def _send(self, request):
        body = None
        if request.op == "put":
            self.sequence += 1
            request.value = f"c{self.number}-{self.sequence}"
            copies = LARGE_COPIES if self.chance.random() < LARGE_SHARE else self.chance.randint(0, 20)
            body = document(request.value, copies)
        self.perform(request, body)
        self.history.add(request)
        if request.status == 0:
            self.is_stopped.wait(REFUSED_PAUSE_SECONDS)


def read_all_keys(cluster, history, last_generation):
    """Reads every shared key strongly through every node and records the reads. They end the history of each key."""
    for number in cluster.numbers:
        caller = Caller(FINAL_CLIENT + number, number, cluster.node(number).address, history)
        for generation in range(last_generation + 1):
            for key in keys_of(generation):
                if not repeat(caller, "get", key, FINAL_TRIES).is_served:
                    history.add_unexpected(f"without any fault, a strong read of {key} through node-{number} fails")
        caller.close()


def repeat(caller, op, key, tries):
    """Sends a strong operation until it is served, at most `tries` times. Returns the last request."""
    for turn in range(tries):
        value = f"c{caller.number}-{key}-{turn}" if op == "put" else None
        request = Request(key, caller.number, caller.node_number, op, "strong", value)
        caller.perform(request, document(value, 1) if value else None)
        caller.history.add(request)
        if request.is_served:
            break
        time.sleep(REPEAT_SECONDS)
    return request
