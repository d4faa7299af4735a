"""Sends many requests as fast as the nodes answer: over several connections, pipelined on each."""

import itertools

from harness.http_client import request

CONNECTIONS_PER_NODE = 12
PIPELINE = 16
EXAMPLES = 5


class BulkRequests:
    """`statuses` counts the answers by status; `refusals` are the first bodies of answers other than 200."""

    def __init__(self, nodes, connections_per_node=CONNECTIONS_PER_NODE):
        self.connections = [node.connect() for node in nodes for _ in range(connections_per_node)]
        self.statuses = {}
        self.refusals = []

    def perform(self, requests):
        """`requests` yields (method, target, body)."""
        waiting = iter(requests)
        while True:
            batch = [(connection, self._send(connection, waiting)) for connection in self.connections]
            for connection, sent in batch:
                for _ in range(sent):
                    self._receive(connection)
            if not any(sent for _, sent in batch):
                return

    @staticmethod
    def _send(connection, waiting):
        raws = [request(*one) for one in itertools.islice(waiting, PIPELINE)]
        if raws:
            connection.send(b"".join(raws))
        return len(raws)

    def _receive(self, connection):
        response = connection.receive()
        self.statuses[response.status] = self.statuses.get(response.status, 0) + 1
        if response.status != 200 and len(self.refusals) < EXAMPLES:
            self.refusals.append(response.body[:200])

    def close(self):
        for connection in self.connections:
            connection.close()


def perform(nodes, requests):
    """Returns the number of answers by status, and the first bodies of answers other than 200."""
    bulk = BulkRequests(nodes)
    bulk.perform(requests)
    bulk.close()
    return bulk.statuses, bulk.refusals
