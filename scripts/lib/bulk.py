"""Many requests as fast as the nodes take them: over several kept connections, with some under way on each."""

import itertools

from client import request

CONNECTIONS_A_NODE = 12
PIPELINE = 16


class Bulk:
    """What came of the requests, by status."""

    def __init__(self, nodes, connections_a_node=CONNECTIONS_A_NODE):
        self.connections = [node.connect() for node in nodes for _ in range(connections_a_node)]
        self.statuses = {}
        self.refusals = []

    def perform(self, requests):
        """`requests`: of (method, target, body)."""
        waiting = iter(requests)
        while True:
            batch = [(connection, self._send(connection, waiting)) for connection in self.connections]
            for connection, sent in batch:
                for _ in range(sent):
                    self._take(connection.receive())
            if not any(sent for _, sent in batch):
                return

    @staticmethod
    def _send(connection, waiting):
        raws = [request(*one) for one in itertools.islice(waiting, PIPELINE)]
        if raws:
            connection.send(b"".join(raws))
        return len(raws)

    def _take(self, response):
        self.statuses[response.status] = self.statuses.get(response.status, 0) + 1
        if response.status != 200 and len(self.refusals) < 5:
            self.refusals.append(response.body[:200])

    def close(self):
        for connection in self.connections:
            connection.close()


def perform(nodes, requests):
    """The statuses of the answers and how often each came, and the first refusals."""
    bulk = Bulk(nodes)
    bulk.perform(requests)
    bulk.close()
    return bulk.statuses, bulk.refusals
