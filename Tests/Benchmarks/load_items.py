"""Puts the items that items.lua reads and overwrites."""

from harness.checks import CheckFailed
from harness.http_client import request

SEED_CONNECTIONS = 32
SEED_BATCH = 16


def put_items(node, count):
    connections = [node.connect() for _ in range(SEED_CONNECTIONS)]
    numbers = list(range(count))
    while numbers:
        batch = []
        for connection in connections:
            mine, numbers = numbers[:SEED_BATCH], numbers[SEED_BATCH:]
            connection.send(b"".join(request("PUT", f"/api/v1/tables/load/items/item-{number:08d}", document(number))
                                     for number in mine))
            batch.append((connection, len(mine)))
        for connection, sent in batch:
            for _ in range(sent):
                if connection.receive().status != 200:
                    raise CheckFailed("an item could not be stored before the measurement")
    for connection in connections:
        connection.close()


def document(number):
    head = f'{{"number":{number},"fill":"'
    return (head + "s" * (191 - len(head) - 2) + '"}').encode()
