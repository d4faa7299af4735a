"""Hostile requests from a seed: random tables, methods, fields, ids and traces, and bytes that are not HTTP."""

from urllib.parse import quote_from_bytes

TOKEN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~"
KNOWN_METHODS = ["GET", "GET", "GET", "PUT", "DELETE", "POST", "HEAD", "OPTIONS", "PATCH"]
PATHS = [
    "/api/v1/tables/{random}/items/{random}", "/api/v1/tables/{random}", "/api/v1/tables/{random}/count",
    "/api/v1/tables/{random}/items?{random}={random}", "/{random}", "/metrics/{random}",
    "/api/v1/{random}?table={random}",
    "/api/v1/debug/replay-hints/{random}", "/api/v1/debug/replica-nodes?table={random}&key={random}",
    "/api/v1/tables/known/items/{random}", "/api/v1/cluster/{random}",
]
NOT_HTTP = [b"\x16\x03\x01\x02\x00", b"GET  / HTTP/1.1\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\nHost: h\n\n", b"PUT / HTTP/1.1\r\nHost: h\r\n\r\n"]


class HostileRequests:
    def __init__(self, chance):
        self.chance = chance

    def _bytes(self, most):
        return self.chance.randbytes(self.chance.randint(1, most))

    def _token(self, most):
        return "".join(self.chance.choices(TOKEN, k=self.chance.randint(1, most)))

    def _method(self):
        return self.chance.choice(KNOWN_METHODS) if self.chance.random() < 0.7 else self._token(12)

    def _target(self):
        path = self.chance.choice(PATHS)
        while "{random}" in path:
            path = path.replace("{random}", quote_from_bytes(self._bytes(24), safe=""), 1)
        return path

    def _value(self, most):
        """Returns random bytes that are allowed in a field value."""
        return bytes(byte for byte in self._bytes(most) if byte >= 32 and byte != 127).strip() or b"x"

    def _traceparent(self):
        chance = self.chance
        parts = [f"{chance.choice([0, 0, 1, 0xcc, 0xff]):02x}", chance.randbytes(16).hex(), chance.randbytes(8).hex(),
                 f"{chance.randint(0, 255):02x}"]
        if chance.random() < 0.5:
            parts[chance.randrange(4)] = self._token(20)
        return "-".join(parts).encode()

    def request(self):
        """Returns the bytes of one valid request, its method, and whether the node must refuse its X-Request-ID."""
        method = self._method()
        lines = [f"{method} {self._target()} HTTP/1.1".encode(), b"Host: hedgehog"]
        is_refused = self.chance.random() < 0.3
        if is_refused:
            lines.append(b"X-Request-ID: " + self._value(40) + b' "\\<>')
        elif self.chance.random() < 0.3:
            lines.append(b"X-Request-ID: " + self.chance.randbytes(16).hex().encode())
        if self.chance.random() < 0.4:
            lines.append(b"traceparent: " + self._traceparent())
        if self.chance.random() < 0.3:
            lines.append(b"tracestate: " + self._value(60))
        if self.chance.random() < 0.3:
            lines.append(b"X-Trace-ID: " + self._value(40))
        if self.chance.random() < 0.4:
            lines.append(b"User-Agent: " + self._value(300))
        for _ in range(self.chance.randint(0, 4)):
            lines.append(self._token(20).encode() + b"-: " + self._value(60))
        body = self._bytes(60) if method in ("PUT", "POST") or self.chance.random() < 0.1 else b""
        if body or method in ("PUT", "POST"):
            lines.append(f"Content-Length: {len(body)}".encode())
        return b"\r\n".join(lines) + b"\r\n\r\n" + body, method, is_refused

    def not_http(self):
        return self.chance.choice(NOT_HTTP) if self.chance.random() < 0.7 else self._bytes(200) + b"\r\n\r\n"
