"""Concurrent writers of the crash test. Each owns its keys, pipelines puts and deletes and records every response."""

import random
import threading
import time

from harness.http_client import Connection, Unanswered, request
from workloads.key_history import ABSENT, KeyHistory

TABLE = "crash"
KEYS_PER_WRITER = 150
MAXIMUM_PIPELINE = 8
DELETE_SHARE = 0.2
LARGE_SHARE = 0.01
RECONNECT_SHARE = 0.01


def target(key):
    return f"/api/v1/tables/{TABLE}/items/{key}"


class Operation:
    __slots__ = ("key", "state", "raw")

    def __init__(self, key, state):
        self.key = key
        self.state = state
        self.raw = request("DELETE", target(key)) if state is ABSENT else request("PUT", target(key), state)


class Counts:
    def __init__(self):
        self.acknowledged = 0
        self.refused = 0
        self.unknown = 0
        self.unanswered = 0

    def add(self, other):
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Writer:
    def __init__(self, number, seed):
        self.number = number
        self.chance = random.Random(f"{seed}/{number}")
        self.histories = {f"w{number:02d}-{index:04d}": KeyHistory() for index in range(KEYS_PER_WRITER)}
        self.keys = list(self.histories)
        self.sequence = 0
        self.counts = Counts()
        self.faults = []
        self.thread = None
        self.sent_at = 0.0
        # The time at which the oldest unanswered request was sent, or None. A request on a connection that the server
        # has not answered before does not count, because the server may not have accepted that connection yet.
        self.unanswered_since = None

    def start(self, address, closes_cleanly):
        """Writes until the server ends. `closes_cleanly`: SIGTERM ends it, so a missing response means not applied."""
        self.counts = Counts()
        self.faults = []
        self.unanswered_since = None
        self.thread = threading.Thread(target=self._run, args=(address, closes_cleanly), daemon=True)
        self.thread.start()

    def _run(self, address, closes_cleanly):
        connection = None
        try:
            while True:
                if connection is None or self.chance.random() < RECONNECT_SHARE:
                    if connection is not None:
                        connection.close()
                    connection = Connection(address)
                if not self._batch(connection, closes_cleanly):
                    return
        except OSError:
            return  # refused or reset while connecting: the server has ended and nothing was sent
        finally:
            if connection is not None:
                connection.close()

    def _next_operations(self):
        count = self.chance.randint(1, MAXIMUM_PIPELINE)
        return [Operation(key, self._next_state(key)) for key in self.chance.sample(self.keys, count)]

    def _next_state(self, key):
        self.sequence += 1
        if self.chance.random() < DELETE_SHARE:
            return ABSENT
        size = self.chance.randint(0, 1500) if self.chance.random() >= LARGE_SHARE else 120_000
        return b'{"key":"%s","sequence":%d,"fill":"%s"}' % (key.encode(), self.sequence, b"h" * size)

    def _batch(self, connection, closes_cleanly):
        operations = self._next_operations()
        answered = 0
        try:
            connection.send(b"".join(operation.raw for operation in operations))
            was_sent = True
            self.sent_at = time.monotonic()
        except OSError:
            was_sent = False  # a part may have arrived, and responses to that part may be waiting
        try:
            for operation in operations:
                self._record(operation, connection.receive())
                answered += 1
            return True
        except Unanswered as error:
            was_accepted = was_sent and connection.answers > 0
            self._record_unanswered(operations[answered:], error, was_accepted, closes_cleanly)
            return False

    def _record(self, operation, response):
        history = self.histories[operation.key]
        found_nothing = response.status == 404 and operation.state is ABSENT
        if found_nothing and ABSENT not in history.possible:
            self.faults.append(f"{operation.key}: its delete found nothing, although a write was acknowledged")
        if response.status == 200 or found_nothing:
            history.acknowledged(operation.state)
            self.counts.acknowledged += 1
        elif response.status == 503 and b'"outcome":"not_applied"' in response.body:
            history.not_applied(operation.state)
            self.counts.refused += 1
        else:
            history.unknown(operation.state)
            self.counts.unknown += 1
            if response.status != 503:
                self.faults.append(f"{operation.key}: unexpected response {response.status} {response.body!r}")

    def _record_unanswered(self, operations, error, was_accepted, closes_cleanly):
        self.counts.unanswered += len(operations)
        if was_accepted:
            self.unanswered_since = self.sent_at
        if closes_cleanly and error.received > 0:
            self.faults.append(f"{operations[0].key}: {error}, although SIGTERM ended the server")
        for operation in operations:
            history = self.histories[operation.key]
            if closes_cleanly:
                history.not_applied(operation.state)
            else:
                history.unknown(operation.state)
