"""A small HTTP/1.1 client over a raw socket. It distinguishes the ways in which a request can get no answer.

Requests may be pipelined: `send` any number, then `receive` as many responses in the same order.
"""

import json
import socket


class Unanswered(Exception):
    """The connection ended before the response was complete. `received` is the number of its bytes that arrived."""

    def __init__(self, reason, received):
        super().__init__(f"{reason} after {received} bytes of the response")
        self.received = received


class Malformed(Exception):
    """The received bytes are not a response that hedgehogdb can send."""


class Response:
    def __init__(self, status, head, body):
        self.status = status
        self.head = head
        self.body = body

    def header(self, name):
        marker = b"\r\n" + name.lower().encode() + b":"
        start = self.head.lower().find(marker)
        if start < 0:
            return None
        start += len(marker)
        return self.head[start:self.head.index(b"\r\n", start)].strip().decode("latin-1")

    def json(self):
        return json.loads(self.body)


def request(method, target, body=None):
    """Returns the bytes of one request."""
    head = f"{method} {target} HTTP/1.1\r\nHost: hedgehog\r\n"
    if body is None:
        return (head + "\r\n").encode()
    return (head + f"Content-Length: {len(body)}\r\n\r\n").encode() + body


class Connection:
    """Must not be shared between threads."""

    def __init__(self, address, timeout_seconds=30):
        self.socket = socket.create_connection(address, timeout=timeout_seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.answers = 0

    def send(self, raw):
        self.socket.sendall(raw)

    def receive(self, is_head=False):
        response = self._response(is_head)
        self.answers += 1
        return response

    def _response(self, is_head):
        head = self._until(b"\r\n\r\n")
        status = self._status(head)
        response = Response(status, head, b"")
        if is_head or status in (204, 304) or 100 <= status < 200:
            return response
        length = response.header("Content-Length")
        if length is not None:
            response.body = self._exactly(int(length), len(head))
        elif (response.header("Transfer-Encoding") or "").lower() == "chunked":
            response.body = self._chunks()
        else:
            raise Malformed(f"a response without a length: {head!r}")
        return response

    def ask(self, method, target, body=None):
        self.send(request(method, target, body))
        return self.receive(is_head=method == "HEAD")

    def close(self):
        self.socket.close()

    @staticmethod
    def _status(head):
        if not head.startswith(b"HTTP/1.1 ") or not head[9:12].isdigit():
            raise Malformed(f"not a status line: {head[:80]!r}")
        return int(head[9:12])

    def _more(self, received):
        try:
            piece = self.socket.recv(262144)
        except TimeoutError:
            raise Unanswered("timeout", received) from None
        except OSError as error:
            raise Unanswered(f"connection error ({error.strerror})", received) from None
        if not piece:
            raise Unanswered("the server closed the connection", received)
        self.buffer += piece

    def _until(self, mark):
        while True:
            end = self.buffer.find(mark)
            if end >= 0:
                end += len(mark)
                found, self.buffer = self.buffer[:end], self.buffer[end:]
                return found
            self._more(len(self.buffer))

    def _exactly(self, count, before):
        while len(self.buffer) < count:
            self._more(before + len(self.buffer))
        found, self.buffer = self.buffer[:count], self.buffer[count:]
        return found

    def _chunks(self):
        parts = []
        while True:
            size = int(self._until(b"\r\n").split(b";")[0], 16)
            part = self._exactly(size + 2, 1)
            if not part.endswith(b"\r\n"):
                raise Malformed("a chunk does not end after the size that it declares")
            if size == 0:
                return b"".join(parts)
            parts.append(part[:-2])


def ask_once(address, method, target, body=None, timeout_seconds=30):
    connection = Connection(address, timeout_seconds)
    try:
        return connection.ask(method, target, body)
    finally:
        connection.close()
