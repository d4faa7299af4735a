"""Proxies between nodes that count the bytes of each HTTP call, heads included, by sender, target and path."""

import asyncio
import re
import threading

from harness.node import free_port

PIECE = 1 << 16
NAME = re.compile(rb"node-\d+")
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.I)
# The number of bytes at the start of a message between nodes that are searched for its sender. The envelope lies within
# them and names the sender before any other node.
ENVELOPE = 256


class Call:
    """One request from a node to another, and its response."""

    __slots__ = ("sender", "target", "path", "request_bytes", "response_bytes")

    def __init__(self, target, path):
        self.sender, self.target, self.path = "", target, path
        self.request_bytes = self.response_bytes = 0

    @property
    def bytes(self):
        return self.request_bytes + self.response_bytes


class Relay:
    """One connection. It splits requests; response bytes count for the request before them."""

    def __init__(self, proxy):
        self.proxy = proxy
        self.call = None
        self.head = b""
        self.body_left = 0
        self.envelope = b""

    def count_request(self, piece):
        while piece:
            piece = self._body(piece) if self.body_left else self._head(piece)

    def _head(self, piece):
        before = len(self.head)
        self.head += piece
        end = self.head.find(b"\r\n\r\n")
        if end < 0:
            return b""
        end += 4
        path = self.head.split(b" ", 2)[1].decode()
        length = LENGTH.search(self.head[:end])
        self.body_left = int(length.group(1)) if length else 0
        self.call = Call(self.proxy.target, path)
        self.call.request_bytes = end
        self.proxy.calls.append(self.call)
        self.envelope = b""
        self.head = b""
        return piece[end - before:]

    def _body(self, piece):
        part, rest = piece[:self.body_left], piece[self.body_left:]
        self.body_left -= len(part)
        self.call.request_bytes += len(part)
        if not self.call.sender and len(self.envelope) < ENVELOPE:
            self.envelope += part[:ENVELOPE]
            name = NAME.search(self.envelope)
            if name:
                self.call.sender = name.group().decode()
        return rest

    def count_response(self, piece):
        if self.call:
            self.call.response_bytes += len(piece)


class CountingProxy:
    """Accepts connections for one node at an address of its own and relays them."""

    def __init__(self, node):
        self.target = node.node_id
        self.upstream = node.address
        self.address = ("127.0.0.1", free_port())
        self.calls = []

    @property
    def host_port(self):
        return f"{self.address[0]}:{self.address[1]}"

    async def listen(self):
        await asyncio.start_server(self._accept, *self.address)

    async def _accept(self, reader, writer):
        try:
            there, back = await asyncio.open_connection(*self.upstream)
        except OSError:
            writer.close()
            return
        relay = Relay(self)
        await asyncio.gather(self._pass(reader, back, relay.count_request),
                             self._pass(there, writer, relay.count_response))

    @staticmethod
    async def _pass(reader, writer, count):
        try:
            while piece := await reader.read(PIECE):
                count(piece)
                writer.write(piece)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()


def start(nodes):
    """Starts one proxy for each node. They run until the process ends."""
    proxies = [CountingProxy(node) for node in nodes]
    loop = asyncio.new_event_loop()

    def run():
        asyncio.set_event_loop(loop)
        loop.run_forever()

    threading.Thread(target=run, daemon=True).start()
    for proxy in proxies:
        asyncio.run_coroutine_threadsafe(proxy.listen(), loop).result(10)
    return proxies
